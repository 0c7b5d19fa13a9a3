package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.IDN;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Submission.RefusedRecipient;
import org.airpost.backend.Submission.Submitted;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/** One connection: the dialogue from AUTH to the end of the message. */
final class SmtpSession extends SMTPTransport {

    private static final int HEADER_BYTES = 64 << 10;

    /** Commands sent before their replies are read: what both sides can surely hold. Source: RFC 2920 §3.1. */
    private static final int AT_ONCE = 50;

    private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID:\\s*<([!-~&&[^<>]]{1,80})>");
    private static final Pattern WANTS_RECEIPT = Pattern.compile("(?im)^Return-Receipt-To:");

    private final Sockets sockets;
    private final Duration finalTimeout;

    /** A connection by these sockets; the reply to the end of the message may take {@code finalTimeout}. */
    SmtpSession(Session session, Sockets sockets, Duration finalTimeout) {
        super(session, null);
        this.sockets = sockets;
        this.finalTimeout = finalTimeout;
    }

    /** Signs in, if the server has a way to. With {@code secret}, nobody else reads what is said. */
    synchronized Reply signIn(Credentials credentials, boolean secret) {
        return supportsExtension("AUTH")
                ? new SignIn(this::command, credentials)
                        .run(Optional.ofNullable(getExtensionParameter("AUTH")).orElse(""), secret)
                : Reply.ofText("250 nobody signs in here");
    }

    /** The server offered BDAT, and does not know it. Nothing was handed over, and its end not announced. */
    static final class NoChunksException extends Exception {

        private static final long serialVersionUID = 1;

        NoChunksException(Reply reply) {
            super("BDAT is answered with " + reply.code());
        }
    }

    /** Hands one message over on a connection that is open and signed in; by BDAT if {@code chunks} and the server offers it. */
    synchronized Submitted send(
            String from, List<String> recipients, MessageSource original, boolean chunks, Runnable lastByte)
            throws NoChunksException {
        WireForm message;
        try {
            message = WireForm.of(original, supportsExtension("8BITMIME"));
        } catch (IOException e) {
            return new Submitted.Deferred("the message cannot be read: " + e.getMessage());
        }
        var tooLarge = checkSize(message.size());
        if (tooLarge.isPresent()) {
            return tooLarge.get();
        }
        var head = header(original);
        boolean utf8 = supportsExtension("SMTPUTF8");
        var sender = path(from, utf8);
        if (sender.isEmpty()) {
            return Reply.ofText("553 5.6.7 the server does not take the address " + from)
                    .failure();
        }
        var refused = new ArrayList<RefusedRecipient>();
        var commands = new ArrayList<String>();
        var asked = new ArrayList<String>();
        commands.add("MAIL FROM:<" + sender.get() + ">" + parameters(from, recipients, message.size(), head, utf8));
        for (var recipient : recipients) {
            path(recipient, utf8)
                    .ifPresentOrElse(
                            address -> {
                                asked.add(recipient);
                                commands.add("RCPT TO:<" + address + ">" + notify(head));
                            },
                            () -> refused.add(new RefusedRecipient(
                                    recipient, "553 5.6.7 the server does not take addresses with such letters")));
        }
        if (asked.isEmpty()) {
            return new Submitted.NoRecipient(refused);
        }
        var replies = commands(commands);
        var mail = replies.getFirst();
        if (!mail.isGood()) {
            return mail.failure();
        }
        var later = new ArrayList<Reply>();
        for (int i = 0; i < asked.size(); i++) {
            var reply = replies.get(i + 1);
            if (reply.isLast()) {
                return new Submitted.Deferred(reply.words());
            }
            if (!reply.isGood()) {
                refused.add(new RefusedRecipient(asked.get(i), reply.words()));
                if (!reply.isPermanent()) {
                    later.add(reply);
                }
            }
        }
        if (refused.size() == recipients.size()) {
            // One that may be taken later keeps the whole message in the phone's outbox.
            return later.isEmpty()
                    ? new Submitted.NoRecipient(refused)
                    : later.getFirst().failure();
        }
        return chunks && supportsExtension("CHUNKING")
                ? chunks(message, refused, lastByte)
                : content(message, refused, lastByte);
    }

    /** The replies to these commands, as many as there are commands. */
    private List<Reply> commands(List<String> lines) {
        if (!supportsExtension("PIPELINING")) {
            var replies = new ArrayList<Reply>();
            for (var line : lines) {
                // After the first no, the others are not asked for.
                boolean over = !replies.isEmpty()
                        && (replies.getLast().isLast() || !replies.getFirst().isGood());
                replies.add(over ? replies.getLast() : command(line));
            }
            return replies;
        }
        var replies = new ArrayList<Reply>();
        try {
            for (int from = 0; from < lines.size(); from += AT_ONCE) {
                var some = lines.subList(from, Math.min(lines.size(), from + AT_ONCE));
                for (var line : some) {
                    sendCommand(line);
                }
                for (var _ : some) {
                    // After the last one there is no connection that could be read.
                    boolean over = !replies.isEmpty() && replies.getLast().isLast();
                    replies.add(over ? replies.getLast() : nextReply());
                }
            }
        } catch (MessagingException e) {
            while (replies.size() < lines.size()) {
                replies.add(Reply.ended("the connection ended: " + e.getMessage()));
            }
        }
        return replies;
    }

