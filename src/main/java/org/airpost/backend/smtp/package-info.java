/**
 * Hands mail over to an SMTP server with the user's own credentials. Source: RFC 5321, RFC 6409.
 *
 * <p>Angus Mail opens the connection, starts TLS and signs in; the dialogue after that is ours, because each recipient's
 * reply counts and because a connection that ends behind the final dot is another thing than one that ends before it. The
 * message is copied as it is, a buffer at a time, by BDAT ({@code Chunks}) or DATA.
 *
 * <p>Start reading at {@code SmtpSubmission}; {@code SmtpSession} is one connection, {@code SmtpSettings} what an
 * administrator may choose.
 */
@NullMarked
package org.airpost.backend.smtp;

import org.jspecify.annotations.NullMarked;
