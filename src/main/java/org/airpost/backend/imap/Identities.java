package org.airpost.backend.imap;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.airpost.backend.MoveMark.Sign;
import org.airpost.backend.UidSet;

/**
 * Finds messages again that were copied, moved or appended, where the server does not say their new UIDs: among the UIDs
 * from the old UIDNEXT on, by Message-ID, or by size if there is none.
 */
final class Identities {

    static final String ITEMS = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";

    /** Characters of a Message-ID that count. */
    private static final int MOST = 1_000;

    private Identities() {}

    /** Takes the identity from a FETCH response, if it is one. */
    static void take(ServerLine line, Map<Long, Sign> into) {
        if (!line.about().equals("FETCH")) {
            return;
        }
        var message = line.fetched();
        if (message.uid() > 0 && message.size() >= 0) {
            for (var section : message.sections().entrySet()) {
                if (section.getKey().startsWith("HEADER.FIELDS")) {
                    into.put(
                            message.uid(), new Sign(messageId(section.getValue().text()), message.size()));
                }
            }
        }
    }

    /** The Message-ID in a header, or nothing. */
    static String messageId(String header) {
        String unfolded = header.replaceAll("\r?\n[ \t]+", " ");
        for (String line : unfolded.split("\r?\n", -1)) {
            if (line.regionMatches(true, 0, "Message-ID:", 0, 11)) {
                String id = line.substring(11).strip();
                return id.length() <= MOST ? id : id.substring(0, MOST);
            }
            if (line.isEmpty()) {
                break;
            }
        }
        return "";
    }

    /** The Message-ID in the first bytes of a message. */
    static String messageId(byte[] start, int length) {
        return messageId(new String(start, 0, length, StandardCharsets.ISO_8859_1));
    }

    /** The messages in the selected mailbox with a UID from this one on, ascending. */
    static NavigableMap<Long, Sign> from(ImapConnection connection, long uid) throws ConnectionLostException {
        var found = new HashMap<Long, Sign>();
        if (connection.selected().orElseThrow().exists() > 0) {
            connection
                    .command("UID FETCH " + uid + ":* " + ITEMS, line -> take(line, found))
                    .orUnavailable("UID FETCH");
        }
        var sorted = new TreeMap<>(found);
        return new TreeMap<>(sorted.tailMap(uid)); // n:* gives the last message even if it is below n
    }

    /** Pairs messages with their new ones, in order, each new one once. */
    static Map<Long, Long> paired(Map<Long, Sign> old, UidSet which, NavigableMap<Long, Sign> candidates) {
        var pairs = new LinkedHashMap<Long, Long>();
        for (long uid : which.ascending()) {
            var identity = old.get(uid);
            if (identity == null) {
                continue;
            }
            for (var candidate : candidates.entrySet()) {
                if (candidate.getValue().matches(identity)) {
                    pairs.put(uid, candidate.getKey());
                    candidates.remove(candidate.getKey());
                    break;
                }
            }
        }
        return pairs;
    }
}
