package org.airpost.backend.imap;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.angus.mail.iap.ParsingException;
import org.eclipse.angus.mail.iap.Protocol;
import org.eclipse.angus.mail.iap.ProtocolException;
import org.eclipse.angus.mail.imap.protocol.IMAPResponse;
import org.jspecify.annotations.Nullable;

/** One response of a server. */
final class ServerLine extends IMAPResponse {

    private @Nullable Fetched fetched;

    ServerLine(Protocol protocol) throws IOException, ProtocolException {
        super(protocol);
    }

    /** What it is about, in upper case: EXISTS, FETCH, OK, BYE …; empty if it says nothing. */
    String about() {
        if (isOK()) {
            return "OK";
        }
        if (isNO()) {
            return "NO";
        }
        if (isBAD()) {
            return "BAD";
        }
        if (isBYE()) {
            return "BYE";
        }
        String key = getKey();
        return key == null ? "" : key.toUpperCase(Locale.ROOT);
    }

    /** True if it ends the command with this tag. */
    boolean ends(String tag) {
        return isTagged() && tag.equals(getTag());
    }

    /** What follows the word that it is about. */
    Tokens tokens() {
        return new Tokens(buffer, Math.min(index, size), size);
    }

    /** All values that follow. */
    List<Value> values() throws ParsingException {
        return tokens().rest();
    }

    /** What it says of a message, for FETCH. */
    Fetched fetched() {
        var known = fetched;
        if (known == null) {
            known = Fetched.of(getNumber(), tokens());
            fetched = known;
        }
        return known;
    }

    /** The code in brackets of OK, NO, BAD and BYE. */
    Optional<Code> code() {
        int i = Math.min(index, size);
        while (i < size && buffer[i] == ' ') {
            i++;
        }
        if (i >= size || buffer[i] != '[') {
            return Optional.empty();
        }
        int close = close(i);
        String inside = new String(buffer, i + 1, Math.max(0, close - i - 1), StandardCharsets.ISO_8859_1).strip();
        int space = inside.indexOf(' ');
        return Optional.of(
                space < 0
                        ? new Code(inside.toUpperCase(Locale.ROOT), "")
                        : new Code(
                                inside.substring(0, space).toUpperCase(Locale.ROOT),
                                inside.substring(space + 1).strip()));
    }

    /** Where a code ends that begins here. In a list, as PERMANENTFLAGS has one, the bracket may be a letter of a keyword. */
    private int close(int open) {
        int first = size;
        boolean isInList = false;
        for (int i = open; i < size; i++) {
            if (buffer[i] == '(') {
                isInList = true;
            } else if (buffer[i] == ')') {
                isInList = false;
            } else if (buffer[i] == ']') {
                if (!isInList) {
                    return i;
                }
                first = Math.min(first, i);
            }
        }
        return first;
    }

    /** The text of OK, NO, BAD and BYE, code included; at most 500 characters. */
    String words() {
        int i = Math.min(index, size);
        String text = new String(buffer, i, Math.min(size - i, 500), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? about() : text;
    }

    /** A response code. Source: RFC 9051 §7.1. */
    record Code(String name, String arguments) {}
}
