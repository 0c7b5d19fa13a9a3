package org.airpost.backend;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a user is away, and what those who write are told meanwhile.
 *
 * @param span from when to when, if the absence is {@link State#TIMED}
 * @param replies what each audience is told; an audience that is missing is told nothing
 */
public record Absence(State state, Optional<Span> span, Map<Audience, Reply> replies) {

    /** Nobody is told anything, and nothing is prepared. */
    public static final Absence NONE = new Absence(State.OFF, Optional.empty(), Map.of());

    /** Whether somebody is away, in the order of the numbers that EAS has for it. */
    public enum State {
        OFF,
        /** From now on. */
        ON,
        /** For a time. */
        TIMED
    }

    /** Who is told. Source: MS-ASCMD_R3514 to R3516. */
    public enum Audience {
        /** Those of the same domain. */
        INTERNAL,
        /** Others whom the user knows. */
        KNOWN,
        /** All others. */
        UNKNOWN
    }

    /** A time, the end not included. */
    public record Span(Instant start, Instant end) {}

    /**
     * What an audience is told.
     *
     * @param enabled false if the text is only kept for another time
     * @param text as plain text
     * @param html the same as it was written, if that was HTML
     */
    public record Reply(boolean enabled, String text, Optional<String> html) {}

    public Absence {
        if ((state == State.TIMED) != span.isPresent()) {
            throw new IllegalArgumentException("a span belongs to a timed absence, and to no other");
        }
        var copy = new EnumMap<Audience, Reply>(Audience.class);
        copy.putAll(replies);
        replies = Map.copyOf(copy);
    }
}
