package org.airpost.backend;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Somebody who can be written to.
 *
 * @param from where this is known from
 * @param addresses mail addresses, the primary one first; never empty
 * @param values what else is known, none of it empty; always a display name
 * @param photo a picture as JPEG, PNG or GIF, if there is one and it was asked for
 * @param certificates for encrypting mail, as DER, if they were asked for
 */
public record Person(
        Source from,
        List<String> addresses,
        Map<Field, String> values,
        Optional<Photo> photo,
        List<Certificate> certificates) {

    /** Where a person is known from. */
    public enum Source {
        /** The directory of the organisation. */
        DIRECTORY,
        /** The user's own address book. */
        ADDRESS_BOOK,
        /** The user's own mail. */
        MAIL
    }

    /** What can be known of a person beside addresses. Source: MS-ASCMD, the GAL namespace. */
    public enum Field {
        DISPLAY_NAME,
        PHONE,
        OFFICE,
        TITLE,
        COMPANY,
        ALIAS,
        FIRST_NAME,
        LAST_NAME,
        HOME_PHONE,
        MOBILE_PHONE
    }

    /**
     * A picture.
     *
     * @param bytes empty if it is too large for any phone
     */
    public record Photo(byte[] bytes, boolean isTooLarge) {

        /** No phone takes a larger one. Source: MS-ASCMD_R5349. */
        public static final int LARGEST_BYTES = 100 << 10;

        /** A picture, of which nothing is kept if it is too large. */
        public Photo(byte[] bytes) {
            this(bytes.length > LARGEST_BYTES ? new byte[0] : bytes, bytes.length > LARGEST_BYTES);
        }

        /** The first of several that is not too large, else that there is one. */
        public static Optional<Photo> firstOf(Stream<byte[]> several) {
            var photos =
                    several.filter(bytes -> bytes.length > 0).map(Photo::new).toList();
            return photos.stream()
                    .filter(photo -> !photo.isTooLarge)
                    .findFirst()
                    .or(() -> photos.stream().findFirst());
        }
    }

    /** A certificate as DER. */
    public record Certificate(byte[] der) {}

    public Person {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a person without address");
        }
        var kept = new EnumMap<Field, String>(Field.class);
        values.forEach((field, value) -> {
            if (!value.isBlank()) {
                kept.put(field, value.strip());
            }
        });
        kept.putIfAbsent(Field.DISPLAY_NAME, addresses.getFirst());
        values = Map.copyOf(kept);
        certificates = List.copyOf(certificates);
    }

    /** Somebody of whom no more is known than a name and an address. */
    public Person(Source from, String name, String address) {
        this(from, List.of(address), Map.of(Field.DISPLAY_NAME, name), Optional.empty(), List.of());
    }

    public Person withoutPhoto() {
        return new Person(from, addresses, values, Optional.empty(), certificates);
    }

    public Person withoutCertificates() {
        return new Person(from, addresses, values, photo, List.of());
    }

    /** The primary address. */
    public String address() {
        return addresses.getFirst();
    }

    public String displayName() {
        return get(Field.DISPLAY_NAME).orElse(address());
    }

    /** What is known, if it is. */
    public Optional<String> get(Field field) {
        return Optional.ofNullable(values.get(field));
    }

    /** True if one of the addresses is this one, in any case of letters. */
    public boolean has(String address) {
        return addresses.stream().anyMatch(one -> one.equalsIgnoreCase(address));
    }

    /**
     * True if each of the words is the beginning of a word of a name, of an address or of a phone number, in any case of
     * letters.
     */
    public boolean matches(String words) {
        var sought = words.strip().toLowerCase(Locale.ROOT);
        if (sought.isEmpty()) {
            return false;
        }
        if (isNumber(sought)) {
            return matchesWord(sought);
        }
        for (var word : sought.split("\\s+", 0)) {
            if (!matchesWord(word)) {
                return false;
            }
        }
        return true;
    }

    /** True for digits with the signs that are usual between those of phone numbers. */
    public static boolean isNumber(String text) {
        boolean digits = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                digits = true;
            } else if ("-+()/. ".indexOf(c) < 0) {
                return false;
            }
        }
        return digits;
    }

    private boolean matchesWord(String word) {
        for (var field : List.of(Field.DISPLAY_NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.ALIAS)) {
            if (get(field).filter(value -> begins(value, word)).isPresent()) {
                return true;
            }
        }
        for (var address : addresses) {
            if (begins(address, word)) {
                return true;
            }
        }
        return isNumber(word)
                && List.of(Field.PHONE, Field.MOBILE_PHONE, Field.HOME_PHONE).stream()
                        .anyMatch(field -> get(field)
                                .filter(value -> digits(value).startsWith(digits(word)))
                                .isPresent());
    }

    /** True if a word of the text begins so. */
    private static boolean begins(String text, String word) {
        var lower = text.toLowerCase(Locale.ROOT);
        for (int at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) {
            if (at == 0 || !Character.isLetterOrDigit(lower.charAt(at - 1))) {
                return true;
            }
        }
        return false;
    }

    private static String digits(String text) {
        return text.replaceAll("[^0-9]", "");
    }
}
