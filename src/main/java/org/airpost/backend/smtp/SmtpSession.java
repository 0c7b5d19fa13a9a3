package org.airpost.backend.smtp;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Submission.RefusedRecipient;
import org.airpost.backend.Submission.Submitted;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/** One connection: the dialogue from MAIL to the final dot. */
final class SmtpSession extends SMTPTransport {

    private static final int BUFFER_BYTES = 32 << 10;
    private static final int HEADER_BYTES = 64 << 10;

    SmtpSession(Session session) {
        super(session, null);
    }

    /** Hands one message over on a connection that is open and signed in. */
    Submitted send(String from, List<String> recipients, MessageSource message) {
        var tooLarge = checkSize(message.size());
        if (tooLarge.isPresent()) {
            return tooLarge.get();
        }
        boolean utf8 = supportsExtension("SMTPUTF8");
        var sender = path(from, utf8);
        if (sender.isEmpty()) {
            return Reply.ofText("553 5.6.7 the server does not take the address " + from)
                    .failure();
        }
        var mail = command("MAIL FROM:<" + sender.get() + ">" + parameters(from, recipients, message, utf8));
        if (!mail.isGood()) {
            return mail.failure();
        }

        var refused = new ArrayList<RefusedRecipient>();
        var replies = new ArrayList<Reply>();
        for (var recipient : recipients) {
            var address = path(recipient, utf8);
            var reply = address.isPresent()
                    ? command("RCPT TO:<" + address.get() + ">")
                    : Reply.ofText("553 5.6.7 the server does not take this address");
            if (reply.isLast()) {
                return new Submitted.Deferred(reply.words());
            }
            if (!reply.isGood()) {
                refused.add(new RefusedRecipient(recipient, reply.words()));
                replies.add(reply);
            }
        }
        if (refused.size() == recipients.size()) {
            // One that may be taken later keeps the whole message in the phone's outbox.
            return replies.stream()
                    .filter(r -> !r.isPermanent())
                    .findFirst()
                    .orElse(replies.getFirst())
                    .failure();
        }
        return content(message, refused);
    }

    /** Source: RFC 1870 §6: a message over the limit need not be offered. */
    private Optional<Submitted> checkSize(long size) {
        var limit = Optional.ofNullable(getExtensionParameter("SIZE"))
                .map(String::strip)
                .filter(p -> p.matches("[0-9]{1,18}"))
                .map(Long::parseLong)
                .orElse(0L);
        return limit > 0 && size > limit
                ? Optional.of(Reply.ofText("552 5.3.4 %d bytes, and the server takes %d".formatted(size, limit))
                        .failure())
                : Optional.empty();
    }

    private String parameters(String from, List<String> recipients, MessageSource message, boolean utf8) {
        var parameters = new StringBuilder();
        if (supportsExtension("SIZE")) {
            parameters.append(" SIZE=").append(message.size());
        }
        if (supportsExtension("8BITMIME")) {
            parameters.append(" BODY=8BITMIME"); // RFC 6152 §3: also right for what is 7 bit
        }
        if (utf8 && (!isAscii(from) || recipients.stream().anyMatch(r -> !isAscii(r)) || hasUtf8Header(message))) {
            parameters.append(" SMTPUTF8");
        }
        return parameters.toString();
    }

    /** An address for a command; empty if it cannot be said to this server. Source: RFC 6531 §3.2; RFC 5890 for domains. */
    private static Optional<String> path(String address, boolean utf8) {
        if (address.chars().anyMatch(c -> c < 0x21 || c == '<' || c == '>' || c == 0x7F)) {
            return Optional.empty();
        }
        if (utf8 || isAscii(address)) {
            return Optional.of(address);
        }
        int at = address.lastIndexOf('@');
        if (at < 0 || !isAscii(address.substring(0, at))) {
            return Optional.empty();
        }
        try {
            return Optional.of(address.substring(0, at + 1) + IDN.toASCII(address.substring(at + 1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    /** Source: RFC 6532 §3: such a header needs SMTPUTF8. */
    private static boolean hasUtf8Header(MessageSource message) {
        try (var in = message.open()) {
            var header = in.readNBytes(HEADER_BYTES);
            for (int i = 0; i < header.length; i++) {
                if (header[i] < 0) {
                    return true;
                }
                if (i >= 3 && header[i] == '\n' && header[i - 2] == '\n') {
                    return false;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Angus asserts that the caller of data() and finishData() holds this monitor.
    private synchronized Submitted content(MessageSource message, List<RefusedRecipient> refused) {
        try (var in = message.open()) {
            OutputStream out;
            try {
                out = data();
            } catch (MessagingException e) {
                return reply(e).failure();
            }
            // The stream doubles the dots that start a line. Source: RFC 5321 §4.5.2.
            var buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
        } catch (IOException | UncheckedIOException e) {
            // Without the final dot nothing was handed over; whoever called closes the connection.
            return new Submitted.Deferred("the connection ended within the message: " + e.getMessage());
        }
        try {
            finishData();
            return new Submitted.Taken(List.copyOf(refused));
        } catch (MessagingException e) {
            var reply = reply(e);
            return reply.code() < 0 ? new Submitted.Unknown(reply.words()) : reply.failure();
        } catch (IOException e) {
            return new Submitted.Unknown("the connection ended at the final dot: " + e.getMessage());
        }
    }

    private Reply command(String line) {
        try {
            int code = simpleCommand(line);
            var words = Optional.ofNullable(getLastServerResponse()).orElse("").strip();
            return code < 0 ? Reply.ended("the connection ended") : new Reply(code, words);
        } catch (MessagingException e) {
            return Reply.ended("the connection ended: " + e.getMessage());
        }
    }

    private static Reply reply(MessagingException e) {
        var words = Optional.ofNullable(e.getMessage()).orElse("").strip();
        return e instanceof SMTPSendFailedException failed && failed.getReturnCode() > 0
                ? new Reply(failed.getReturnCode(), words)
                : Reply.ended("the connection ended: " + words);
    }
}
