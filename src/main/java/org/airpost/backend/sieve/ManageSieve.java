package org.airpost.backend.sieve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.backend.Credentials;
import org.airpost.backend.Security;
import org.airpost.backend.Tls;

/** One connection to a ManageSieve server. All of it together takes no longer than the settings say. Source: RFC 5804. */
final class ManageSieve implements AutoCloseable {

    private static final int LARGEST_SCRIPT = 1 << 20;
    private static final int LARGEST_ANSWER = 2 << 20;

    private final long end;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private int readBytes;
    private Map<String, String> capabilities = Map.of();

    /** The server said no, in its words. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean atSignIn;

        RefusedException(String words, boolean atSignIn) {
            super(words);
            this.atSignIn = atSignIn;
        }

        /** True if it refuses the user, and not what they want. */
        boolean atSignIn() {
            return atSignIn;
        }
    }

    /** A script that the server has. */
    record Script(String name, boolean isActive) {}

    /** The answer to a command: lines of strings, and what stood behind OK or NO. */
    private record Reply(String result, List<List<String>> lines, String words) {}

    private ManageSieve(Socket socket, long end) throws IOException {
        this.socket = socket;
        this.end = end;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** Connects and signs in. */
    static ManageSieve open(SieveSettings settings, Tls tls, Credentials credentials)
            throws IOException, RefusedException {
        long end = System.nanoTime() + settings.timeLimit().toNanos();
        var socket = new Socket();
        try {
            socket.connect(
                    new InetSocketAddress(settings.host(), settings.port()),
                    Math.toIntExact(settings.connectTimeout().toMillis()));
            socket.setSoTimeout(Math.toIntExact(settings.timeLimit().toMillis()));
            var secured =
                    settings.security() == Security.TLS ? tls.over(socket, settings.host(), settings.port()) : socket;
            var connection = new ManageSieve(secured, end);
            connection.readCapabilities();
            if (settings.security() == Security.STARTTLS) {
                connection.startTls(settings, tls);
            }
            connection.signIn(credentials);
            return connection;
        } catch (IOException | RefusedException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private void startTls(SieveSettings settings, Tls tls) throws IOException, RefusedException {
        if (!capabilities.containsKey("STARTTLS")) {
            throw new RefusedException("no STARTTLS", true);
        }
        command("STARTTLS");
        if (in.available() > 0 || at < filled) {
            // Source: the command injection of CVE-2011-0411: nothing may stand before the handshake.
            throw new IOException("bytes between STARTTLS and TLS");
        }
        var secured = tls.over(socket, settings.host(), settings.port());
        socket = secured;
        in = secured.getInputStream();
        out = secured.getOutputStream();
        readCapabilities(); // those of before are worth nothing (RFC 5804 §2.2)
    }

    private void readCapabilities() throws IOException, RefusedException {
        var found = new HashMap<String, String>();
        for (var line : good(read()).lines()) {
            found.put(line.getFirst().toUpperCase(Locale.ROOT), line.size() > 1 ? line.get(1) : "");
        }
        capabilities = Map.copyOf(found);
    }

    private void signIn(Credentials credentials) throws IOException, RefusedException {
        var line = "AUTHENTICATE \"PLAIN\" \""
                + Base64.getEncoder().encodeToString(credentials.plain().getBytes(UTF_8)) + '"';
        try {
            command(line);
        } catch (RefusedException e) {
            throw new RefusedException(String.valueOf(e.getMessage()), true);
        }
    }

    /** The Sieve extensions that scripts may use, in lower case. */
    Set<String> extensions() {
        return Arrays.stream(capabilities.getOrDefault("SIEVE", "").split(" +", 0))
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    List<Script> scripts() throws IOException, RefusedException {
        return command("LISTSCRIPTS").lines().stream()
                .map(line -> new Script(
                        line.getFirst(), line.size() > 1 && line.get(1).equalsIgnoreCase("ACTIVE")))
                .toList();
    }

    String script(String name) throws IOException, RefusedException {
        return command("GETSCRIPT", name).lines().stream()
                .findFirst()
                .map(List::getFirst)
                .orElse("");
    }

    void put(String name, String script) throws IOException, RefusedException {
        command("PUTSCRIPT", name, script);
    }

    /** Makes a script the active one; with an empty name none is. */
    void activate(String name) throws IOException, RefusedException {
        command("SETACTIVE", name);
    }

    void delete(String name) throws IOException, RefusedException {
        command("DELETESCRIPT", name);
    }

    private Reply command(String command, String... arguments) throws IOException, RefusedException {
        var line = new ByteArrayOutputStream();
        line.writeBytes(command.getBytes(UTF_8));
        for (var argument : arguments) {
            var bytes = argument.getBytes(UTF_8);
            line.writeBytes((" {" + bytes.length + "+}\r\n").getBytes(UTF_8));
            line.writeBytes(bytes);
        }
        line.writeBytes("\r\n".getBytes(UTF_8));
        out.write(line.toByteArray());
        out.flush();
        readBytes = 0;
        return good(read());
    }

    private static Reply good(Reply reply) throws IOException, RefusedException {
        return switch (reply.result()) {
            case "OK" -> reply;
            case "NO" -> throw new RefusedException(reply.words(), false);
            default -> throw new IOException("the server ends the connection: " + reply.words());
        };
    }

    // Reading

    private Reply read() throws IOException {
        var lines = new ArrayList<List<String>>();
        while (true) {
            var words = line();
            if (words.isEmpty()) {
                continue;
            }
            var first = words.getFirst();
            var result = first.isAtom ? first.text.toUpperCase(Locale.ROOT) : "";
            if (result.equals("OK") || result.equals("NO") || result.equals("BYE")) {
                return new Reply(
                        result, lines, words.stream().skip(1).map(Word::text).collect(Collectors.joining(" ")));
            }
            lines.add(words.stream().map(Word::text).toList());
        }
    }

    private record Word(String text, boolean isAtom) {}

    /** The words of a line, literals within it included. */
    private List<Word> line() throws IOException {
        var words = new ArrayList<Word>();
        var atom = new ByteArrayOutputStream();
        while (true) {
            int c = next();
            if (c != ' ' && c != '\r' && c != '\n' && c != '"' && c != '{') {
                atom.write(c);
                continue;
            }
            if (atom.size() > 0) {
                words.add(new Word(atom.toString(UTF_8), true));
                atom.reset();
            }
            switch (c) {
                case '"' -> words.add(new Word(quoted(), false));
                case '{' -> words.add(new Word(literal(), false));
                case '\n' -> {
                    return words;
                }
                default -> {}
            }
        }
    }

    private String quoted() throws IOException {
        var text = new ByteArrayOutputStream();
        for (int c = next(); c != '"'; c = next()) {
            text.write(c == '\\' ? next() : c);
        }
        return text.toString(UTF_8);
    }

    private String literal() throws IOException {
        var digits = new StringBuilder();
        int c = next();
        for (; c != '}'; c = next()) {
            digits.append((char) c);
        }
        var length = digits.toString().replace("+", "");
        if (!length.matches("[0-9]{1,7}") || Integer.parseInt(length) > LARGEST_SCRIPT) {
            throw new IOException("a literal of " + digits + " bytes");
        }
        if (next() != '\r' || next() != '\n') {
            throw new IOException("no line end behind the length of a literal");
        }
        var bytes = new byte[Integer.parseInt(length)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) next();
        }
        return new String(bytes, UTF_8);
    }

    private final byte[] buffer = new byte[8 << 10];
    private int at;
    private int filled;
    private Optional<InputStream> filledFrom = Optional.empty();

    private int next() throws IOException {
        if (++readBytes > LARGEST_ANSWER) {
            throw new IOException("an answer of more than " + LARGEST_ANSWER + " bytes");
        }
        if (at == filled || filledFrom.filter(in::equals).isEmpty()) {
            var left = Duration.ofNanos(end - System.nanoTime());
            if (left.toMillis() <= 0) {
                throw new SocketTimeoutException("out of time");
            }
            socket.setSoTimeout(Math.toIntExact(left.toMillis()));
            filledFrom = Optional.of(in);
            at = 0;
            filled = in.read(buffer);
            if (filled < 0) {
                filled = 0;
                throw new EOFException("the connection ended");
            }
        }
        return buffer[at++] & 0xFF;
    }

    @Override
    public void close() {
        try {
            out.write("LOGOUT\r\n".getBytes(UTF_8));
            out.flush();
        } catch (IOException e) {
            // It is gone already.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is lost with it.
        }
    }
}
