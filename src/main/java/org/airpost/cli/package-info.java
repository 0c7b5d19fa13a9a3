/**
 * The commands that people type: {@code airpost demo}, {@code serve}, {@code phone}, {@code check}, {@code config}, {@code
 * bench}, and those that ask the gateway which runs on this machine ({@code devices}, {@code policy}, {@code trace} …). A
 * command reads its options, calls the room that does the work or asks by the admin socket, prints what a person needs, and
 * ends with an exit code: 0 well, 1 it did not work, 2 wrong usage.
 *
 * <p>No protocol and no business is done here, but for the steps of {@code check} and the replay of a {@code trace}, which have
 * packages of their own. The demo's mail server (GreenMail) lives here because nothing else may know of it; its sample mails
 * are resources in {@code demo/}.
 *
 * <p>Start reading at {@link org.airpost.cli.Airpost}.
 */
@NullMarked
package org.airpost.cli;

import org.jspecify.annotations.NullMarked;
