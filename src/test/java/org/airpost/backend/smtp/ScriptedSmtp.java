package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An SMTP server that takes everything but what its script says: the start of a command (or {@code .}, the end of a
 * message) and its reply; {@code close} ends the connection instead, {@code silence} says nothing. {@code SIZE} is the limit
 * in EHLO. {@code .} is also the reply to the last BDAT, {@code BDAT} that to the others.
 */
final class ScriptedSmtp implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Map<String, String> script;
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private volatile String message = "";
    private volatile boolean taken;

    ScriptedSmtp(Map<String, String> script) throws IOException {
        this.script = script;
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return socket.getLocalPort();
    }

    List<String> commands() {
        return List.copyOf(commands);
    }

    /** The bytes between DATA and the final dot, dots still doubled, or those of all chunks, one character each. */
    String message() {
        return message;
    }

    boolean isTaken() {
        return taken;
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (var client = socket.accept()) {
                client.setSoTimeout(10_000);
                talk(client);
            } catch (IOException e) {
                // The client, or the test, is done.
            }
        }
    }

    private void talk(Socket client) throws IOException {
        var in = new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
        var out = client.getOutputStream();
        var chunks = new StringBuilder();
        say(out, "220 test");
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            commands.add(new String(line.getBytes(ISO_8859_1), UTF_8));
            if (line.startsWith("BDAT ")) {
                var chunk = new char[Integer.parseInt(line.split(" ", 3)[1])];
                if (!readAll(in, chunk)) {
                    return;
                }
                chunks.append(chunk);
            }
            var reply = reply(line);
            if (line.endsWith(" LAST")) {
                message = chunks.toString();
                taken = true;
            }
            if (reply.equals("close")) {
                return;
            }
            if (reply.equals("silence")) {
                continue;
            }
            say(out, reply);
            if (line.equals("DATA") && reply.startsWith("354")) {
                var text = new StringBuilder();
                for (var data = in.readLine(); ; data = in.readLine()) {
                    if (data == null) {
                        return;
                    }
                    if (data.equals(".")) {
                        break;
                    }
                    text.append(data).append("\r\n");
                }
                message = text.toString();
                taken = true;
                var end = script.getOrDefault(".", "250 2.0.0 taken");
                if (end.equals("close")) {
                    return;
                }
                if (end.equals("silence")) {
                    continue;
                }
                say(out, end);
            }
        }
    }

    private static boolean readAll(BufferedReader in, char[] chunk) throws IOException {
        int read = 0;
        while (read < chunk.length) {
            int n = in.read(chunk, read, chunk.length - read);
            if (n < 0) {
                return false;
            }
            read += n;
        }
        return true;
    }

    private String reply(String line) {
        if (line.startsWith("BDAT ") && line.endsWith(" LAST")) {
            return script.getOrDefault(".", "250 2.0.0 taken");
        }
        for (var entry : script.entrySet()) {
            if (line.startsWith(entry.getKey()) && !entry.getKey().equals(".")) {
                return entry.getValue();
            }
        }
        if (line.startsWith("EHLO")) {
            return "250-test\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE "
                    + script.getOrDefault("SIZE", "100000000");
        }
        if (line.startsWith("AUTH")) {
            return "235 2.7.0 welcome";
        }
        return line.equals("DATA") ? "354 go on" : line.startsWith("QUIT") ? "221 bye" : "250 2.0.0 ok";
    }

    private static void say(OutputStream out, String reply) throws IOException {
        out.write((reply + "\r\n").getBytes(UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
