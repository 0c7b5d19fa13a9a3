package org.airpost.backend.found;

import java.io.ByteArrayInputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.airpost.backend.Security;
import org.airpost.backend.found.ServerLookup.Found;
import org.airpost.backend.found.ServerLookup.Place;

/** Reads config-v1.1.xml: the first IMAP and SMTP server that are protected and take a password. */
final class AutoconfigFile {

    private static final int DEEPEST = 16;

    private AutoconfigFile() {}

    /** Empty if the file is broken, or names no pair of servers that can be used. */
    static Optional<Found> read(byte[] content, String domain) {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            var reader = factory.createXMLStreamReader(new ByteArrayInputStream(content));
            try {
                return read(reader, domain);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            return Optional.empty();
        }
    }

    private static Optional<Found> read(XMLStreamReader reader, String domain) throws XMLStreamException {
        Optional<Place> imap = Optional.empty();
        Optional<Place> smtp = Optional.empty();
        Optional<String> template = Optional.empty();
        int depth = 0;
        while (reader.hasNext()) {
            int event = reader.next();
            if (event == XMLStreamConstants.DTD || depth > DEEPEST) {
                return Optional.empty();
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
            } else if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
                var name = reader.getLocalName();
                var type = Optional.ofNullable(reader.getAttributeValue("", "type"))
                        .orElse("");
                if (imap.isEmpty() && name.equals("incomingServer") && type.equals("imap")) {
                    var fields = fields(reader);
                    depth--;
                    template = template(fields.getOrDefault("username", ""), domain);
                    imap = template.isEmpty() ? Optional.empty() : place(fields, domain);
                } else if (smtp.isEmpty() && name.equals("outgoingServer") && type.equals("smtp")) {
                    var fields = fields(reader);
                    depth--;
                    smtp = place(fields, domain);
                }
            }
        }
        return imap.isPresent() && smtp.isPresent() && template.isPresent()
                ? Optional.of(new Found(imap.get(), smtp.get(), template.get()))
                : Optional.empty();
    }

    /** What stands in a server, up to its end; of what is named twice the first. */
    private static Map<String, String> fields(XMLStreamReader reader) throws XMLStreamException {
        var fields = new HashMap<String, String>();
        while (reader.nextTag() == XMLStreamConstants.START_ELEMENT) {
            fields.putIfAbsent(reader.getLocalName(), reader.getElementText().strip());
        }
        return fields;
    }

    private static Optional<Place> place(Map<String, String> fields, String domain) {
        var host = fields.getOrDefault("hostname", "").replace("%EMAILDOMAIN%", domain);
        var port = fields.getOrDefault("port", "");
        var security = switch (fields.getOrDefault("socketType", "").toUpperCase(Locale.ROOT)) {
            case "SSL" -> Optional.of(Security.TLS);
            case "STARTTLS" -> Optional.of(Security.STARTTLS);
            default -> Optional.<Security>empty();
        };
        boolean password =
                fields.getOrDefault("authentication", "password-cleartext").matches("password-cleartext|plain");
        if (!password || !host.matches("[A-Za-z0-9.-]{1,253}") || !port.matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        int number = Integer.parseInt(port);
        return security.filter(_ -> number > 0 && number <= 65_535).map(s -> new Place(host, number, s));
    }

    private static Optional<String> template(String username, String domain) {
        var template = username.replace("%EMAILADDRESS%", "{address}")
                .replace("%EMAILLOCALPART%", "{local}")
                .replace("%EMAILDOMAIN%", domain);
        return template.contains("%")
                        || template.contains("/")
                        || template.contains(":")
                        || (!template.contains("{address}") && !template.contains("{local}"))
                ? Optional.empty()
                : Optional.of(template);
    }
}
