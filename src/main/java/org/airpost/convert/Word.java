package org.airpost.convert;

import java.util.Locale;

/** A word that is looked for before a pattern is tried at every place of a text: most mails have none. */
final class Word {

    private final String word;
    private final int mark;
    private final String lower;
    private final String upper;

    /**
     * A word of ASCII characters, one of them no letter: that one is looked for, with the letter beside it, since HTML is full of
     * signs.
     */
    Word(String word) {
        int sign = 0;
        while (Character.isLetter(word.charAt(sign))) {
            sign++;
        }
        this.word = word;
        this.mark = sign + 1 < word.length() ? sign : Math.max(0, sign - 1);
        var pair = word.substring(mark, Math.min(mark + 2, word.length()));
        this.lower = pair.toLowerCase(Locale.ROOT);
        this.upper = pair.toUpperCase(Locale.ROOT);
    }

    /** True if a text holds it, in whatever case. */
    boolean isIn(String text) {
        return isIn(text, text.length());
    }

    /** True if the start of a text of this length, which is not more than it has, holds it. */
    boolean isIn(String text, int length) {
        return isIn(text, length, lower) || (!upper.equals(lower) && isIn(text, length, upper));
    }

    private boolean isIn(String text, int length, String pair) {
        for (int at = text.indexOf(pair, 0, length); at >= 0; at = text.indexOf(pair, at + 1, length)) {
            int from = at - mark;
            if (from + word.length() <= length && text.regionMatches(true, from, word, 0, word.length())) {
                return true;
            }
        }
        return false;
    }
}
