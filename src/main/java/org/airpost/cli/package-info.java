/**
 * The commands that people type: {@code airpost demo}, {@code serve}, {@code phone}, {@code check}, {@code config}, {@code bench}. A
 * command reads its options, calls the room that does the work, prints what a person needs, and ends with an exit code:
 * 0 well, 1 it did not work, 2 wrong usage.
 *
 * <p>No protocol and no business is done here, but for the steps of {@code check}, which have a package of their own. The demo's mail server (GreenMail) lives here because nothing else may
 * know of it; its sample mails are resources in {@code demo/}.
 *
 * <p>Start reading at {@link org.airpost.cli.Airpost}.
 */
@NullMarked
package org.airpost.cli;

import org.jspecify.annotations.NullMarked;
