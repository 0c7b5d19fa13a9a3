package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.BodyStructure;

/**
 * Text of a text part, out of its bytes and back into them.
 *
 * @param charset in which it came; a wish when it is written
 */
record MailText(String text, Charset charset) {

    private static final int LONGEST_LINE = 900;

    /** The text of a part from its encoded bytes, as it is shown; empty if nobody knows the transfer encoding. */
    static Optional<MailText> read(BodyStructure part, byte[] encoded) {
        if (!TransferDecoder.isKnown(part.encoding())) {
            return Optional.empty();
        }
        var bytes = TextBytes.of(encoded, part.encoding());
        var told = part.parameters().getOrDefault("charset", "");
        boolean isToldWithin =
                part.subtype().equals("html") && TextEncoding.ofLabel(told).isEmpty();
        var label = isToldWithin ? BodyMaker.charsetWithin(bytes) : told;
        return Optional.of(new MailText(TextDecoder.decode(bytes, label), charset(label)));
    }

    private static Charset charset(String label) {
        try {
            // Text that says it is ASCII and is not is UTF-8 more often than anything else.
            return label.isBlank() || label.equalsIgnoreCase("us-ascii")
                    ? UTF_8
                    : Charset.forName(MimeUtility.javaCharset(label.strip()));
        } catch (IllegalArgumentException e) {
            return UTF_8;
        }
    }

    /** The structure of a part for a text that is written anew. */
    static BodyStructure part(String subtype) {
        return new BodyStructure(
                "1",
                "text",
                subtype,
                Map.of(),
                Optional.empty(),
                "7bit",
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /**
     * A part with this text: its Content-Type and Content-Transfer-Encoding and the body, one byte a character. In the
     * wished charset if that has all its characters, else in UTF-8. Source: MS-ASCMD_R548.
     */
    Encoded encode(BodyStructure like) {
        var lines = text.replace("\r\n", "\n").replace('\r', '\n').replace("\n", "\r\n");
        var target = charset.canEncode()
                        && !charset.name().startsWith("UTF-16")
                        && !charset.name().startsWith("UTF-32")
                        && charset.newEncoder().canEncode(lines)
                ? charset
                : UTF_8;
        var bytes = lines.getBytes(target);
        var parameters = new LinkedHashMap<>(like.parameters());
        parameters.put("charset", isAscii(bytes) && target.equals(UTF_8) ? US_ASCII.name() : target.name());
        var type = new StringBuilder("Content-Type: " + like.mediaType());
        parameters.forEach((name, value) -> {
            if (value.chars().allMatch(c -> c >= ' ' && c < 0x7F && c != '"' && c != '\\')) {
                type.append(";\r\n ").append(name).append("=\"").append(value).append('"');
            }
        });
        var encoding = encoding(bytes);
        return new Encoded(type + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n", body(bytes, encoding));
    }

    /** The header lines of a part, each with its CRLF, and its body. */
    record Encoded(String header, byte[] body) {}

    private static String encoding(byte[] bytes) {
        int high = 0;
        int line = 0;
        int longest = 0;
        for (byte b : bytes) {
            high += b < 0 ? 1 : 0;
            line = b == '\n' ? 0 : line + 1;
            longest = Math.max(longest, line);
        }
        return high > bytes.length / 4 ? "base64" : high > 0 || longest > LONGEST_LINE ? "quoted-printable" : "7bit";
    }

    private static byte[] body(byte[] bytes, String encoding) {
        return switch (encoding) {
            case "7bit" -> bytes;
            case "base64" -> Base64.getMimeEncoder().encode(bytes);
            default -> {
                var out = new ByteArrayOutputStream(bytes.length + bytes.length / 4);
                try (var quoted = MimeUtility.encode(out, encoding)) {
                    quoted.write(bytes);
                } catch (MessagingException | IOException e) {
                    throw new IllegalStateException("bytes in memory can be encoded", e);
                }
                yield out.toByteArray();
            }
        };
    }

    private static boolean isAscii(byte[] bytes) {
        return new String(bytes, ISO_8859_1).chars().allMatch(c -> c < 0x80);
    }
}
