package org.airpost.convert;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.backend.MessageSource;

/**
 * What a phone says of a draft. What it leaves out stays as it is. Source: MS-ASEMAIL "Sync Command Request" for drafts;
 * MS-ASAIRS "Add", "Delete".
 *
 * @param importance 0 low, 1 normal, 2 high
 * @param deleted sections of attachments of the draft as it is stored
 */
public record DraftEdit(
        Optional<String> to,
        Optional<String> cc,
        Optional<String> bcc,
        Optional<String> replyTo,
        Optional<String> subject,
        Optional<Integer> importance,
        Optional<Body> body,
        List<NewAttachment> added,
        List<String> deleted) {

    /** Nothing is changed. */
    public static final DraftEdit NOTHING = new DraftEdit(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of());

    private static final Set<String> GIST = Set.of("to", "cc", "bcc", "subject");

    public DraftEdit {
        added = List.copyOf(added);
        deleted = List.copyOf(deleted);
    }

    /** What the draft says from now on. */
    public sealed interface Body {

        MessageSource data();

        /** Text in UTF-8, plain or HTML. */
        record Text(boolean html, MessageSource data) implements Body {}

        /** The whole message. */
        record Mime(MessageSource data) implements Body {}
    }

    /**
     * An attachment that the phone adds.
     *
     * @param clientId by which the answer names it
     * @param content nothing if the phone sent none: iOS does so for what is in its MIME already (sync-rules CC-22)
     */
    public record NewAttachment(
            String clientId,
            String name,
            String contentType,
            boolean isMessage,
            boolean inline,
            Optional<String> contentId,
            Optional<String> location,
            Optional<MessageSource> content) {}

    /** The same with other deletes. */
    public DraftEdit deleting(List<String> sections) {
        return new DraftEdit(to, cc, bcc, replyTo, subject, importance, body, added, sections);
    }

    /**
     * To whom it goes and what it is about. A mail that is sent again says the same there, and another one hardly does, even
     * where a phone makes its bytes anew each time. Status 107 for a MIME body that is no message.
     */
    public String gist() {
        var said = Stream.of(to, cc, bcc, subject).map(field -> field.orElse(""));
        var written = body.stream()
                .filter(Body.Mime.class::isInstance)
                .flatMap(mime -> head(mime.data()).fields().stream())
                .filter(field -> GIST.contains(field.name().toLowerCase(Locale.ROOT)))
                .map(MessageHead.Field::value);
        return Stream.concat(said, written).collect(Collectors.joining("\n"));
    }

    private static MessageHead head(MessageSource message) {
        try (var in = new BufferedInputStream(message.open())) {
            return MessageHead.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that it brings. */
    long size() {
        return body.map(one -> one.data().size()).orElse(0L)
                + added.stream()
                        .flatMap(one -> one.content().stream())
                        .mapToLong(content -> content.size() + content.size() / 3)
                        .sum();
    }
}
