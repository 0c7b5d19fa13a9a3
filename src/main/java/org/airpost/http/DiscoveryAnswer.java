package org.airpost.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The documents that Autodiscover answers with. Source: MS-ASCMD "Autodiscover" and its examples; MS-OXDSCLI. */
final class DiscoveryAnswer {

    /** Source: MS-OXDSCLI "ErrorCode"; MS-ASCMD R2287, R2288. */
    enum Problem {
        UNKNOWN_ADDRESS(500),
        INVALID_REQUEST(600),
        NO_PROVIDER(601);

        private final int code;

        Problem(int code) {
            this.code = code;
        }
    }

    private static final String RESPONSES = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private DiscoveryAnswer() {}

    private interface Content {
        void write(XMLStreamWriter out) throws XMLStreamException;
    }

    /** Where the user's mail is to be had by ActiveSync. */
    static Reply mobileSync(String name, String address, String url) {
        return document(out -> {
            out.writeStartElement("Response");
            out.writeDefaultNamespace(DiscoveryRequest.MOBILE_SYNC);
            element(out, "Culture", "en:us");
            user(out, name, address);
            out.writeStartElement("Action");
            out.writeStartElement("Settings");
            out.writeStartElement("Server");
            element(out, "Type", "MobileSync");
            element(out, "Url", url);
            element(out, "Name", url);
            out.writeEndElement();
            out.writeEndElement();
            out.writeEndElement();
            out.writeEndElement();
        });
    }

    /** The phone is to ask again with another address. */
    static Reply mobileSyncRedirect(String name, String address, String other) {
        return document(out -> {
            out.writeStartElement("Response");
            out.writeDefaultNamespace(DiscoveryRequest.MOBILE_SYNC);
            element(out, "Culture", "en:us");
            user(out, name, address);
            out.writeStartElement("Action");
            element(out, "Redirect", other);
            out.writeEndElement();
            out.writeEndElement();
        });
    }

    /** Outlook is to ask elsewhere: {@code action} is redirectUrl or redirectAddr. Source: MS-OXDSCLI "Action". */
    static Reply outlookRedirect(String action, String element, String target) {
        return document(out -> {
            out.writeStartElement("Response");
            out.writeDefaultNamespace(DiscoveryRequest.OUTLOOK);
            out.writeStartElement("Account");
            element(out, "AccountType", "email");
            element(out, "Action", action);
            element(out, element, target);
            out.writeEndElement();
            out.writeEndElement();
        });
    }

    /** Nothing can be said, and why. */
    static Reply error(Problem error, String message, Instant now, long id) {
        return document(out -> {
            out.writeStartElement("Response");
            out.writeStartElement("Error");
            out.writeAttribute("Time", TIME.format(now));
            out.writeAttribute("Id", Long.toString(id));
            element(out, "ErrorCode", Integer.toString(error.code));
            element(out, "Message", message);
            out.writeEmptyElement("DebugData");
            out.writeEndElement();
            out.writeEndElement();
        });
    }

    /** What Thunderbird and others look for. Source: the form of config-v1.1.xml as Mozilla describes it. */
    static Reply autoconfig(String domain, String host, int port, String url) {
        return xml(out -> {
            out.writeStartElement("clientConfig");
            out.writeAttribute("version", "1.1");
            out.writeStartElement("emailProvider");
            out.writeAttribute("id", domain);
            element(out, "domain", domain);
            element(out, "displayName", domain);
            out.writeStartElement("incomingServer");
            out.writeAttribute("type", "exchange");
            element(out, "hostname", host);
            element(out, "port", Integer.toString(port));
            element(out, "socketType", "SSL");
            element(out, "username", "%EMAILADDRESS%");
            element(out, "authentication", "http-basic");
            element(out, "easURL", url);
            out.writeEndElement();
            out.writeEndElement();
            out.writeEndElement();
        });
    }

    private static void user(XMLStreamWriter out, String name, String address) throws XMLStreamException {
        out.writeStartElement("User");
        element(out, "DisplayName", name);
        element(out, "EMailAddress", address);
        out.writeEndElement();
    }

    private static void element(XMLStreamWriter out, String name, String text) throws XMLStreamException {
        out.writeStartElement(name);
        out.writeCharacters(text);
        out.writeEndElement();
    }

    private static Reply document(Content content) {
        return xml(out -> {
            out.writeStartElement("Autodiscover");
            out.writeDefaultNamespace(RESPONSES);
            content.write(out);
            out.writeEndElement();
        });
    }

    private static Reply xml(Content content) {
        var bytes = new ByteArrayOutputStream();
        try {
            var out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(bytes, UTF_8.name());
            out.writeStartDocument(UTF_8.name(), "1.0");
            content.write(out);
            out.writeEndDocument();
            out.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("an Autodiscover answer cannot be written", e);
        }
        return new Reply(
                200,
                Map.of(Reply.CONTENT_TYPE, "text/xml; charset=utf-8", "Cache-Control", "private"),
                bytes.toByteArray(),
                List.of());
    }

    /** An answer of Autodiscover v2: names and values in pairs. */
    static Reply json(int status, String... pairs) {
        var text = new StringBuilder("{");
        for (int i = 0; i < pairs.length; i += 2) {
            text.append(i == 0 ? "" : ",").append(quoted(pairs[i])).append(':').append(quoted(pairs[i + 1]));
        }
        return new Reply(
                status,
                Map.of(Reply.CONTENT_TYPE, "application/json; charset=utf-8", "Cache-Control", "private"),
                text.append('}').toString().getBytes(UTF_8),
                List.of());
    }

    /** Source: RFC 8259 §7. */
    private static String quoted(String text) {
        var out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7F || Character.isSurrogate(c)) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
