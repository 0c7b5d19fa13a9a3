/**
 * What Airpost needs of the servers behind it: mailboxes, submission, sign-in, as small interfaces and the data that passes
 * through them. Each kind of server is a room below this one ({@code imap}, {@code smtp}, {@code memory}, {@code ldap}, {@code
 * carddav}, {@code calendar}, {@code sieve}); {@code found} looks for the servers of a domain.
 *
 * <p>Nothing of ours is imported here, and nothing of a particular server or library appears in a signature. What a server
 * lacks is made up in its own room and is invisible here.
 *
 * <p>Start reading at {@link org.airpost.backend.MailAccount}, the seam that all of the engine stands on; then {@link
 * org.airpost.backend.FolderView} and {@link org.airpost.backend.UidSet}, what a mailbox is seen as; then {@link
 * org.airpost.backend.Accounts}, how a phone's user name and password become an open account. {@link
 * org.airpost.backend.MimeStructure} reads a message's parts where its bytes are at hand.
 */
@NullMarked
package org.airpost.backend;

import org.jspecify.annotations.NullMarked;
