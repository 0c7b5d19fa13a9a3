package org.airpost.convert;

/** A look for a word before a pattern is tried at every place of a text: most mails have none. */
final class Words {

    private Words() {}

    /**
     * True if the start of a text of this length holds a word, in whatever case.
     *
     * @param word of ASCII characters, in lower case
     */
    static boolean holds(String text, int length, String word) {
        char lower = word.charAt(0);
        char upper = Character.toUpperCase(lower);
        int last = length - word.length();
        for (int i = 0; i <= last; i++) {
            char c = text.charAt(i);
            if ((c == lower || c == upper) && text.regionMatches(true, i, word, 0, word.length())) {
                return true;
            }
        }
        return false;
    }
}
