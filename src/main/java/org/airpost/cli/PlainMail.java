package org.airpost.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;

/** A mail of plain text, as bytes that are ASCII whatever its text is. Source: RFC 5322, RFC 2047. */
final class PlainMail {

    private static final int BYTES_PER_WORD = 42; // an encoded word is 75 characters at most, RFC 2047 §2

    private PlainMail() {}

    static byte[] of(String from, List<String> to, String subject, String text, String id) {
        var lines = Base64.getMimeEncoder()
                .encodeToString(text.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(UTF_8));
        var head = String.join(
                "\r\n",
                "From: " + oneLine(from),
                "To: " + oneLine(String.join(", ", to)),
                "Subject: " + encoded(oneLine(subject)),
                "Date: " + DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)),
                "Message-ID: <" + id + "@phone.airpost.example>",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64");
        return (head + "\r\n\r\n" + lines + "\r\n").getBytes(US_ASCII);
    }

    /** Nothing that a caller gives may begin a header of its own. */
    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}]+", " ").strip();
    }

    private static String encoded(String text) {
        if (US_ASCII.newEncoder().canEncode(text)) {
            return text;
        }
        var words = new StringBuilder();
        var word = new StringBuilder();
        text.codePoints().forEach(point -> {
            var next = Character.toString(point);
            if ((word + next).getBytes(UTF_8).length > BYTES_PER_WORD) {
                append(words, word);
            }
            word.append(next);
        });
        append(words, word);
        return words.toString();
    }

    private static void append(StringBuilder words, StringBuilder word) {
        words.append(words.isEmpty() ? "" : "\r\n ")
                .append("=?utf-8?B?")
                .append(Base64.getEncoder().encodeToString(word.toString().getBytes(UTF_8)))
                .append("?=");
        word.setLength(0);
    }
}
