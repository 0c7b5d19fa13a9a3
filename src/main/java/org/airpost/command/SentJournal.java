package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.airpost.backend.Submission.RefusedRecipient;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.StatusException;
import org.airpost.store.Store;

/** What became of each message that a device has asked to send. Written before the work, so that a repeat is known as one. */
final class SentJournal {

    private final Store store;
    private final InstantSource clock;

    SentJournal(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /** How far a message has come. */
    enum State {
        /** It is being sent, or was when the process ended: nothing was handed over. */
        RECEIVED,
        /** It was not taken, and may be tried again. */
        OPEN,
        /** The same, and the user was told why. */
        REFUSED,
        /** Its end was about to be sent, or is sent, and the reply is not known. Written before that. */
        UNCERTAIN,
        /** The server has taken it; the copy is not kept yet. */
        HANDED_OVER,
        /** It waits in the queue, which does the rest. */
        QUEUED,
        /** All is done. */
        SAVED
    }

    /**
     * An entry as stored.
     *
     * @param messageId stays the same over all tries
     * @param unreached recipients of whom the user must be told
     * @param version of the store, {@link Store#ABSENT} before the first write
     */
    record Entry(State state, Instant since, String messageId, List<RefusedRecipient> unreached, long version) {

        Entry {
            unreached = List.copyOf(unreached);
        }
    }

    Optional<Entry> get(String key) {
        return store.get(key).map(stored -> {
            var fields = new String(stored.value(), UTF_8).split(" ", 4);
            return new Entry(
                    State.valueOf(fields[0]),
                    Instant.ofEpochMilli(Long.parseLong(fields[1])),
                    fields[2],
                    fields.length > 3 ? recipients(fields[3]) : List.of(),
                    stored.version());
        });
    }

    /** A new entry, not yet written. */
    Entry absent(String messageId) {
        return new Entry(State.OPEN, clock.instant(), messageId, List.of(), Store.ABSENT);
    }

    /** Writes the next state; Status 111 if another node wrote in the meantime. */
    Entry put(String key, Entry before, State state, Duration lifetime) {
        return put(key, before, state, List.of(), lifetime);
    }

    /** The same, with those who are to be told of. */
    Entry put(String key, Entry before, State state, List<RefusedRecipient> unreached, Duration lifetime) {
        var now = clock.instant();
        var value = "%s %d %s %s".formatted(state, now.toEpochMilli(), before.messageId(), text(unreached));
        var version = store.put(key, value.strip().getBytes(UTF_8), before.version(), Optional.of(now.plus(lifetime)));
        if (version.isEmpty()) {
            throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, "another node is sending " + key);
        }
        return new Entry(state, now, before.messageId(), unreached, version.getAsLong());
    }

    static String text(List<RefusedRecipient> recipients) {
        return recipients.stream()
                .map(r -> URLEncoder.encode(r.address(), UTF_8) + "=" + URLEncoder.encode(r.words(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    static List<RefusedRecipient> recipients(String text) {
        return Arrays.stream(text.split("&", -1))
                .filter(r -> r.indexOf('=') > 0)
                .map(r -> new RefusedRecipient(
                        URLDecoder.decode(r.substring(0, r.indexOf('=')), UTF_8),
                        URLDecoder.decode(r.substring(r.indexOf('=') + 1), UTF_8)))
                .toList();
    }
}
