package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.airpost.backend.MessageSource;
import org.airpost.convert.MessageHead.Field;
import org.airpost.eas.Spool;

/**
 * A message ready to be handed over. Close it when it is sent and kept: its body may be in a temporary file.
 *
 * @param from address of the sender, for the envelope
 * @param recipients addresses of To, Cc and Bcc, each once; never empty
 * @param unreadable what stood among the recipients and is no address
 * @param messageId angle brackets included
 * @param wire what is handed over: without Bcc
 * @param kept what goes to Sent Items: with Bcc
 */
public record Outgoing(
        String from,
        List<String> recipients,
        List<String> unreadable,
        String messageId,
        MessageSource wire,
        MessageSource kept,
        Spool body)
        implements AutoCloseable {

    public Outgoing {
        recipients = List.copyOf(recipients);
        unreadable = List.copyOf(unreadable);
    }

    /** A header, without the fields that are not wanted, before a body. */
    static MessageSource source(List<Field> fields, Predicate<Field> wanted, Spool body) {
        var head = head(fields, wanted);
        return new MessageSource() {
            @Override
            public long size() {
                return head.length + body.size();
            }

            @Override
            public InputStream open() throws IOException {
                return new SequenceInputStream(new ByteArrayInputStream(head), body.open());
            }
        };
    }

    /** A message without its Bcc. */
    public static MessageSource withoutBcc(MessageSource kept) throws IOException {
        MessageHead head;
        try (var in = new BufferedInputStream(kept.open())) {
            head = MessageHead.read(in);
        }
        var fields = head(head.fields(), Outgoing::isOpen);
        return new MessageSource() {
            @Override
            public long size() {
                return fields.length + kept.size() - head.bodyStart();
            }

            @Override
            public InputStream open() throws IOException {
                var in = kept.open();
                in.skipNBytes(head.bodyStart());
                return new SequenceInputStream(new ByteArrayInputStream(fields), in);
            }
        };
    }

    /** True for what everybody may see. */
    static boolean isOpen(Field field) {
        return !field.is("Bcc") && !field.is("Resent-Bcc");
    }

    private static byte[] head(List<Field> fields, Predicate<Field> wanted) {
        return fields.stream()
                .filter(wanted)
                .map(f -> f.raw() + "\r\n")
                .collect(Collectors.joining("", "", "\r\n"))
                .getBytes(ISO_8859_1);
    }

    @Override
    public void close() {
        body.close();
    }
}
