package org.airpost.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.eas.Annotation;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Spool;
import org.airpost.wbxml.WbxmlWriter;

/**
 * Makes EAS mail items of messages, fetching no more than the options ask for. Source: MS-ASEMAIL; MS-ASAIRS. Safe for many
 * threads. That the mail server is away is a {@link org.airpost.backend.BackendUnavailableException}, also while an item is
 * written; a broken message never is an exception.
 */
public final class MailConverter {

    /** Messages described in one call. */
    private static final int BATCH = 256;

    /** Bytes read in one call. The account takes 4 MiB. */
    private static final long READ_AT_ONCE = 3 << 20;

    private final Settings settings;
    private final Guard guard;
    private final BrokenListener listener;

    public MailConverter(Settings settings) {
        this(settings, (_, _, _, _) -> {});
    }

    public MailConverter(Settings settings, BrokenListener listener) {
        this(settings, new Guard(settings.timeLimit()), listener);
    }

    private MailConverter(Settings settings, Guard guard, BrokenListener listener) {
        this.settings = settings;
        this.guard = guard;
        this.listener = listener;
    }

    /** The same for a phone that may have no more than this. */
    public MailConverter within(MailLimits limits) {
        return limits.equals(settings.limits()) ? this : new MailConverter(settings.with(limits), guard, listener);
    }

    /** The same for items that take little memory until they are written, one after the other. */
    public MailConverter readingLate() {
        return new MailConverter(settings.with(Settings.LEAST), guard, listener);
    }

    /**
     * Bounds of one message.
     *
     * @param timeLimit for its conversion, without the time that the mail server takes
     * @param mostText bytes of a text part (as stored) that are read; what is longer is cut
     * @param mostMime bytes of a body of type 4; what is longer is cut
     * @param inMemory bytes that a message takes in memory until it is written; what needs more is read when it is written
     * @param html what phones get of HTML
     * @param limits what a policy lets the phone have, whatever it asks for
     */
    public record Settings(
            Duration timeLimit, int mostText, long mostMime, int inMemory, HtmlBodies html, MailLimits limits) {

        public static final Settings DEFAULT = new Settings(Duration.ofSeconds(5), 4 << 20, 100L << 20, 256 << 10);

        public Settings(Duration timeLimit, int mostText, long mostMime, int inMemory) {
            this(timeLimit, mostText, mostMime, inMemory, HtmlBodies.AS_SENT, MailLimits.NONE);
        }

        private static final int LEAST = 1_024;

        /** The same with so many bytes of a message in memory. */
        private Settings with(int bytesInMemory) {
            return new Settings(timeLimit, mostText, mostMime, bytesInMemory, html, limits);
        }

        /** The same with something else of HTML. */
        public Settings with(HtmlBodies other) {
            return new Settings(timeLimit, mostText, mostMime, inMemory, other, limits);
        }

        /** The same within what a policy allows. */
        public Settings with(MailLimits allowed) {
            return new Settings(
                    timeLimit, mostText, mostMime, inMemory, allowed.html() ? html : HtmlBodies.NONE, allowed);
        }

        public Settings {
            if (timeLimit.toMillis() < 1 || mostText < LEAST || mostMime < LEAST || inMemory < LEAST) {
                throw new IllegalArgumentException(
                        "time %s, text %d, MIME %d, memory %d".formatted(timeLimit, mostText, mostMime, inMemory));
            }
        }
    }

    /** What phones get of the HTML of messages; bodies of type 4 are not touched. */
    public enum HtmlBodies {
        /** What the sender wrote. */
        AS_SENT,
        /** Without scripts, forms, style sheets and embedded documents. */
        SANITISED,
        /** Text instead. Source: MS-ASPROV "AllowHTMLEmail". */
        NONE
    }

    /** Where messages are: a mailbox of a user's account, and the id by which the phone knows it. */
    public record Place(String user, MailAccount mail, String mailbox, long uidValidity, String folderId, Notes notes) {

        /** A place where nothing is noted of messages. */
        public Place(String user, MailAccount mail, String mailbox, long uidValidity, String folderId) {
            this(user, mail, mailbox, uidValidity, folderId, _ -> Optional.empty());
        }

        /** The same where something may be. */
        public Place with(Notes other) {
            return new Place(user, mail, mailbox, uidValidity, folderId, other);
        }
    }

