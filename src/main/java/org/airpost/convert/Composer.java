package org.airpost.convert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.airpost.backend.Account;
import org.airpost.backend.MessageSource;
import org.airpost.convert.MessageHead.Field;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.Spool;
import org.airpost.eas.StatusException;

/**
 * Makes messages ready to be handed over of what phones send: mends the header, finds the recipients, and puts the original
 * below a reply or into a forward. Nothing is decoded that need not be, and nothing large is held in memory.
 *
 * <p>Errors are a {@link StatusException}: 107 for what is no message, 119 without recipients, 116 if none of them is an
 * address, 122 for what is too large, 150 if the original is gone. Source: MS-ASCMD "SendMail", "SmartReply",
 * "SmartForward"; RFC 5322.
 */
public final class Composer {

    private static final int IN_MEMORY = 256 << 10;
    private static final long HEADROOM = 16L << 20;
    private static final int REFERENCES_BYTES = 4_000;
    static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

    private final Clock clock;
    private final RandomGenerator random;
    private final long mostBytes;
    private final Senders senders;

    /** A composer whose messages have at most so many bytes, originals included, and come from users' own addresses. */
    public Composer(Clock clock, RandomGenerator random, long mostBytes) {
        this(clock, random, mostBytes, Senders.OWN);
    }

    /** The same for other senders. */
    public Composer(Clock clock, RandomGenerator random, long mostBytes, Senders senders) {
        this.clock = clock;
        this.random = random;
        this.mostBytes = mostBytes;
        this.senders = senders;
    }

    /** What a phone sent, its header read. */
    public static final class Draft {

        private final MessageSource source;
        private final MessageHead head;

        private Draft(MessageSource source, MessageHead head) {
            this.source = source;
            this.head = head;
        }

        /** The Message-ID that the phone gave it, if it did. */
        public Optional<String> messageId() {
            return head.id("Message-ID");
        }

        /** True if the same bytes can only be the same message. */
        public boolean isUnique() {
            return messageId().isPresent() || head.value("Date").isPresent();
        }

        /** True if its To and Cc name more people than one, the sender not counted. */
        public boolean isToSeveral(Account sender) {
            var fields =
                    Stream.of("To", "Cc").flatMap(f -> head.values(f).stream()).toList();
            var domain = sender.address().substring(sender.address().lastIndexOf('@') + 1);
            return Addresses.recipients(fields, domain).good().stream()
                            .filter(to -> sender.addresses().stream().noneMatch(to::equalsIgnoreCase))
                            .count()
                    > 1;
        }

        MessageSource source() {
            return source;
        }

        MessageHead head() {
            return head;
        }
    }

    /** What a message is. */
    public sealed interface Purpose {

        /** A message of its own. */
        record New() implements Purpose {}

        /** A reply; with {@code complete} the phone has put the original's text in itself (ReplaceMime). */
        record Reply(Original original, boolean complete) implements Purpose {}

        /** A forward; with {@code complete} the phone has put everything in itself. */
        record Forward(Original original, boolean complete) implements Purpose {}
    }

