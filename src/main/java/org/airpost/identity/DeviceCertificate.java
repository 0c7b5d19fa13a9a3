package org.airpost.identity;

import java.time.Instant;
import java.util.Optional;

/**
 * A certificate that stands for one device of a user.
 *
 * @param serial its number, in hexadecimal
 * @param user canonical, as {@link org.airpost.backend.Account#user}
 * @param signsInAs what the user typed when it was made: who signs in with it alone
 * @param name what the user calls it
 * @param device the one that may use it; empty before the first one has
 * @param lastUsed right within {@link AppPasswords#USED_STEP}
 */
public record DeviceCertificate(
        String serial,
        String user,
        String signsInAs,
        String name,
        Instant made,
        Instant ends,
        Optional<String> device,
        Optional<Instant> lastUsed) {}