    /** What users did that a mail server has no place for. */
    @FunctionalInterface
    public interface Notes {

        /** What is noted of a message. */
        Optional<Annotation> of(long uid);
    }

    /** Is told of each message that a phone gets a placeholder for, when it is written. */
    @FunctionalInterface
    public interface BrokenListener {

        /** A message is broken; why, in a few words and with nothing of its content. */
        void broken(Place place, long uid, Instant received, String why);
    }

    /** Where the bodies of a multipart answer go. Source: MS-ASCMD "Part". */
    @FunctionalInterface
    public interface Parts {

        /** Takes a part, to be closed by whoever takes it; its number in the answer. */
        int add(Spool content);
    }

    /** A message ready to be written. */
    public interface Item {

        long uid();

        /** The Message-ID, angle brackets included, if the message has one. */
        default Optional<String> messageId() {
            return Optional.empty();
        }

        /** When the server received it. */
        Instant received();

        /** The flags that the message had when it was fetched. */
        Set<String> flags();

        /**
         * True if the message could not be converted and this is a placeholder for it. Of a large message this is known only
         * after it was written.
         */
        boolean isPlaceholder();

        /** About how many bytes {@link #write} will write. */
        long approximateBytes();

        /** About how much memory it takes until it is written. */
        default long memoryBytes() {
            return approximateBytes();
        }

        /**
         * Writes the children of ApplicationData or Properties. The flags are those that the ledger will hold, not those that
         * the message had when it was fetched.
         */
        void write(WbxmlWriter out, Set<String> flags);

        /** The same for a multipart answer: the body goes into a part, and the document names its number. */
        void write(WbxmlWriter out, Set<String> flags, Parts parts);

        /** Writes the few properties that Find gives of a mail, its Preview among them if the options asked for one. */
        void writeFound(WbxmlWriter out, Set<String> flags);
    }

    /**
     * Items of messages, in the order asked, without those that are gone. A broken message gives a placeholder. Each item
     * holds up to {@link Settings#inMemory} bytes of text, so ask for no more of them than are written soon.
     */
    public List<Item> items(Place place, List<Long> uids, BodyOptions options, ProtocolVersion version) {
        var items = new ArrayList<Item>(uids.size());
        for (int from = 0; from < uids.size(); from += BATCH) {
            var batch = uids.subList(from, Math.min(uids.size(), from + BATCH));
            items.addAll(fetch(place, batch, options, version).items());
        }
        return List.copyOf(items);
    }

    /** Messages that the mail server is not asked for any more. */
    public interface Fetched {

        /** About how many bytes their items will have. */
        long approximateBytes();

        /** Converts them; as {@link MailConverter#items}. */
        List<Item> items();
    }

    /** The first half of {@link #items}: all that has to be waited for. The second is converting what came. */
    public Fetched fetch(Place place, List<Long> uids, BodyOptions options, ProtocolVersion version) {
        int start = (int) Math.min(BodyPlan.likelyStart(options), READ_AT_ONCE / Math.max(1, uids.size()));
        var messages = place.mail().describe(place.mailbox(), place.uidValidity(), uids, start);
        var batch = MailItem.of(
                place,
                messages.stream().map(MessageData::withoutStart).toList(),
                options,
                version,
                settings,
                guard,
                listener);
        var sections = new ArrayList<Section>();
        long bytes = 0;
        var read = new HashMap<Section, byte[]>();
        for (int i = 0; i < batch.size(); i++) {
            var item = batch.get(i);
            var wanted = new ArrayList<>(item.firstSections());
            new MessageStart(messages.get(i), start).take(wanted, read);
            long size = wanted.isEmpty() ? 0 : item.bytes();
            if (!sections.isEmpty() && bytes + size > READ_AT_ONCE) {
                read.putAll(place.mail().read(place.mailbox(), place.uidValidity(), List.copyOf(sections)));
                sections.clear();
                bytes = 0;
            }
            sections.addAll(wanted);
            bytes += size;
        }
        if (!sections.isEmpty()) {
            read.putAll(place.mail().read(place.mailbox(), place.uidValidity(), List.copyOf(sections)));
        }
        readFurther(place, batch, read);
        return new Fetched() {

            @Override
            public long approximateBytes() {
                return batch.stream().mapToLong(MailItem::approximateBytes).sum();
            }

            @Override
            public List<Item> items() {
                var there = batch.stream()
                        .filter(item -> isThere(place, item, read))
                        .toList();
                MailItem.convert(there, read, guard);
                return List.copyOf(there);
            }
        };
    }

