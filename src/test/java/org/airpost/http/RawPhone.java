package org.airpost.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** A client that sends whatever bytes a test wants and reads answers one by one. */
final class RawPhone implements AutoCloseable {

    /** One answer. Headers are looked up by name in any case, empty if not there. */
    record Seen(int status, String head, String body) {

        String header(String name) {
            for (var line : head.split("\r\n", -1)) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            return "";
        }
    }

    private final Socket socket;
    private final InputStream in;

    RawPhone(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(20_000);
        this.in = socket.getInputStream();
    }

    RawPhone send(String bytes) throws IOException {
        return send(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawPhone send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    Seen read() throws IOException {
        return readSlowly(Integer.MAX_VALUE, Duration.ZERO);
    }

    /** The same, with a pause after each so many bytes of the body. */
    Seen readSlowly(int bytes, Duration pause) throws IOException {
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("after \"" + head + "\"");
            }
            head.append((char) next);
        }
        var text = head.toString();
        var seen = new Seen(Integer.parseInt(text.split(" ", 3)[1]), text, "");
        var length = seen.header("Content-Length");
        int count = length.isEmpty() ? 0 : Integer.parseInt(length);
        var body = new ByteArrayOutputStream(count);
        while (body.size() < count) {
            var some = in.readNBytes(Math.min(bytes, count - body.size()));
            if (some.length == 0) {
                break;
            }
            body.write(some);
            LockSupport.parkNanos(pause.toNanos());
        }
        return new Seen(seen.status(), text, body.toString(StandardCharsets.ISO_8859_1));
    }

    /** Reads on until the server closes; what came. A reset is an end too. */
    String readToEnd() {
        var all = new ByteArrayOutputStream();
        try {
            for (int next; (next = in.read()) >= 0; ) {
                all.write(next);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the server did not close", e);
        } catch (IOException e) {
            return all.toString(StandardCharsets.ISO_8859_1);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
