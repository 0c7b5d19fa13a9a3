package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.ComposeMail;

/**
 * Whom an invitation is forwarded to, and what is said to them: from 16.0 on a phone may give these and leave the writing of
 * the message to the server. Source: MS-ASCMD "Forwardees", "Forwardee"; MS-ASAIRS "Body" (SmartForward).
 */
final class Forwardees {

    private static final int MOST = 1_000;
    private static final String HTML = "2";

    private final List<String> people = new ArrayList<>();
    private String text = "";
    private String type = "1";

    void readPeople(WbxmlReader in) {
        while (in.child()) {
            if (!in.tag().equals(ComposeMail.FORWARDEE)) {
                in.skip();
                continue;
            }
            var name = "";
            var email = "";
            while (in.child()) {
                switch (in.tag()) {
                    case ComposeMail.NAME -> name = in.text();
                    case ComposeMail.EMAIL -> email = in.text();
                    default -> in.skip();
                }
            }
            if (people.size() < MOST && !email.isBlank()) {
                people.add(mailbox(name, email));
            }
        }
    }

    void readBody(WbxmlReader in) {
        while (in.child()) {
            switch (in.tag()) {
                case AirSyncBase.TYPE -> type = in.text();
                case AirSyncBase.DATA -> text = in.text();
                default -> in.skip();
            }
        }
    }

    private static String mailbox(String name, String email) {
        var address = email.replaceAll("[\\p{Cntrl}<>]", "").strip();
        var quoted = name.replaceAll("\\p{Cntrl}", " ")
                .replaceAll("[\"\\\\]", "\\\\$0")
                .strip();
        return quoted.isEmpty() || quoted.equals(address) ? address : "\"" + quoted + "\" <" + address + ">";
    }

    /** The message that the phone did not write, to be completed by the original; Status 119 if it is to nobody. */
    byte[] message() {
        if (people.isEmpty()) {
            throw new StatusException(CommonStatus.MESSAGE_HAS_NO_RECIPIENT, "neither Mime nor Forwardees");
        }
        return ("To: " + String.join(",\r\n ", people) + "\r\nMIME-Version: 1.0\r\nContent-Type: text/"
                        + (type.equals(HTML) ? "html" : "plain")
                        + "; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                        + text.replaceAll("\r?\n", "\r\n") + "\r\n")
                .getBytes(UTF_8);
    }
}
