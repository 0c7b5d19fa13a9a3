package org.airpost.http;

import java.io.IOException;
import java.io.InputStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * What a phone asks Autodiscover. Source: MS-ASCMD "Autodiscover"; MS-OXDSCLI "Autodiscover Request".
 *
 * @param address EMailAddress, as sent
 * @param schema AcceptableResponseSchema; that of mobilesync if a phone names none. Source: CLIENTS §1.3
 */
record DiscoveryRequest(String address, String schema) {

    static final String MOBILE_SYNC =
            "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";
    static final String OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    private static final int DEEPEST = 16;
    private static final int LONGEST = 400;

    /** The document is no request, and why. */
    static final class UnreadableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnreadableException(String why) {
            super(why);
        }
    }

    /** Reads a request. No document type and no entity of its own is taken, and nothing outside is looked up. */
    static DiscoveryRequest read(InputStream in) throws IOException, UnreadableException {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        factory.setXMLResolver((_, _, _, _) -> {
            throw new XMLStreamException("nothing outside of the document is read");
        });
        try {
            var reader = factory.createXMLStreamReader(in);
            try {
                return read(reader);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            if (e.getNestedException() instanceof IOException broken) {
                throw broken;
            }
            throw new UnreadableException(
                    "no XML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        }
    }

    private static DiscoveryRequest read(XMLStreamReader reader) throws XMLStreamException, UnreadableException {
        var address = "";
        var schema = "";
        int depth = 0;
        int requests = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.DTD -> throw new UnreadableException("a document type is not taken");
                case XMLStreamConstants.START_ELEMENT -> {
                    if (++depth > DEEPEST) {
                        throw new UnreadableException("elements are nested more than %d deep".formatted(DEEPEST));
                    }
                    var name = reader.getLocalName();
                    if (depth == 1 && !name.equals("Autodiscover")) {
                        throw new UnreadableException("the document is no Autodiscover");
                    }
                    if (depth == 2 && name.equals("Request")) {
                        requests++;
                    } else if (depth == 3 && name.equals("EMailAddress")) {
                        address = text(reader);
                        depth--;
                    } else if (depth == 3 && name.equals("AcceptableResponseSchema")) {
                        schema = text(reader);
                        depth--;
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> depth--;
                default -> {}
            }
        }
        if (requests != 1) {
            throw new UnreadableException("%d Requests instead of one".formatted(requests));
        }
        return new DiscoveryRequest(address, schema.isEmpty() ? MOBILE_SYNC : schema);
    }

    private static String text(XMLStreamReader reader) throws XMLStreamException, UnreadableException {
        var text = reader.getElementText().strip();
        if (text.length() > LONGEST) {
            throw new UnreadableException("a value of more than %d characters".formatted(LONGEST));
        }
        return text;
    }
}