    private Reply nextReply() throws MessagingException {
        int code = readServerResponse();
        var words = Optional.ofNullable(getLastServerResponse()).orElse("").strip();
        return code < 0 ? Reply.ended("the connection ended") : new Reply(code, words);
    }

    /** What the server said of its limit. */
    OptionalLong mostBytes() {
        return Optional.ofNullable(getExtensionParameter("SIZE"))
                .map(String::strip)
                .filter(p -> p.matches("[0-9]{1,18}"))
                .map(p -> OptionalLong.of(Long.parseLong(p)))
                .orElse(OptionalLong.empty());
    }

    /** Source: RFC 1870 §6: a message over the limit need not be offered. */
    private Optional<Submitted> checkSize(long size) {
        long limit = mostBytes().orElse(0);
        return limit > 0 && size > limit
                ? Optional.of(Reply.ofText("552 5.3.4 %d bytes, and the server takes %d".formatted(size, limit))
                        .failure())
                : Optional.empty();
    }

    private String parameters(String from, List<String> recipients, long size, String head, boolean utf8) {
        var parameters = new StringBuilder();
        if (supportsExtension("SIZE")) {
            parameters.append(" SIZE=").append(size);
        }
        if (supportsExtension("8BITMIME")) {
            parameters.append(" BODY=8BITMIME"); // RFC 6152 §3: also right for what is 7 bit
        }
        if (utf8 && (!isAscii(from) || recipients.stream().anyMatch(r -> !isAscii(r)) || !isAscii(head))) {
            parameters.append(" SMTPUTF8"); // RFC 6532 §3: such a header needs it, too
        }
        if (supportsExtension("DSN")) {
            // RFC 3461 §4.4: a bounce names the mail by what its sender knows of it.
            var id = MESSAGE_ID.matcher(head);
            if (id.find()) {
                parameters.append(" ENVID=").append(xtext(id.group(1)));
            }
        }
        return parameters.toString();
    }

    /** Whoever asks for a receipt of delivery gets it from the server. Source: RFC 3461 §4.1. */
    private String notify(String head) {
        return supportsExtension("DSN") && WANTS_RECEIPT.matcher(head).find() ? " NOTIFY=SUCCESS,FAILURE,DELAY" : "";
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

    /** The header, or its first part, one byte a character. */
    private static String header(MessageSource message) {
        try (var in = message.open()) {
            var header = new String(in.readNBytes(HEADER_BYTES), ISO_8859_1);
            int end = header.indexOf("\r\n\r\n");
            return end < 0 ? header : header.substring(0, end + 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Angus asserts that the caller of data() and finishData() holds this monitor.
    private synchronized Submitted content(WireForm message, List<RefusedRecipient> refused, Runnable lastByte) {
        try {
            OutputStream out;
            try {
                out = data();
            } catch (MessagingException e) {
                return reply(e).failure();
            }
            // The stream doubles the dots that start a line. Source: RFC 5321 §4.5.2.
            message.writeTo(out);
        } catch (IOException | UncheckedIOException e) {
            // Without the final dot nothing was handed over; whoever called closes the connection.
            return new Submitted.Deferred("the connection ended within the message: " + e.getMessage());
        }
        lastByte.run();
        sockets.patience(finalTimeout);
        try {
            finishData();
            return new Submitted.Taken(List.copyOf(refused));
        } catch (MessagingException e) {
            var reply = reply(e);
            if (reply.isDone()) { // Angus knows no yes but 250
                return new Submitted.Taken(List.copyOf(refused));
            }
            return reply.code() < 0 ? new Submitted.Unknown(reply.words()) : reply.failure();
        } catch (IOException e) {
            return new Submitted.Unknown("the connection ended at the final dot: " + e.getMessage());
        }
    }

    // Angus's own bdat() doubles dots.
    private synchronized Submitted chunks(WireForm message, List<RefusedRecipient> refused, Runnable lastByte)
            throws NoChunksException {
        Chunks out;
        try {
            out = new Chunks(message.lineBytes(), sockets.output(), this::replyOrEnd);
            message.writeLines(out);
            out.checkWhole();
        } catch (Chunks.RefusedException e) {
            if (e.reply().isUnknownCommand()) {
                throw new NoChunksException(e.reply());
            }
            return e.reply().failure();
        } catch (IOException | UncheckedIOException e) {
            // Without the last chunk nothing was handed over; whoever called closes the connection.
            return new Submitted.Deferred("the connection ended within the message: " + e.getMessage());
        }
        lastByte.run();
        sockets.patience(finalTimeout);
        try {
            out.finish();
        } catch (IOException e) {
            return new Submitted.Unknown("the connection ended at the last chunk: " + e.getMessage());
        }
        var reply = replyOrEnd();
        if (reply.isDone()) {
            return new Submitted.Taken(List.copyOf(refused));
        }
        return reply.code() < 0 ? new Submitted.Unknown(reply.words()) : reply.failure();
    }

    private synchronized Reply replyOrEnd() {
        try {
            return nextReply();
        } catch (MessagingException e) {
            return Reply.ended("the connection ended: " + e.getMessage());
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
