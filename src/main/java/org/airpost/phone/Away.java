package org.airpost.phone;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether the user is away. Source: MS-ASCMD "Oof".
 *
 * @param state 0 not away, 1 away, 2 away for the time of {@code from} and {@code until}
 * @param internal what those of the same domain are told; empty if nothing
 * @param external what all others are told; empty if nothing
 */
public record Away(
        int status, int state, Optional<Instant> from, Optional<Instant> until, String internal, String external) {}
