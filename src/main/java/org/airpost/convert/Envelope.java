package org.airpost.convert;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the header of a message says about it, decoded. Nothing in it can be so broken that there is no envelope.
 *
 * @param from whom the message is from; of a message that does not say so, a mailbox that says that
 * @param sender who sent it, only if that is somebody else
 * @param subject on one line; may be empty
 * @param importance 0 low, 1 normal, 2 high
 * @param receivedAsBcc true if it names no recipient at all: whoever has it got a blind copy
 * @param date when it was sent, if it says so in a readable way
 */
record Envelope(
        MailAddress from,
        Optional<MailAddress> sender,
        List<MailAddress> to,
        List<MailAddress> cc,
        List<MailAddress> bcc,
        List<MailAddress> replyTo,
        String subject,
        int importance,
        boolean receivedAsBcc,
        Optional<Instant> date,
        Conversation conversation) {

    /** For a message without From: some phones fail on an item without it (Z-Push ZP-85). */
    private static final MailAddress NOBODY = new MailAddress("Unknown sender", "unknown@unknown.invalid");

    private static final Instant FIRST_MAIL = Instant.parse("1971-01-01T00:00:00Z");
    private static final Duration MOST_AHEAD = Duration.ofDays(2);
    private static final int MOST_SUBJECT = 4_000;

    private static final Pattern SPACES = Pattern.compile("\\s+");

    /** A prefix of replies or forwards, in the languages that mailers write them in. */
    private static final Pattern PREFIX = Pattern.compile(
            "\\s*(?:re|aw|antw|antwort|fw|fwd|wg|sv|vs|vl|rv|tr|enc|ynt|ilt|odp|pd|ref|res|bls|trs|vá|továbbítás"
                    + "|απ|σχετ|πρθ|отв|ответ|回复|回覆|答复|转发|轉寄)"
                    + "\\s*(?:\\[\\d{1,3}\\]|\\(\\d{1,3}\\)|\\*\\d{1,3})?\\s*[:：]\\s*",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    Envelope {
        to = List.copyOf(to);
        cc = List.copyOf(cc);
        bcc = List.copyOf(bcc);
        replyTo = List.copyOf(replyTo);
    }

    /**
     * The envelope of a message.
     *
     * @param charset of the text of the message, in which raw bytes of the header may be; may be empty
     */
    static Envelope of(HeaderBlock header, String charset, Instant received) {
        var from = mailboxes(header, "from", charset);
        var sender = mailboxes(header, "sender", charset);
        var author = from.isEmpty()
                ? sender.isEmpty()
                        ? mailboxes(header, "return-path", charset).stream()
                                .findFirst()
                                .orElse(NOBODY)
                        : sender.getFirst()
                : from.getFirst();
        var to = mailboxes(header, "to", charset);
        var cc = mailboxes(header, "cc", charset);
        var bcc = mailboxes(header, "bcc", charset);
        var subject = subject(header, charset);
        // A date before there was mail, or long after it came, says nothing: the server's stands for it.
        var date = header.first("date")
                .flatMap(Envelope::date)
                .filter(when -> when.isAfter(FIRST_MAIL) && when.isBefore(received.plus(MOST_AHEAD)));
        return new Envelope(
                author,
                sender.stream()
                        .filter(one -> !one.address().equalsIgnoreCase(author.address()))
                        .findFirst(),
                to,
                cc,
                bcc,
                mailboxes(header, "reply-to", charset),
                subject,
                importance(header),
                to.isEmpty()
                        && cc.isEmpty()
                        && bcc.isEmpty()
                        && header.first("from").isPresent(),
                date,
                Conversation.of(header, topic(subject), date.orElse(received)));
    }

    static String subject(HeaderBlock header, String charset) {
        return Preview.firstCharacters(
                EncodedWords.decodeTwice(header.first("subject").orElse(""), charset), MOST_SUBJECT);
    }

    private static List<MailAddress> mailboxes(HeaderBlock header, String name, String charset) {
        var field = header.joined(name);
        return field.isEmpty() ? List.of() : MailAddress.parse(field, charset);
    }

    /** The subject without prefixes of replies and forwards. */
    String topic() {
        return topic(subject);
    }

    static String topic(String subject) {
        var prefix = PREFIX.matcher(subject);
        int at = 0;
        while (prefix.region(at, subject.length()).lookingAt()) {
            at = prefix.end();
        }
        return subject.substring(at);
    }

    private static int importance(HeaderBlock header) {
        var words = header.first("importance")
                .or(() -> header.first("x-msmail-priority"))
                .or(() -> header.first("x-priority"))
                .or(() -> header.first("priority"))
                .orElse("")
                .toLowerCase(Locale.ROOT);
        if (words.startsWith("high") || words.startsWith("urgent") || words.startsWith("1") || words.startsWith("2")) {
            return 2;
        }
        return words.startsWith("low")
                        || words.startsWith("non-urgent")
                        || words.startsWith("4")
                        || words.startsWith("5")
                ? 0
                : 1;
    }

    private static Optional<Instant> date(String raw) {
        int comment = raw.indexOf('(');
        var plain = SPACES.matcher((comment < 0 ? raw : raw.substring(0, comment)).strip())
                .replaceAll(" ");
        try {
            return Optional.of(OffsetDateTime.parse(plain, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty(); // only the conversation index uses it; the item's date is the server's
        }
    }
}
