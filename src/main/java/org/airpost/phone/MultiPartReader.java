package org.airpost.phone;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Takes an answer of several parts to pieces. Part 0 is the document. Source: MS-ASCMD "MultiPartResponse". */
final class MultiPartReader {

    private static final int MOST_PARTS = 10_000;

    private MultiPartReader() {}

    static List<byte[]> parts(byte[] body) {
        var in = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        if (body.length < 4) {
            throw new PhoneException(200, "a multipart answer of %d bytes".formatted(body.length));
        }
        int count = in.getInt();
        if (count < 1 || count > MOST_PARTS || in.remaining() < count * 8) {
            throw new PhoneException(200, "a multipart answer of %d parts in %d bytes".formatted(count, body.length));
        }
        var parts = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            int offset = in.getInt();
            int length = in.getInt();
            if (offset < 0 || length < 0 || (long) offset + length > body.length) {
                throw new PhoneException(
                        200,
                        "part %d of a multipart answer: offset %d, length %d in %d bytes"
                                .formatted(i, offset, length, body.length));
            }
            var part = new byte[length];
            System.arraycopy(body, offset, part, 0, length);
            parts.add(part);
        }
        return parts;
    }
}
