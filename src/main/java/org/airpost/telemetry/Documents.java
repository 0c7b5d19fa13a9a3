package org.airpost.telemetry;

import org.airpost.http.Observer.Body;
import org.airpost.wbxml.WbxmlXml;

/** Bodies as text for people. */
final class Documents {

    private Documents() {}

    /** A document as redacted XML, as far as it was kept; of anything else its type and length. */
    static String xml(Body body) {
        if (body.size() == 0) {
            return "";
        }
        if (body.bytes().length == 0) {
            return "<!-- %d bytes%s, not kept -->\n"
                    .formatted(body.size(), body.type().isEmpty() ? "" : " of " + body.type());
        }
        return WbxmlXml.toRedactedXml(body.bytes(), body.size());
    }
}
