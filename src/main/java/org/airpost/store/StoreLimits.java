package org.airpost.store;

import java.util.Locale;

/** What a store takes, the same for all of them. Refused with {@link StoreException}, before anything is written. */
public final class StoreLimits {

    /** The longest key, in chars. */
    public static final int KEY_CHARS = 512;

    /** The largest value: 16 MiB. */
    public static final int VALUE_BYTES = 16 * 1024 * 1024;

    private StoreLimits() {}

    /** Gives the key back if it has 1 to {@value #KEY_CHARS} chars. */
    public static String checkKey(String key) {
        if (key.isEmpty() || key.length() > KEY_CHARS) {
            throw new StoreException(String.format(
                    Locale.ROOT,
                    "key of %d chars, allowed are 1 to %d: %s…",
                    key.length(),
                    KEY_CHARS,
                    key.substring(0, Math.min(80, key.length()))));
        }
        return key;
    }

    /** Gives the value back if it has at most {@value #VALUE_BYTES} bytes. */
    public static byte[] checkValue(String key, byte[] value) {
        if (value.length > VALUE_BYTES) {
            throw new StoreException(String.format(
                    Locale.ROOT, "value of %d bytes, allowed are %d: key %s", value.length, VALUE_BYTES, key));
        }
        return value;
    }

    /** Gives the limit of a scan back if it is above 0. */
    public static int checkLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("scan limit " + limit + " is below 1");
        }
        return limit;
    }
}
