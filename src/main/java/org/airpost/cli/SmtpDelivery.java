package org.airpost.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;

/** Delivers one mail, as another mail server would. Source: RFC 5321. */
final class SmtpDelivery {

    private SmtpDelivery() {}

    /** Delivers; gives {@link System#nanoTime()} of the moment in which the server said that it has the mail. */
    static long deliver(String host, int port, String from, String to, byte[] message) throws IOException {
        try (var socket = new LineSocket(host, port)) {
            expect(socket, 220);
            ask(socket, "HELO demo.airpost.example", 250);
            ask(socket, "MAIL FROM:<%s>".formatted(from), 250);
            ask(socket, "RCPT TO:<%s>".formatted(to), 250);
            ask(socket, "DATA", 354);
            var stuffed = new String(message, ISO_8859_1).replace("\r\n.", "\r\n.."); // RFC 5321 §4.5.2
            socket.write(stuffed.getBytes(ISO_8859_1));
            ask(socket, stuffed.endsWith("\r\n") ? "." : "\r\n.", 250);
            long accepted = System.nanoTime();
            socket.writeLine("QUIT");
            return accepted;
        }
    }

    private static void ask(LineSocket socket, String command, int code) throws IOException {
        socket.writeLine(command);
        expect(socket, code);
    }

    private static void expect(LineSocket socket, int code) throws IOException {
        var line = socket.readLine();
        while (line.startsWith(code + "-")) {
            line = socket.readLine();
        }
        if (!line.startsWith(Integer.toString(code))) {
            throw new IOException("the mail server said \"%s\" where %d was expected".formatted(line, code));
        }
    }
}
