package org.airpost.convert;

import java.util.regex.Pattern;

/** The first words of a message, for the list of messages. Source: MS-ASAIRS "Preview (Body)". */
final class Preview {

    /** Addresses say nothing to a reader of a list, and phones show them anyway (grommunio-sync); Outlook names images so. */
    private static final Pattern ADDRESSES = Pattern.compile(
            "\\s?(?:<?https?://[^\\s<>]{1,2000}>?|\\[cid:[^\\]\\s]{1,500}\\])", Pattern.CASE_INSENSITIVE);

    private static final Pattern NOISE =
            Pattern.compile("[\\s\\u00A0\\u200B-\\u200F\\u034F\\u00AD\\u2060\\uFEFF]+|[-_=*]{4,}");

    /** More than this is never looked at. */
    private static final int ENOUGH = 16 << 10;

    private Preview() {}

    /** Plain text on one line, of at most so many characters (UTF-16), without addresses of the web and quotes of replies. */
    static String of(String plainText, int characters) {
        var start = firstCharacters(plainText, ENOUGH);
        var own = new StringBuilder();
        for (var line : start.split("\r\n|\n|\r", -1)) {
            if (!line.startsWith(">")) {
                own.append(line).append(' ');
            }
        }
        var text = squeeze(own.toString());
        if (text.isEmpty()) {
            text = squeeze(start.replace('>', ' '));
        }
        return firstCharacters(text, characters).strip();
    }

    private static String squeeze(String text) {
        return NOISE.matcher(ADDRESSES.matcher(text).replaceAll(""))
                .replaceAll(" ")
                .strip()
                .replaceAll(" {2,}", " ");
    }

    /** The first characters of a text, no half of a pair among them. */
    static String firstCharacters(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, most > 0 && Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }
}
