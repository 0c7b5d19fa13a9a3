package org.airpost.backend;

import java.util.List;

/** Keeps what is answered for users while they are away. Calls block, and end in bounded time. */
public interface Absences {

    /** What is set now. */
    Result<Absence> get(Account account);

    /**
     * Sets another absence, and leaves alone what else the user has set up.
     *
     * @param known addresses that are {@link Absence.Audience#KNOWN}
     */
    Result<Absence> set(Account account, Absence absence, List<String> known);

    /** How it ended. */
    sealed interface Result<T> {

        record Done<T>(T value) implements Result<T> {}

        /** It cannot be done, in words for the log. */
        record Refused<T>(Refusal why, String words) implements Result<T> {}

        /** Not now: the server is away or too slow. */
        record Unavailable<T>(String words) implements Result<T> {}
    }

    /** Why it cannot be done. */
    enum Refusal {
        /** The server does not do such a thing, or not for this user. */
        NOT_OFFERED,
        /** The user's own rules answer already, and two answers do not go together. */
        OWN_ANSWERS,
        /** The server does not take this text, or so much of it. */
        NOT_TAKEN
    }

    /** Offers nothing. */
    static Absences none() {
        return new Absences() {

            @Override
            public Result<Absence> get(Account account) {
                return new Result.Refused<>(Refusal.NOT_OFFERED, "no server for this is set up");
            }

            @Override
            public Result<Absence> set(Account account, Absence absence, List<String> known) {
                return get(account);
            }
        };
    }
}
