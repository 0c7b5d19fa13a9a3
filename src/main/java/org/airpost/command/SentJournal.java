package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
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
        /** It is being sent, or was when the process ended. */
        RECEIVED,
        /** It was not taken, and may be tried again. */
        OPEN,
        /** The connection ended before the server said whether it took it. */
        UNCERTAIN,
        /** The server has taken it; the copy is not kept yet. */
        HANDED_OVER,
        /** All is done. */
        SAVED
    }

    /**
     * An entry as stored.
     *
     * @param messageId stays the same over all tries
     * @param version of the store, {@link Store#ABSENT} before the first write
     */
    record Entry(State state, Instant since, String messageId, long version) {}

    Optional<Entry> get(String key) {
        return store.get(key).map(stored -> {
            var fields = new String(stored.value(), UTF_8).split(" ", 3);
            return new Entry(
                    State.valueOf(fields[0]),
                    Instant.ofEpochMilli(Long.parseLong(fields[1])),
                    fields[2],
                    stored.version());
        });
    }

    /** A new entry, not yet written. */
    Entry absent(String messageId) {
        return new Entry(State.OPEN, clock.instant(), messageId, Store.ABSENT);
    }

    /** Writes the next state; Status 111 if another node wrote in the meantime. */
    Entry put(String key, Entry before, State state, Duration lifetime) {
        var now = clock.instant();
        var value = "%s %d %s".formatted(state, now.toEpochMilli(), before.messageId());
        var version = store.put(key, value.getBytes(UTF_8), before.version(), Optional.of(now.plus(lifetime)));
        if (version.isEmpty()) {
            throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, "another node is sending " + key);
        }
        return new Entry(state, now, before.messageId(), version.getAsLong());
    }
}
