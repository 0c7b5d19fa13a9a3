package org.airpost;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** Mails of all kinds, good and broken, from a seed. Mail {@code n} has {@code mail n} in its subject, if it has one. */
final class VariedMails {

    private final RandomGenerator random;

    VariedMails(RandomGenerator random) {
        this.random = random;
    }

    byte[] mail(int n) {
        var head =
                "From: \"Sender %d\" <sender%d@example.com>\r\nTo: anna@example.org\r\nMessage-ID: <varied-%d@test>\r\nDate: Tue, 3 Nov 2026 10:%02d:00 +0100\r\n"
                        .formatted(n, n % 17, n, n % 60);
        return (switch (n % 12) {
                    case 0 -> head + subject(n) + text(2000);
                    case 1 -> head + encoded(n, "Grüße", UTF_8, "UTF-8") + utf8("Schöne Grüße, łódź, 日本語");
                    case 2 -> head + subject(n) + html();
                    case 3 -> head + subject(n) + multipart("alternative", n, text(200), html());
                    case 4 -> head + subject(n) + multipart("mixed", n, text(100), attachment(n, "report.pdf"));
                    case 5 -> head + subject(n) + multipart("related", n, html(), inline(n));
                    case 6 ->
                        head
                                + encoded(n, "Привет", Charset.forName("KOI8-R"), "KOI8-R")
                                + base64("text/plain; charset=koi8-r", "Привет".getBytes(Charset.forName("KOI8-R")));
                    case 7 ->
                        head
                                + subject(n)
                                + multipart(
                                        "mixed",
                                        n,
                                        multipart("alternative", n + 1, text(50), html()),
                                        attachment(n, "a b.txt"));
                    case 8 ->
                        head + subject(n)
                                + "Content-Type: multipart/mixed; boundary=never\r\n\r\nno boundary at all\r\n";
                    case 9 ->
                        head + subject(n)
                                + "Content-Type: text/plain; charset=x-unknown\r\nContent-Transfer-Encoding: base64\r\n\r\n***not base64***\r\n";
                    case 10 -> head + "\r\nA mail without a subject, " + words(20) + "\r\n";
                    default ->
                        head + "Subject: mail " + n + " r\u00e9sum\u00e9\r\n" + "Content-Type: message/rfc822\r\n\r\n"
                                + head + subject(n) + text(50);
                })
                .getBytes(ISO_8859_1);
    }

    private static String subject(int n) {
        return "Subject: mail " + n + " of many\r\n";
    }

    private static String encoded(int n, String word, Charset charset, String name) {
        return "Subject: mail %d =?%s?B?%s?=\r\n"
                .formatted(n, name, Base64.getEncoder().encodeToString(word.getBytes(charset)));
    }

    private String text(int words) {
        return "Content-Type: text/plain; charset=us-ascii\r\n\r\n" + words(words) + "\r\n";
    }

    private static String utf8(String text) {
        return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                + new String(text.getBytes(UTF_8), ISO_8859_1) + "\r\n";
    }

    private String html() {
        return "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>" + words(60)
                + "<img src=\"cid:image@test\"></p></body></html>\r\n";
    }

    private static String base64(String type, byte[] bytes) {
        return "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n"
                .formatted(type, Base64.getMimeEncoder().encodeToString(bytes));
    }

    private String attachment(int n, String name) {
        return "Content-Disposition: attachment; filename=\"%s\"\r\n".formatted(name)
                + base64("application/octet-stream", bytes(100 + n));
    }

    private String inline(int n) {
        return "Content-Disposition: inline; filename=i.png\r\nContent-ID: <image@test>\r\n"
                + base64("image/png", bytes(50 + n));
    }

    private static String multipart(String kind, int n, String... parts) {
        var boundary = "b" + n;
        var text = new StringBuilder(
                "MIME-Version: 1.0\r\nContent-Type: multipart/%s; boundary=%s\r\n\r\n".formatted(kind, boundary));
        for (var part : parts) {
            text.append("--").append(boundary).append("\r\n").append(part).append("\r\n");
        }
        return text.append("--").append(boundary).append("--\r\n").toString();
    }

    private byte[] bytes(int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private String words(int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) ('a' + random.nextInt(26))).append(i % 12 == 11 ? "ord.\r\n" : "ord ");
        }
        return text.toString();
    }
}
