package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.airpost.backend.Account;
import org.airpost.backend.HeaderValue;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Submission.RefusedRecipient;

/**
 * Mails to the user about a mail of his that was not delivered, put into his Inbox, once each. Those that say who did not get
 * it are reports that mail programs understand. Source: RFC 3462, RFC 3464, RFC 3834.
 */
final class Notices {

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH);
    private static final Pattern ENHANCED = Pattern.compile("^[245][0-9]{2}[ -]([245]\\.[0-9]{1,3}\\.[0-9]{1,3})\\b");
    private static final int HEADER_BYTES = 64 << 10;

    private final MailPlaces places;
    private final Clock clock;

    Notices(MailPlaces places, Clock clock) {
        this.places = places;
        this.clock = clock;
    }

    /** Says that a mail reached others, but not these; its header is attached. */
    boolean partly(Account account, String messageId, List<RefusedRecipient> unreached, MessageSource mail)
            throws IOException {
        return report(
                account,
                messageId,
                unreached,
                mail,
                "Not delivered to all recipients",
                "Your message was sent, but the mail server refused these recipients:",
                false);
    }

    /** Says that a mail reached nobody; the whole of it is attached, so that nothing is lost. */
    boolean bounce(Account account, String messageId, List<RefusedRecipient> unreached, MessageSource mail, String why)
            throws IOException {
        return report(account, messageId, unreached, mail, "Not delivered", why, true);
    }

    /** Says that a mail is still on the phone, and why. */
    boolean refused(Account account, String messageId, String words, MessageSource mail) throws IOException {
        var id = id("refused", messageId);
        var text = head(account, messageId, id, "Not sent") + """
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                The mail server did not take a message of yours. It is still on your phone, most likely in
                the outbox there; change it, or delete it.

                %s
                The mail server said:

                    %s
                """.formatted(what(header(mail)), oneLine(words));
        return put(account, id, MessageSource.of(crlf(text)));
    }

    private boolean report(
            Account account,
            String messageId,
            List<RefusedRecipient> unreached,
            MessageSource mail,
            String subject,
            String sentence,
            boolean whole)
            throws IOException {
        var id = id("unreached", messageId);
        var boundary = "=_report_" + hash(messageId);
        var header = header(mail);
        var named = unreached.stream()
                .map(r -> r.address() + "\n    " + oneLine(r.words()))
                .collect(Collectors.joining("\n"));
        var fields = unreached.stream()
                .map(r -> """

                        Final-Recipient: %s
                        Action: failed
                        Status: %s
                        Diagnostic-Code: smtp; %s
                        """.formatted(recipient(r.address()), status(r.words()), oneLine(r.words())))
                .collect(Collectors.joining());
        var start = head(account, messageId, id, subject)
                + """
                MIME-Version: 1.0
                Content-Type: multipart/report; report-type=delivery-status; boundary="%1$s"

                --%1$s
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                %2$s

                %3$s

                %4$s
                --%1$s
                Content-Type: message/delivery-status

                Reporting-MTA: dns; airpost.invalid
                %5$s
                --%1$s
                Content-Type: %6$s
                Content-Transfer-Encoding: 8bit

                """.formatted(
                                boundary,
                                sentence,
                                named,
                                what(header),
                                fields,
                                whole ? "message/rfc822" : "text/rfc822-headers");
        var end = crlf("\n--" + boundary + "--\n");
        var message = whole
                ? new Around(crlf(start), mail, end)
                : new Around(crlf(start), MessageSource.of(header.getBytes(UTF_8)), end);
        return put(account, id, message);
    }

    /** Puts a message into the Inbox that is not there yet; true if it is there. */
    private boolean put(Account account, String id, MessageSource message) {
        var inbox = places.inbox(account);
        boolean told = inbox.filter(i -> !account.mail()
                        .withMessageId(i.mailbox(), i.uidValidity(), id)
                        .isEmpty())
                .isPresent();
        return told || account.mail().append("INBOX", message, Set.of(), clock.instant()) instanceof Outcome.Done<Long>;
    }

    private String head(Account account, String messageId, String id, String subject) {
        var address = account.address();
        return """
                From: Mail delivery <postmaster@%s>
                To: %s
                Date: %s
                Message-ID: %s
                Subject: %s
                Auto-Submitted: auto-replied
                In-Reply-To: %s
                """.formatted(
                        address.substring(address.lastIndexOf('@') + 1),
                        address,
                        DATE.format(ZonedDateTime.now(clock)),
                        id,
                        subject,
                        messageId);
    }

    /** The same for one mail, so that it is told once. */
    private static String id(String what, String messageId) {
        return "<%s.%s@airpost.invalid>".formatted(what, hash(messageId));
    }

    private static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String header(MessageSource mail) throws IOException {
        try (var in = mail.open()) {
            var text = new String(in.readNBytes(HEADER_BYTES), UTF_8);
            int end = text.indexOf("\r\n\r\n");
            return end < 0 ? text : text.substring(0, end + 2);
        }
    }

    /** What the mail was, in words. */
    private static String what(String header) {
        var lines = new ArrayList<String>();
        boolean wanted = false;
        for (var line : header.lines().toList()) {
            boolean goesOn = line.startsWith(" ") || line.startsWith("\t");
            wanted = goesOn ? wanted : line.matches("(?i)(Subject|To|Date):.*");
            if (wanted) {
                lines.add("    " + HeaderValue.decodeWords(line.strip()));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String recipient(String address) {
        return (address.chars().allMatch(c -> c < 0x80) ? "rfc822; " : "utf-8; ") + oneLine(address);
    }

    private static String status(String words) {
        var found = ENHANCED.matcher(words);
        return found.find() ? found.group(1) : "5.0.0";
    }

    private static String oneLine(String words) {
        var line = words.replaceAll("\\s+", " ").strip();
        return line.substring(0, Math.min(900, line.length()));
    }

    private static byte[] crlf(String text) {
        return text.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(UTF_8);
    }

    /** A message between two texts. */
    private record Around(byte[] start, MessageSource inner, byte[] end) implements MessageSource {

        @Override
        public long size() {
            return start.length + inner.size() + end.length;
        }

        @Override
        public InputStream open() throws IOException {
            return new SequenceInputStream(Collections.enumeration(
                    List.of(new ByteArrayInputStream(start), inner.open(), new ByteArrayInputStream(end))));
        }
    }
}
