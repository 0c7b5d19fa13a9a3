package org.airpost.convert;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Spool;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.XmlText;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.ItemOperations;

/** Writes bodies, their data in the document or in a part beside it. Source: MS-ASAIRS "Body", "BodyPart". */
final class Bodies {

    /** Status of a BodyPart. Source: MS-ASAIRS "Status". */
    private static final int DONE = 1;

    private static final int TOO_LARGE = 176;
    private static final int IN_MEMORY = 256 << 10;

    private Bodies() {}

    static void write(WbxmlWriter out, BodyMaker.Body body, Optional<MailConverter.Parts> parts) {
        out.start(AirSyncBase.BODY);
        start(out, body.type(), body.size(), body.truncated());
        body.data().ifPresent(data -> {
            if (parts.isPresent()) {
                var spool = new Spool(IN_MEMORY, Long.MAX_VALUE);
                try {
                    spool.out().write(data.utf8());
                } catch (IOException e) {
                    spool.close();
                    throw new UncheckedIOException(e);
                }
                out.text(ItemOperations.PART, parts.get().add(spool));
            } else {
                out.text(AirSyncBase.DATA, data);
            }
        });
        end(out, body.preview());
    }

    static void write(WbxmlWriter out, BodyMaker.BodyPart part) {
        out.start(AirSyncBase.BODY_PART).text(AirSyncBase.STATUS, part.body().isPresent() ? DONE : TOO_LARGE);
        if (part.body().isEmpty()) {
            out.text(AirSyncBase.TYPE, BodyType.HTML.code())
                    .text(AirSyncBase.ESTIMATED_DATA_SIZE, 0)
                    .end();
            return;
        }
        var body = part.body().get();
        start(out, body.type(), body.size(), body.truncated());
        body.data().ifPresent(data -> out.text(AirSyncBase.DATA, data));
        end(out, body.preview());
    }

    /**
     * Writes a body of type 4. The spool is closed, or given away as a part.
     *
     * @param size of the whole message
     */
    static void writeMime(
            WbxmlWriter out,
            ProtocolVersion version,
            Spool mime,
            long size,
            boolean truncated,
            Optional<String> preview,
            Optional<MailConverter.Parts> parts) {
        out.start(AirSyncBase.BODY);
        start(out, BodyType.MIME, size, truncated);
        if (parts.isPresent()) {
            out.text(ItemOperations.PART, parts.get().add(mime));
        } else {
            try (mime) {
                data(out, version, mime);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        end(out, preview);
    }

    /** Opaque from 14.0 on; text before, unless that would change a byte. */
    private static void data(WbxmlWriter out, ProtocolVersion version, Spool mime) throws IOException {
        boolean text = !version.atLeast(ProtocolVersion.V14_0) && isText(mime);
        try (var bytes = mime.open()) {
            if (text) {
                out.text(AirSyncBase.DATA, bytes);
            } else {
                out.opaque(AirSyncBase.DATA, mime.size(), bytes);
            }
        }
    }

    /** True if the bytes are UTF-8 and hold no character that XML forbids. */
    private static boolean isText(Spool mime) throws IOException {
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var in = ByteBuffer.allocate(8 << 10).limit(0);
        var out = CharBuffer.allocate(8 << 10);
        try (InputStream bytes = mime.open()) {
            while (true) {
                in.compact();
                int read = bytes.read(in.array(), in.position(), in.remaining());
                in.position(in.position() + Math.max(0, read)).flip();
                if (decoder.decode(in, out, read < 0).isError()) {
                    return false;
                }
                out.flip();
                while (out.hasRemaining()) {
                    if (!XmlText.isAllowed(out.get())) {
                        return false;
                    }
                }
                out.clear();
                if (read < 0) {
                    return true;
                }
            }
        }
    }

    private static void start(WbxmlWriter out, BodyType type, long size, boolean truncated) {
        out.text(AirSyncBase.TYPE, type.code())
                .text(AirSyncBase.ESTIMATED_DATA_SIZE, Math.min(size, 0xFFFF_FFFFL))
                .flag(AirSyncBase.TRUNCATED, truncated);
    }

    private static void end(WbxmlWriter out, Optional<String> preview) {
        preview.filter(words -> !words.isEmpty()).ifPresent(words -> out.text(AirSyncBase.PREVIEW, words));
        out.end();
    }
}
