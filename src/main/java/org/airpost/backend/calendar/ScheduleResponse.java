package org.airpost.backend.calendar;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads what a scheduling outbox answers. Source: RFC 6638 §10.2. */
final class ScheduleResponse {

    private static final String CALDAV = "urn:ietf:params:xml:ns:caldav";
    private static final int MOST_RESPONSES = 1_000;

    private ScheduleResponse() {}

    /**
     * What is said of one person.
     *
     * @param address without {@code mailto:}, in lower case
     * @param status such as {@code 2.0;Success} (RFC 5545 §3.8.8.3)
     * @param calendar empty if there is none
     */
    record Recipient(String address, String status, String calendar) {}

    static List<Recipient> read(InputStream in) throws IOException {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            var xml = factory.createXMLStreamReader(in);
            var recipients = new ArrayList<Recipient>();
            while (xml.hasNext() && recipients.size() < MOST_RESPONSES) {
                if (xml.next() == XMLStreamConstants.START_ELEMENT && is(xml, "response")) {
                    recipients.add(response(xml));
                }
            }
            return recipients;
        } catch (XMLStreamException e) {
            throw new IOException("an answer that is no XML: " + e.getMessage(), e);
        }
    }

    private static Recipient response(XMLStreamReader xml) throws XMLStreamException {
        var address = "";
        var status = "";
        var calendar = "";
        while (true) {
            int event = xml.next();
            if (event == XMLStreamConstants.END_ELEMENT && is(xml, "response")) {
                return new Recipient(address, status, calendar);
            }
            if (event == XMLStreamConstants.START_ELEMENT) {
                if (xml.getLocalName().equals("href")) {
                    address = xml.getElementText()
                            .strip()
                            .toLowerCase(Locale.ROOT)
                            .replaceFirst("^mailto:", "");
                } else if (is(xml, "request-status")) {
                    status = xml.getElementText().strip();
                } else if (is(xml, "calendar-data")) {
                    calendar = xml.getElementText();
                }
            }
        }
    }

    private static boolean is(XMLStreamReader xml, String name) {
        return name.equals(xml.getLocalName()) && CALDAV.equals(xml.getNamespaceURI());
    }
}
