package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.airpost.bench.ChildServer;

/**
 * An SMTP server that takes mail from who signs in, and does something else where it is told to, once: {@link #on}. It keeps
 * what it has taken.
 */
public final class HostileSmtp implements AutoCloseable {

    /** Where in the dialogue. */
    public enum Step {
        GREETING,
        EHLO,
        STARTTLS,
        AUTH,
        MAIL,
        FIRST_RECIPIENT,
        LAST_RECIPIENT,
        /** DATA, or the first chunk. */
        DATA,
        /** After the first lines of the message, or within its last chunk. */
        MESSAGE,
        /** The end of the message, or its last chunk. */
        DOT,
        QUIT
    }

    /** What is done there. */
    public enum Deed {
        CLOSES,
        IS_SILENT,
        SAYS_LATER,
        SAYS_NEVER,
        SAYS_NONSENSE,
        /** The message is taken, and its sender is not told. */
        TAKES_IT_AND_CLOSES,
        TAKES_IT_AND_IS_SILENT
    }

    /** A message that was taken. */
    public record Taken(List<String> recipients, String message) {}

    private static final String STARTTLS = "250-STARTTLS\r\n";

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Map<Step, Deed> plan = new ConcurrentHashMap<>();
    private final List<Taken> taken = new CopyOnWriteArrayList<>();
    private final List<Socket> clients = new CopyOnWriteArrayList<>();
    private final String extensions;
    private final Optional<SSLContext> tls;
    private final boolean beginsWithTls;

    private HostileSmtp(String extensions, Optional<SSLContext> tls, boolean beginsWithTls) throws IOException {
        this.extensions = extensions;
        this.tls = tls;
        this.beginsWithTls = beginsWithTls;
        Thread.ofVirtual().start(this::serve);
    }

    /** A server in the clear with these extensions besides AUTH, such as PIPELINING. */
    public static HostileSmtp start(String... extensions) throws IOException {
        return new HostileSmtp(lines(extensions), Optional.empty(), false);
    }

    /** A server that wants STARTTLS, with a certificate that signs itself. */
    public static HostileSmtp startWithTls(Path directory, String... extensions)
            throws IOException, GeneralSecurityException {
        return new HostileSmtp(STARTTLS + lines(extensions), Optional.of(context(directory)), false);
    }

    /** A server that speaks TLS from the first byte, with a certificate that signs itself. */
    public static HostileSmtp startInTls(Path directory, String... extensions)
            throws IOException, GeneralSecurityException {
        return new HostileSmtp(lines(extensions), Optional.of(context(directory)), true);
    }

    private static String lines(String... extensions) {
        var lines = new StringBuilder();
        for (var extension : extensions) {
            lines.append("250-").append(extension).append("\r\n");
        }
        return lines.toString();
    }

