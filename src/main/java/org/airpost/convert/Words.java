package org.airpost.convert;

import java.util.Locale;

/** A look for a word before a pattern is tried at every place of a text: most mails have none. */
final class Words {

    private Words() {}

    /**
     * True if the start of a text of this length holds a word, in whatever case.
     *
     * @param word of ASCII characters, one of them no letter: that one is looked for
     */
    static boolean holds(String text, int length, String word) {
        int mark = 0;
        while (Character.isLetter(word.charAt(mark))) {
            mark++;
        }
        // With the letter beside it, since HTML is full of signs.
        int from = mark + 1 < word.length() ? mark : Math.max(0, mark - 1);
        var pair = word.substring(from, Math.min(from + 2, word.length()));
        var lower = pair.toLowerCase(Locale.ROOT);
        var upper = pair.toUpperCase(Locale.ROOT);
        return holds(text, length, word, from, lower)
                || (!upper.equals(lower) && holds(text, length, word, from, upper));
    }

    private static boolean holds(String text, int length, String word, int mark, String pair) {
        for (int at = text.indexOf(pair); at >= 0 && at < length; at = text.indexOf(pair, at + 1)) {
            int from = at - mark;
            if (from + word.length() <= length && text.regionMatches(true, from, word, 0, word.length())) {
                return true;
            }
        }
        return false;
    }
}
