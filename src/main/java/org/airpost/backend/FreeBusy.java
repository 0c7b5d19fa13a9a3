package org.airpost.backend;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** When people are busy, as far as a calendar server tells it to a user. Safe for many threads. */
public interface FreeBusy {

    /**
     * The times of people in a span; blocks for as long as the limit at most. An address that nobody answered for in time is
     * left out.
     */
    Map<String, Times> of(Account account, List<String> addresses, Instant from, Instant until, Duration limit);

    /** What is known of one person. */
    sealed interface Times {

        /**
         * They are known, the first moment and the last one that the server knows of if it says that; in the order of time or
         * not.
         */
        record Known(List<Span> spans, Optional<Instant> from, Optional<Instant> until) implements Times {

            public Known {
                spans = List.copyOf(spans);
            }
        }

        /** The server does not know the person, or does not tell the user: it will not another time either. */
        record Unknown(String words) implements Times {}

        /** The server failed: another time it may know. */
        record Failed(String words) implements Times {}
    }

    /** A time from a moment to another, which is no more in it. */
    record Span(Instant from, Instant until, Kind kind) {}

    /** How busy. Source: RFC 5545 §3.2.9 "FBTYPE". */
    enum Kind {
        TENTATIVE,
        BUSY,
        UNAVAILABLE
    }

    /** Without a calendar server nothing is known of anybody. */
    static FreeBusy none() {
        return (_, addresses, _, _, _) -> addresses.stream()
                .distinct()
                .collect(Collectors.toMap(address -> address, _ -> new Times.Unknown("no calendar server")));
    }
}
