package org.airpost.admin;

import java.util.function.Function;

/** What became of something that was asked for. */
public sealed interface Result<T> {

    /** It was done, or here is what was asked. */
    record Done<T>(T value) implements Result<T> {}

    /** It was not done, and nothing was changed; the words are for whoever asked. */
    record Refused<T>(Why why, String words) implements Result<T> {}

    /** Why something is not done; the HTTP status that says the same stands beside. */
    enum Why {
        /** 403. */
        NOT_ALLOWED,
        /** 404. */
        NOT_FOUND,
        /** 400. */
        INVALID,
        /** 409: it does not fit what is so now. */
        CONFLICT
    }

    default boolean isDone() {
        return this instanceof Done;
    }

    /** The same with another value. */
    default <R> Result<R> map(Function<T, R> change) {
        return switch (this) {
            case Done<T>(var value) -> new Done<>(change.apply(value));
            case Refused<T>(var why, var words) -> new Refused<>(why, words);
        };
    }

    static <T> Result<T> notAllowed(Actor actor) {
        return new Refused<>(Why.NOT_ALLOWED, "%s may not do that".formatted(actor.role()));
    }

    static <T> Result<T> notFound(String what) {
        return new Refused<>(Why.NOT_FOUND, "there is no " + what);
    }

    static <T> Result<T> invalid(String words) {
        return new Refused<>(Why.INVALID, words);
    }

    static <T> Result<T> conflict(String words) {
        return new Refused<>(Why.CONFLICT, words);
    }
}
