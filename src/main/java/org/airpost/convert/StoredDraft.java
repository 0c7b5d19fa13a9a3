package org.airpost.convert;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.MessageData;

/**
 * What the header of a draft in the mailbox says of how it came there. Two fields of our own tell it, and are taken out
 * before the draft is sent: {@code X-Airpost-Draft} is the mark of the command that it was made by, so that a repeat of the
 * command finds it; {@code X-Airpost-Parts} says by which names a phone knows attachments that have moved since.
 *
 * @param mark of what made it, to the last byte; empty if we did not make it
 * @param begun the mark of the same command, whatever it said
 * @param over the number of the draft that it was to take the place of, which may be there still
 * @param messageId angle brackets included; empty if it has none
 * @param names by section, what the phone that made it calls the part: {@code <uid>:<section>} of earlier drafts, with commas
 * @param added by the phone's ClientId, the sections of attachments that it has just added
 * @param conversationId 16 bytes
 * @param conversationIndex 5 bytes
 */
public record StoredDraft(
        Optional<String> mark,
        Optional<String> begun,
        Optional<Long> over,
        Optional<String> messageId,
        Map<String, String> names,
        Map<String, String> added,
        byte[] conversationId,
        byte[] conversationIndex) {

    /** The field with the mark. */
    static final String MARK = "X-Airpost-Draft";

    /** The field with the names of parts. */
    static final String PARTS = "X-Airpost-Parts";

    /** What all fields of our own begin with. */
    static final String OURS = "X-Airpost-";

    private static final int MOST_PARTS = 1_000;

    public StoredDraft {
        names = Map.copyOf(names);
        added = Map.copyOf(added);
    }

    /** What the header of a message says. */
    public static StoredDraft of(MessageData message) {
        var header = HeaderBlock.parse(message.header());
        var envelope = Envelope.of(header, "", message.internalDate());
        var names = new LinkedHashMap<String, String>();
        var added = new LinkedHashMap<String, String>();
        var parts = header.first(PARTS.toLowerCase(Locale.ROOT)).orElse("");
        for (var part : parts.strip().split("\\s+", MOST_PARTS)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                continue;
            }
            var section = part.substring(0, equals);
            var name = part.substring(equals + 1);
            if (name.startsWith("+")) {
                added.put(fromHex(name.substring(1)), section);
            } else {
                names.put(section, name);
            }
        }
        var marks = List.of(
                header.first(MARK.toLowerCase(Locale.ROOT)).orElse("").strip().split("\\s+", 4));
        return new StoredDraft(
                Optional.of(marks.getFirst()).filter(mark -> !mark.isEmpty()),
                marks.size() > 1 ? Optional.of(marks.get(1)) : Optional.empty(),
                marks.size() > 2 ? uid(marks.get(2)) : Optional.empty(),
                header.first("message-id").map(String::strip),
                names,
                added,
                envelope.conversation().id(),
                envelope.conversation().index());
    }

    private static Optional<Long> uid(String text) {
        return text.matches("[0-9]{1,10}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    /** The value of the field that says this. */
    static String parts(Map<String, String> names, Map<String, String> added) {
        var all = new HashMap<>(names);
        added.forEach((clientId, section) -> all.put(section, "+" + toHex(clientId)));
        return String.join(
                "\r\n ",
                all.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .sorted()
                        .toList());
    }

    /**
     * The section of an attachment that the phone knows by a reference of before; nothing if it is not there any more.
     *
     * @param uid of the message as the reference has it
     */
    public Optional<String> section(long uid, String section) {
        var name = uid + ":" + section;
        return names.entrySet().stream()
                .filter(entry -> List.of(entry.getValue().split(",")).contains(name))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static String toHex(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    private static String fromHex(String hex) {
        try {
            return new String(HexFormat.of().parseHex(hex), UTF_8);
        } catch (IllegalArgumentException e) {
            return ""; // somebody has changed the field: a ClientId that nobody asked for
        }
    }
}