    /** Reads the header of what the phone sent. */
    public Draft read(MessageSource sent) {
        if (sent.size() > mostBytes) {
            throw new StatusException(
                    CommonStatus.ATTACHMENT_IS_TOO_LARGE, "%d bytes, at most %d".formatted(sent.size(), mostBytes));
        }
        try (var in = new java.io.BufferedInputStream(sent.open())) {
            return new Draft(sent, MessageHead.read(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new Message-ID in the domain of the user. Source: RFC 5322 §3.6.4. */
    public String newMessageId(Account sender) {
        var address = sender.address();
        return "<%016x%016x@%s>"
                .formatted(random.nextLong(), random.nextLong(), address.substring(address.lastIndexOf('@') + 1));
    }

    /** The message to be sent, with this Message-ID unless the phone gave it one. */
    public Outgoing compose(Draft draft, Account sender, String messageId, Purpose purpose) {
        var recipients = recipients(draft.head, sender);
        var original = original(purpose);
        var from = from(draft.head, sender);
        var fields = mended(draft, from, sender, messageId, purpose, original);
        var body = new Spool(IN_MEMORY, mostBytes + HEADROOM);
        try {
            boolean complete = switch (purpose) {
                case Purpose.New() -> true;
                case Purpose.Reply(var o, var c) -> c;
                case Purpose.Forward(var o, var c) -> c;
            };
            if (complete || original.isEmpty()) {
                MergedBody.copy(draft, body);
            } else {
                fields = new MergedBody(draft, original.get(), purpose instanceof Purpose.Forward, random, mostBytes)
                        .write(fields, body);
            }
            Predicate<Field> all = f -> true;
            Predicate<Field> open = Outgoing::isOpen;
            return new Outgoing(
                    isOwn(from.address(), sender) ? from.address() : sender.address(),
                    recipients.good(),
                    recipients.bad(),
                    draft.messageId().orElse(messageId),
                    Outgoing.source(fields, open, body),
                    Outgoing.source(fields, all, body),
                    body);
        } catch (IOException e) {
            body.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            body.close();
            throw e;
        }
    }

    private static Addresses.Found recipients(MessageHead head, Account sender) {
        var fields = Stream.of("To", "Cc", "Bcc")
                .flatMap(f -> head.values(f).stream())
                .toList();
        var address = sender.address();
        var found = Addresses.recipients(fields, address.substring(address.lastIndexOf('@') + 1));
        if (found.good().isEmpty()) {
            throw found.bad().isEmpty()
                    ? new StatusException(CommonStatus.MESSAGE_HAS_NO_RECIPIENT, "no address in To, Cc and Bcc")
                    : new StatusException(
                            CommonStatus.MESSAGE_RECIPIENT_UNRESOLVED,
                            "%d recipients, none of them an address"
                                    .formatted(found.bad().size()));
        }
        return found;
    }

    private static Optional<Original.Described> original(Purpose purpose) {
        return switch (purpose) {
            case Purpose.New() -> Optional.empty();
            case Purpose.Reply(var original, var complete) -> described(original, complete);
            case Purpose.Forward(var original, var complete) -> described(original, complete);
        };
    }

    private static Optional<Original.Described> described(Original original, boolean complete) {
        var described = original.describe();
        // Without it, a complete message lacks no more than a reference.
        if (described.isEmpty() && !complete) {
            throw new StatusException(CommonStatus.ITEM_NOT_FOUND, "the original %d is gone".formatted(original.uid()));
        }
        return described;
    }

    /** Source: MS-ASCMD_R448: From is the user's primary address; another one that the user may use is kept. */
    private Addresses.Mailbox from(MessageHead head, Account sender) {
        var written = head.values("From").stream()
                .flatMap(f -> Addresses.mailboxes(f).stream())
                .toList();
        boolean may = written.size() == 1
                && Addresses.isAddress(written.getFirst().address())
                && (isOwn(written.getFirst().address(), sender)
                        || senders.may(written.getFirst().address(), sender));
        var name = written.stream()
                .flatMap(m -> m.name().stream())
                .findFirst()
                .or(() -> Optional.of(sender.displayName()).filter(n -> !n.contains("@")));
        return new Addresses.Mailbox(may ? written.getFirst().address() : sender.address(), name);
    }

    private static boolean isOwn(String address, Account sender) {
        return sender.addresses().stream().anyMatch(address::equalsIgnoreCase);
    }

    private List<Field> mended(
            Draft draft,
            Addresses.Mailbox from,
            Account sender,
            String messageId,
            Purpose purpose,
            Optional<Original.Described> original) {
        var head = draft.head;
        var fields = new ArrayList<Field>();
        fields.add(MessageHead.field("From", from.toHeader()));
        if (!isOwn(from.address(), sender)) {
            fields.add(MessageHead.field("Sender", sender.address())); // RFC 5322 §3.6.2
        }
        if (draft.messageId().isEmpty()) {
            fields.add(MessageHead.field("Message-ID", messageId));
        }
        if (head.value("Date").isEmpty()) {
            fields.add(MessageHead.field("Date", DATE.format(ZonedDateTime.now(clock))));
        }
        for (var field : head.fields()) {
            boolean replaced = field.is("From")
                    || (field.is("Message-ID") && draft.messageId().isEmpty())
                    || field.is("Sender")
                    || field.is("Return-Path")
                    || field.name().startsWith(StoredDraft.OURS);
            if (!replaced) {
                fields.add(CleanField.of(field));
            }
        }
        if (head.value("Subject").isEmpty()) {
            original.flatMap(o -> o.head().text("Subject"))
                    .map(EncodedWords::oneLine) // an encoded word may hold line ends, and fields after them
                    .map(subject -> (purpose instanceof Purpose.Reply ? "RE: " : "FW: ") + subject)
                    .ifPresent(subject -> fields.add(CleanField.of(MessageHead.field("Subject", subject))));
        }
        if (head.value("MIME-Version").isEmpty()) {
            fields.add(MessageHead.field("MIME-Version", "1.0"));
        }
        original.ifPresent(o -> fields.addAll(references(head, o.head(), purpose instanceof Purpose.Reply)));
        return fields;
    }

    /** Source: RFC 5322 §3.6.4. */
    private static List<Field> references(MessageHead head, MessageHead original, boolean reply) {
        var id = original.id("Message-ID");
        var fields = new ArrayList<Field>();
        if (id.isEmpty()) {
            return fields;
        }
        if (reply && head.value("In-Reply-To").isEmpty()) {
            fields.add(MessageHead.field("In-Reply-To", id.get()));
        }
        if (head.value("References").isEmpty()) {
            var ids = new ArrayList<>(original.ids("References"));
            if (ids.isEmpty()) {
                original.id("In-Reply-To").ifPresent(ids::add);
            }
            ids.remove(id.get());
            ids.add(id.get());
            // The first names the thread, the last ones the place in it.
            while (ids.size() > 2 && ids.stream().mapToInt(String::length).sum() > REFERENCES_BYTES) {
                ids.remove(1);
            }
            fields.add(MessageHead.field("References", String.join("\r\n ", ids)));
        }
        return fields;
    }
}
