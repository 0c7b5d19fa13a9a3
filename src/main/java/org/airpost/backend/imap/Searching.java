package org.airpost.backend.imap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.Locale;
import org.airpost.backend.UidSet;
import org.eclipse.angus.mail.iap.ParsingException;

/** Searches the selected mailbox of a connection. Source: RFC 9051 §6.4.4, RFC 4731 (ESEARCH). */
final class Searching {

    /** Messages of which it is looked at whether they carry a Message-ID. One has more than a few only by mistake. */
    private static final int MOST_VERIFIED = 500;

    private final ImapConnection connection;

    Searching(ImapConnection connection) {
        this.connection = connection;
    }

    UidSet all() throws ConnectionLostException {
        return search("ALL");
    }

    UidSet since(LocalDate day) throws ConnectionLostException {
        return search("SINCE " + SearchKeys.day(day));
    }

    UidSet deleted() throws ConnectionLostException {
        return search("DELETED");
    }

    /** Those of these UIDs that are there. */
    UidSet among(UidSet uids) throws ConnectionLostException {
        var found = UidSet.EMPTY;
        for (var part : UidText.parts(uids)) {
            found = found.or(search("UID " + part.toImap()));
        }
        return found.and(uids);
    }

    UidSet withMessageId(String id) throws ConnectionLostException {
        if (id.isBlank() || id.chars().anyMatch(c -> c < ' ' || c > '~')) {
            return UidSet.EMPTY; // no Message-ID looks like this; to IMAP it would mean any
        }
        return carrying(id, search("HEADER Message-ID " + Names.quote(id)));
    }

    /**
     * Those that are seen to carry it: an index of words may take another id for this one (Dovecot with fts-xapian does), and
     * a mail taken for sent by mistake would be lost.
     */
    private UidSet carrying(String id, UidSet found) throws ConnectionLostException {
        if (found.isEmpty()) {
            return found;
        }
        var carrying = UidSet.builder();
        var some = UidSet.of(found.newest(MOST_VERIFIED));
        String command = "UID FETCH " + some.toImap() + " (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";
        connection
                .command(command, line -> {
                    if (line.about().equals("FETCH")
                            && some.contains(line.fetched().uid())) {
                        line.fetched().sections().forEach((name, value) -> {
                            if (name.startsWith("HEADER.FIELDS")
                                    && value.lower().contains(id.toLowerCase(Locale.ROOT))) {
                                carrying.add(line.fetched().uid());
                            }
                        });
                    }
                })
                .orUnavailable("UID FETCH");
        return carrying.build();
    }

    /**
     * Searches all that is there now: a session may not have heard yet of what has come, and servers search what it knows, so
     * it hears first. Source: RFC 9051 §5.2.
     */
    private UidSet search(String key) throws ConnectionLostException {
        var found = UidSet.builder();
        String command = connection.can("ESEARCH") ? "UID SEARCH RETURN (ALL) " : "UID SEARCH ";
        connection.command("NOOP").orUnavailable("NOOP");
        connection.command(command + key, line -> take(line, found)).orUnavailable("UID SEARCH");
        return found.build();
    }

    /** Takes what a response says was found, if it says that. */
    static void take(ServerLine line, UidSet.Builder found) {
        try {
            switch (line.about()) {
                case "ESEARCH" -> extended(line, found);
                case "SEARCH" -> plain(line, found);
                default -> {}
            }
        } catch (ParsingException e) {
            throw new UncheckedIOException(new IOException("SEARCH response", e));
        }
    }

    static void extended(ServerLine line, UidSet.Builder found) throws ParsingException {
        var values = line.values();
        for (int i = 0; i + 1 < values.size(); i++) {
            if (values.get(i) instanceof Value.Atom(var name) && name.equalsIgnoreCase("ALL")) {
                found.addAll(UidText.parse(values.get(i + 1).text(), Long.MAX_VALUE));
            }
        }
    }

    private static void plain(ServerLine line, UidSet.Builder found) throws ParsingException {
        var tokens = line.tokens();
        while (!tokens.isAtEnd()) {
            long uid = tokens.next().number();
            if (UidSet.isUid(uid)) {
                found.add(uid);
            }
        }
    }
}
