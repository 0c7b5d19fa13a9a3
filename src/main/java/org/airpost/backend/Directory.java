package org.airpost.backend;

import java.util.List;

/** Where people are looked up: the directory of an organisation, an address book, the user's own mail. */
public interface Directory {

    /** Looks people up. Blocks; ends in bounded time, whatever the server does. */
    Found find(Account account, Query query);

    /**
     * What is looked for.
     *
     * @param words beginnings of words of a name, of an address or of a phone number; each must be found
     * @param most persons at most
     * @param photos whether photos are wanted
     * @param certificates whether certificates are wanted
     */
    record Query(String words, int most, boolean photos, boolean certificates) {

        /** Without photos and certificates. */
        public Query(String words, int most) {
            this(words, most, false, false);
        }
    }

    /** How it ended. */
    sealed interface Found {

        /** These, the best first; {@code more} if there are more than were asked for. */
        record Persons(List<Person> persons, boolean more) implements Found {

            public Persons {
                persons = List.copyOf(persons);
            }
        }

        /** Nobody can say now: the server is away or refuses us, in words for the log. */
        record Unavailable(String words) implements Found {}

        /** The server took too long. */
        record TimedOut(String words) implements Found {}
    }

    /** Knows nobody. */
    static Directory none() {
        return (_, _) -> new Found.Persons(List.of(), false);
    }
}
