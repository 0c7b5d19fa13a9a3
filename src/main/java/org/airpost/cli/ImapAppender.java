package org.airpost.cli;

import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Puts mails into folders: the four commands of IMAP that the demo needs to fill its mail server. Source: RFC 3501 §6. */
final class ImapAppender implements AutoCloseable {

    private static final DateTimeFormatter DATE_TIME =
            DateTimeFormatter.ofPattern("dd-MMM-yyyy HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final LineSocket socket;
    private int commands;

    ImapAppender(String host, int port, String user, String password) throws IOException {
        socket = new LineSocket(host, port);
        socket.readLine(); // greeting
        command("LOGIN \"%s\" \"%s\"".formatted(user, password));
    }

    void create(String folder) throws IOException {
        command("CREATE \"%s\"".formatted(folder));
    }

    void append(SampleMails.Mail mail) throws IOException {
        var tag = send("APPEND \"%s\" (%s) \"%s\" {%d}"
                .formatted(mail.folder(), mail.flags(), DATE_TIME.format(mail.received()), mail.message().length));
        var go = socket.readLine();
        if (!go.startsWith("+")) {
            throw new IOException("APPEND to %s: %s".formatted(mail.folder(), go));
        }
        socket.write(mail.message());
        socket.writeLine("");
        await(tag, "APPEND");
    }

    private void command(String command) throws IOException {
        await(send(command), command.substring(0, command.indexOf(' ')));
    }

    private String send(String command) throws IOException {
        var tag = "a" + ++commands;
        socket.writeLine(tag + " " + command);
        return tag;
    }

    private void await(String tag, String what) throws IOException {
        var line = socket.readLine();
        while (!line.startsWith(tag + " ")) {
            line = socket.readLine();
        }
        if (!line.startsWith(tag + " OK")) {
            throw new IOException("%s: %s".formatted(what, line));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
