package org.airpost.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.ByteRange;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what a large attachment costs, on a Dovecot that it starts. Target: DESIGN §14. */
@Command(
        name = "attachment",
        description = {
            "Fetches a large attachment over HTTPS from a gateway in a process of its own, whose heap is collected and",
            "looked at all the while: whole, in base64, and a range of it. On a Dovecot of its own."
        },
        mixinStandardHelpOptions = true)
public final class BenchAttachment implements Callable<Integer> {

    private static final int RANGE = 64 << 10;
    private static final double MIB = 1 << 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--megabytes", defaultValue = "50", description = "size of the attachment; ${DEFAULT-VALUE}")
    private int megabytes;

    @Override
    public Integer call() throws IOException {
        if (megabytes < 1 || megabytes > 90) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--megabytes must be from 1 to 90");
        }
        var out = spec.commandLine().getOut();
        out.printf("machine   %s%n", Stage.machine());
        var content = new byte[megabytes << 20];
        new Random(50).nextBytes(content);
        var directory = Files.createTempDirectory("airpost-bench");
        try (var stage = new Stage()) {
            stage.user("anna", List.of(message(content)));
            var arguments =
                    List.of(directory.toString(), Integer.toString(stage.proxy().port()));
            try (var child = Child.start(HeapGateway.class, directory.resolve("log"), List.of(), arguments)) {
                measure(out, stage, child, content);
            }
        } finally {
            ChildServer.delete(directory);
        }
        out.printf("load at the end: %s%n", Stage.machine());
        out.flush();
        return 0;
    }

    private void measure(PrintWriter out, Stage stage, Child child, byte[] content) throws IOException {
        var ready = child.line().split(" ", 3);
        var tls = new Tls(new Trust.Authorities(Path.of(ready[2]))).context();
        var address = URI.create("https://localhost:" + ready[1]);
        var id = UUID.randomUUID().toString().replace("-", "");
        try (var phone = new Phone(address, "anna", Stage.PASSWORD, ProtocolVersion.V16_1, id, "AirpostPhone", tls)) {
            phone.provision();
            phone.folderSync();
            var inbox = Stage.inbox(phone);
            long before = stage.proxy().count().bytes();
            phone.syncAll(inbox, SyncRequest.PLAIN.withBody(BodyType.PLAIN_TEXT, 500));
            out.printf(
                    "Sync of the message: %,d bytes between gateway and IMAP server%n",
                    stage.proxy().count().bytes() - before);
            var reference = phone.replica(inbox).items().values().stream()
                    .flatMap(item -> item.attachments().stream())
                    .findFirst()
                    .orElseThrow()
                    .fileReference();
            long end = content.length;
            fetch(out, stage, child, phone, "warm-up", reference, Optional.empty(), true, content);
            fetch(out, stage, child, phone, "whole, multipart", reference, Optional.empty(), true, content);
            fetch(out, stage, child, phone, "whole, base64", reference, Optional.empty(), false, content);
            fetch(
                    out,
                    stage,
                    child,
                    phone,
                    "last 64 KiB",
                    reference,
                    Optional.of(new ByteRange(end - RANGE, end - 1)),
                    true,
                    Arrays.copyOfRange(content, content.length - RANGE, content.length));
        }
    }

    private static void fetch(
            PrintWriter out,
            Stage stage,
            Child child,
            Phone phone,
            String what,
            String reference,
            Optional<ByteRange> range,
            boolean multiPart,
            byte[] expected)
            throws IOException {
        long before = Long.parseLong(child.ask("begin"));
        long bytes = stage.proxy().count().bytes();
        long begin = System.nanoTime();
        var got = phone.itemOperationsFetch(reference, range, multiPart);
        double seconds = (System.nanoTime() - begin) / 1e9;
        long most = Long.parseLong(child.ask("end"));
        if (!Arrays.equals(got.data().orElseThrow(), expected)) {
            throw new IOException("%s: what came is not what was attached".formatted(what));
        }
        out.printf(
                "%-18s %6.2f s, %5.1f MB/s, heap %5.1f MiB before, %5.1f MiB at most: %4.1f MiB more, IMAP bytes %,d%n",
                what,
                seconds,
                expected.length / seconds / 1e6,
                before / MIB,
                most / MIB,
                (most - before) / MIB,
                stage.proxy().count().bytes() - bytes);
        out.flush();
    }

    private static byte[] message(byte[] content) {
        var head = """
                From: Bob Builder <bob@example.org>
                To: Anna <anna@example.org>
                Subject: A large file
                Message-ID: <large@example.org>
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary="b"

                --b
                Content-Type: text/plain

                Here it is.
                --b
                Content-Type: application/octet-stream; name="large.bin"
                Content-Disposition: attachment; filename="large.bin"
                Content-Transfer-Encoding: base64

                """;
        var message = new ByteArrayOutputStream(content.length / 3 * 4 + content.length / 20 + 10_000);
        message.writeBytes(head.replace("\n", "\r\n").getBytes(US_ASCII));
        message.writeBytes(Base64.getMimeEncoder().encode(content));
        message.writeBytes("\r\n--b--\r\n".getBytes(US_ASCII));
        return message.toByteArray();
    }
}
