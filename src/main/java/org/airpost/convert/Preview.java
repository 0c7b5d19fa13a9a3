package org.airpost.convert;

import java.util.regex.Pattern;

/** The first words of a message, for the list of messages. Source: MS-ASAIRS "Preview (Body)". */
final class Preview {

    private static final Word ADDRESS = new Word("://");
    private static final Word PICTURE = new Word("[cid:");

    /** Addresses say nothing to a reader of a list, and phones show them anyway (grommunio-sync); Outlook names images so. */
    private static final Pattern ADDRESSES = Pattern.compile(
            "\\s?(?:<?https?://[^\\s<>]{1,2000}>?|\\[cid:[^\\]\\s]{1,500}\\])", Pattern.CASE_INSENSITIVE);

    private static final String BLANKS = "\u00A0\u00AD\u034F\u2060\uFEFF";

    /** So many signs draw a line. */
    private static final int SIGNS = 4;

    /** More than this is never looked at. */
    private static final int ENOUGH = 16 << 10;

    /** What is looked at first, beside four times what is wanted. */
    private static final int FIRST_LOOK = 256;

    private Preview() {}

    /** Plain text on one line, of at most so many characters (UTF-16), without addresses of the web and quotes of replies. */
    static String of(String plainText, int characters) {
        var all = firstCharacters(plainText, ENOUGH);
        // Mostly the first few lines are enough.
        for (int look = FIRST_LOOK + 4 * characters; look < all.length(); look *= 4) {
            var text = own(all.substring(0, endOfWord(all, look)));
            if (text.length() > characters) {
                return firstCharacters(text, characters).strip();
            }
        }
        var text = own(all);
        return firstCharacters(text.isEmpty() ? squeeze(all.replace('>', ' ')) : text, characters)
                .strip();
    }

    /** The end of the last word that ends before an offset: what is looked for holds no blank; 0 if there is none. */
    private static int endOfWord(String text, int offset) {
        int end = offset;
        while (end > 0 && text.charAt(end) > ' ') {
            end--;
        }
        return end;
    }

    private static String own(String text) {
        var own = new StringBuilder(text.length());
        text.lines()
                .filter(line -> !line.startsWith(">"))
                .forEach(line -> own.append(line).append(' '));
        return squeeze(own.toString());
    }

    private static String squeeze(String text) {
        boolean mayHold = ADDRESS.isIn(text) || PICTURE.isIn(text);
        var words = mayHold ? ADDRESSES.matcher(text).replaceAll("") : text;
        var line = new StringBuilder(words.length());
        boolean space = false;
        for (int i = 0; i < words.length(); ) {
            int end = noiseEnd(words, i);
            if (end > i) {
                space = true;
                i = end;
                continue;
            }
            if (space && !line.isEmpty()) {
                line.append(' ');
            }
            space = false;
            for (end = signsEnd(words, i, i + 1); i < end; i++) {
                line.append(words.charAt(i));
            }
        }
        return line.toString().strip();
    }

    /** Behind what says nothing: a blank, an invisible character, four and more signs that draw a line. */
    private static int noiseEnd(String text, int at) {
        if (isBlank(text.charAt(at))) {
            return at + 1;
        }
        int end = signsEnd(text, at, at);
        return end - at >= SIGNS ? end : at;
    }

    private static boolean isBlank(char c) {
        return c <= ' '
                ? c == ' ' || (c >= '\t' && c <= '\r')
                : c >= '\u00A0' && (BLANKS.indexOf(c) >= 0 || (c >= '\u200B' && c <= '\u200F'));
    }

    /** Behind signs that draw a line, if there are some; else where it is said. */
    private static int signsEnd(String text, int at, int otherwise) {
        int end = at;
        while (end < text.length() && "-_=*".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        return end == at ? otherwise : end;
    }

    /** The first characters of a text, no half of a pair among them. */
    static String firstCharacters(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, most > 0 && Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }
}
