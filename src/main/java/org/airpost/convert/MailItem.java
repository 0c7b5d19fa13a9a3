package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.convert.ItemContent.AttachmentEntry;
import org.airpost.eas.Annotation;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Spool;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.XmlText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message on its way to the phone. A small one is read and converted with its batch; a large one when it is written, so
 * that a list of items takes little memory.
 */
final class MailItem implements MailConverter.Item {

    private static final Logger LOG = LoggerFactory.getLogger(MailItem.class);

    /** What addresses, subject and the other small elements take, about. */
    private static final int ENVELOPE_BYTES = 1_000;

    private static final Duration RETRY = Duration.ofSeconds(5);

    private static final String UNREADABLE = "the mail server cannot read it";

    /** What a message became. */
    private sealed interface Made {

        record Whole(
                ItemContent content, Optional<BodyMaker.Body> body, Optional<byte[]> mime, Optional<String> preview)
                implements Made {}

        record Placeholder(String why, ItemContent content, BodyMaker.Body body) implements Made {}
    }

    private final MailConverter.Place place;
    private final MessageData message;
    private final BodyOptions options;
    private final ProtocolVersion version;
    private final MailConverter.Settings settings;
    private final Guard guard;
    private final MailConverter.BrokenListener listener;
    private final Guard.Result<BodyPlan> plan;
    private final List<Section> textSections;
    private final long likelyBytes;
    private final long mostBytes;
    private Optional<Made> made = Optional.empty();
    private boolean placeholder;

    private MailItem(
            MailConverter.Place place,
            MessageData message,
            BodyOptions options,
            ProtocolVersion version,
            MailConverter.Settings settings,
            Guard guard,
            MailConverter.BrokenListener listener,
            Guard.Result<BodyPlan> plan) {
        this.place = place;
        this.message = message;
        this.options = options;
        this.version = version;
        this.settings = settings;
        this.guard = guard;
        this.listener = listener;
        this.plan = plan;
        if (plan instanceof Guard.Result.Done<BodyPlan>(var done)) {
            textSections = done.sections().entrySet().stream()
                    .map(section -> new Section(message.uid(), section.getKey(), 0, section.getValue()))
                    .toList();
            likelyBytes = done.likelyBytes(message);
            mostBytes = done.bytes(message);
        } else {
            textSections = List.of();
            likelyBytes = 0;
            mostBytes = 0;
        }
    }

    /** Messages as described, with a plan each of what of them is read. */
    static List<MailItem> of(
            MailConverter.Place place,
            List<MessageData> messages,
            BodyOptions options,
            ProtocolVersion version,
            MailConverter.Settings settings,
            Guard guard,
            MailConverter.BrokenListener listener) {
        var plans = guard.runAll(messages.stream()
                .map(message -> (Callable<Optional<BodyPlan>>) () -> message.readable()
                        ? Optional.of(BodyPlan.of(message, options, version, settings))
                        : Optional.empty())
                .toList());
        return IntStream.range(0, messages.size())
                .mapToObj(i -> new MailItem(
                        place, messages.get(i), options, version, settings, guard, listener, readable(plans.get(i))))
                .toList();
    }

    private static Guard.Result<BodyPlan> readable(Guard.Result<Optional<BodyPlan>> plan) {
        return switch (plan) {
            case Guard.Result.Done<Optional<BodyPlan>>(var done)
            when done.isPresent() -> new Guard.Result.Done<>(done.get());
            case Guard.Result.Done<Optional<BodyPlan>> _ -> new Guard.Result.Broken<>(UNREADABLE);
            case Guard.Result.Broken<Optional<BodyPlan>>(var why) -> new Guard.Result.Broken<>(why);
        };
    }

    @Override
    public long uid() {
        return message.uid();
    }

    @Override
    public Optional<String> messageId() {
        return HeaderBlock.parse(message.header()).first("message-id").map(String::strip);
    }

    @Override
    public Instant received() {
        return message.internalDate();
    }

    @Override
    public Set<String> flags() {
        return message.flags();
    }

    @Override
    public boolean isPlaceholder() {
        return placeholder;
    }

