package org.airpost.convert;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.airpost.backend.MailQuery;

/**
 * The conversation that a message belongs to: the same id for all that go back to one first message, whoever asks and
 * whenever. Source: MS-ASEMAIL "ConversationId", "ConversationIndex"; MS-ASCON "Conversation Index Header".
 *
 * @param id 16 bytes
 * @param index 5 bytes: the time when the message was sent; from Outlook, that of the first one, and 5 bytes for each reply
 */
record Conversation(byte[] id, byte[] index) {

    private static final Pattern MESSAGE_ID = Pattern.compile("<([^<>\\s]{1,998})>");

    private static final Pattern NOT_ASCII = Pattern.compile("[^ -~]+");

    private static final int THREAD_HEAD = 22;
    private static final int MOST_REPLIES = 200;

    /** 100-ns steps from 1601, where Windows counts from, to 1970. */
    private static final long EPOCH = 116_444_736_000_000_000L;

    static Conversation of(HeaderBlock header, String topic, Instant sent) {
        var first = origin(header, topic)
                .map(Origin::text)
                .orElseGet(() -> header.first("from").orElse("") + sent);
        return new Conversation(
                hash(first),
                header.first("thread-index").flatMap(Conversation::index).orElseGet(() -> index(sent)));
    }

    /**
     * Where a conversation comes from.
     *
     * @param text the same for all of its messages
     * @param like holds for all of them
     */
    record Origin(String text, MailQuery like) {}

    /** The first message that a message goes back to: by its id, else by the topic; empty if there is nothing of either. */
    static Optional<Origin> origin(HeaderBlock header, String topic) {
        var id = header.first("references")
                .flatMap(Conversation::firstId)
                .or(() -> header.first("in-reply-to").flatMap(Conversation::firstId))
                .or(() -> header.first("message-id").flatMap(Conversation::firstId));
        if (id.isPresent()) {
            var quoted = searchable("<" + id.get() + ">");
            return Optional.of(new Origin(
                    id.get(),
                    new MailQuery.Or(List.of(
                            new MailQuery.Header("Message-ID", quoted),
                            new MailQuery.Header("References", quoted),
                            new MailQuery.Header("In-Reply-To", quoted)))));
        }
        if (!topic.isBlank()) {
            return Optional.of(new Origin(
                    topic.toLowerCase(Locale.ROOT), new MailQuery.Text(MailQuery.Where.SUBJECT, topic.strip())));
        }
        return header.first("date")
                .map(date -> new Origin(header.first("from").orElse("") + date, new MailQuery.Header("Date", date)));
    }

    /** Servers are asked in US-ASCII: of an id with other characters the longest part without them. */
    private static String searchable(String id) {
        return Stream.of(NOT_ASCII.split(id, -1))
                .max(Comparator.comparingInt(String::length))
                .orElse(id);
    }

    private static Optional<String> firstId(String field) {
        var matcher = MESSAGE_ID.matcher(field);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    static byte[] hash(String text) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            return Arrays.copyOf(sha.digest(text.getBytes(StandardCharsets.UTF_8)), 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * What Outlook says of the place in its thread: the time of the first message, and five bytes for each reply. Source:
     * MS-OXOMSG "PidTagConversationIndex": one byte, five of time, a GUID of sixteen, then the replies.
     */
    private static Optional<byte[]> index(String threadIndex) {
        try {
            var bytes = Base64.getMimeDecoder().decode(threadIndex.replaceAll("\\s", ""));
            int replies = (bytes.length - THREAD_HEAD) / 5;
            if (bytes.length < THREAD_HEAD || replies > MOST_REPLIES) {
                return Optional.empty();
            }
            var index = Arrays.copyOf(Arrays.copyOfRange(bytes, 1, 6), 5 + 5 * replies);
            System.arraycopy(bytes, THREAD_HEAD, index, 5, 5 * replies);
            return Optional.of(index);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not written by Outlook
        }
    }

    /** Bits 16 to 55 of the FILETIME, big-endian. */
    private static byte[] index(Instant sent) {
        long seconds = Math.clamp(sent.getEpochSecond(), -11_644_473_600L, 253_402_300_799L);
        long filetime = seconds * 10_000_000L + sent.getNano() / 100 + EPOCH;
        return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(filetime).array(), 1, 6);
    }
}
