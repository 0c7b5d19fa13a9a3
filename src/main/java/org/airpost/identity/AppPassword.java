package org.airpost.identity;

import java.time.Instant;
import java.util.Optional;

/**
 * A password for one device of a user, good for ActiveSync and nothing else. The password itself is not known any more.
 *
 * @param id the first group of its letters, by which it is found; no secret
 * @param user canonical, as {@link org.airpost.backend.Account#user}
 * @param name what the user calls it
 * @param device the one that may use it; empty before the first one has
 * @param lastUsed right within {@link AppPasswords#USED_STEP}
 */
public record AppPassword(
        String id, String user, String name, Instant made, Optional<String> device, Optional<Instant> lastUsed) {

    static final int LONGEST_NAME = 64;

    /** A name as it may be kept: no control characters, not too long, never empty. */
    static String cleanName(String name) {
        var clean = name.replaceAll("\\p{Cntrl}", " ").strip();
        var cut = clean.substring(
                0, clean.offsetByCodePoints(0, Math.min(LONGEST_NAME, clean.codePointCount(0, clean.length()))));
        return cut.isEmpty() ? "unnamed" : cut;
    }
}
