/**
 * The EAS commands, one file each: read the request with a cursor, do it, write the answer.
 *
 * <p>{@link org.airpost.command.Dispatcher} is the door: it asks the gate, finds the command, and turns the exceptions that
 * cross rooms into answers; a device in quarantine gets its answers from {@code Quarantine}. {@code Commands} says of each command since which version there is one, and where its status
 * stands. {@link org.airpost.command.BodyOptionsReader} is shared by all that send bodies. May import every room that does
 * protocol work ({@code wbxml eas store backend convert sync device}), and neither HTTP nor a mail library. A new command is
 * a new file, and a line in {@code app.PhoneCommands}, which makes the map of commands; it is called as the specification calls it, with
 * {@code Command} behind it where a code page has that name. Start reading at {@code Dispatcher}.
 */
@NullMarked
package org.airpost.command;

import org.jspecify.annotations.NullMarked;
