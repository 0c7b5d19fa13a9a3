package org.airpost.wbxml;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * WBXML as XML, for tests, tools and logs, and back. The default namespace is the code page; it is written where it
 * changes:
 *
 * <pre>{@code
 * <Sync xmlns="AirSync">
 *   <Collections>
 *     <Collection>
 *       <SyncKey>0</SyncKey>
 *       <CollectionId>5</CollectionId>
 *       <Options>
 *         <BodyPreference xmlns="AirSyncBase">
 *           <Type>1</Type>
 *         </BodyPreference>
 *       </Options>
 *     </Collection>
 *   </Collections>
 * </Sync>
 * }</pre>
 *
 * <p>Opaque data is {@code <Mime opaque="text">From: …</Mime>} if it is readable UTF-8, else
 * {@code <Data opaque="base64">3q2+7w==</Data>}. Prefixes instead of the default namespace are read as well. A tag that no
 * code page lists is {@code Unknown-PP-TT} with page and token in hexadecimal.
 */
public final class WbxmlXml {

    private static final String OPAQUE = "opaque";
    private static final String TEXT = "text";
    private static final String BASE64 = "base64";
    private static final Pattern UNKNOWN = Pattern.compile("Unknown-([0-9A-Fa-f]{2})-([0-3][0-9A-Fa-f])");

    private WbxmlXml() {}

    /** A document as indented XML, nothing for no bytes. Errors: {@link MalformedRequestException}. */
    public static String toXml(byte[] wbxml) {
        return toXml(new ByteArrayInputStream(wbxml));
    }

    /** A document as indented XML, nothing for no bytes; held in memory as a whole. */
    public static String toXml(InputStream wbxml) {
        return new XmlForm(false).read(wbxml);
    }

    /**
     * A document for a log: every element, but of the contents only those that say nothing of a person (keys, ids,
     * statuses, options, times of the protocol); of the others their length, as {@code <Subject bytes="12"/>}. Cannot be
     * read back.
     */
    public static String toRedactedXml(byte[] wbxml) {
        return new XmlForm(true).read(new ByteArrayInputStream(wbxml));
    }

    /**
     * The same for a document of which only the start is there, or that cannot be read to its end: as far as it goes, and then
     * a comment.
     *
     * @param size bytes of the whole
     */
    public static String toRedactedXml(byte[] start, long size) {
        var form = new XmlForm(true);
        try {
            return form.read(new ByteArrayInputStream(start));
        } catch (MalformedRequestException e) {
            return form.soFar()
                    + (start.length < size
                            ? "<!-- the first %d of %d bytes -->\n".formatted(start.length, size)
                            : "<!-- cannot be read from byte %d on -->\n".formatted(e.offset()));
        }
    }

    /** The document that an XML text describes. What is wrong with it: {@link MalformedRequestException} with the line. */
    public static byte[] fromXml(String xml) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            var in = parser().createXMLStreamReader(new StringReader(xml));
            try {
                convert(in, out);
            } finally {
                in.close();
            }
        } catch (XMLStreamException e) {
            var unreadable = new MalformedRequestException("XML: " + e.getMessage());
            unreadable.initCause(e);
            throw unreadable;
        }
        return bytes.toByteArray();
    }

    private static XMLInputFactory parser() {
        var parser = XMLInputFactory.newDefaultFactory();
        parser.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        parser.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        parser.setProperty(XMLInputFactory.IS_COALESCING, true);
        return parser;
    }

    private static void convert(XMLStreamReader in, WbxmlWriter out) throws XMLStreamException {
        var leaf = Optional.<Tag>empty(); // a start tag that may turn out to be a leaf
        var opaque = "";
        var text = new StringBuilder();
        while (in.hasNext()) {
            switch (in.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    noText(text, in);
                    leaf.ifPresent(out::start);
                    leaf = Optional.of(tag(in));
                    opaque = Optional.ofNullable(in.getAttributeValue(null, OPAQUE))
                            .orElse("");
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    if (leaf.isPresent()) {
                        writeLeaf(out, leaf.get(), opaque, text.toString(), in);
                        leaf = Optional.empty();
                        text.setLength(0);
                    } else {
                        noText(text, in);
                        out.end();
                    }
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
                    text.append(in.getText());
                case XMLStreamConstants.DTD -> throw malformed("a document type is not read", in);
                default -> {
                    // comments, processing instructions, the end
                }
            }
        }
    }

    private static void noText(StringBuilder text, XMLStreamReader in) {
        if (!text.toString().isBlank()) {
            throw malformed(
                    "text \"%s\" between elements".formatted(text.toString().strip()), in);
        }
        text.setLength(0);
    }

    private static void writeLeaf(WbxmlWriter out, Tag tag, String opaque, String text, XMLStreamReader in) {
        switch (opaque) {
            case "" -> out.text(tag, text);
            case TEXT -> out.opaque(tag, text.getBytes(StandardCharsets.UTF_8));
            case BASE64 -> {
                try {
                    out.opaque(tag, Base64.getDecoder().decode(text.replaceAll("\\s", "")));
                } catch (IllegalArgumentException e) {
                    throw malformed("content of %s is no base64".formatted(tag.tagName()), in);
                }
            }
            default -> throw malformed("opaque=\"%s\", expected text or base64".formatted(opaque), in);
        }
    }

    private static Tag tag(XMLStreamReader in) {
        var name = in.getLocalName();
        var unknown = UNKNOWN.matcher(name);
        if (unknown.matches()) {
            int token = Integer.parseInt(unknown.group(2), 16);
            if (token >= Tokens.FIRST_TAG) {
                return CodePages.tag(Integer.parseInt(unknown.group(1), 16), token);
            }
        }
        var namespace = Optional.ofNullable(in.getNamespaceURI()).orElse("");
        return CodePages.tag(namespace, name).orElseThrow(() -> malformed(noSuchTag(namespace, name), in));
    }

    private static String noSuchTag(String namespace, String name) {
        var elsewhere = CodePages.all().stream()
                .filter(tag -> tag.tagName().equals(name))
                .map(Tag::namespace)
                .collect(Collectors.joining(", "));
        return "no tag %s in namespace \"%s\"%s"
                .formatted(name, namespace, elsewhere.isEmpty() ? "" : "; there is one in " + elsewhere);
    }

    private static MalformedRequestException malformed(String problem, XMLStreamReader in) {
        return new MalformedRequestException(
                "XML line %d: %s".formatted(in.getLocation().getLineNumber(), problem));
    }
}
