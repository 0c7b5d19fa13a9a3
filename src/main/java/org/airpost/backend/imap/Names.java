package org.airpost.backend.imap;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.angus.mail.imap.protocol.BASE64MailboxDecoder;
import org.eclipse.angus.mail.imap.protocol.BASE64MailboxEncoder;

/**
 * Names of mailboxes, as the server writes them and as we do. Source: RFC 3501 §5.1.3 (modified UTF-7). A name that is not
 * valid there stays as it is, and is remembered, so that it goes back to the server the way it came.
 */
final class Names {

    private static final int MAX_ODD = 1000;

    private final Map<String, String> odd = new ConcurrentHashMap<>();

    /** The server's name, decoded; INBOX always in capitals. */
    String decoded(Value sent) {
        String raw = sent instanceof Value.Text(var bytes)
                ? new String(bytes, StandardCharsets.ISO_8859_1)
                : sent instanceof Value.Nil ? "NIL" : sent.text();
        if (raw.equalsIgnoreCase("INBOX")) {
            return "INBOX";
        }
        String name;
        try {
            name = BASE64MailboxDecoder.decode(raw);
            if (BASE64MailboxEncoder.encode(name).equals(raw)) {
                return name;
            }
        } catch (RuntimeException _) {
            // Angus runs over the end of some invalid names.
        }
        name = new Value.Text(raw.getBytes(StandardCharsets.ISO_8859_1)).text();
        if (odd.size() < MAX_ODD) {
            odd.put(name, raw);
        }
        return name;
    }

    /** A name as a quoted string for a command. */
    String quoted(String name) {
        return quote(encoded(name));
    }

    /** A name as the server writes it. */
    String encoded(String name) {
        String known = odd.get(name);
        return known != null ? known : BASE64MailboxEncoder.encode(name);
    }

    static String quote(String text) {
        var quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7F) {
                throw new IllegalArgumentException("a control character in an IMAP string");
            }
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.append('"').toString();
    }

    /** True if a name can be sent at all. */
    static boolean isSendable(String name) {
        return !name.isEmpty() && name.chars().noneMatch(c -> c < ' ' || c == 0x7F);
    }
}
