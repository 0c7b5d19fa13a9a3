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
            if (from + word.length() <= length && text.regionMatches(true, from, word, 0, word.length())) {
                return true;
            }
        }
        return false;
    }
}
