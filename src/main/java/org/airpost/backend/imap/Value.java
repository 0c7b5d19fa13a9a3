package org.airpost.backend.imap;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** One value in a server's response. Source: RFC 9051 §4. */
sealed interface Value {

    /** An atom, a number, a flag, a section such as {@code BODY[1.2]<0>}. */
    record Atom(String text) implements Value {}

    /** A quoted string or a literal. */
    record Text(byte[] bytes) implements Value {}

    /** A parenthesised list. */
    record Many(List<Value> values) implements Value {}

    /** NIL. */
    record Nil() implements Value {}

    /** As text, UTF-8 if it is that, else Latin-1; empty for NIL and lists. */
    default String text() {
        return switch (this) {
            case Atom(var text) -> text;
            case Text(var bytes) -> decoded(bytes);
            case Many _, Nil _ -> "";
        };
    }

    /** As text in lower case. */
    default String lower() {
        return text().toLowerCase(Locale.ROOT);
    }

    /** As a number, or -1. */
    default long number() {
        String text = text();
        if (text.isEmpty() || text.length() > 19) {
            return -1;
        }
        long n = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            n = n * 10 + (c - '0');
        }
        return n < 0 ? -1 : n;
    }

    /** The values of a list; none for anything else. */
    default List<Value> values() {
        return this instanceof Many(var values) ? values : List.of();
    }

    private static String decoded(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException _) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
