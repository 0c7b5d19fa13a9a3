package org.airpost.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.airpost.eas.Spool;
import org.airpost.wbxml.CodePages;
import org.airpost.wbxml.WbxmlWriter;

/** Documents as text on one line, such as {@code <Ping><Status>4</Status></Ping>}: what the tests of commands compare. */
public final class Documents {

    private Documents() {}

    /** A document as bytes. */
    public static byte[] bytes(Consumer<WbxmlWriter> content) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            content.accept(out);
        }
        return bytes.toByteArray();
    }

    /** The document of an answer, which is closed. */
    static String text(Answer answer) {
        return switch (answer) {
            case Answer.Document(var body) -> text(all(body));
            case Answer.MultiPart(var document, var _) -> text(all(document));
            case Answer.Http(int status, var headers) -> "HTTP " + status + (headers.isEmpty() ? "" : " " + headers);
            case Answer.Empty() -> "";
            case Answer.Bytes(var body, var contentType) -> "%d bytes of %s".formatted(all(body).length, contentType);
            case Answer.Held _ -> "held";
        };
    }

    static byte[] all(Spool spool) {
        try (spool;
                InputStream in = spool.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A document as text; opaque bytes as {@code #} and hexadecimal digits. No string table is expected. */
    public static String text(byte[] document) {
        var text = new StringBuilder();
        var open = new ArrayDeque<String>();
        int page = 0;
        int at = 4; // version, public id, charset, string table length
        while (at < document.length) {
            int token = document[at++] & 0xFF;
            switch (token) {
                case 0x00 -> page = document[at++];
                case 0x01 -> text.append("</").append(open.pop()).append('>');
                case 0x03 -> {
                    int from = at;
                    while (document[at] != 0) {
                        at++;
                    }
                    text.append(new String(document, from, at++ - from, StandardCharsets.UTF_8));
                }
                case 0xC3 -> {
                    int length = 0;
                    int digit;
                    do {
                        digit = document[at++];
                        length = (length << 7) | (digit & 0x7F);
                    } while ((digit & 0x80) != 0);
                    text.append('#').append(HexFormat.of().formatHex(document, at, at + length));
                    at += length;
                }
                default -> {
                    var name = CodePages.tag(page, token & 0x3F).tagName();
                    boolean content = (token & 0x40) != 0;
                    text.append('<').append(name).append(content ? ">" : "/>");
                    if (content) {
                        open.push(name);
                    }
                }
            }
        }
        return text.toString();
    }
}
