package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.MessageSource;
import org.airpost.convert.DraftEdit;
import org.airpost.convert.DraftMaker;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.Spool;
import org.airpost.eas.Status;
import org.airpost.eas.SyncStatus;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/**
 * Collects what an Add or a Change says of a draft, in either form: elements (Android, Samsung) or a whole message in a body
 * of type 4 (iOS, Nine). Source: MS-ASEMAIL "Sync Command Request"; sync-rules CC-16, CC-17, CC-19, CC-22.
 */
final class DraftReader {

    private static final int COPY_BYTES = 64 << 10;
    private static final int MOST_ATTACHMENTS = 500;
    private static final String MIME = "4";

    private final DraftSpools spools;
    private final MessageDigest digest = sha256();
    private final List<DraftEdit.NewAttachment> added = new ArrayList<>();
    private final List<String> deleted = new ArrayList<>();
    private Optional<String> to = Optional.empty();
    private Optional<String> cc = Optional.empty();
    private Optional<String> bcc = Optional.empty();
    private Optional<String> replyTo = Optional.empty();
    private Optional<String> subject = Optional.empty();
    private Optional<Integer> importance = Optional.empty();
    private Optional<DraftEdit.Body> body = Optional.empty();
    private Optional<Status> problem = Optional.empty();
    private boolean send;
    private long bytes;

    DraftReader(DraftSpools spools) {
        this.spools = spools;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Reads an element if it is one of a draft; false, and nothing read, if not. */
    boolean take(WbxmlReader in) {
        if (!spools.takesDrafts()) {
            return false;
        }
        switch (in.tag()) {
            case Email.TO -> to = Optional.of(text(in));
            case Email.CC -> cc = Optional.of(text(in));
            case Email2.BCC -> bcc = Optional.of(text(in));
            case Email.REPLY_TO -> replyTo = Optional.of(text(in));
            case Email.SUBJECT -> subject = Optional.of(text(in));
            case Email.IMPORTANCE -> importance = importance(text(in));
            case AirSyncBase.BODY -> readBody(in);
            case AirSyncBase.ATTACHMENTS -> readAttachments(in);
            case Email2.SEND -> {
                in.skip();
                digest(Email2.SEND, "");
                send = true;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    DraftData data() {
        var edit = new DraftEdit(to, cc, bcc, replyTo, subject, importance, body, added, List.of());
        if (edit.equals(DraftEdit.NOTHING) && deleted.isEmpty() && problem.isEmpty() && !send) {
            return DraftData.NOTHING;
        }
        return new DraftData(edit, deleted, send, HexFormat.of().formatHex(digest.digest(), 0, 16), problem);
    }

    private String text(WbxmlReader in) {
        var tag = in.tag();
        var text = in.text();
        digest(tag, text);
        return text;
    }

    private void digest(Tag tag, String text) {
        digest.update((tag.tagName() + "=" + text.length() + ":" + text + "\n").getBytes(UTF_8));
    }

    /** The first problem is the one that is told. */
    private void fail(Status status) {
        problem = problem.or(() -> Optional.of(status));
    }

    private Optional<Integer> importance(String text) {
        return switch (text.strip()) {
            case "0", "1", "2" -> Optional.of(Integer.parseInt(text.strip()));
            default -> {
                fail(SyncStatus.CONVERSION_ERROR);
                yield Optional.empty();
            }
        };
    }

    private void readBody(WbxmlReader in) {
        var type = "";
        Optional<MessageSource> data = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case AirSyncBase.TYPE -> type = text(in);
                case AirSyncBase.DATA -> data = Optional.of(bytes(in));
                default -> in.skip(); // its size is seen, and whether it is cut is for what a server sends
            }
        }
        if (data.isEmpty() && !type.equals(MIME)) {
            data = Optional.of(MessageSource.of(new byte[0]));
        }
        var written = data;
        switch (type) {
            case "1" -> body = written.map(source -> new DraftEdit.Body.Text(false, source));
            case "2" -> body = written.map(source -> new DraftEdit.Body.Text(true, source));
            case MIME -> {
                if (written.isEmpty()) {
                    fail(SyncStatus.CONVERSION_ERROR);
                }
                body = written.map(DraftEdit.Body.Mime::new);
            }
            default -> fail(SyncStatus.CONVERSION_ERROR);
        }
    }

    private void readAttachments(WbxmlReader in) {
        while (in.child()) {
            if (added.size() + deleted.size() >= MOST_ATTACHMENTS) {
                fail(CommonStatus.ATTACHMENT_IS_TOO_LARGE);
                in.skip();
                continue;
            }
            switch (in.tag()) {
                case AirSyncBase.ADD -> readAdded(in);
                case AirSyncBase.DELETE -> {
                    digest(AirSyncBase.DELETE, "");
                    while (in.child()) {
                        if (in.tag() == AirSyncBase.FILE_REFERENCE) {
                            deleted.add(text(in));
                        } else {
                            in.skip();
                        }
                    }
                }
                default -> in.skip(); // an Attachment as the server told it: it stays
            }
        }
    }

    private void readAdded(WbxmlReader in) {
        var clientId = "";
        var name = "";
        var contentType = "";
        var method = "1";
        boolean inline = false;
        var contentId = Optional.<String>empty();
        var location = Optional.<String>empty();
        var content = Optional.<MessageSource>empty();
        digest(AirSyncBase.ADD, "");
        while (in.child()) {
            switch (in.tag()) {
                case AirSyncBase.CLIENT_ID -> clientId = text(in);
                case AirSyncBase.DISPLAY_NAME -> name = text(in);
                case AirSyncBase.CONTENT_TYPE -> contentType = text(in);
                case AirSyncBase.METHOD -> method = text(in);
                case AirSyncBase.IS_INLINE -> inline = in.flag();
                case AirSyncBase.CONTENT_ID -> contentId = Optional.of(text(in).replaceAll("[<>]", ""));
                case AirSyncBase.CONTENT_LOCATION -> location = Optional.of(text(in));
                case AirSyncBase.CONTENT -> content = Optional.of(bytes(in)).filter(source -> source.size() > 0);
                default -> in.skip();
            }
        }
        if (clientId.isEmpty() || clientId.length() > 100) {
            fail(SyncStatus.CONVERSION_ERROR);
            return;
        }
        // 5 is an embedded message. Source: MS-ASAIRS "Method (Add)".
        added.add(new DraftEdit.NewAttachment(
                clientId, name, contentType, method.equals("5"), inline, contentId, location, content));
    }

    /** Spools content; past the bound it is read to its end all the same, for the rest of the request. */
    private MessageSource bytes(WbxmlReader in) {
        var tag = in.tag();
        digest(tag, "");
        var spool = spools.open();
        try (var source = in.bytes()) {
            copy(source, spool);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        digest(tag, Long.toString(spool.size()));
        return DraftMaker.source(spool);
    }

    private void copy(InputStream source, Spool spool) throws IOException {
        var buffer = new byte[COPY_BYTES];
        for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
            bytes += n;
            if (bytes > spools.mostBytes()) {
                fail(CommonStatus.ATTACHMENT_IS_TOO_LARGE);
            } else {
                spool.out().write(buffer, 0, n);
                digest.update(buffer, 0, n);
            }
        }
    }
}
