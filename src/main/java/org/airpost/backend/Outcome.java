package org.airpost.backend;

import java.util.function.Function;

/** What became of an operation that a server may refuse. That it cannot be reached is an exception instead. */
public sealed interface Outcome<T> {

    /** It was done, with this result. */
    record Done<T>(T value) implements Outcome<T> {}

    /** The server said no: why, and its own words. */
    record Refused<T>(Refusal why, String words) implements Outcome<T> {}

    /** Why a server refuses. */
    enum Refusal {
        NO_PERMISSION,
        OVER_QUOTA,
        TOO_LARGE,
        EXISTS,
        NOT_FOUND,
        /** It holds mailboxes of others, or one that the settings keep from phones. */
        HOLDS_HIDDEN,
        OTHER
    }

    static <T> Outcome<T> done(T value) {
        return new Done<>(value);
    }

    static <T> Outcome<T> refused(Refusal why, String words) {
        return new Refused<>(why, words);
    }

    /** True if it was done. */
    default boolean isDone() {
        return this instanceof Done;
    }

    /** The same outcome with another result. */
    default <R> Outcome<R> map(Function<T, R> change) {
        return switch (this) {
            case Done<T>(var value) -> done(change.apply(value));
            case Refused<T>(var why, var words) -> refused(why, words);
        };
    }
}
