package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.internet.MimeUtility;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.UnsupportedEncodingException;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.backend.Account;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MessageSource;
import org.airpost.backend.MimeStructure;
import org.airpost.backend.Section;
import org.airpost.convert.MessageHead.Field;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.Spool;
import org.airpost.eas.StatusException;

/**
 * Makes a draft of what a phone says of it, over the draft that is stored. What the phone does not say stays byte for byte:
 * parts are copied as they are, and the header but for the fields that changed. Nothing large is held in memory.
 *
 * <p>Errors are a {@link StatusException}: 107 for MIME that is no message, 122 for what is too large. Source: MS-ASEMAIL
 * "Sync Command Request"; sync-rules CC-16, CC-19.
 */
public final class DraftMaker {

    private static final int IN_MEMORY = 256 << 10;
    private static final long HEADROOM = 1L << 20;
    private static final int TEXT_BYTES = 4 << 20;
    private static final int MOST_NAMES = 16;
    private static final Set<String> IMPORTANCE = Set.of("importance", "x-priority", "x-msmail-priority", "priority");

    private final Clock clock;
    private final RandomGenerator random;
    private final long mostBytes;

    /** A maker of drafts that have at most so many bytes. */
    public DraftMaker(Clock clock, RandomGenerator random, long mostBytes) {
        this.clock = clock;
        this.random = random;
        this.mostBytes = mostBytes;
    }

    /**
     * A draft as it is stored.
     *
     * @param names by section, what else the phone calls the attachment: {@code <uid>:<section>} of before
     */
    public record Stored(MailAccount mail, String mailbox, long uidValidity, long uid, Map<String, String> names) {}

    /** What a draft is made for. */
    public sealed interface Purpose {

        /**
         * To be kept, with the marks of the command that it is made by: with what it says, and whatever it says.
         *
         * @param over by its Message-ID, the draft that it is to take the place of, if there is one
         */
        record Keep(String mark, String begun, Function<String, Optional<Long>> over) implements Purpose {}

        /** To be sent now. */
        record Send() implements Purpose {}
    }

    /** A draft, ready to be stored or sent. Close it after that. */
    public record Made(Spool spool, String messageId) implements AutoCloseable {

        public MessageSource message() {
            return source(spool);
        }

        @Override
        public void close() {
            spool.close();
        }
    }

    /** The bytes of a spool as those of a message. */
    public static MessageSource source(Spool spool) {
        return new MessageSource() {
            @Override
            public long size() {
                return spool.size();
            }

            @Override
            public InputStream open() throws IOException {
                return spool.open();
            }
        };
    }