    @Override
    public long approximateBytes() {
        if (made.isEmpty()) {
            return ENVELOPE_BYTES + bytes();
        }
        long body = switch (made.get()) {
            case Made.Whole whole ->
                whole.body().map(MailItem::dataBytes).orElse(0L)
                        + whole.mime().map(mime -> (long) mime.length).orElse(0L);
            case Made.Placeholder text -> dataBytes(text.body());
        };
        return ENVELOPE_BYTES + body;
    }

    @Override
    public long memoryBytes() {
        return approximateBytes() + message.header().length;
    }

    private static long dataBytes(BodyMaker.Body body) {
        return body.data().map(data -> (long) data.length()).orElse(0L);
    }

    /** What a conversion needs; nothing of a large message, which is read when it is written. */
    List<Section> sections() {
        return isLarge() ? List.of() : textSections;
    }

    /** What the batch reads of it at first. */
    List<Section> firstSections() {
        return sections().stream().map(this::first).toList();
    }

    private Section first(Section whole) {
        return new Section(whole.uid(), whole.section(), 0, planned().first(whole.section()));
    }

    private static Section rest(Section whole, Section first) {
        return new Section(whole.uid(), whole.section(), first.length(), whole.length() - first.length());
    }

    /** What the batch must read besides: it was less than likely that so much of a text is encoded. */
    List<Section> furtherSections(Map<Section, byte[]> read) {
        return further(sections(), read);
    }

    private List<Section> further(List<Section> sections, Map<Section, byte[]> read) {
        return sections.stream()
                .filter(whole -> isTooLittle(whole, read))
                .map(whole -> rest(whole, first(whole)))
                .toList();
    }

    private boolean isTooLittle(Section whole, Map<Section, byte[]> read) {
        var bytes = read.get(first(whole));
        if (bytes == null || bytes.length != first(whole).length() || bytes.length >= whole.length()) {
            return false;
        }
        var enough = planned().enough().get(whole.section());
        return (enough != null && TransferDecoder.decode(bytes, "quoted-printable").length < enough)
                || (planned().styled().containsKey(whole.section()) && !saysSomething(whole, bytes));
    }

    private boolean saysSomething(Section whole, byte[] bytes) {
        var encoding = MessageParts.find(message.structure(), whole.section())
                .map(BodyStructure::encoding)
                .orElse("7bit");
        return Html.saysSomething(new String(TransferDecoder.decode(bytes, encoding), StandardCharsets.ISO_8859_1));
    }

    /** Puts together what was read in two pieces. */
    void join(Map<Section, byte[]> read) {
        join(sections(), read);
    }

    private void join(List<Section> sections, Map<Section, byte[]> read) {
        for (var whole : sections) {
            var first = first(whole);
            var start = first.equals(whole) ? null : read.remove(first);
            if (start != null) {
                var rest = read.remove(rest(whole, first));
                read.put(whole, rest == null ? start : joined(start, rest));
            }
        }
    }

    private static byte[] joined(byte[] start, byte[] rest) {
        var bytes = Arrays.copyOf(start, start.length + rest.length);
        System.arraycopy(rest, 0, bytes, start.length, rest.length);
        return bytes;
    }

    /** Bytes that are read of these sections at first. */
    long bytes() {
        return isLarge() ? 0 : likelyBytes;
    }

    private boolean isLarge() {
        return mostBytes > settings.inMemory();
    }

    /** Converts messages of which this was read, except the large ones. */
    static void convert(List<MailItem> items, Map<Section, byte[]> read, Guard guard) {
        var small = items.stream().filter(item -> item.isSmall(read)).toList();
        var results = guard.runAll(small.stream()
                .map(item -> (Callable<Made>) () -> item.whole(item.planned(), read))
                .toList());
        for (int i = 0; i < small.size(); i++) {
            small.get(i).made = Optional.of(small.get(i).made(results.get(i)));
        }
        items.stream()
                .filter(item -> item.made.isEmpty() && !item.isLarge())
                .forEach(item -> item.made = Optional.of(item.make(read)));
    }

