/**
 * Mail accounts on an IMAP server (RFC 3501, RFC 9051). Angus Mail's protocol layer does tags, literals and arguments; its
 * folders and stores are not used, because their message cache costs by mailbox size.
 *
 * <p>Everything that a server lacks is made up here: refresh without CONDSTORE, MOVE without MOVE, the id of an appended
 * message without UIDPLUS, roles without SPECIAL-USE. Start reading at {@link org.airpost.backend.imap.ImapAccount}; a
 * command goes out and its answer comes in through {@code ImapConnection}; {@code Selected} hears what a server says unasked
 * and {@code Refreshing} makes a view of it; {@code Watching} waits for events. One connection is used by one thread at a
 * time. Every wait has a deadline, kept by {@code Transport} and, if even that hangs, by {@code Sweeper}.
 *
 * <p>A message marked {@code \Deleted} but not expunged counts as present: it is still there, and other clients show it.
 */
@NullMarked
package org.airpost.backend.imap;

import org.jspecify.annotations.NullMarked;