    /**
     * The draft after an edit; empty if the stored one is gone.
     *
     * @param stored the draft that is edited; nothing for a new one
     * @param messageId for a draft that has none
     */
    public Optional<Made> make(
            DraftEdit edit, Optional<Stored> stored, Account account, String messageId, Purpose purpose) {
        try (var old = new Spool(IN_MEMORY, mostBytes + HEADROOM)) {
            if (stored.isPresent() && !read(stored.get(), old)) {
                return Optional.empty();
            }
            if (edit.size() + old.size() > mostBytes) {
                throw new StatusException(
                        CommonStatus.ATTACHMENT_IS_TOO_LARGE,
                        "a draft of %d bytes, at most %d".formatted(edit.size() + old.size(), mostBytes));
            }
            var base = stored.isPresent() ? Optional.of(Source.of(source(old))) : Optional.<Source>empty();
            var names = stored.map(DraftMaker::names).orElse(uid -> uid);
            return Optional.of(new Making(edit, base, names, account, messageId, purpose).run());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names by which the phone may know an attachment of the stored draft: those of before, and its place now. */
    private static UnaryOperator<String> names(Stored stored) {
        return section -> {
            var now = stored.uid() + ":" + section;
            var before = List.of(stored.names().getOrDefault(section, "").split(","));
            var kept = new ArrayList<String>();
            before.stream().filter(name -> !name.isEmpty()).forEach(kept::add);
            kept.remove(now);
            while (kept.size() >= MOST_NAMES) {
                kept.remove(1); // the first is what it was told by, unasked
            }
            kept.add(now);
            return String.join(",", kept);
        };
    }

    private boolean read(Stored stored, Spool into) throws IOException {
        var mail = stored.mail();
        var described = mail.describe(stored.mailbox(), stored.uidValidity(), List.of(stored.uid()));
        if (described.isEmpty()) {
            return false;
        }
        if (described.getFirst().size() > mostBytes) {
            throw new StatusException(
                    CommonStatus.ATTACHMENT_IS_TOO_LARGE,
                    "a draft of %d bytes, at most %d"
                            .formatted(described.getFirst().size(), mostBytes));
        }
        return mail.read(stored.mailbox(), stored.uidValidity(), Section.whole(stored.uid(), ""), into.out()) >= 0;
    }

    /** A message whose parts are copied. */
    private record Source(MessageSource bytes, MessageHead head, MimeStructure structure) {

        static Source of(MessageSource bytes) throws IOException {
            MessageHead head;
            try (var in = new BufferedInputStream(bytes.open())) {
                head = MessageHead.read(in);
            }
            try (var in = bytes.open()) {
                return new Source(bytes, head, MimeStructure.scan(in));
            }
        }

        /** The header lines of a part: of the message itself those that describe its content. */
        String header(MimeStructure part) throws IOException {
            if (part.equals(structure)) {
                return head.fields().stream()
                        .filter(Field::describesContent)
                        .map(field -> field.raw() + "\r\n")
                        .collect(Collectors.joining());
            }
            try (var in = bytes.open()) {
                in.skipNBytes(part.headerStart());
                var header = new String(
                        in.readNBytes((int) Math.min(1 << 18, part.bodyStart() - part.headerStart())), ISO_8859_1);
                return header.stripTrailing().isEmpty() ? "" : header.stripTrailing() + "\r\n";
            }
        }
    }

    /** What a draft is put together of. */
    private sealed interface Piece {

        /** A part as it is stored, with the parts in it. */
        record Kept(Source source, MimeStructure part) implements Piece {}

        record Text(MailText.Encoded text) implements Piece {}

        record File(DraftEdit.NewAttachment file, MessageSource content) implements Piece {}

        record Multi(String subtype, String boundary, List<Piece> parts) implements Piece {}
    }

    /** One draft while it is made. */
    private final class Making {

        private final DraftEdit edit;
        private final Optional<Source> old;
        private final UnaryOperator<String> nameOf;
        private final Account account;
        private final String messageId;
        private final Purpose purpose;
        private final Map<String, String> names = new LinkedHashMap<>();
        private final Map<String, String> added = new LinkedHashMap<>();

        /** By their section in the phone's MIME, where its parts are. */
        private final Map<String, String> placed = new LinkedHashMap<>();

        Making(
                DraftEdit edit,
                Optional<Source> old,
                UnaryOperator<String> nameOf,
                Account account,
                String messageId,
                Purpose purpose) {
            this.edit = edit;
            this.old = old;
            this.nameOf = nameOf;
            this.account = account;
            this.messageId = messageId;
            this.purpose = purpose;
        }

        Made run() throws IOException {
            var mime = edit.body().isPresent() && edit.body().get() instanceof DraftEdit.Body.Mime(var data)
                    ? Optional.of(Source.of(data))
                    : Optional.<Source>empty();
            var root = root(mime);
            number(root, "");
            mime.ifPresent(this::nameListed);
            var head = mime.or(() -> old).map(Source::head);
            var fields = new ArrayList<>(fields(head, mime.isPresent()));
            var spool = new Spool(IN_MEMORY, mostBytes + HEADROOM);
            try {
                var out = new CrlfOutput(spool.out());
                for (var field : fields) {
                    out.write((field.raw() + "\r\n").getBytes(ISO_8859_1));
                }
                write(root, out);
                out.endLine();
                return new Made(spool, id(fields));
            } catch (IOException | RuntimeException e) {
                spool.close();
                throw e;
            }
        }

        // The header.

        private List<Field> fields(Optional<MessageHead> head, boolean isMime) {
            var fields = new ArrayList<Field>();
            head.ifPresent(written -> written.fields().stream()
                    .filter(field -> !field.describesContent() && !field.name().startsWith(StoredDraft.OURS))
                    .forEach(fields::add));
            address(fields, "To", edit.to());
            address(fields, "Cc", edit.cc());
            address(fields, "Bcc", edit.bcc());
            address(fields, "Reply-To", edit.replyTo());
            edit.subject().ifPresent(subject -> replace(fields, "Subject", text(subject, "Subject: ".length())));
            edit.importance().ifPresent(importance -> {
                fields.removeIf(field -> IMPORTANCE.contains(field.name().toLowerCase(Locale.ROOT)));
                if (importance != 1) {
                    fields.add(MessageHead.field("Importance", importance > 1 ? "high" : "low"));
                    fields.add(MessageHead.field("X-Priority", importance > 1 ? "1" : "5"));
                }
            });
            if (missing(fields, "From")) {
                var name = Optional.of(account.displayName()).filter(n -> !n.contains("@"));
                fields.add(MessageHead.field("From", new Addresses.Mailbox(account.address(), name).toHeader()));
            }
            if (!isMime || missing(fields, "Date")) {
                replace(fields, "Date", Composer.DATE.format(ZonedDateTime.now(clock)));
            }
            if (fields.stream().noneMatch(field -> field.is("Message-ID") && hasId(field))) {
                replace(fields, "Message-ID", messageId);
            }
            if (missing(fields, "MIME-Version")) {
                fields.add(MessageHead.field("MIME-Version", "1.0"));
            }
            if (purpose instanceof Purpose.Keep keep) {
                mark(fields, keep);
            }
            return fields;
        }

        /** What finds the draft again, and is taken out when it is sent. */
        private void mark(List<Field> fields, Purpose.Keep keep) {
            if (!names.isEmpty() || !added.isEmpty()) {
                fields.addFirst(
                        new Field(StoredDraft.PARTS, StoredDraft.PARTS + ":\r\n " + StoredDraft.parts(names, added)));
            }
            var over = keep.over().apply(id(fields)).map(uid -> " " + uid).orElse("");
            fields.addFirst(MessageHead.field(StoredDraft.MARK, keep.mark() + " " + keep.begun() + over));
        }

        private static String id(List<Field> fields) {
            return fields.stream()
                    .filter(field -> field.is("Message-ID"))
                    .map(Field::value)
                    .findFirst()
                    .orElseThrow();
        }

        private static boolean hasId(Field field) {
            return field.value().matches("<[^<>\\s]{1,900}>");
        }

        private static boolean missing(List<Field> fields, String name) {
            return fields.stream().noneMatch(field -> field.is(name));
        }

        /** Puts a field in the place of those of that name; an empty value removes them. */
        private static void replace(List<Field> fields, String name, String value) {
            int at = 0;
            while (at < fields.size() && !fields.get(at).is(name)) {
                at++;
            }
            fields.removeIf(field -> field.is(name));
            if (!value.isEmpty()) {
                fields.add(Math.min(at, fields.size()), MessageHead.field(name, value));
            }
        }

        private static void address(List<Field> fields, String name, Optional<String> addresses) {
            addresses.ifPresent(text -> replace(fields, name, addresses(text)));
        }

        /** Phones part addresses by {@code ;} or {@code ,} (CC-19); what is no address yet is kept as it is. */
        private static String addresses(String text) {
            var line = new StringBuilder();
            boolean quoted = false;
            for (char c : EncodedWords.oneLine(text).toCharArray()) {
                quoted ^= c == '"';
                line.append(c == ';' && !quoted ? ',' : c);
            }
            var written = MessageHead.withoutEnd(line.toString(), " \t\n\u000B\f\r,");
            if (written.isBlank()) {
                return "";
            }
            var found = Addresses.mailboxes(written);
            boolean whole = !found.isEmpty()
                    && found.stream().allMatch(one -> Addresses.isAddress(one.address()) || isWord(one.address()));
            return whole
                    ? found.stream().map(Addresses.Mailbox::toHeader).collect(Collectors.joining(",\r\n "))
                    : text(written, 10);
        }

        private static boolean isWord(String text) {
            return text.matches("[A-Za-z0-9._+-]+");
        }

        private static String text(String text, int used) {
            try {
                return MimeUtility.fold(used, MimeUtility.encodeText(EncodedWords.oneLine(text), "UTF-8", null));
            } catch (UnsupportedEncodingException e) {
                throw new IllegalStateException("every Java platform has UTF-8", e);
            }
        }

        // The parts.

        private Piece root(Optional<Source> mime) throws IOException {
            var pieces = new ArrayList<Piece>();
            var base = mime.or(() -> old);
            var content = edit.body().isPresent() && edit.body().get() instanceof DraftEdit.Body.Text text
                    ? Optional.of(content(text))
                    : Optional.<Piece>empty();
            if (base.isPresent()) {
                var deleted = mime.isPresent() ? Set.<String>of() : Set.copyOf(edit.deleted());
                new Rewriting(base.get(), content, deleted).root().forEach(pieces::add);
            } else {
                content.ifPresent(pieces::add);
            }
            if (mime.isPresent() && old.isPresent()) {
                pieces.addAll(left(old.get(), mime.get()));
            }
            for (var file : edit.added()) {
                file.content()
                        .filter(_ -> content.isEmpty() || !isShown(file))
                        .ifPresent(bytes -> pieces.add(new Piece.File(file, bytes)));
            }
            if (pieces.isEmpty()) {
                return new Piece.Text(encoded("", "plain"));
            }
            if (pieces.size() == 1) {
                return pieces.getFirst();
            }
            var parts = new ArrayList<>(besides(pieces.getFirst()));
            parts.addAll(pieces.subList(1, pieces.size()));
            return multi("mixed", parts);
        }

        /** What a list of parts at the top holds; anything else as it is. */
        private List<Piece> besides(Piece piece) {
            return switch (piece) {
                case Piece.Multi(var subtype, var _, var inner) when subtype.equals("mixed") -> inner;
                case Piece.Kept(var source, var part)
                when part.structure().mediaType().equals("multipart/mixed")
                        && !part.children().isEmpty() ->
                    part.children().stream()
                            .<Piece>map(child -> new Piece.Kept(source, child))
                            .toList();
                default -> List.of(piece);
            };
        }

        private Piece.Multi multi(String subtype, List<Piece> parts) {
            var boundary = "=_airpost_%016x%016x".formatted(random.nextLong(), random.nextLong());
            return new Piece.Multi(subtype, boundary, List.copyOf(parts));
        }

        /** The new text: HTML comes with plain text beside it, and with the pictures that are added to be shown in it. */
        private Piece content(DraftEdit.Body.Text text) throws IOException {
            if (text.data().size() > TEXT_BYTES) {
                throw new StatusException(
                        CommonStatus.ATTACHMENT_IS_TOO_LARGE,
                        "a text of %d bytes, at most %d".formatted(text.data().size(), TEXT_BYTES));
            }
            String words;
            try (var in = text.data().open()) {
                words = new String(in.readAllBytes(), UTF_8);
            }
            if (!text.html()) {
                return withShown(new Piece.Text(encoded(words, "plain")));
            }
            return withShown(multi(
                    "alternative",
                    List.of(
                            new Piece.Text(encoded(HtmlText.of(words), "plain")),
                            new Piece.Text(encoded(words, "html")))));
        }

        private Piece withShown(Piece text) {
            var parts = new ArrayList<Piece>(List.of(text));
            edit.added().stream()
                    .filter(Making::isShown)
                    .forEach(file -> file.content().ifPresent(bytes -> parts.add(new Piece.File(file, bytes))));
            return parts.size() == 1 ? text : multi("related", parts);
        }

        private static boolean isShown(DraftEdit.NewAttachment file) {
            return file.inline() && file.contentId().isPresent();
        }

        private static MailText.Encoded encoded(String words, String subtype) {
            return new MailText(words, UTF_8).encode(MailText.part(subtype));
        }

        /**
         * Attachments of the stored draft that are neither deleted nor in the phone's MIME: to a phone that has not fetched
         * an attachment the MIME is the text alone, and Delete is how it takes one out.
         */
        private List<Piece> left(Source before, Source mime) {
            var there = new HashSet<String>();
            for (var one : MessageParts.of(mime.structure().structure()).attachments()) {
                one.part().fileName().ifPresent(there::add);
                one.part().contentId().ifPresent(there::add);
            }
            var listed = edit.added().stream()
                    .filter(file -> file.content().isPresent())
                    .map(DraftEdit.NewAttachment::name)
                    .collect(Collectors.toSet());
            return attachments(before)
                    .filter(part -> !edit.deleted().contains(part.structure().section()))
                    .filter(part -> part.structure()
                                    .fileName()
                                    .filter(name -> there.contains(name) || listed.contains(name))
                                    .isEmpty()
                            && part.structure()
                                    .contentId()
                                    .filter(there::contains)
                                    .isEmpty())
                    .<Piece>map(part -> new Piece.Kept(before, part))
                    .toList();
        }

        private static Stream<MimeStructure> attachments(Source source) {
            var sections = MessageParts.of(source.structure().structure()).attachments().stream()
                    .map(one -> one.part().section())
                    .collect(Collectors.toSet());
            return leaves(source.structure())
                    .filter(leaf -> sections.contains(leaf.structure().section()));
        }

        /** What the phone lists of attachments that are in its MIME already. */
        private void nameListed(Source mime) {
            for (var file : edit.added()) {
                if (file.content().isEmpty()) {
                    MessageParts.of(mime.structure().structure()).attachments().stream()
                            .map(MessageParts.Attached::part)
                            .filter(part ->
                                    part.fileName().filter(file.name()::equals).isPresent()
                                            || (file.contentId().isPresent()
                                                    && part.contentId().equals(file.contentId())))
                            .findFirst()
                            .flatMap(part -> Optional.ofNullable(placed.get(part.section())))
                            .ifPresent(section -> added.put(file.clientId(), section));
                }
            }
        }

        /** Gives each part its section, and notes by which name the phone knows it. */
        private void number(Piece piece, String section) {
            switch (piece) {
                case Piece.Text _ -> {}
                case Piece.File(var file, var _) -> added.put(file.clientId(), section.isEmpty() ? "1" : section);
                case Piece.Multi(var _, var _, var parts) -> {
                    for (int i = 0; i < parts.size(); i++) {
                        number(parts.get(i), (section.isEmpty() ? "" : section + ".") + (i + 1));
                    }
                }
                case Piece.Kept(var source, var part) -> numberKept(source, part, section);
            }
        }

        private void numberKept(Source source, MimeStructure part, String section) {
            boolean isOld = old.filter(source::equals).isPresent();
            var before = part.structure().section();
            leaves(part).forEach(leaf -> {
                var inside = leaf.structure().section();
                var rest = !part.structure().isMultipart()
                        ? ""
                        : before.isEmpty() ? "." + inside : inside.substring(before.length());
                var now = section + rest;
                now = now.isEmpty() ? "1" : now.startsWith(".") ? now.substring(1) : now;
                if (isOld) {
                    names.put(now, nameOf.apply(inside));
                } else {
                    placed.put(inside, now);
                }
            });
            if (isOld) {
                var attached = attachments(source)
                        .map(leaf -> nameOf.apply(leaf.structure().section()))
                        .collect(Collectors.toSet());
                names.values().removeIf(name -> !attached.contains(name));
            }
        }

        // Writing.

        /** Writes header lines of a piece that describe its content, an empty line, and its body. */
        private void write(Piece piece, CrlfOutput out) throws IOException {
            switch (piece) {
                case Piece.Text(var text) -> {
                    print(out, text.header() + "\r\n");
                    out.write(text.body());
                }
                case Piece.File(var file, var content) -> AttachmentPart.write(file, content, out);
                case Piece.Kept(var source, var part) -> {
                    print(out, source.header(part) + "\r\n");
                    try (var in = source.bytes().open()) {
                        in.skipNBytes(part.bodyStart());
                        copy(in, part.bodyEnd() - part.bodyStart(), out);
                    }
                }
                case Piece.Multi(var subtype, var boundary, var parts) -> {
                    print(out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n".formatted(subtype, boundary));
                    for (var part : parts) {
                        print(out, "--" + boundary + "\r\n");
                        write(part, out);
                        print(out, "\r\n");
                    }
                    print(out, "--" + boundary + "--\r\n");
                }
            }
        }

        private static void copy(InputStream in, long length, CrlfOutput out) throws IOException {
            var buffer = new byte[64 << 10];
            long left = length;
            while (left > 0) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    return;
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        }

        private static void print(CrlfOutput out, String text) throws IOException {
            out.write(text.getBytes(ISO_8859_1));
        }

        /** A message without some of its attachments, and with another text. What is not concerned stays one piece. */
        private final class Rewriting {

            private final Source source;
            private final Set<String> texts;
            private final Set<String> deleted;
            private final Optional<Piece> content;
            private boolean placed;

            Rewriting(Source source, Optional<Piece> content, Set<String> deleted) {
                this.source = source;
                this.content = content;
                this.deleted = deleted;
                this.texts = content.isEmpty()
                        ? Set.of()
                        : MessageParts.of(source.structure().structure()).texts().stream()
                                .flatMap(text -> Stream.concat(text.plain().stream(), text.html().stream()))
                                // A winmail.dat holds files, too.
                                .filter(leaf -> leaf.kind() != MessageParts.Kind.TNEF)
                                .map(leaf -> leaf.part().section())
                                .collect(Collectors.toSet());
            }

            List<Piece> root() {
                var kept = keep(source.structure());
                var all = new ArrayList<Piece>();
                if (!placed) {
                    content.ifPresent(all::add);
                }
                kept.ifPresent(all::add);
                if (all.size() == 2) {
                    // The new text comes before what was there.
                    var parts = new ArrayList<Piece>(List.of(all.getFirst()));
                    parts.addAll(besides(all.getLast()));
                    return List.of(multi("mixed", parts));
                }
                return all;
            }

            private Optional<Piece> keep(MimeStructure node) {
                boolean touched = leaves(node).anyMatch(leaf -> isText(leaf) || isDeleted(leaf));
                if (!touched) {
                    return Optional.of(new Piece.Kept(source, node));
                }
                if (!node.structure().isMultipart()) {
                    return isDeleted(node) ? Optional.empty() : place();
                }
                var parts = new ArrayList<Piece>();
                boolean isAlternative = node.structure().subtype().equals("alternative")
                        && leaves(node).anyMatch(this::isText);
                if (isAlternative) {
                    place().ifPresent(parts::add);
                    var inside = leaves(node).collect(Collectors.toSet());
                    attachments(source)
                            .filter(leaf -> inside.contains(leaf) && !isDeleted(leaf))
                            .forEach(leaf -> parts.add(new Piece.Kept(source, leaf)));
                } else if (node.structure().subtype().equals("signed")) {
                    keep(node.children().getFirst()).ifPresent(parts::add); // the signature would be wrong
                } else {
                    node.children().forEach(child -> keep(child).ifPresent(parts::add));
                }
                if (parts.size() <= 1) {
                    return parts.stream().findFirst();
                }
                var subtype = node.structure().subtype();
                boolean same = Set.of("related", "alternative").contains(subtype);
                return Optional.of(multi(isAlternative ? "related" : same ? subtype : "mixed", parts));
            }

            private Optional<Piece> place() {
                if (placed) {
                    return Optional.empty();
                }
                placed = true;
                return content;
            }

            private boolean isText(MimeStructure leaf) {
                return texts.contains(leaf.structure().section());
            }

            private boolean isDeleted(MimeStructure leaf) {
                return deleted.contains(leaf.structure().section());
            }
        }
    }

    /** The parts of a message that hold no parts; a message within the message is one part. */
    private static Stream<MimeStructure> leaves(MimeStructure node) {
        return node.structure().isMultipart() ? node.children().stream().flatMap(DraftMaker::leaves) : Stream.of(node);
    }
}
