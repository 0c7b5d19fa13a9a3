package org.airpost.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.airpost.command.Answer;
import org.airpost.eas.Spool;

/** Reads a request's body into a spool, within bounds. Source: HT-10. */
final class BodyReader {

    private static final int BUFFER = 16 << 10;

    /** Below this size no body is taken for a bomb: a short text of one letter is no attack. */
    private static final int RATIO_FROM = 1 << 20;

    private final long most;
    private final int ratio;

    BodyReader(long most, int ratio) {
        this.most = most;
        this.ratio = ratio;
    }

    /** The whole body; whoever asked closes it. Refuses with 413 one too large, with 400 gzip that is broken or a bomb. */
    Spool read(BodyStream body, boolean gzip) throws IOException, RefusedException {
        var spool = new Spool(Answer.IN_MEMORY, most);
        try {
            if (gzip) {
                unzip(body, spool);
            } else {
                copy(body, body, spool, false);
            }
            return spool;
        } catch (IOException | RefusedException | RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    private void unzip(BodyStream body, Spool spool) throws IOException, RefusedException {
        try (var in = new GZIPInputStream(body)) {
            copy(in, body, spool, true);
        } catch (ZipException | EOFException e) {
            throw new RefusedException(400, "the body says it is gzip, and is not: " + e.getMessage());
        }
        if (body.read() >= 0) {
            throw new RefusedException(400, "something follows the gzip body");
        }
    }

    private void copy(InputStream in, BodyStream wire, Spool spool, boolean expands)
            throws IOException, RefusedException {
        var out = spool.out();
        var buffer = new byte[BUFFER];
        long size = 0;
        for (int count; (count = in.read(buffer)) >= 0; ) {
            size += count;
            if (size > most) {
                throw new RefusedException(413, "the body is larger than %d bytes".formatted(most));
            }
            if (expands && size > RATIO_FROM && size / ratio > wire.received()) {
                throw new RefusedException(
                        400, "%d bytes of gzip grew to more than %d times as much".formatted(wire.received(), ratio));
            }
            out.write(buffer, 0, count);
        }
        out.flush();
    }

    /** Reads what is left and throws it away; false if that is more than {@code bytes}. */
    static boolean skip(BodyStream body, long bytes) throws IOException {
        var buffer = new byte[BUFFER];
        long left = bytes;
        for (int count; (count = body.read(buffer)) >= 0; ) {
            left -= count;
            if (left < 0) {
                return false;
            }
        }
        return true;
    }
}
