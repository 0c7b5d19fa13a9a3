package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MimeStructure;
import org.airpost.convert.MessageParts.Kind;
import org.airpost.convert.MessageParts.Leaf;

/**
 * The words in what no server finds parts in: a multipart that was encoded as a whole, against the rules, and a piece of a
 * message that was sent in pieces. Source: RFC 2045 section 6.4; RFC 2046 section 5.2.2.
 */
final class WrappedText {

    private WrappedText() {}

    /** True of a text that is declared as a multipart and is encoded. */
    static boolean isWrapped(BodyStructure part) {
        return part.parameters().containsKey("boundary")
                && (part.encoding().equals("base64") || TransferDecoder.isQuotedPrintable(part.encoding()));
    }

    /** The text of the parts that are in the decoded bytes; the bytes as they are, if there are none. */
    static String of(byte[] bytes, BodyStructure part) {
        var boundary = part.parameters().getOrDefault("boundary", "").replaceAll("[\"\\\\\\r\\n]", "");
        var text = ofMessage("Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n".formatted(boundary), bytes);
        return text.isBlank() ? TextDecoder.allowed(TextDecoder.decode(bytes, "")) : text;
    }

    /** What can be read of a piece, and which one it is. */
    static String ofPiece(byte[] bytes, BodyStructure part) {
        var number = part.parameters().getOrDefault("number", "?");
        var total = part.parameters().getOrDefault("total", "");
        var note = "This is part %s%s of a message that was sent in pieces.\r\n"
                .formatted(number, total.isEmpty() ? "" : " of " + total);
        var text = number.equals("1") ? ofMessage("", bytes) : isWords(bytes) ? new String(bytes, UTF_8) : "";
        return text.isBlank() ? note : note + "\r\n" + text;
    }

    /** True of what has spaces in it as text has. */
    private static boolean isWords(byte[] bytes) {
        int spaces = 0;
        for (byte b : bytes) {
            spaces += b == ' ' ? 1 : 0;
        }
        return spaces * 20 > bytes.length;
    }

    private static String ofMessage(String header, byte[] bytes) {
        var message = Arrays.copyOf(header.getBytes(ISO_8859_1), header.length() + bytes.length);
        System.arraycopy(bytes, 0, message, header.length(), bytes.length);
        var structure = MimeStructure.scan(message);
        var pieces = new ArrayList<String>();
        for (var text : MessageParts.of(structure.structure()).texts()) {
            for (var leaf : text.leaves(false)) {
                text(leaf, structure, message).ifPresent(pieces::add);
            }
        }
        return TextDecoder.allowed(String.join("\r\n", pieces));
    }

    private static Optional<String> text(Leaf leaf, MimeStructure structure, byte[] message) {
        return structure.section(leaf.part().section()).map(range -> {
            var raw = Arrays.copyOfRange(message, (int) range.start(), (int) range.end());
            var words = TextDecoder.decode(TextBytes.of(raw, leaf.part().encoding()), leaf.charset());
            return leaf.kind() == Kind.HTML ? HtmlText.of(words) : words;
        });
    }
}
