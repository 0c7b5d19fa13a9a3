package org.airpost.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Bytes by key, with compare-and-set. Keys are readable paths such as {@code ledger/user/device/5}, at most 512
 * characters; values at most 16 MiB ({@link StoreLimits}). What a {@code put} or {@code delete} answered is on the disk,
 * and stays over a crash. Safe for many threads. Failures are {@link StoreException}.
 *
 * <p>A reader sees only what is on the disk already: nothing that {@code get} or {@code scan} gave can vanish by a crash.
 * Each key by itself: a {@code scan} is not one moment for all of its keys. Byte arrays are copied or handed over, so a
 * caller may keep and change those it gave and got.
 */
public interface Store extends AutoCloseable {

    /** Stands for "no value yet" as the expected version. */
    long ABSENT = 0;

    /** The value of a key, unless there is none or it has expired. */
    Optional<Versioned> get(String key);

    /**
     * Writes a value if the key has the expected version ({@link #ABSENT} if it must not exist). Gives the new version, or
     * nothing if the key had another one, and then nothing was written.
     */
    default OptionalLong put(String key, byte[] value, long expected) {
        return put(key, value, expected, Optional.empty());
    }

    /** The same with a moment, to the millisecond, from which on the value is gone as if it had been deleted. */
    OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry);

    /** Removes a key if it has the expected version; false if it had another one. Removing what is not there is true. */
    boolean delete(String key, long expected);

    /** At most {@code limit} entries whose keys start with the prefix and come after {@code after}, in the order of keys. */
    List<Entry> scan(String prefix, String after, int limit);

    /**
     * Writes all that is in the store at one moment into a file that is not there yet, while others go on; gives the number of
     * values. A store that keeps nothing on the disk refuses.
     */
    default long copyTo(Path target) {
        throw new StoreException("this store keeps nothing that could be copied to " + target);
    }

    @Override
    void close();

    /**
     * A value and its version, which is above 0 and grows with each write of the key, also over its removal: a version
     * that was once seen never comes back with another value.
     */
    record Versioned(byte[] value, long version) {}

    /** A key with its value. */
    record Entry(String key, Versioned versioned) {}
}