    /** Completes what was read of parts that turn out to take more bytes than is usual. */
    private static void readFurther(Place place, List<MailItem> batch, Map<Section, byte[]> read) {
        var further = batch.stream()
                .flatMap(item -> item.furtherSections(read).stream())
                .toList();
        int from = 0;
        while (from < further.size()) {
            int to = from;
            long bytes = 0;
            do {
                bytes += further.get(to++).length();
            } while (to < further.size() && bytes + further.get(to).length() <= READ_AT_ONCE);
            read.putAll(place.mail().read(place.mailbox(), place.uidValidity(), further.subList(from, to)));
            from = to;
        }
        batch.forEach(item -> item.join(read));
    }

    /** False if nothing of what was asked came and the message is gone meanwhile. */
    private static boolean isThere(Place place, MailItem item, Map<Section, byte[]> read) {
        var wanted = item.sections();
        return wanted.isEmpty()
                || wanted.stream().anyMatch(read::containsKey)
                || !place.mail()
                        .describe(place.mailbox(), place.uidValidity(), List.of(item.uid()))
                        .isEmpty();
    }

    /**
     * Writes the children of a Change that concerns flags alone: Read, Flag, Categories, LastVerbExecuted as far as the flags
     * in {@code changed} concern them. Source: MS-ASEMAIL "Sending E-Mail Changes to the Client".
     *
     * @param isPurpose true if it has changed what the flag is for
     * @param isVerb true if something was done with it
     */
    public void writeFlags(
            WbxmlWriter out,
            ProtocolVersion version,
            Set<String> flags,
            Set<String> changed,
            boolean isPurpose,
            boolean isVerb,
            Annotation annotation) {
        Flags.writeChanged(out, version, flags, changed, isPurpose, isVerb, annotation);
    }

    /**
     * An attachment, if the message and the part are there, and if that is no way to a body of which the phone may not have all.
     * Its content is not fetched yet.
     */
    public Optional<Attachment> attachment(Place place, FileReference reference) {
        return attachment(place, reference.uid(), reference);
    }

    /** The same of the message that is now in the place of the one in the reference. */
    public Optional<Attachment> attachment(Place place, long uid, FileReference reference) {
        return place.mail().describe(place.mailbox(), place.uidValidity(), List.of(uid)).stream()
                .findFirst()
                .flatMap(message -> (uid == reference.uid()
                                ? Optional.of(reference.section())
                                : StoredDraft.of(message).section(reference.uid(), reference.section()))
                        .filter(section -> settings.limits().admitsWholeBodies() || !holdsBody(message, section))
                        .flatMap(section -> PartAttachment.of(
                                place, message, new FileReference(reference.folderId(), uid, section))));
    }

    /** True of the whole message, and of a part that is shown and not attached. */
    private static boolean holdsBody(MessageData message, String section) {
        var parts = MessageParts.of(message.structure());
        return section.equals(PartAttachment.WHOLE)
                || (parts.texts().stream()
                                .flatMap(text -> Stream.concat(text.plain().stream(), text.html().stream()))
                                .anyMatch(leaf -> leaf.part().section().equals(section))
                        && parts.attachments().stream()
                                .noneMatch(one -> one.part().section().equals(section)));
    }

    /** An attachment. Its content, transfer encoding undone, is streamed. */
    public interface Attachment {

        /** Media type, such as {@code image/png}. */
        String contentType();

        /** File name, never empty. */
        String name();

        /** About how many bytes it has. */
        long approximateBytes();

        /** When the server received its message. */
        Instant received();

        /**
         * Writes the decoded bytes from first to last (both included, zero-based) and gives the size of the whole; -1 if the
         * message is gone by now, or cannot be read to its end.
         */
        long write(OutputStream out, long first, long last) throws IOException;
    }

    /** True if the message is S/MIME, signed or encrypted. */
    public static boolean isSmime(MessageData message) {
        return Smime.of(message.structure()) != Smime.NONE;
    }
}
