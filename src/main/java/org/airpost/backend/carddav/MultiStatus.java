package org.airpost.backend.carddav;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads what a DAV server answers. Source: RFC 4918 §14.16; RFC 6352 §10.4. */
final class MultiStatus {

    private static final String DAV = "DAV:";
    private static final String CARDDAV = "urn:ietf:params:xml:ns:carddav";
    private static final int MOST_RESPONSES = 20_000;

    private MultiStatus() {}

    /**
     * One resource.
     *
     * @param card its vCard; empty if there is none
     */
    record Resource(String href, boolean isBook, String card) {}

    static List<Resource> read(InputStream in) throws IOException {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            var xml = factory.createXMLStreamReader(in);
            var resources = new ArrayList<Resource>();
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamConstants.START_ELEMENT && is(xml, DAV, "response")) {
                    if (resources.size() == MOST_RESPONSES) {
                        throw new IOException("more than %d resources".formatted(MOST_RESPONSES));
                    }
                    resources.add(response(xml));
                }
            }
            return resources;
        } catch (XMLStreamException e) {
            throw new IOException("an answer that is no XML: " + e.getMessage(), e);
        }
    }

    private static Resource response(XMLStreamReader xml) throws XMLStreamException {
        var href = "";
        boolean book = false;
        var card = "";
        while (true) {
            int event = xml.next();
            if (event == XMLStreamConstants.END_ELEMENT && is(xml, DAV, "response")) {
                return new Resource(href, book, card);
            }
            if (event == XMLStreamConstants.START_ELEMENT) {
                if (is(xml, DAV, "href") && href.isEmpty()) {
                    href = xml.getElementText().strip();
                } else if (is(xml, CARDDAV, "addressbook")) {
                    book = true;
                } else if (is(xml, CARDDAV, "address-data")) {
                    card = xml.getElementText();
                }
            }
        }
    }

    private static boolean is(XMLStreamReader xml, String namespace, String name) {
        return name.equals(xml.getLocalName()) && namespace.equals(xml.getNamespaceURI());
    }
}
