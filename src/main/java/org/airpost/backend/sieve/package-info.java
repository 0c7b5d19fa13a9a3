/**
 * Answers in absence by Sieve scripts that are put on the mail server over ManageSieve.
 *
 * <p>{@link org.airpost.backend.sieve.SieveAbsences} has two scripts of its own: one that answers ({@code AbsenceScript}), and
 * one that is active while the user is away and includes the first and then the script that was active before. The user's
 * own scripts are never written to. {@code ManageSieve} speaks the protocol.
 */
@NullMarked
package org.airpost.backend.sieve;

import org.jspecify.annotations.NullMarked;
