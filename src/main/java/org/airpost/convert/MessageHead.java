package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.StatusException;

/**
 * The header of a message, field by field as it was written, and where its body begins. Fields that are not changed are
 * written back byte by byte, but for line ends. Source: RFC 5322 §2.2.
 *
 * @param bodyStart offset of the first byte behind the empty line
 */
record MessageHead(List<Field> fields, long bodyStart) {

    private static final int MOST_BYTES = 256 << 10;

    /** What a line begins with that is a field. */
    private static final Pattern FIELD = Pattern.compile("[!-9;-~]+[ \t]*:");

    MessageHead {
        fields = List.copyOf(fields);
    }

    /** A field: its name, and the whole of it, one byte a character, folded lines parted by CRLF, without the last one. */
    record Field(String name, String raw) {

        /** Unfolded; UTF-8 if the bytes are that, else ISO 8859-1. */
        String value() {
            var bytes = raw.substring(raw.indexOf(':') + 1).replace("\r\n", "").strip();
            try {
                return UTF_8.newDecoder()
                        .decode(ByteBuffer.wrap(bytes.getBytes(ISO_8859_1)))
                        .toString();
            } catch (CharacterCodingException e) {
                return bytes;
            }
        }

        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }

        boolean describesContent() {
            return name.toLowerCase(Locale.ROOT).startsWith("content-");
        }
    }

    static Field field(String name, String value) {
        return new Field(name, new String((name + ": " + value).getBytes(UTF_8), ISO_8859_1));
    }

    /** Reads the header of a message; Status 107 if it begins with none. Source: MS-ASCMD "Common Status Codes". */
    static MessageHead read(InputStream message) throws IOException {
        var fields = new ArrayList<Field>();
        var field = new StringBuilder(); // the one that may go on
        var line = new ByteArrayOutputStream();
        long offset = 0;
        while (true) {
            long lineStart = offset;
            line.reset();
            int b = message.read();
            while (b >= 0 && b != '\n') {
                line.write(b);
                offset++;
                b = message.read();
                if (offset > MOST_BYTES) {
                    throw new StatusException(CommonStatus.INVALID_MIME, "a header of more than 256 KiB");
                }
            }
            offset += b < 0 ? 0 : 1;
            // A lone CR is the end of a line to some servers, and what is behind it a field.
            var text = withoutEnd(line.toString(ISO_8859_1), "\r").replace('\r', ' ');
            boolean ended = b < 0 && line.size() == 0;
            boolean continues = !field.isEmpty() && (text.startsWith(" ") || text.startsWith("\t"));
            if (text.isEmpty() || ended) {
                add(fields, field);
                return checked(new MessageHead(fields, offset));
            }
            if (continues) {
                if (!text.isBlank()) {
                    field.append("\r\n").append(text);
                }
            } else if (FIELD.matcher(text).lookingAt()) {
                add(fields, field);
                field.append(text);
            } else if (!field.isEmpty() || !text.startsWith("From ")) {
                add(fields, field);
                return checked(new MessageHead(fields, lineStart));
            }
        }
    }

    private static void add(List<Field> fields, StringBuilder field) {
        if (!field.isEmpty()) {
            var raw = field.toString();
            fields.add(new Field(raw.substring(0, raw.indexOf(':')).strip(), raw));
            field.setLength(0);
        }
    }

    /** The text without those of some characters that it ends with. */
    static String withoutEnd(String text, String characters) {
        int end = text.length();
        while (end > 0 && characters.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return text.substring(0, end);
    }

    private static MessageHead checked(MessageHead head) {
        if (head.fields.isEmpty()) {
            throw new StatusException(CommonStatus.INVALID_MIME, "a message without a header");
        }
        return head;
    }

    Optional<String> value(String name) {
        return fields.stream().filter(f -> f.is(name)).map(Field::value).findFirst();
    }

    List<String> values(String name) {
        return fields.stream().filter(f -> f.is(name)).map(Field::value).toList();
    }

    /** A value with its encoded words read. Source: RFC 2047. */
    Optional<String> text(String name) {
        return value(name).map(value -> {
            try {
                return MimeUtility.decodeText(value);
            } catch (UnsupportedEncodingException e) {
                return value; // in a charset that nobody knows: better as it is than not at all
            }
        });
    }

    /** The first message id in a field, angle brackets included. */
    Optional<String> id(String name) {
        return ids(name).stream().findFirst();
    }

    /** The message ids in a field. */
    List<String> ids(String name) {
        var ids = new ArrayList<String>();
        for (var value : values(name)) {
            var matcher = Pattern.compile("<[^<>\\s]{1,900}>").matcher(value);
            while (matcher.find()) {
                ids.add(matcher.group());
            }
        }
        return List.copyOf(ids);
    }
}
