package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.airpost.backend.MessageSource;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.eas.Spool;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.ComposeMail;

/**
 * What a phone asks to send, in either form: a WBXML document from 14.0 on, message/rfc822 with parameters in the query
 * before. Close it when the message is sent. Source: MS-ASCMD "SendMail", "SmartReply", "SmartForward".
 *
 * @param identity a hash that a repeat of the request has too
 * @param isByContent true if the identity is that of the bytes, for want of a ClientId
 * @param complete the phone has put the original in itself (ReplaceMime)
 * @param source the message that is replied to or forwarded, if one is named
 */
record SendRequest(
        String identity,
        boolean isByContent,
        Optional<String> accountId,
        boolean save,
        boolean complete,
        Optional<LongId> source,
        Spool spool)
        implements AutoCloseable {

    private static final int IN_MEMORY = 256 << 10;
    private static final int COPY_BYTES = 64 << 10;
    private static final String INSTANCE = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z";

    static boolean isPlain(Request request) {
        return request.contentType().equals("message/rfc822");
    }

    /** A draft that is sent as it is. */
    static SendRequest draft(String identity, Spool message) {
        return new SendRequest(identity, false, Optional.empty(), true, true, Optional.empty(), copy(message));
    }

    /** Reads a request; Status 122 for a message of more than {@code mostBytes}. */
    static SendRequest read(Request request, Tag root, long mostBytes) {
        return isPlain(request) ? plain(request, root, mostBytes) : document(request, root, mostBytes);
    }

    private static SendRequest plain(Request request, Tag root, long mostBytes) {
        checkSize(request.body().size(), mostBytes);
        var digest = sha256();
        var spool = new Spool(IN_MEMORY, Long.MAX_VALUE);
        try (var in = new DigestInputStream(request.openBody(), digest)) {
            in.transferTo(spool.out());
            var parameters = request.line().parameters();
            var item = Optional.ofNullable(parameters.get(Parameter.ITEM_ID))
                    .or(() -> Optional.ofNullable(parameters.get(Parameter.LONG_ID)));
            return new SendRequest(
                    HexFormat.of().formatHex(digest.digest()),
                    true,
                    Optional.empty(),
                    request.line().saveInSent(),
                    false,
                    item.filter(i -> hasOriginal(root)).map(SendRequest::id),
                    spool);
        } catch (IOException e) {
            spool.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    /** The work may last longer than the request, whose spools end with it. */
    private static Spool copy(Spool message) {
        var spool = new Spool(IN_MEMORY, Long.MAX_VALUE);
        try (var in = message.open()) {
            in.transferTo(spool.out());
            return spool;
        } catch (IOException e) {
            spool.close();
            throw new UncheckedIOException(e);
        }
    }

    private static SendRequest document(Request request, Tag root, long mostBytes) {
        var in = request.document();
        var spool = new Spool(IN_MEMORY, Long.MAX_VALUE);
        try {
            var clientId = "";
            var accountId = Optional.<String>empty();
            boolean save = false;
            boolean complete = false;
            var source = Optional.<LongId>empty();
            var forwardees = new Forwardees();
            boolean forwards =
                    root.equals(ComposeMail.SMART_FORWARD) && request.version().atLeast(ProtocolVersion.V16_0);
            in.root(root);
            while (in.child()) {
                switch (in.tag()) {
                    case ComposeMail.CLIENT_ID -> clientId = in.text();
                    case ComposeMail.ACCOUNT_ID -> accountId = Optional.of(in.text());
                    case ComposeMail.SAVE_IN_SENT_ITEMS -> save = in.flag();
                    case ComposeMail.REPLACE_MIME -> complete = in.flag();
                    case ComposeMail.SOURCE -> source = source(in).filter(id -> hasOriginal(root));
                    case ComposeMail.MIME -> spool(in.bytes(), spool, mostBytes);
                    case ComposeMail.FORWARDEES -> forwardees.readPeople(in);
                    case AirSyncBase.BODY -> forwardees.readBody(in);
                    default -> in.skip();
                }
            }
            if (clientId.isEmpty()) {
                throw new StatusException(CommonStatus.INVALID_XML, "no ClientId");
            }
            if (spool.size() == 0 && forwards && source.isPresent()) {
                spool(new ByteArrayInputStream(forwardees.message()), spool, mostBytes);
            }
            if (spool.size() == 0) {
                throw new StatusException(CommonStatus.INVALID_MIME, "no Mime");
            }
            var identity = HexFormat.of().formatHex(sha256().digest(clientId.getBytes(UTF_8)));
            return new SendRequest(identity, false, accountId, save, complete, source, spool);
        } catch (RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    /** Source: MS-ASCMD_R541 for InstanceId; mail does not recur, so a valid one has no occurrence to name. */
    private static Optional<LongId> source(WbxmlReader in) {
        var item = Optional.<String>empty();
        while (in.child()) {
            switch (in.tag()) {
                case ComposeMail.ITEM_ID, ComposeMail.LONG_ID -> item = Optional.of(in.text());
                case ComposeMail.INSTANCE_ID -> {
                    var instance = in.text();
                    throw instance.matches(INSTANCE)
                            ? new StatusException(CommonStatus.NO_RECURRENCE_IN_CALENDAR, "InstanceId " + instance)
                            : new StatusException(CommonStatus.INVALID_DATE_TIME, "InstanceId " + instance);
                }
                default -> in.skip();
            }
        }
        return item.map(SendRequest::id);
    }

    private static boolean hasOriginal(Tag root) {
        return !root.equals(ComposeMail.SEND_MAIL);
    }

    private static LongId id(String text) {
        return LongId.parse(text)
                .orElseThrow(() -> new StatusException(CommonStatus.ITEM_NOT_FOUND, "item \"" + text + "\""));
    }

    private static void spool(InputStream mime, Spool spool, long mostBytes) {
        var buffer = new byte[COPY_BYTES];
        try (var out = spool.out()) {
            for (int n = mime.read(buffer); n >= 0; n = mime.read(buffer)) {
                checkSize(spool.size() + n, mostBytes);
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkSize(long size, long mostBytes) {
        if (size > mostBytes) {
            throw new StatusException(
                    CommonStatus.ATTACHMENT_IS_TOO_LARGE, "%d bytes or more, at most %d".formatted(size, mostBytes));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The message as the phone made it. */
    MessageSource mime() {
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

    @Override
    public void close() {
        spool.close();
    }
}
