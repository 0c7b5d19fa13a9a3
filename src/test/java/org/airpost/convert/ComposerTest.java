package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MessageSource;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.convert.Composer.Purpose;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.StatusException;
import org.junit.jupiter.api.Test;

final class ComposerTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String ID = "<new@example.org>";

    private final MemoryMail server = new MemoryMail(InstantSource.fixed(NOW)).user("anna", "pw");
    private final Account anna = account();
    private final Composer composer = new Composer(Clock.fixed(NOW, ZoneOffset.UTC), new Random(1), 60 << 20);

    private Account account() {
        var credentials = new Credentials("anna", "pw");
        var mail = ((SignIn.Accepted) server.signIn(credentials)).account();
        return new Account("anna", credentials, mail, List.of("anna@example.org", "info@example.org"), "Änna A");
    }

    private Original original(String message) {
        return original(message.replace("\n", "\r\n").getBytes(UTF_8));
    }

    private Original original(byte[] message) {
        long uid = server.deliver("anna", "INBOX", message, Set.of());
        return new Original(anna.mail(), "INBOX", server.view("anna", "INBOX").uidValidity(), uid);
    }

    private Outgoing compose(String message, Purpose purpose) {
        return compose(message.getBytes(UTF_8), purpose);
    }

    private Outgoing compose(byte[] message, Purpose purpose) {
        return composer.compose(composer.read(MessageSource.of(message)), anna, ID, purpose);
    }

    private static String text(MessageSource source) throws IOException {
        try (var in = source.open()) {
            var bytes = in.readAllBytes();
            assertThat(bytes).hasSize((int) source.size());
            return new String(bytes, UTF_8);
        }
    }

    private static MimeMessage parsed(MessageSource source) throws IOException, MessagingException {
        try (var in = source.open()) {
            return new MimeMessage(Session.getInstance(new Properties()), in);
        }
    }

    private static Part part(MimeMessage message, int... path) throws IOException, MessagingException {
        Part part = message;
        for (int i : path) {
            part = ((Multipart) part.getContent()).getBodyPart(i);
        }
        return part;
    }

    @Test
    void aMessageIsMendedInItsHeaderAndItsLineEndsAlone() throws IOException {
        try (var out = compose(
                "From: x@evil.example\nTo: b@example.org\nBcc: c@example.org\nSubject: s\n\nhi\nyou",
                new Purpose.New())) {
            assertThat(out.from()).isEqualTo("anna@example.org");
            assertThat(out.recipients()).containsExactly("b@example.org", "c@example.org");
            assertThat(text(out.wire()))
                    .isEqualTo(("From: =?UTF-8?Q?=C3=84nna_A?= <anna@example.org>\nMessage-ID: " + ID
                                    + "\nDate: Tue, 24 Nov 2026 12:00:00 +0000\nTo: b@example.org\nSubject: s\n"
                                    + "MIME-Version: 1.0\n\nhi\nyou\n")
                            .replace("\n", "\r\n"));
            assertThat(text(out.kept())).contains("Bcc: c@example.org\r\n");
        }
    }

    @Test
    void whatThePhoneSetIsKept() throws IOException {
        try (var out = compose("""
                    From: Shop <INFO@example.org>
                    Message-ID: <own@phone>
                    Date: Mon, 1 Jan 2024 00:00:00 +0100
                    To: b@example.org
                    MIME-Version: 1.0
                    X-Folded: a
                    \tb

                    .
                    """, new Purpose.New())) {

            assertThat(out.from()).isEqualTo("INFO@example.org");
            assertThat(out.messageId()).isEqualTo("<own@phone>");
            assertThat(text(out.wire()))
                    .contains("Message-ID: <own@phone>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0100\r\n")
                    .contains("X-Folded: a\r\n\tb\r\n")
                    .endsWith("\r\n\r\n.\r\n");
        }
    }

    @Test
    void recipientsAreReadHoweverTheyAreWritten() {
        try (var out = compose("""
                    To: "Doe, J" <j@example.org>, team: a@example.org, b@example.org;, J@example.org
                    Cc: carl, =?utf-8?q?M=C3=BCller?= <m@example.org>; undisclosed-recipients:;
                    Cc: broken <x@example.org

                    """, new Purpose.New())) {

            assertThat(out.recipients())
                    .contains("j@example.org", "a@example.org", "b@example.org", "m@example.org", "x@example.org")
                    .doesNotHaveDuplicates();
        }
    }

    private static void fails(CommonStatus status, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    @Test
    void whatCannotBeSentHasItsStatus() {
        fails(CommonStatus.MESSAGE_HAS_NO_RECIPIENT, () -> compose("Subject: x\n\n", new Purpose.New()));
        fails(
                CommonStatus.MESSAGE_HAS_NO_RECIPIENT,
                () -> compose("To: undisclosed-recipients:;\n\n", new Purpose.New()));
        fails(CommonStatus.MESSAGE_RECIPIENT_UNRESOLVED, () -> compose("To: a@\n\n", new Purpose.New()));
        fails(CommonStatus.INVALID_MIME, () -> compose("", new Purpose.New()));
        fails(CommonStatus.INVALID_MIME, () -> compose("\n\nno header", new Purpose.New()));
        fails(CommonStatus.INVALID_MIME, () -> compose("\u0000\u0001\u0002", new Purpose.New()));
        var gone = original("Subject: x\n\nx");
        server.expunge("anna", "INBOX", gone.uid());
        fails(CommonStatus.ITEM_NOT_FOUND, () -> compose("To: b@example.org\n\nx", new Purpose.Reply(gone, false)));
        var small = new Composer(Clock.fixed(NOW, ZoneOffset.UTC), new Random(1), 20);
        fails(
                CommonStatus.ATTACHMENT_IS_TOO_LARGE,
                () -> small.read(MessageSource.of("To: b@example.org\n\nlong enough".getBytes(UTF_8))));
    }

    private static final String ORIGINAL = """
            From: Carl <carl@example.org>
            To: anna@example.org
            Date: Mon, 23 Nov 2026 08:00:00 +0000
            Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
            Message-ID: <old@example.org>
            References: <first@example.org>
            Content-Type: multipart/mixed; boundary=xx

            --xx
            Content-Type: multipart/alternative; boundary=yy

            --yy
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            Sch=F6ne Gr=FC=DFe
            --yy
            Content-Type: text/html; charset=utf-8

            <html><head><style>p{color:red}</style><script>x</script></head><body><p>Schöne <b>Grüße</b></p></body></html>
            --yy--
            --xx
            Content-Type: application/pdf; name="a.pdf"
            Content-Disposition: attachment; filename="a.pdf"
            Content-Transfer-Encoding: base64

            JVBERi0x
            Lg==
            --xx--
            """;

    @Test
    void aReplyHasTheOriginalsTextBelowAndSaysWhatItAnswers() throws Exception {
        var reply = "To: carl@example.org\nSubject: Re: x\nContent-Type: text/plain; charset=us-ascii\n\nThanks\n";
        try (var out = compose(reply, new Purpose.Reply(original(ORIGINAL), false))) {
            var message = parsed(out.wire());
            assertThat(message.getContentType()).containsIgnoringCase("utf-8");
            assertThat(message.getContent().toString())
                    .startsWith("Thanks\r\n\r\n")
                    .contains("From: Carl <carl@example.org>\r\n", "Subject: Grüße\r\n", "\r\nSchöne Grüße");
            assertThat(message.getHeader("In-Reply-To", null)).isEqualTo("<old@example.org>");
            assertThat(message.getHeader("References", null))
                    .contains("<first@example.org>")
                    .endsWith("<old@example.org>");
        }
    }

    @Test
    void theCharsetOfThePhoneStaysWhereItHasAllCharacters() throws Exception {
        var reply = "To: carl@example.org\nContent-Type: text/plain; charset=iso-8859-1\n\nDanke\n";
        try (var out = compose(reply, new Purpose.Reply(original(ORIGINAL), false))) {
            assertThat(parsed(out.wire()).getContentType()).containsIgnoringCase("iso-8859-1");
            assertThat(parsed(out.wire()).getContent().toString()).contains("Schöne Grüße");
        }
    }

    @Test
    void bothTextsOfAnAlternativeAreExtended() throws Exception {
        var reply = """
                    To: carl@example.org
                    Content-Type: multipart/alternative; boundary=b

                    --b

                    Thanks
                    --b
                    Content-Type: text/html; charset=utf-8
                    Content-ID: <keep@me>

                    <html><body>Thanks</body></html>
                    --b--
                    """;
        try (var out = compose(reply, new Purpose.Reply(original(ORIGINAL), false))) {
            var message = parsed(out.wire());
            assertThat(part(message, 0).getContent().toString())
                    .startsWith("Thanks")
                    .contains("Schöne Grüße");
            var html = part(message, 1);
            assertThat(html.getHeader("Content-ID")).containsExactly("<keep@me>");
            assertThat(html.getContent().toString())
                    .startsWith("<html><body>Thanks")
                    .contains("<style>p{color:red}</style>", "<p>Schöne <b>Grüße</b></p>")
                    .doesNotContain("<script>")
                    .endsWith("</body></html>");
        }
    }

    @Test
    void aForwardCarriesTheAttachmentsAsTheyAreStored() throws Exception {
        var forward = "To: ben@example.org\nContent-Type: text/html; charset=utf-8\n\nSee below\n";
        try (var out = compose(forward, new Purpose.Forward(original(ORIGINAL), false))) {
            var message = parsed(out.wire());
            assertThat(message.isMimeType("multipart/mixed")).isTrue();
            assertThat(part(message, 0).getContent().toString())
                    .startsWith("See below")
                    .contains("<b>Grüße</b>");
            assertThat(part(message, 1).getFileName()).isEqualTo("a.pdf");
            assertThat(part(message, 1).getInputStream().readAllBytes())
                    .asString(UTF_8)
                    .isEqualTo("%PDF-1.");
            assertThat(text(out.wire())).contains("\r\n\r\nJVBERi0x\r\nLg==\r\n--");
            assertThat(message.getHeader("In-Reply-To")).isNull();
        }
    }

    @Test
    void aForwardWithAttachmentsOfItsOwnHasAllOfThem() throws Exception {
        var forward = """
                    To: ben@example.org
                    Content-Type: multipart/mixed; boundary=b

                    --b

                    See
                    --b
                    Content-Type: image/png
                    Content-Transfer-Encoding: base64

                    iVBO
                    --b--
                    """;
        try (var out = compose(forward, new Purpose.Forward(original(ORIGINAL), false))) {
            var message = parsed(out.wire());
            assertThat(((Multipart) message.getContent()).getCount()).isEqualTo(3);
            assertThat(part(message, 0).getContent().toString()).contains("Schöne Grüße");
            assertThat(part(message, 1).isMimeType("image/png")).isTrue();
            assertThat(part(message, 2).getFileName()).isEqualTo("a.pdf");
        }
    }

    @Test
    void anOriginalThatIsOnlyAFileIsForwardedAsThatFile() throws Exception {
        var file = original("""
                    Subject: f
                    Content-Type: application/zip; name=z.zip
                    Content-Transfer-Encoding: base64

                    UEsD
                    """);
        try (var out = compose("To: ben@example.org\n\nSee\n", new Purpose.Forward(file, false))) {
            var message = parsed(out.wire());
            assertThat(part(message, 1).getFileName()).isEqualTo("z.zip");
            assertThat(part(message, 1).getInputStream().readAllBytes())
                    .asString(UTF_8)
                    .isEqualTo("PK\u0003");
            assertThat(part(message, 1).getHeader("Subject")).isNull();
        }
    }

    @Test
    void aSignedOriginalComesAlongWholeAndUntouched() throws Exception {
        var signed = """
                    From: c@example.org
                    Subject: Signed!
                    Content-Type: multipart/signed; boundary=s

                    --s

                    text
                    --s
                    Content-Type: application/pkcs7-signature

                    xx
                    --s--
                    """;
        for (var purpose : List.<Purpose>of(
                new Purpose.Forward(original(signed), false), new Purpose.Reply(original(signed), false))) {
            try (var out = compose("To: ben@example.org\n\nSee\n", purpose)) {
                var message = parsed(out.wire());
                assertThat(part(message, 1).isMimeType("message/rfc822")).isTrue();
                assertThat(part(message, 1).getFileName()).isEqualTo("Signed.eml");
                assertThat(text(out.wire())).contains(signed.replace("\n", "\r\n"));
            }
        }
    }

    @Test
    void aCompleteMessageIsSentAsItIs() throws Exception {
        var reply = "To: carl@example.org\nIn-Reply-To: <mine@phone>\n\nThanks\n> old\n";
        try (var out = compose(reply, new Purpose.Reply(original(ORIGINAL), true))) {
            assertThat(text(out.wire())).endsWith("\r\n\r\nThanks\r\n> old\r\n").contains("In-Reply-To: <mine@phone>");
        }
        var gone = original("Subject: x\n\nx");
        server.expunge("anna", "INBOX", gone.uid());
        try (var out = compose(reply, new Purpose.Forward(gone, true))) {
            assertThat(out.recipients()).containsExactly("carl@example.org");
        }
    }

    @Test
    void picturesThatTheTextShowsComeAlongWithAReply() throws Exception {
        var shown = """
                    Subject: p
                    Content-Type: multipart/related; boundary=r

                    --r
                    Content-Type: text/html

                    <img src="cid:pic@x">
                    --r
                    Content-Type: image/png
                    Content-ID: <pic@x>

                    PNG
                    --r
                    Content-Type: image/gif
                    Content-ID: <other@x>

                    GIF
                    --r--
                    """;
        try (var out = compose(
                "To: c@example.org\nContent-Type: text/html\n\nNice\n", new Purpose.Reply(original(shown), false))) {
            var message = parsed(out.wire());
            assertThat(((Multipart) message.getContent()).getCount()).isEqualTo(2);
            assertThat(part(message, 1).getHeader("Content-ID")).containsExactly("<pic@x>");
        }
    }

    @Test
    void anAnswerQuotesAllTextsOfTheOriginalAndAForwardAttachesThem() throws Exception {
        var picture = """
                --m
                Content-Type: image/png
                Content-Disposition: inline; filename=a.png

                PNG
                """;
        var plain = "--m\nContent-Type: text/plain\n\n";
        var html = "--m\nContent-Type: text/html\n\n";
        var mixed = "Content-Type: multipart/mixed; boundary=m\n\n";
        for (var original : List.of(
                mixed + plain + "Before <it>\n" + picture + plain + "Behind it\n--m--\n",
                mixed + plain + "Before <it>\n" + picture + html + "<p>Behind it</p>\n--m--\n",
                "Content-Type: multipart/alternative; boundary=a\n\n--a\n" + plain.substring(4)
                        + "Before <it>\nBehind it\n--a\n" + mixed + html + "<p>Before &lt;it&gt;</p>\n" + picture + html
                        + "<p>Behind it</p>\n--m--\n--a--\n")) {
            for (var type : List.of("plain", "html")) {
                var mine = "To: c@example.org\nContent-Type: text/" + type + "\n\nNice\n";
                try (var out = compose(mine, new Purpose.Reply(original("Subject: p\n" + original), false))) {
                    var text = text(out.wire());
                    assertThat(text)
                            .as(type + " below " + original)
                            .containsOnlyOnce(type.equals("html") ? "Before &lt;it&gt;" : "Before <it>")
                            .containsOnlyOnce("Behind it")
                            .doesNotContain("PNG");
                    assertThat(text.indexOf("Before")).isLessThan(text.indexOf("Behind"));
                }
            }
        }
        try (var out = compose(
                "To: c@example.org\n\nLook\n",
                new Purpose.Forward(
                        original("Subject: p\n" + mixed + plain + "Before\n" + picture + plain + "Behind it\n--m--\n"),
                        false))) {
            assertThat(text(out.wire())).containsOnlyOnce("Behind it").contains("PNG");
        }
    }

    @Test
    void aNameCannotPutFieldsIntoTheHeader() throws Exception {
        var name = "=?utf-8?Q?A=0D=0ABcc=3A_evil=40x.example=0D=0AX=3A_?=";
        for (var head : List.of(
                "From: " + name + " <anna@example.org>\nTo: c@example.org",
                "To: " + name + " <c@example.org>, \u00C3\u00A4 <d@example.org>")) {
            try (var out = compose((head + "\n\nx\n").getBytes(ISO_8859_1), new Purpose.New())) {
                assertThat(text(out.wire())).as(head).doesNotContain("\nBcc").doesNotContain("\nX:");
            }
        }
    }

    @Test
    void aLoneCarriageReturnEndsNoLineOfTheHeader() throws Exception {
        try (var out = compose("To: c@example.org\nSubject: a\rBcc: evil@x.example\n\nx\n", new Purpose.New())) {
            assertThat(text(out.wire())).contains("\r\nSubject: a Bcc: evil@x.example\r\n");
        }
    }

    @Test
    void aPictureComesAlongHoweverTheTextSpellsItsId() throws Exception {
        for (var spelled : List.of("cid:pic%40x", "CID:pic@x")) {
            var shown = """
                    Subject: p
                    Content-Type: multipart/related; boundary=r

                    --r
                    Content-Type: text/html

                    <img src="%s">
                    --r
                    Content-Type: image/png
                    Content-ID: <pic@x>

                    PNG
                    --r--
                    """.replace("%s", spelled);
            try (var out = compose(
                    "To: c@example.org\nContent-Type: text/html\n\nNice\n",
                    new Purpose.Reply(original(shown), false))) {
                assertThat(text(out.wire())).as(spelled).contains("Content-ID: <pic@x>");
            }
        }
    }

    @Test
    void aQuotedPageIsReadInTheCharsetThatItNamesItself() throws Exception {
        var page =
                "Subject: p\nContent-Type: text/html\n\n<meta charset=iso-8859-2><p>za\u00BF\u00F3\u00B3\u00E6</p>\n";
        try (var out = compose(
                "To: c@example.org\nContent-Type: text/html\n\nNice\n",
                new Purpose.Reply(original(page.getBytes(ISO_8859_1)), false))) {
            assertThat(parsed(out.wire()).getContent().toString()).contains("za\u017C\u00F3\u0142\u0107");
        }
    }

    @Test
    void softBreaksOfTheOriginalAreNotBreaksOfTheQuotation() throws Exception {
        var flowed = """
                Subject: p
                Content-Type: text/plain; format=flowed; delsp=yes

                See https://example.org/a/long/\s
                address here.
                 From me
                """;
        try (var out = compose("To: c@example.org\n\nNice\n", new Purpose.Reply(original(flowed), false))) {
            assertThat(text(out.wire())).contains("\r\nSee https://example.org/a/long/address here.\r\nFrom me\r\n");
        }
    }

    @Test
    void aForwardLargerThanMemoryKeepsIsMadeThroughAFile() throws Exception {
        Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
        var content = Base64.getMimeEncoder().encodeToString(new byte[20 << 20]);
        var big = original(("Subject: b\r\nContent-Type: application/octet-stream\r\n"
                        + "Content-Transfer-Encoding: base64\r\n\r\n" + content)
                .getBytes(ISO_8859_1));
        var mime = ("To: ben@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee\n--b\n"
                        + "Content-Type: application/x\nContent-Transfer-Encoding: base64\n\n" + content + "\n--b--\n")
                .getBytes(ISO_8859_1);
        try (var out = compose(mime, new Purpose.Forward(big, false))) {
            assertThat(out.wire().size()).isGreaterThan(2L * content.length());
            try (InputStream in = out.wire().open()) {
                assertThat(new String(in.readNBytes(5), UTF_8)).isEqualTo("From:");
            }
        }
    }

    @Test
    void anyBytesOfAPhoneGiveAMessageOrAStatus() throws IOException {
        var random = new Random(3);
        var start =
                "To: b@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\nx\n--b\n";
        for (int i = 0; i < 300; i++) {
            var bytes = (start + "--b--\n").getBytes(ISO_8859_1);
            for (int k = 0; k < 6; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            var place = original(ORIGINAL);
            try (var out = compose(bytes, new Purpose.Forward(place, false))) {
                assertThat(text(out.wire())).contains("\r\n\r\n");
            } catch (StatusException e) {
                assertThat(e.status()).isInstanceOf(CommonStatus.class);
            }
        }
    }

    @Test
    void lineEndsOfAllKindsBecomeCrlf() throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        var out = new CrlfOutput(bytes);
        for (byte b : "a\nb\r\nc\rd\n\ne\r\r\nf".getBytes(UTF_8)) {
            out.write(b);
        }
        out.endLine();
        out.endLine();
        assertThat(new ByteArrayInputStream(bytes.toByteArray()).readAllBytes())
                .asString(UTF_8)
                .isEqualTo("a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\nf\r\n");
    }

    private String sentFrom(String from, String... patterns) throws IOException {
        var open =
                new Composer(Clock.fixed(NOW, ZoneOffset.UTC), new Random(1), 60 << 20, new Senders(List.of(patterns)));
        var source = MessageSource.of(("From: " + from + "\nTo: b@x.org\n\nx\n").getBytes(UTF_8));
        try (var outgoing = open.compose(open.read(source), anna, ID, new Purpose.New())) {
            return outgoing.from() + " | "
                    + text(outgoing.wire())
                            .lines()
                            .filter(l -> l.startsWith("From:") || l.startsWith("Sender:"))
                            .collect(java.util.stream.Collectors.joining(" | "));
        }
    }

    @Test
    void fromMayBeWhatTheSettingsSayAndSenderSaysWhoItIs() throws IOException {
        assertThat(sentFrom("A <info@example.org>")).isEqualTo("info@example.org | From: A <info@example.org>");
        assertThat(sentFrom("A <boss@example.org>")).isEqualTo("anna@example.org | From: A <anna@example.org>");
        assertThat(sentFrom("A <anna@example.net>", "{local}@example.net"))
                .isEqualTo("anna@example.org | From: A <anna@example.net> | Sender: anna@example.org");
        assertThat(sentFrom("A <anna+x@example.org>", "{local}+*@{domain}"))
                .isEqualTo("anna@example.org | From: A <anna+x@example.org> | Sender: anna@example.org");
        assertThat(sentFrom("A <annax@example.org>", "{local}+*@{domain}")).endsWith("From: A <anna@example.org>");
        assertThat(sentFrom("Any <any@where.org>", "*")).contains("From: Any <any@where.org> | Sender: anna@");
        assertThat(sentFrom("a@example.org.evil.net", "*@example.org")).doesNotContain("evil");
    }

    @Test
    void aHeaderInRawUtf8OrWithoutEndIsWrittenAsEveryServerTakesIt() throws Exception {
        var message = "From: anna@example.org\nTo: Grün <b@x.org>, \"Y, Z\" <c@x.org>\nSubject: grün und süß\n"
                + "X-Long: " + "word ".repeat(400) + "\n\nx\n";
        try (var outgoing = compose(message, new Purpose.New())) {
            var wire = text(outgoing.wire());
            assertThat(wire.chars()).allMatch(c -> c < 0x80);
            assertThat(wire.lines()).allMatch(line -> line.length() <= 998);
            var parsed = parsed(outgoing.wire());
            assertThat(parsed.getSubject()).isEqualTo("grün und süß");
            assertThat(parsed.getAllRecipients())
                    .extracting(a -> ((jakarta.mail.internet.InternetAddress) a).getPersonal())
                    .containsExactly("Grün", "Y, Z");
            assertThat(outgoing.recipients()).containsExactly("b@x.org", "c@x.org");
        }
    }

    @Test
    void theSubjectOfAnOriginalCannotCarryAnotherField() throws Exception {
        var hidden = Base64.getEncoder().encodeToString("hi\r\nReply-To: eve@evil.example\r\n\r\nx".getBytes(UTF_8));
        for (var subject : List.of("=?utf-8?B?" + hidden + "?=", "=?utf-8?Q?hi=0DReply-To:_eve@evil.example?=")) {
            var original = original("Subject: " + subject + "\nFrom: x@y.org\n\nold\n");
            for (var purpose : List.of(new Purpose.Forward(original, false), new Purpose.Reply(original, false))) {
                try (var outgoing = compose("To: b@x.org\n\nnew\n", purpose)) {
                    var head = text(outgoing.wire()).split("\r\n\r\n", 2)[0];
                    assertThat(head.lines().toList()).noneMatch(line -> line.startsWith("Reply-To"));
                    assertThat(head).contains("MIME-Version: ");
                    assertThat(parsed(outgoing.wire()).getSubject())
                            .contains("hi")
                            .contains("eve@evil.example");
                }
            }
        }
    }

    @Test
    void aForwardWithoutASubjectGetsThatOfTheOriginal() throws Exception {
        var original = original("Subject: =?utf-8?Q?gr=C3=BCn?=\nFrom: x@y.org\n\nold\n");
        try (var outgoing = compose("To: b@x.org\n\nsee below\n", new Purpose.Forward(original, false))) {
            assertThat(parsed(outgoing.wire()).getSubject()).isEqualTo("FW: grün");
        }
    }
}
