package org.airpost.convert;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeUtility;
import java.io.UnsupportedEncodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.airpost.convert.MessageHead.Field;

/**
 * Header fields as any server takes them. Some phones write letters beyond ASCII into a header as they are, which would need
 * SMTPUTF8 at every server on the way, and lines without end; encoded words and folding say the same everywhere. Source: RFC
 * 2047; RFC 5322 §2.1.1, §2.2.3.
 */
final class CleanField {

    private static final int LONGEST_LINE = 998;
    private static final int FOLD_AT = 900;
    private static final Set<String> OF_ADDRESSES = names("From", "Sender", "Reply-To", "To", "Cc", "Bcc");
    private static final Set<String> OF_TEXT = names("Subject", "Comments", "Keywords", "Thread-Topic", "Organization");

    private CleanField() {}

    private static Set<String> names(String... names) {
        var set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(Arrays.asList(names));
        return set;
    }

    /** The same field, changed only where it must be. */
    static Field of(Field field) {
        boolean ascii = field.raw().chars().allMatch(c -> c < 0x80);
        var readable = ascii ? field : encoded(field).orElse(field);
        return readable.raw().lines().anyMatch(line -> line.length() > LONGEST_LINE) ? folded(readable) : readable;
    }

    private static Optional<Field> encoded(Field field) {
        try {
            if (OF_TEXT.contains(field.name())) {
                return Optional.of(new Field(
                        field.name(),
                        MimeUtility.fold(
                                0,
                                field.name() + ": "
                                        + MimeUtility.encodeText(
                                                MimeUtility.decodeText(field.value()), UTF_8.name(), "B"))));
            }
            if (OF_ADDRESSES.contains(field.name())) {
                var written = new ArrayList<String>();
                for (var address : InternetAddress.parseHeader(field.value(), false)) {
                    if (address.getPersonal() != null) {
                        address.setPersonal(EncodedWords.oneLine(address.getPersonal()), UTF_8.name());
                    }
                    written.add(address.toString());
                }
                return Optional.of(MessageHead.field(field.name(), String.join(",\r\n ", written)));
            }
        } catch (AddressException | UnsupportedEncodingException e) {
            return Optional.empty(); // as it is, then: the server will say
        }
        return Optional.empty();
    }

    /** Broken at white space, where there is some. */
    private static Field folded(Field field) {
        var lines = field.raw().lines().map(CleanField::foldedLine).collect(Collectors.joining("\r\n"));
        return new Field(field.name(), lines);
    }

    private static String foldedLine(String line) {
        var folded = new StringBuilder();
        var rest = line;
        while (rest.length() > LONGEST_LINE) {
            int at = Math.max(rest.lastIndexOf(' ', FOLD_AT), rest.lastIndexOf('\t', FOLD_AT));
            if (at < 1 || rest.substring(0, at).isBlank()) {
                break; // one endless word
            }
            folded.append(rest, 0, at).append("\r\n");
            rest = rest.substring(at);
        }
        return folded.append(rest).toString();
    }
}
