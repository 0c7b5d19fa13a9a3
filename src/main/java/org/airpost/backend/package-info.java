/**
 * What Airpost needs of the servers behind it, as small interfaces and records. No protocol, no library: only what a mail
 * account is made of. The rooms below ({@code imap}, {@code smtp}, {@code memory} …) each speak to one kind of server and
 * make up whatever a particular server lacks, so that nobody above has to know.
 *
 * <p>A server that is away is a {@link org.airpost.backend.BackendUnavailableException}, never an empty mailbox; what a server
 * refuses is an {@link org.airpost.backend.Outcome}. May import nothing of ours. Start reading at {@link
 * org.airpost.backend.MailBackend} and {@link org.airpost.backend.MailAccount}; {@link org.airpost.backend.FolderView} is what
 * everything turns about.
 */
@NullMarked
package org.airpost.backend;

import org.jspecify.annotations.NullMarked;