    /** True if it takes so little that its memory need not be watched. */
    private boolean isSmall(Map<Section, byte[]> read) {
        return plan instanceof Guard.Result.Done<BodyPlan> && mostBytes < Guard.LARGE && !isLarge() && isComplete(read);
    }

    private BodyPlan planned() {
        if (plan instanceof Guard.Result.Done<BodyPlan>(var done)) {
            return done;
        }
        throw new IllegalStateException("no plan of message " + message.uid());
    }

    @Override
    public void write(WbxmlWriter out, Set<String> flags) {
        write(out, flags, Optional.empty());
    }

    @Override
    public void write(WbxmlWriter out, Set<String> flags, MailConverter.Parts parts) {
        write(out, flags, Optional.of(parts));
    }

    @Override
    public void writeFound(WbxmlWriter out, Set<String> flags) {
        switch (toBeTold()) {
            case Made.Placeholder(var _, var content, var body) ->
                content.writeFound(
                        out, flags, body.preview().or(() -> body.data().map(XmlText::text)));
            case Made.Whole(var content, var body, var _, var preview) ->
                content.writeFound(out, flags, preview.or(() -> body.flatMap(BodyMaker.Body::preview)));
        }
    }

    private void write(WbxmlWriter out, Set<String> flags, Optional<MailConverter.Parts> parts) {
        switch (toBeTold()) {
            case Made.Placeholder told -> write(out, flags, parts, told);
            case Made.Whole(var content, var body, var mime, var preview) -> {
                if (body.isPresent()) {
                    content.write(out, flags, note(), version, () -> Bodies.write(out, body.get(), parts));
                } else {
                    writeMime(out, flags, parts, content, mime, preview);
                }
            }
        }
    }

    private void write(
            WbxmlWriter out, Set<String> flags, Optional<MailConverter.Parts> parts, Made.Placeholder placeholder) {
        placeholder.content().write(out, flags, note(), version, () -> Bodies.write(out, placeholder.body(), parts));
    }

    private Annotation note() {
        return place.notes().of(message.uid()).orElse(Annotation.NONE);
    }

