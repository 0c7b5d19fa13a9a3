package org.airpost.backend.imap;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.angus.mail.iap.ParsingException;

/**
 * What a FETCH response says of one message. Where it is broken, what came before the break is kept.
 *
 * @param number sequence number
 * @param uid 0 if it was not said
 * @param flags if they were said, all but \Recent and \Deleted
 * @param modSeq 0 if it was not said
 * @param size RFC822.SIZE, or -1
 * @param sections by what stands between the brackets in upper case, with the offset: {@code 1.2}, {@code HEADER<0>}
 * @param structure BODYSTRUCTURE
 * @param broken true if it could not be read to its end
 */
record Fetched(
        int number,
        long uid,
        Optional<Set<String>> flags,
        long modSeq,
        Optional<Instant> internalDate,
        long size,
        Map<String, Value> sections,
        Optional<Value> structure,
        boolean broken) {

    private static final DateTimeFormatter DATE = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("d-MMM-yyyy HH:mm:ss ")
            .appendOffset("+HHMM", "+0000")
            .toFormatter(Locale.ENGLISH);

    static Fetched of(int number, Tokens tokens) {
        long uid = 0;
        Optional<Set<String>> flags = Optional.empty();
        long modSeq = 0;
        Optional<Instant> date = Optional.empty();
        long size = -1;
        var sections = new HashMap<String, Value>();
        Optional<Value> structure = Optional.empty();
        boolean broken = !tokens.take('(');
        try {
            while (!broken && !tokens.take(')')) {
                String name = tokens.next().text().toUpperCase(Locale.ROOT);
                var value = tokens.next();
                switch (name) {
                    case "UID" -> uid = Math.max(0, value.number());
                    case "FLAGS" -> flags = Optional.of(flags(value));
                    case "MODSEQ" ->
                        modSeq = value.values().isEmpty()
                                ? 0
                                : Math.max(0, value.values().getFirst().number());
                    case "INTERNALDATE" -> date = date(value.text());
                    case "RFC822.SIZE" -> size = Math.min(value.number(), Structures.MOST_BYTES);
                    case "BODYSTRUCTURE" -> structure = Optional.of(value);
                    default -> {
                        int open = name.indexOf('[');
                        int close = name.lastIndexOf(']');
                        if (name.startsWith("BODY[") && close > open) {
                            sections.put(name.substring(open + 1, close) + name.substring(close + 1), value);
                        }
                    }
                }
            }
        } catch (ParsingException _) {
            broken = true; // whoever asked for more than has come asks again, for this message alone
        }
        if (uid > 0xFFFFFFFFL) {
            uid = 0;
        }
        return new Fetched(number, uid, flags, modSeq, date, size, sections, structure, broken);
    }

    private static Set<String> flags(Value list) {
        var flags = new HashSet<String>();
        for (var value : list.values()) {
            String flag = value.text();
            if (!flag.isEmpty() && !flag.equalsIgnoreCase("\\Recent") && !flag.equalsIgnoreCase("\\Deleted")) {
                flags.add(flag);
            }
        }
        return flags;
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text.strip(), DATE).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    /** A section's bytes; empty if the server did not send it or says that there is none. */
    Optional<byte[]> section(String name, long offset) {
        String key = name.toUpperCase(Locale.ROOT);
        var value = sections.get(key + "<" + offset + ">");
        if (value == null) {
            value = sections.get(key); // some servers leave the offset out when it is 0
        }
        return value instanceof Value.Text(var bytes) ? Optional.of(bytes) : Optional.empty();
    }
}
