package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how many mails a core converts, beside Angus Mail that only parses the same mails, in one run. */
@Command(
        name = "convert",
        description =
                "Converts mails in memory to EAS items for some seconds, and says how many a core does, beside Angus"
                        + " Mail that parses them and reads their text and no more.",
        mixinStandardHelpOptions = true)
public final class BenchConvert implements Callable<Integer> {

    private static final int MAILS = 500;
    private static final int WINDOW = 100;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--seconds",
            defaultValue = "4",
            description = "of processor time for each measurement, after as many to warm up; ${DEFAULT-VALUE}")
    private int seconds = 4;

    /** One round over all mails. */
    private interface Round {
        void run() throws IOException, MessagingException;
    }

    @Override
    public Integer call() throws IOException, MessagingException {
        if (seconds < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--seconds must be at least 1");
        }
        var out = spec.commandLine().getOut();
        out.println(Stage.machine());
        var plain = new ArrayList<byte[]>();
        var html = new ArrayList<byte[]>();
        for (int i = 0; i < MAILS; i++) {
            plain.add(plain(i));
            html.add(Stage.message(i, 4_000));
        }
        measure(out, "text mails of 2 kB, as text", plain, BodyType.PLAIN_TEXT);
        measure(out, "text mails of 2 kB, as HTML", plain, BodyType.HTML);
        measure(out, "text and HTML of 4 kB, as HTML", html, BodyType.HTML);
        return 0;
    }

    private void measure(PrintWriter out, String what, List<byte[]> mails, BodyType type)
            throws IOException, MessagingException {
        var place = place(mails);
        var uids = place.mail().describe(place.mailbox(), place.uidValidity(), numbers()).stream()
                .map(message -> message.uid())
                .toList();
        var options = new BodyOptions(
                List.of(new BodyPreference(type, Optional.of(32L << 10), false, 100)),
                Optional.empty(),
                0,
                Optional.empty());
        Round convert = () -> convert(place, uids, options);
        Round parse = () -> parse(mails);
        for (var round : List.of(convert, parse)) {
            perSecond(round); // warm
        }
        double ours = perSecond(convert);
        double angus = perSecond(parse);
        out.printf(
                "%-32s %,9.0f mails/s a core; Angus parsing alone %,9.0f (%.2f times that)%n",
                what, ours, angus, ours / angus);
        out.flush();
    }

    /** Mails a second of processor time: all threads counted, since a conversion may run on another one. */
    private double perSecond(Round round) throws IOException, MessagingException {
        var process = (com.sun.management.OperatingSystemMXBean)
                java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        long start = process.getProcessCpuTime();
        long mails = 0;
        long spent = 0;
        while (spent < seconds * 1_000_000_000L) {
            round.run();
            mails += MAILS;
            spent = process.getProcessCpuTime() - start;
        }
        return mails * 1e9 / spent;
    }

    private static List<Long> numbers() {
        var numbers = new ArrayList<Long>();
        for (long i = 1; i <= MAILS; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private static void convert(MailConverter.Place place, List<Long> uids, BodyOptions options) {
        var converter = new MailConverter(MailConverter.Settings.DEFAULT);
        try (var out = new WbxmlWriter(OutputStream.nullOutputStream())) {
            out.start(AirSync.APPLICATION_DATA);
            for (int from = 0; from < uids.size(); from += WINDOW) {
                for (var item :
                        converter.items(place, uids.subList(from, from + WINDOW), options, ProtocolVersion.V16_1)) {
                    item.write(out, Set.of());
                }
            }
            out.end();
        }
    }

    private static void parse(List<byte[]> mails) throws IOException, MessagingException {
        for (byte[] mail : mails) {
            var message = new MimeMessage(null, new ByteArrayInputStream(mail));
            message.getFrom();
            message.getAllRecipients();
            message.getSubject();
            message.getSentDate();
            if (message.isMimeType("multipart/*")) {
                var multipart = new MimeMultipart(message.getDataHandler().getDataSource());
                for (int i = 0; i < multipart.getCount(); i++) {
                    text(multipart.getBodyPart(i));
                }
            } else {
                text(message);
            }
        }
    }

    private static String text(Part part) throws IOException, MessagingException {
        return new String(part.getInputStream().readAllBytes(), UTF_8);
    }

    private static MailConverter.Place place(List<byte[]> mails) {
        var server = new MemoryMail(InstantSource.system()).user("u", "secret");
        mails.forEach(mail -> server.deliver("u", "INBOX", mail, Set.of()));
        if (server.signIn(new Credentials("u", "secret")) instanceof SignIn.Accepted(var account)) {
            return new MailConverter.Place(
                    "u", account, "INBOX", server.view("u", "INBOX").uidValidity(), "5");
        }
        throw new IllegalStateException("no sign-in");
    }

    private static byte[] plain(int n) {
        var text =
                ("Dear Anna,\r\n\r\nthis is paragraph %d with grüße and a link to https://example.org/%d that goes on.\r\n"
                                        .formatted(n, n)
                                + "> and a quoted line of what you wrote\r\n")
                        .repeat(12);
        return """
                Return-Path: <bob@example.org>
                Received: from mx.example.org (mx.example.org [192.0.2.1]) by imap.example.org; Tue, 03 Mar 2026 10:00:00 +0000
                Message-ID: <%d@example.org>
                Date: Tue, 03 Mar 2026 10:00:00 +0000
                From: =?utf-8?Q?J=C3=BCrgen?= Builder <bob@example.org>
                To: Anna <anna@example.org>, "Carl, C." <carl@example.org>
                Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= number %d of many
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                %s""".replace("\n", "\r\n")
                .replace("\r\r", "\r")
                .formatted(n, n, text)
                .getBytes(UTF_8);
    }
}
