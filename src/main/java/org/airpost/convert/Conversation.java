package org.airpost.convert;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The conversation that a message belongs to: the same id for all that go back to one first message, whoever asks and
 * whenever. Source: MS-ASEMAIL "ConversationId", "ConversationIndex"; MS-ASCON "Conversation Index Header".
 *
 * @param id 16 bytes
 * @param index 5 bytes: the time when the message was sent
 */
record Conversation(byte[] id, byte[] index) {

    private static final Pattern MESSAGE_ID = Pattern.compile("<([^<>\\s]{1,998})>");

    /** 100-ns steps from 1601, where Windows counts from, to 1970. */
    private static final long EPOCH = 116_444_736_000_000_000L;

    static Conversation of(HeaderBlock header, String topic, Instant sent) {
        var first = header.first("references")
                .flatMap(Conversation::firstId)
                .or(() -> header.first("in-reply-to").flatMap(Conversation::firstId))
                .or(() -> header.first("message-id").flatMap(Conversation::firstId))
                .orElse(topic.toLowerCase(Locale.ROOT));
        return new Conversation(hash(first), index(sent));
    }

    private static Optional<String> firstId(String field) {
        var matcher = MESSAGE_ID.matcher(field);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static byte[] hash(String text) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            return Arrays.copyOf(sha.digest(text.getBytes(StandardCharsets.UTF_8)), 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Bits 16 to 55 of the FILETIME, big-endian. */
    private static byte[] index(Instant sent) {
        long seconds = Math.clamp(sent.getEpochSecond(), -11_644_473_600L, 253_402_300_799L);
        long filetime = seconds * 10_000_000L + sent.getNano() / 100 + EPOCH;
        return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(filetime).array(), 1, 6);
    }
}
