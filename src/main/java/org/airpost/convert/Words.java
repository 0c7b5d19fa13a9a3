package org.airpost.convert;

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
        char sign = word.charAt(mark);
        for (int at = text.indexOf(sign); at >= 0 && at < length; at = text.indexOf(sign, at + 1)) {
            int from = at - mark;
            if (from + word.length() <= length && stands(text, from, word)) {
                return true;
            }
        }
        return false;
    }

    private static boolean stands(String text, int from, String word) {
        int last = word.length() - 1;
        return from >= 0
                && (text.charAt(from + last) | 0x20) == (word.charAt(last) | 0x20) // mostly another, which is seen sooner
                && text.regionMatches(true, from, word, 0, word.length());
    }
}
