package org.airpost.wbxml;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Optional;

/** Prints one WBXML document as XML; see {@link WbxmlXml}. */
final class XmlForm {

    private static final String INDENT = "  ";

    private final boolean redacted;
    private final StringBuilder xml = new StringBuilder();
    private final Deque<String> namespaces = new ArrayDeque<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream(); // of the present element, so far
    private boolean opaque; // some of the content is
    private boolean leaf; // the present element has no child so far

    XmlForm(boolean redacted) {
        this.redacted = redacted;
    }

    String read(InputStream wbxml) {
        var in = new WbxmlReader(wbxml, WbxmlLimits.REQUEST);
        if (!in.root()) {
            return "";
        }
        start(in.tag());
        while (!namespaces.isEmpty()) {
            var tag = in.tag();
            switch (in.step()) {
                case INTO -> {
                    noText(in);
                    if (leaf) {
                        xml.append(">\n");
                    }
                    start(in.tag());
                }
                case OUT -> {
                    noTextAfterElements(in);
                    end(tag);
                }
                case TEXT -> content.writeBytes(in.piece());
                case OPAQUE -> {
                    content.writeBytes(in.piece());
                    opaque = true;
                }
            }
        }
        return xml.toString();
    }

    /** What was printed, up to the element in which it ended. */
    String soFar() {
        return leaf ? xml + ">\n" : xml.toString();
    }

    private void start(Tag tag) {
        indent();
        xml.append('<').append(tag.tagName());
        if (!tag.namespace().equals(namespaces.peek())) {
            xml.append(" xmlns=\"").append(tag.namespace()).append('"');
        }
        namespaces.push(tag.namespace());
        leaf = true;
    }

    private void end(Tag tag) {
        namespaces.pop();
        if (!leaf) {
            indent();
            xml.append("</").append(tag.tagName()).append(">\n");
        } else if (content.size() == 0) {
            xml.append("/>\n");
        } else if (redacted && !Redaction.shows(tag)) {
            xml.append(" bytes=\"").append(content.size()).append("\"/>\n");
        } else {
            content(tag);
        }
        leaf = false;
        content.reset();
        opaque = false;
    }

    private void content(Tag tag) {
        var bytes = content.toByteArray();
        if (!opaque) {
            xml.append('>');
            escape(new String(bytes, StandardCharsets.UTF_8));
        } else {
            var text = readable(bytes);
            if (text.isPresent()) {
                xml.append(" opaque=\"text\">");
                escape(text.get());
            } else {
                xml.append(" opaque=\"base64\">").append(Base64.getEncoder().encodeToString(bytes));
            }
        }
        xml.append("</").append(tag.tagName()).append(">\n");
    }

    private void noTextAfterElements(WbxmlReader in) {
        if (!leaf) {
            noText(in);
        }
    }

    private void noText(WbxmlReader in) {
        if (content.size() > 0 && !content.toString(StandardCharsets.UTF_8).isBlank()) {
            throw in.malformed("a text between elements");
        }
        content.reset();
        opaque = false;
    }

    private void indent() {
        xml.repeat(INDENT, namespaces.size());
    }

    /** The text of opaque bytes that are UTF-8 and that XML can hold without a loss. */
    private static Optional<String> readable(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.codePoints().allMatch(XmlForm::allowed) ? Optional.of(text) : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Source: XML 1.0 §2.2 "Char". */
    static boolean allowed(int c) {
        return c >= 0x20
                ? !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE && c != 0xFFFF
                : c == '\t' || c == '\n' || c == '\r';
    }

    private void escape(String text) {
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '&' -> xml.append("&amp;");
                case '\r' -> xml.append("&#13;"); // a parser would make it a line feed
                default -> xml.appendCodePoint(allowed(c) ? c : 0xFFFD);
            }
        });
    }
}
