package org.airpost.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.Source;
import org.airpost.phone.SyncRequest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how much heap a large mail takes on its way from the phone to the mail server. */
@Command(
        name = "big",
        description = {
            "Sends large mails from phones and forwards a large original, through a gateway in a process of its own to a",
            "Dovecot of its own and an SMTP server that forgets; prints the most heap in use, beyond what it was before."
        },
        mixinStandardHelpOptions = true)
public final class BenchBig implements Callable<Integer> {

    private static final int TARGET_MIB = 16;
    private static final int TRIES = 20;
    private static final String USER = "big";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--megabytes", defaultValue = "50", description = "of a mail, in 10^6 bytes; ${DEFAULT-VALUE}")
    private int megabytes;

    @Option(names = "--heap", defaultValue = "64m", description = "-Xmx of the gateway; ${DEFAULT-VALUE}")
    private String heap = "64m";

    @Override
    public Integer call() throws IOException {
        if (megabytes < 1 || megabytes > 50) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--megabytes must be from 1 to 50");
        }
        if (!DovecotServer.isInstalled()) {
            throw new IOException(
                    "this measurement needs Dovecot, and root to start it: apt-get install dovecot-imapd");
        }
        var out = spec.commandLine().getOut();
        out.printf("machine   %s%n", Stage.machine());
        out.printf("mails of %,d bytes, gateway with -Xmx%s%n", megabytes * 1_000_000L, heap);
        out.flush();
        var directory = Files.createTempDirectory("airpost-bench");
        try (var dovecot = DovecotServer.start("maildir", false, "");
                var sink = new SubmissionSink()) {
            dovecot.addUser(USER, Stage.PASSWORD);
            try (var gateway = Child.start(
                    WatchedGateway.class,
                    directory.resolve("log"),
                    List.of("-Xmx" + heap, "-XX:+UseSerialGC"),
                    List.of(),
                    settings(directory, dovecot.port(), sink.port()))) {
                return measure(out, dovecot, sink, gateway) <= (TARGET_MIB << 20) ? 0 : 1;
            }
        } finally {
            ChildServer.delete(directory);
        }
    }

    private static Map<String, String> settings(Path directory, int imap, int smtp) {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "1 s");
        settings.put("AIRPOST_LOG_LEVEL", "warn");
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString());
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(imap));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_SMTP_HOST", "127.0.0.1");
        settings.put("AIRPOST_SMTP_PORT", Integer.toString(smtp));
        settings.put("AIRPOST_SMTP_SECURITY", "plain");
        settings.put("AIRPOST_SMTP_SAVES_SENT", "no");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        return settings;
    }

    private long measure(PrintWriter out, DovecotServer dovecot, SubmissionSink sink, Child gateway)
            throws IOException {
        var ready = gateway.line().split(" ", 3);
        var address = URI.create("https://localhost:" + ready[1]);
        var tls = new Tls(new Trust.Authorities(Path.of(ready[2]))).context();
        var mail = mail("big");
        try (var imap = new BareImap(dovecot.host(), dovecot.port(), USER, Stage.PASSWORD)) {
            imap.append("INBOX", List.of(mail));
        }
        long most = 0;
        try (var modern =
                        new Phone(address, USER, Stage.PASSWORD, ProtocolVersion.V16_1, "BENCH1", "AirpostPhone", tls);
                var old = new Phone(
                        address, USER, Stage.PASSWORD, ProtocolVersion.V12_1, "BENCH2", "AirpostPhone", tls)) {
            for (var phone : List.of(modern, old)) {
                phone.provision();
                phone.folderSync();
                // What is made once is made before.
                untilTaken(() -> phone.sendMail("small", small("small"), true));
            }
            var inbox =
                    modern.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
            modern.syncAll(inbox, SyncRequest.PLAIN);
            var original = modern.replica(inbox).bySubject("big").orElseThrow().serverId();
            most = Math.max(
                    most, one(out, sink, gateway, "SendMail, WBXML at 16.1", () -> modern.sendMail("b1", mail, true)));
            var other = mail("again");
            most = Math.max(
                    most,
                    one(out, sink, gateway, "SendMail, message/rfc822 at 12.1", () -> old.sendMail("b2", other, true)));
            most = Math.max(
                    most,
                    one(
                            out,
                            sink,
                            gateway,
                            "SmartForward of a large original",
                            () -> modern.smartForward(
                                    "b3", small("Fwd: big"), true, new Source.ById(inbox, original), false)));
        }
        return most;
    }

    private static long one(PrintWriter out, SubmissionSink sink, Child gateway, String what, IntSupplier send)
            throws IOException {
        long mails = sink.mails();
        long bytes = sink.bytes();
        long before = Long.parseLong(gateway.ask("watch"));
        long began = System.nanoTime();
        untilTaken(send);
        long taken = System.nanoTime() - began;
        var peak = gateway.ask("peak").split(" ", 2);
        long more = Long.parseLong(peak[0]) - before;
        out.printf(
                "%-34s %5.1f MiB more heap than %5.1f MiB; target %d; %s collections in %.1f s; handed over %d mail, %,d bytes%n",
                what,
                more / 1048576.0,
                before / 1048576.0,
                TARGET_MIB,
                peak[1],
                taken / 1e9,
                sink.mails() - mails,
                sink.bytes() - bytes);
        out.flush();
        return more;
    }

    /** As a phone does whose mail is still on its way when it is answered. */
    private static void untilTaken(IntSupplier send) {
        for (int i = 0; i < TRIES; i++) {
            try {
                int status = send.getAsInt();
                if (status == 1) {
                    return;
                }
                if (status != 111) {
                    throw new IllegalStateException("Status " + status);
                }
            } catch (PhoneException e) {
                BenchSync.pause(Duration.ofSeconds(1));
            }
        }
        throw new IllegalStateException("not taken in %d tries".formatted(TRIES));
    }

    private static byte[] small(String subject) {
        return head(subject, "text/plain", "7bit").concat("hello\r\n").getBytes(US_ASCII);
    }

    private static String head(String subject, String type, String encoding) {
        return """
                From: big@example.org
                To: bob@example.org
                Subject: %s
                Message-ID: <%s@example.org>
                Date: Tue, 03 Mar 2026 10:00:00 +0000
                MIME-Version: 1.0
                Content-Type: %s
                Content-Transfer-Encoding: %s

                """.replace("\n", "\r\n").formatted(subject, subject.replaceAll("\\W", "-"), type, encoding);
    }

    /** A mail with an attachment that fills it. */
    private byte[] mail(String subject) {
        var head = head(subject, "multipart/mixed; boundary=b", "7bit")
                + "--b\r\nContent-Type: text/plain\r\n\r\nSee there.\r\n--b\r\nContent-Type: application/octet-stream;"
                + " name=big.bin\r\nContent-Disposition: attachment; filename=big.bin\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n";
        var end = "\r\n--b--\r\n";
        var content = new byte[(int) ((megabytes * 1_000_000L - head.length() - end.length()) / 78 * 57)];
        new Random(1).nextBytes(content);
        var encoded = Base64.getMimeEncoder().encode(content);
        var mail = new byte[head.length() + encoded.length + end.length()];
        System.arraycopy(head.getBytes(US_ASCII), 0, mail, 0, head.length());
        System.arraycopy(encoded, 0, mail, head.length(), encoded.length);
        System.arraycopy(end.getBytes(US_ASCII), 0, mail, head.length() + encoded.length, end.length());
        return mail;
    }
}
