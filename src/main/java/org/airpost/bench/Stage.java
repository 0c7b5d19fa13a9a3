package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.config.Config;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.store.Store;
import org.airpost.store.mapdb.MapDbStore;

/**
 * What is measured: a Dovecot, a gateway that reaches it through a proxy that counts, and phones that come over HTTPS. The
 * mailboxes are of sdbox unless said otherwise: a large Maildir is read anew at each new mail, which costs Dovecot half a second and hides what the
 * gateway costs.
 */
final class Stage implements AutoCloseable {

    static final String PASSWORD = "secret";

    /** Messages added in one command. */
    private static final int AT_ONCE = 200;

    private final Path directory = Files.createTempDirectory("airpost-bench");
    private final DovecotServer dovecot;
    private final CountingProxy proxy;
    private final Gateway gateway;
    private final CountingStore store;
    private final SSLContext tls;

    /** Starts all of it; Dovecot without these capabilities. */
    Stage(String... without) throws IOException {
        this(new Lines(""), without);
    }

    /** Lines for the configuration of Dovecot. */
    record Lines(String text) {}

    /** Starts all of it, Dovecot with more in its configuration and without these capabilities. */
    Stage(Lines more, String... without) throws IOException {
        this("sdbox", more, true, without);
    }

    /** Starts all of it, Dovecot with mailboxes of this format. */
    static Stage of(String format) throws IOException {
        return new Stage(format, new Lines(""), true);
    }

    /** The same with a gateway that speaks to Dovecot itself: nothing is counted. */
    static Stage direct(String format) throws IOException {
        return new Stage(format, new Lines(""), false);
    }

    private Stage(String format, Lines more, boolean counts, String... without) throws IOException {
        if (!DovecotServer.isInstalled()) {
            throw new IOException(
                    "this measurement needs Dovecot, and root to start it: apt-get install dovecot-imapd");
        }
        dovecot = DovecotServer.start(format, false, more.text(), without);
        proxy = new CountingProxy(dovecot.port());
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "1 s");
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString());
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(counts ? proxy.port() : dovecot.port()));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.put("AIRPOST_THROTTLE_PER_DEVICE", "1000000");
        settings.put("AIRPOST_THROTTLE_PER_USER", "1000000");
        settings.put("AIRPOST_THROTTLE_PINGS", "1000000");
        store = new CountingStore(new MapDbStore(directory.resolve("airpost.db"), InstantSource.system()));
        gateway = Gateway.start(Config.load(Optional.empty(), settings), store);
        tls = new Tls(new Trust.Authorities(gateway.authority().orElseThrow())).context();
    }

    DovecotServer dovecot() {
        return dovecot;
    }

    CountingProxy proxy() {
        return proxy;
    }

    CountingStore store() {
        return store;
    }

    /** A user whose Inbox holds these messages. */
    void user(String name, Iterable<byte[]> messages) throws IOException {
        dovecot.addUser(name, PASSWORD);
        try (var imap = bare(name)) {
            var some = new ArrayList<BareImap.Mail>();
            int n = 0;
            for (byte[] message : messages) {
                // Every tenth is unread.
                var flags = ++n % 10 == 0
                        ? ""
                        : n % 7 == 0 ? "\\Seen \\Flagged" : n % 3 == 0 ? "\\Seen \\Answered" : "\\Seen";
                some.add(new BareImap.Mail(message, flags));
                if (some.size() == AT_ONCE) {
                    imap.appendAll("INBOX", some);
                    some.clear();
                }
            }
            if (!some.isEmpty()) {
                imap.appendAll("INBOX", some);
            }
        }
    }

    /** Has Dovecot forget what it knows of a user's messages besides their flags. */
    void forgetCache(String user) throws IOException {
        try (var files = Files.walk(dovecot.mail(user))) {
            for (var file :
                    files.filter(one -> one.endsWith("dovecot.index.cache")).toList()) {
                Files.delete(file);
            }
        }
    }

    /** A message with text and HTML as mail programs send it, of about so many bytes. */
    static byte[] message(int n, int bytes) {
        int words = Math.max(1, bytes / 2 / 60);
        var text = "Hello Anna, this is line after line of number %07d, some 60 long.\r\n"
                .formatted(n)
                .repeat(words);
        var html = "<p>Hello Anna, this is line after line of <b>%07d</b>, 60 long.</p>\r\n"
                .formatted(n)
                .repeat(words);
        return """
                Return-Path: <bob@example.org>
                Received: from mx.example.org (mx.example.org [192.0.2.1]) by imap.example.org; Tue, 03 Mar 2026 10:00:00 +0000
                Message-ID: <%1$s@example.org>
                Date: Tue, 03 Mar 2026 10:00:00 +0000
                From: Bob Builder <bob@example.org>
                To: Anna <anna@example.org>
                Subject: Number %2$d of many
                MIME-Version: 1.0
                Content-Type: multipart/alternative; boundary="b"

                --b
                Content-Type: text/plain; charset=utf-8

                %3$s
                --b
                Content-Type: text/html; charset=utf-8

                %4$s
                --b--
                """.replace("\n", "\r\n")
                .formatted(UUID.randomUUID(), n, text, html)
                .getBytes(UTF_8);
    }

    /** A new phone of a user, signed in and with its folders. */
    Phone phone(String user) {
        var id = UUID.randomUUID().toString().replace("-", "");
        var phone = new Phone(gateway.address(), user, PASSWORD, ProtocolVersion.V16_1, id, "AirpostPhone", tls);
        phone.provision();
        phone.folderSync();
        return phone;
    }

    static String inbox(Phone phone) {
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
    }

    /** A client of the server itself, past gateway and proxy. */
    BareImap bare(String user) throws IOException {
        return new BareImap(dovecot.host(), dovecot.port(), user, PASSWORD);
    }

    /** What ran here, for the head of a report. */
    static String machine() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        return "%d cores, %s %s, Java %s, load %.2f"
                .formatted(
                        system.getAvailableProcessors(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        Runtime.version(),
                        system.getSystemLoadAverage());
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        proxy.close();
        dovecot.close();
        ChildServer.delete(directory);
    }

    /** A store that counts what is written to it. */
    static final class CountingStore implements Store {

        private final Store store;
        private final AtomicLong bytes = new AtomicLong();

        CountingStore(Store store) {
            this.store = store;
        }

        /** Bytes of keys and values written so far. */
        long bytes() {
            return bytes.get();
        }

        @Override
        public Optional<Versioned> get(String key) {
            return store.get(key);
        }

        @Override
        public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
            bytes.addAndGet(key.length() + (long) value.length);
            return store.put(key, value, expected, expiry);
        }

        @Override
        public boolean delete(String key, long expected) {
            return store.delete(key, expected);
        }

        @Override
        public List<Entry> scan(String prefix, String after, int limit) {
            return store.scan(prefix, after, limit);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
