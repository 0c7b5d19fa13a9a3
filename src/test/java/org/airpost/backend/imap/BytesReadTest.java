package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Security;
import org.airpost.convert.FileReference;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No more of a mail crosses the wire than was asked for: bytes are counted between the gateway and a Dovecot. */
class BytesReadTest {

    private static final byte[] FILE = new byte[5 << 20];

    static {
        new Random(7).nextBytes(FILE);
    }

    @SuppressWarnings("NullAway.Init")
    private Dovecot server;

    @SuppressWarnings("NullAway.Init")
    private Counting relay;

    @SuppressWarnings("NullAway.Init")
    private MailAccount account;

    @BeforeEach
    void start() throws IOException {
        Dovecot.assumeInstalled();
        server = Dovecot.start();
        server.addUser("bytes", "secret");
        relay = new Counting(server.port());
        var backend = new ImapBackend(ImapSettings.of("127.0.0.1", relay.port(), Security.PLAIN), Clock.systemUTC());
        account = ((SignIn.Accepted) backend.signIn(new Credentials("bytes", "secret"))).account();
    }

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            account.close();
            relay.close();
            server.close();
        }
    }

    /** A mail of 10 MB: 1.2 MB of text, 2.4 MB of HTML in quoted-printable, a file of 5 MB. */
    private static byte[] mail() {
        var mail = new ByteArrayOutputStream();
        var text = "A line of some sixty characters, as in many mails, more or less.\r\n".repeat(18_000);
        var html = "<p>A <b>line</b> of some sixty characters, as in =\r\nmany mails.</p>\r\n".repeat(36_000);
        mail.writeBytes(("From: a@example.org\r\nSubject: Large\r\nMIME-Version: 1.0\r\n"
                        + "Content-Type: multipart/mixed; boundary=M\r\n\r\n--M\r\n"
                        + "Content-Type: multipart/alternative; boundary=A\r\n\r\n--A\r\n"
                        + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n--A\r\n"
                        + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                        + html + "\r\n--A--\r\n--M\r\nContent-Type: application/zip; name=a.zip\r\n"
                        + "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\n")
                .getBytes(US_ASCII));
        mail.writeBytes(Base64.getMimeEncoder().encode(FILE));
        mail.writeBytes("\r\n--M--\r\n".getBytes(US_ASCII));
        return mail.toByteArray();
    }

    private MailConverter.Place place() {
        var view = MailAccountContract.view(account, "INBOX");
        return new MailConverter.Place("bytes", account, "INBOX", view.uidValidity(), "5");
    }

    private long append() {
        var outcome =
                account.append("INBOX", MessageSource.of(mail()), Set.of(), Instant.parse("2026-11-20T08:30:00Z"));
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<Long>) outcome).value();
    }

    private long bytesOf(MailConverter.Place place, List<Long> uids, BodyPreference preference) {
        var options = new BodyOptions(List.of(preference), Optional.empty(), 2, Optional.empty());
        long before = relay.bytes();
        var items =
                new MailConverter(MailConverter.Settings.DEFAULT).items(place, uids, options, ProtocolVersion.V16_1);
        assertThat(items).hasSize(uids.size());
        var sink = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(sink)) {
            out.start(AirSync.SYNC);
            for (var item : items) {
                out.start(AirSync.APPLICATION_DATA);
                item.write(out, Set.of());
                out.end();
            }
            out.end();
        }
        return relay.bytes() - before;
    }

    @Test
    void aTruncatedBodyOfALargeMailCostsLittleMoreThanItsLength() {
        long uid = append();
        var place = place();
        var asked = new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(1_000L), false, 0);
        bytesOf(place, List.of(uid), asked); // the mailbox is selected by now
        // Besides the body: the header, the structure, the words of the protocol, and the start that is read with them.
        for (long size : new long[] {1_000, 20_000, 200_000}) {
            long start = Math.min(2 * size + 2_048, 16 << 10);
            for (var type : List.of(BodyType.PLAIN_TEXT, BodyType.MIME)) {
                asked = new BodyPreference(type, Optional.of(size), false, 0);
                assertThat(bytesOf(place, List.of(uid), asked))
                        .as("%s", asked)
                        .isLessThan(size + size / 10 + 5_000 + start);
            }
            // In quoted-printable as much as is likely to do, as it does here.
            asked = new BodyPreference(BodyType.HTML, Optional.of(size), false, 0);
            assertThat(bytesOf(place, List.of(uid), asked)).as("%s", asked).isLessThan(size + size / 3 + 6_000 + start);
        }
    }

    @Test
    void aWindowTakesFewCommandsAndNoAttachment() {
        var uids = new ArrayList<Long>();
        for (int n = 0; n < 3; n++) {
            uids.add(append());
        }
        var place = place();
        var preference = new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(2_000L), false, 0);
        bytesOf(place, uids, preference);
        int commands = relay.commands.size();
        assertThat(bytesOf(place, uids, preference)).isLessThan(3 * (6_000 + 2_048));
        assertThat(relay.commands.stream().skip(commands).filter(line -> line.contains("FETCH")))
                .hasSize(1);
    }

    @Test
    void aRangeOfAnAttachmentCostsItsLengthAndTellsTheRightTotal() throws IOException {
        long uid = append();
        var place = place();
        var file = new MailConverter(MailConverter.Settings.DEFAULT)
                .attachment(place, new FileReference("5", uid, "2"))
                .orElseThrow();
        var out = new ByteArrayOutputStream();
        long before = relay.bytes();
        assertThat(file.write(out, 3_000_000, 3_065_535)).isEqualTo(FILE.length);
        assertThat(relay.bytes() - before).isLessThan(2 * 65_536);
        assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(FILE, 3_000_000, 3_065_536));
    }

    /** Passes bytes on, counts those of the server and notes the lines of the client. */
    private static final class Counting implements AutoCloseable {

        private final ServerSocket listening = new ServerSocket(0, 20, InetAddress.getLoopbackAddress());
        private final AtomicLong bytes = new AtomicLong();
        final ConcurrentLinkedQueue<String> commands = new ConcurrentLinkedQueue<>();

        Counting(int port) throws IOException {
            Thread.ofVirtual().start(() -> {
                while (!listening.isClosed()) {
                    try {
                        var client = listening.accept();
                        var server = new Socket(InetAddress.getLoopbackAddress(), port);
                        Thread.ofVirtual().start(() -> pass(client, server, true));
                        Thread.ofVirtual().start(() -> pass(server, client, false));
                    } catch (IOException e) {
                        return; // closed
                    }
                }
            });
        }

        private void pass(Socket from, Socket to, boolean up) {
            var buffer = new byte[64 << 10];
            try (from;
                    to) {
                var in = from.getInputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (up) {
                        commands.addAll(
                                new String(buffer, 0, n, US_ASCII).lines().toList());
                    } else {
                        bytes.addAndGet(n);
                    }
                    to.getOutputStream().write(buffer, 0, n);
                }
            } catch (IOException e) {
                // one side ended it
            }
        }

        int port() {
            return listening.getLocalPort();
        }

        long bytes() {
            return bytes.get();
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }
}
