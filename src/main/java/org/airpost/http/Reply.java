package org.airpost.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.airpost.command.Answer;
import org.airpost.eas.Spool;

/**
 * What goes to the phone: a status, headers, and a body of known length. Source: MS-ASHTTP "Response".
 *
 * @param headers beside Date, Connection and Content-Length, which the writer adds
 * @param cookies values of Set-Cookie, each in a line of its own
 * @param start the first bytes of the body
 * @param rest what follows; closed with this
 */
record Reply(int status, Map<String, String> headers, List<String> cookies, byte[] start, List<Spool> rest)
        implements AutoCloseable {

    static final String CONTENT_TYPE = "Content-Type";
    static final String WBXML = "application/vnd.ms-sync.wbxml";

    static final String MULTI_PART = "application/vnd.ms-sync.multipart";
    private static final byte[] NOTHING = new byte[0];
    private static final int GZIP_FROM = 1 << 10;

    /** Larger documents are mostly attachments, compressed already. */
    private static final int GZIP_TO = 4 << 20;

    Reply {
        headers = Map.copyOf(headers);
        cookies = List.copyOf(cookies);
        rest = List.copyOf(rest);
    }

    /** Without cookies. */
    Reply(int status, Map<String, String> headers, byte[] start, List<Spool> rest) {
        this(status, headers, List.of(), start, rest);
    }

    /** A status and a sentence for who reads it. */
    static Reply text(int status, String text, Map<String, String> headers) {
        var all = new HashMap<>(headers);
        all.put(CONTENT_TYPE, "text/plain; charset=utf-8");
        all.put("X-Content-Type-Options", "nosniff");
        return new Reply(status, all, (text + "\n").getBytes(StandardCharsets.UTF_8), List.of());
    }

    /** A status and headers alone. */
    static Reply bare(int status, Map<String, String> headers) {
        return new Reply(status, headers, NOTHING, List.of());
    }

    static Reply html(String page) {
        return new Reply(
                200,
                Map.of(CONTENT_TYPE, "text/html; charset=utf-8", "X-Content-Type-Options", "nosniff"),
                page.getBytes(StandardCharsets.UTF_8),
                List.of());
    }

    /** What a command answered at last. The type is there with an empty body too. Source: HT-01; CLIENTS §1.1. */
    static Reply of(Answer answer) {
        return switch (answer) {
            case Answer.Document document ->
                new Reply(200, Map.of(CONTENT_TYPE, WBXML), NOTHING, List.of(document.body()));
            case Answer.Bytes(var body, var type) -> new Reply(200, Map.of(CONTENT_TYPE, type), NOTHING, List.of(body));
            case Answer.Empty _ -> bare(200, Map.of(CONTENT_TYPE, WBXML));
            case Answer.Http http -> bare(http.status(), http.headers());
            case Answer.MultiPart parts -> multiPart(parts);
            case Answer.Held _ -> throw new IllegalStateException("a held answer is not an answer yet");
        };
    }

    /** Count, then offset and length of each part, all as 4 bytes, little endian. Source: MS-ASCMD "MultiPartResponse". */
    private static Reply multiPart(Answer.MultiPart answer) {
        var parts = new ArrayList<Spool>();
        parts.add(answer.document());
        parts.addAll(answer.parts());
        var table = ByteBuffer.allocate(4 + 8 * parts.size()).order(ByteOrder.LITTLE_ENDIAN);
        table.putInt(parts.size());
        long offset = table.capacity();
        for (var part : parts) {
            table.putInt(Math.toIntExact(offset)).putInt(Math.toIntExact(part.size()));
            offset += part.size();
        }
        return new Reply(200, Map.of(CONTENT_TYPE, MULTI_PART), table.array(), parts);
    }

    /** Bytes of the body. */
    long length() {
        return start.length + rest.stream().mapToLong(Spool::size).sum();
    }

    /** The same with gzip, if it is a document that is worth it; else this. Takes over what this holds. Source: HT-10. */
    Reply compressed() throws IOException {
        if (rest.size() != 1 || start.length > 0 || length() < GZIP_FROM || length() > GZIP_TO) {
            return this;
        }
        var original = rest.getFirst();
        var zipped = new Spool(Answer.IN_MEMORY, Answer.MOST);
        try (var in = original.open();
                var out = new QuickGzip(zipped.out())) {
            in.transferTo(out);
        } catch (IOException | RuntimeException e) {
            zipped.close();
            throw e;
        }
        if (zipped.size() >= original.size()) {
            zipped.close();
            return this;
        }
        original.close();
        return new Reply(status, with("Content-Encoding", "gzip"), cookies, NOTHING, List.of(zipped));
    }

    /** The same on its way to a phone, which may take its time: little of it is in memory. */
    Reply atRest() throws IOException {
        for (var spool : rest) {
            spool.keepInMemory(Answer.IN_MEMORY);
        }
        return this;
    }

    /** With the least effort: a phone waits for the answer, and more effort gains little. */
    private static final class QuickGzip extends GZIPOutputStream {

        QuickGzip(OutputStream out) throws IOException {
            super(out, 8 << 10);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /** The same with one more header. */
    Reply plus(String name, String value) {
        return new Reply(status, with(name, value), cookies, start, rest);
    }

    private Map<String, String> with(String name, String value) {
        var all = new HashMap<>(headers);
        all.put(name, value);
        return all;
    }

    @Override
    public void close() {
        rest.forEach(Spool::close);
    }
}
