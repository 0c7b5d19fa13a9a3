/**
 * A mail server inside the process: mailboxes, UIDs, flags, immediate events, and a submission that delivers to its own
 * users. For tests, benchmarks and trials without a network; nothing is kept over a restart.
 *
 * <p>No library of mail is used here, so that it can serve as the second opinion to {@code backend.imap}. It does exactly
 * what {@link org.airpost.backend.MailAccount} says and nothing clever. Tests reach behind the interface through the methods
 * of {@link org.airpost.backend.memory.MemoryMail}: deliver, set flags, go down, fail the next call.
 *
 * <p>Start reading at {@code MemoryMail}; then {@code MemoryStore} (one user's mailboxes behind one lock) and {@code
 * MemoryAccount} (the interface on top of it).
 */
@NullMarked
package org.airpost.backend.memory;

import org.jspecify.annotations.NullMarked;