    private void writeMime(
            WbxmlWriter out,
            Set<String> flags,
            Optional<MailConverter.Parts> parts,
            ItemContent content,
            Optional<byte[]> ready,
            Optional<String> preview) {
        if (!(plan instanceof Guard.Result.Done<BodyPlan>(var done))
                || done.mime().isEmpty()) {
            throw new IllegalStateException("an item without a body");
        }
        var mime = done.mime().get();
        if (mime.length() == 0) {
            var nothing =
                    new BodyMaker.Body(BodyType.MIME, message.size(), mime.truncated(), Optional.empty(), preview);
            content.write(out, flags, note(), version, () -> Bodies.write(out, nothing, parts));
            return;
        }
        var spool = new Spool(settings.inMemory(), settings.mostMime() + 1);
        try {
            // All of it before anything is written: it may turn out that it cannot be read.
            var length = mime.truncated() ? mime.length() : settings.mostMime();
            if (ready.isPresent()) {
                spool.out().write(ready.get());
            } else if (!read(new Section(message.uid(), "", 0, length), spool.out())) {
                spool.close();
                write(out, flags, parts, told(placeholder(UNREADABLE)));
                return;
            }
            content.write(
                    out,
                    flags,
                    note(),
                    version,
                    () -> Bodies.writeMime(out, version, spool, message.size(), mime.truncated(), preview, parts));
        } catch (IOException e) {
            spool.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    private Map<Section, byte[]> readLarge() {
        var read = new HashMap<Section, byte[]>();
        textSections.forEach(section -> readLarge(first(section), read));
        further(textSections, read).forEach(section -> readLarge(section, read));
        join(textSections, read);
        return read;
    }

    private void readLarge(Section section, Map<Section, byte[]> read) {
        var bytes = new ByteArrayOutputStream();
        if (read(section, bytes)) {
            read.put(section, bytes.toByteArray());
        }
    }

    /** Reads a section; false if the mail server cannot, though the message is there. */
    private boolean read(Section section, OutputStream out) {
        try {
            if (place.mail().read(place.mailbox(), place.uidValidity(), section, out) >= 0) {
                return true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (place.mail()
                .describe(place.mailbox(), place.uidValidity(), List.of(message.uid()))
                .isEmpty()) {
            // Too late to leave the item out: its start is written. The next Sync knows that the message is gone.
            throw new BackendUnavailableException(
                    "message %d is gone while it is sent".formatted(message.uid()), RETRY);
        }
        return false;
    }

    private Made make(Map<Section, byte[]> read) {
        var result = switch (plan) {
            case Guard.Result.Done<BodyPlan>(var done) ->
                isComplete(read)
                        ? guard.run(mostBytes, () -> whole(done, read))
                        : new Guard.Result.Broken<Made>(UNREADABLE);
            case Guard.Result.Broken<BodyPlan>(var why) -> new Guard.Result.Broken<Made>(why);
        };
        return made(result);
    }

    private Made made(Guard.Result<Made> result) {
        return switch (result) {
            case Guard.Result.Done<Made>(var done) -> done;
            case Guard.Result.Broken<Made>(var why) -> {
                placeholder = true;
                yield placeholder(why);
            }
        };
    }

    private Made toBeTold() {
        var telling = made.orElseGet(() -> make(readLarge()));
        return telling instanceof Made.Placeholder instead ? told(instead) : telling;
    }

    /** Says that a phone gets a placeholder: when it does, since what is made is not always told. */
    private Made.Placeholder told(Made.Placeholder instead) {
        placeholder = true;
        LOG.warn(
                "convert broken folder={} uid={} why=\"{}\": the phone gets a placeholder with the original attached",
                place.folderId(),
                message.uid(),
                instead.why());
        listener.broken(place, message.uid(), message.internalDate(), instead.why());
        return instead;
    }

    /** True if the server gave what was asked for; of what is empty some give nothing. */
    private boolean isComplete(Map<Section, byte[]> read) {
        return textSections.stream()
                .allMatch(section -> read.containsKey(section) || size(message.structure(), section.section()) == 0);
    }

    private long size(BodyStructure part, String section) {
        if (section.isEmpty()) {
            return message.size();
        }
        if (part.section().equals(section) && !part.isMultipart()) {
            return part.size();
        }
        return part.children().stream()
                .mapToLong(child -> size(child, section))
                .max()
                .orElse(0);
    }

    private Made whole(BodyPlan done, Map<Section, byte[]> read) {
        var own = new HashMap<String, byte[]>();
        read.forEach((section, bytes) -> {
            if (section.uid() == message.uid()) {
                own.put(section.section(), bytes);
            }
        });
        var maker = new BodyMaker(done, own);
        Optional<BodyMaker.Body> body = done.mime().isPresent()
                ? Optional.empty()
                : Optional.of(
                        isSealed(done)
                                ? BodyMaker.protectedNote(
                                        done.candidates().getFirst().type(),
                                        done.smime() == Smime.OPAQUE ? "S/MIME" : "OpenPGP")
                                : maker.body());
        var bodyPart = done.bodyPart().map(maker::bodyPart);
        var charset = maker.charset();
        var invitation = done.smime() == Smime.NONE ? maker.invitation() : Optional.<Invitation>empty();
        var preview = done.mime().isPresent() ? maker.preview(true) : Optional.<String>empty();
        var content = new ItemContent(
                Envelope.of(header(maker), charset, message.internalDate()),
                message.internalDate(),
                invitation
                        .map(MeetingRequest::messageClass)
                        .orElseGet(() -> ItemContent.messageClass(message, done.smime(), maker.status())),
                TextDecoder.codePage(charset),
                maker.isHtml() ? BodyType.HTML.code() : BodyType.PLAIN_TEXT.code(),
                attachments(done, maker, charset, invitation.isPresent()),
                bodyPart,
                invitation);
        return new Made.Whole(content, body, done.mime().flatMap(mime -> Optional.ofNullable(own.get(""))), preview);
    }

    private HeaderBlock header(BodyMaker maker) {
        var header = HeaderBlock.parse(message.header());
        return maker.protectedSubject()
                .map(subject -> header.with("subject", subject))
                .orElse(header);
    }

    private boolean isSealed(BodyPlan done) {
        return done.smime() == Smime.OPAQUE
                || (done.parts().texts().isEmpty()
                        && message.structure().mediaType().equals("multipart/encrypted"))
                // What Exchange makes of that.
                || (done.parts().isBlank()
                        && done.parts().attachments().stream()
                                .anyMatch(one -> one.part().mediaType().equals("application/pgp-encrypted")));
    }

    /**
     * Inline is what the HTML refers to; where it was not read, what came along with it and bears an id. A winmail.dat is
     * listed as what is in it, a calendar that has become a meeting not at all, and files within the text last.
     */
    private List<AttachmentEntry> attachments(BodyPlan done, BodyMaker maker, String charset, boolean isMeeting) {
        var references = maker.references();
        var calendar = isMeeting ? done.parts().calendar() : Optional.<BodyStructure>empty();
        var entries = new ArrayList<AttachmentEntry>();
        for (var one : done.parts().attachments()) {
            if (calendar.filter(one.part()::equals).isPresent()
                    && one.part().disposition().filter("attachment"::equals).isEmpty()) {
                continue;
            }
            var packed = maker.tnef(one.part());
            packed.ifPresent(tnef -> entries.addAll(
                    InnerAttachment.entries(tnef, reference(one.part().section()), references.orElse(Set.of()))));
            if (packed.filter(Tnef::complete).isEmpty()) {
                entries.add(entry(done, one, references, charset));
            }
        }
        boolean isWrapped = done.parts().texts().stream()
                .flatMap(text -> text.plain().stream())
                .anyMatch(leaf -> WrappedText.isWrapped(leaf.part()));
        if (isWrapped) { // what is in it besides the text can only be had so
            entries.add(original());
        }
        maker.uuencoded()
                .forEach((section, files) -> entries.addAll(InnerAttachment.entries(files, reference(section))));
        return entries;
    }

    private AttachmentEntry entry(
            BodyPlan done, MessageParts.Attached one, Optional<Set<String>> references, String charset) {
        var id = one.id();
        boolean inline = references.isPresent()
                ? id.filter(references.get()::contains).isPresent()
                : one.related()
                        && id.isPresent()
                        && done.parts().isHtml()
                        && one.part().disposition().filter("attachment"::equals).isEmpty();
        return AttachmentEntry.of(
                one.part(),
                inline ? id : one.part().contentId(),
                reference(one.part().section()),
                charset,
                inline);
    }

    private FileReference reference(String section) {
        return new FileReference(place.folderId(), message.uid(), section);
    }

    private AttachmentEntry original() {
        return new AttachmentEntry(
                "original.eml",
                reference(PartAttachment.WHOLE),
                AttachmentEntry.MESSAGE,
                Math.max(1, message.size()),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    private Made.Placeholder placeholder(String why) {
        var header = guard.run(() -> Envelope.of(HeaderBlock.parse(message.header()), "", message.internalDate()));
        var envelope = header instanceof Guard.Result.Done<Envelope>(var done)
                ? done
                : Envelope.of(new HeaderBlock(List.of()), "", message.internalDate());
        var text = "This message cannot be shown: " + why + ".\r\nThe original is attached.\r\n";
        boolean html = !options.preferences().isEmpty()
                && options.preferences().stream().noneMatch(one -> one.type() == BodyType.PLAIN_TEXT)
                && options.preferences().stream().anyMatch(one -> one.type() == BodyType.HTML);
        var data = html ? Html.document(PlainText.of(text).html()) : text;
        var body = BodyMaker.Body.whole(html ? BodyType.HTML : BodyType.PLAIN_TEXT, data);
        return new Made.Placeholder(
                why,
                new ItemContent(
                        envelope,
                        message.internalDate(),
                        "IPM.Note",
                        TextEncoding.UTF_8.codePage(),
                        BodyType.PLAIN_TEXT.code(),
                        List.of(original()),
                        Optional.empty(),
                        Optional.empty()),
                body);
    }
}