    private static SSLContext context(Path directory) throws IOException, GeneralSecurityException {
        var file = directory.resolve("smtp.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "smtp",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool").toFile())
                .start();
        ChildServer.await(keytool);
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, "secret".toCharArray());
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "secret".toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** Does this the next time that a dialogue comes to the step. */
    public void on(Step step, Deed deed) {
        plan.put(step, deed);
    }

    /** True if all that was to be done is done. */
    public boolean isDone() {
        return plan.isEmpty();
    }

    /** Forgets what was to be done; true if something was left of it. */
    public boolean forget() {
        boolean left = !isDone();
        plan.clear();
        return left;
    }

    /** What was taken, oldest first. */
    public List<Taken> taken() {
        return List.copyOf(taken);
    }

    private void serve() {
        while (!socket.isClosed()) {
            try {
                var client = socket.accept();
                clients.add(client);
                Thread.ofVirtual().start(() -> {
                    try (client) {
                        client.setSoTimeout(20_000);
                        new Dialogue(client).run();
                    } catch (IOException e) {
                        // The client, or the test, is done.
                    } finally {
                        clients.remove(client);
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    /** Ends a dialogue. */
    private static final class EndedException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private final class Dialogue {

        private BufferedReader in;
        private OutputStream out;
        private Socket client;
        private boolean secure;
        private boolean signedIn;
        private final List<String> recipients = new ArrayList<>();
        private final StringBuilder chunks = new StringBuilder();
        private int asked;

        Dialogue(Socket client) throws IOException {
            this.client = client;
            this.in = new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
            this.out = client.getOutputStream();
        }

        void run() throws IOException {
            if (beginsWithTls) {
                secure();
            }
            say(Step.GREETING, "220 hostile");
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                answer(line);
            }
        }

        private void answer(String line) throws IOException {
            var verb = line.split("[ :]", 2)[0];
            switch (verb) {
                case "EHLO" ->
                    say(
                            Step.EHLO,
                            "250-hostile\r\n%s250-8BITMIME\r\n250 AUTH PLAIN LOGIN"
                                    .formatted(secure ? extensions.replace(STARTTLS, "") : extensions));
                case "STARTTLS" -> {
                    say(Step.STARTTLS, "220 go on");
                    secure();
                }
                case "AUTH" -> signedIn = say(Step.AUTH, "235 2.7.0 welcome");
                case "MAIL" -> {
                    recipients.clear();
                    chunks.setLength(0);
                    asked = 0;
                    if (signedIn) {
                        say(Step.MAIL, "250 2.1.0 ok");
                    } else {
                        write("530 5.7.0 sign in first");
                    }
                }
                case "RCPT" -> {
                    asked++;
                    if (say(asked == 1 ? Step.FIRST_RECIPIENT : Step.LAST_RECIPIENT, "250 2.1.5 ok")) {
                        recipients.add(line.replaceAll(".*<(.*)>.*", "$1"));
                    }
                }
                case "DATA" -> {
                    if (recipients.isEmpty()) {
                        write("554 5.5.1 nobody gets it");
                    } else if (say(Step.DATA, "354 go on")) {
                        message();
                    }
                }
                case "BDAT" -> chunk(Integer.parseInt(line.split(" ", 3)[1]), line.endsWith(" LAST"));
                case "QUIT" -> {
                    say(Step.QUIT, "221 bye");
                    throw new EndedException();
                }
                default -> write("250 2.0.0 ok");
            }
        }

        private void message() throws IOException {
            var text = new StringBuilder();
            int lines = 0;
            for (var line = in.readLine(); ; line = in.readLine()) {
                if (line == null) {
                    throw new EndedException();
                }
                if (++lines == 3) {
                    var deed = Optional.ofNullable(plan.remove(Step.MESSAGE));
                    if (deed.isPresent()) {
                        does(deed.get());
                    }
                }
                if (line.equals(".")) {
                    break;
                }
                text.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
            }
            end(text.toString());
        }

        private void chunk(int bytes, boolean last) throws IOException {
            for (int i = 0; i < bytes; i++) {
                var deed = i == bytes / 2 && last
                        ? Optional.ofNullable(plan.remove(Step.MESSAGE))
                        : Optional.<Deed>empty();
                if (deed.isPresent()) {
                    does(deed.get());
                }
                int next = in.read();
                if (next < 0) {
                    throw new EndedException();
                }
                chunks.append((char) next);
            }
            if (recipients.isEmpty()) {
                write("554 5.5.1 nobody gets it");
            } else if (last) {
                end(chunks.toString());
            } else {
                say(Step.DATA, "250 2.0.0 go on");
            }
        }

        private void end(String message) throws IOException {
            var all = new Taken(List.copyOf(recipients), message);
            var deed = Optional.ofNullable(plan.remove(Step.DOT));
            if (deed.isEmpty()) {
                taken.add(all);
                write("250 2.0.0 taken");
                return;
            }
            if (deed.get() == Deed.TAKES_IT_AND_CLOSES || deed.get() == Deed.TAKES_IT_AND_IS_SILENT) {
                taken.add(all);
            }
            does(deed.get());
        }

        private void secure() throws IOException {
            var factory = tls.orElseThrow(() -> new IOException("no TLS here")).getSocketFactory();
            if (!(factory.createSocket(client, "127.0.0.1", client.getPort(), true) instanceof SSLSocket wrapped)) {
                throw new IOException("not a TLS socket");
            }
            wrapped.setUseClientMode(false);
            client = wrapped;
            in = new BufferedReader(new InputStreamReader(wrapped.getInputStream(), ISO_8859_1));
            out = wrapped.getOutputStream();
            secure = true;
        }

        /** Says this, unless something else is to be done here; true if it was said. */
        private boolean say(Step step, String reply) throws IOException {
            var deed = Optional.ofNullable(plan.remove(step));
            if (deed.isEmpty()) {
                write(reply);
                return true;
            }
            does(deed.get());
            return false;
        }

        private void does(Deed deed) throws IOException {
            switch (deed) {
                case CLOSES, TAKES_IT_AND_CLOSES -> throw new EndedException();
                case IS_SILENT, TAKES_IT_AND_IS_SILENT -> {
                    while (in.readLine() != null) {
                        // Until the client has had enough.
                    }
                    throw new EndedException();
                }
                case SAYS_LATER -> write("451 4.3.0 later");
                case SAYS_NEVER -> write("550 5.3.0 never");
                case SAYS_NONSENSE -> {
                    write("hello?");
                    throw new EndedException();
                }
            }
        }

        private void write(String reply) throws IOException {
            out.write((reply + "\r\n").getBytes(ISO_8859_1));
            out.flush();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (var client : clients) {
            client.close();
        }
    }
}
