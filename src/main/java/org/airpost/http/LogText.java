package org.airpost.http;

/** Makes what came from outside fit for a line of the log or a plain answer. */
final class LogText {

    private static final int MOST = 200;

    private LogText() {}

    /** The value without control characters, at most 200 characters of it. */
    static String of(String value) {
        var text = new StringBuilder(Math.min(value.length(), MOST + 1));
        for (int i = 0; i < value.length() && i < MOST; i++) {
            char c = value.charAt(i);
            boolean odd = Character.isISOControl(c)
                    || Character.isSurrogate(c)
                    || Character.getType(c) == Character.FORMAT
                    || Character.getType(c) == Character.LINE_SEPARATOR
                    || Character.getType(c) == Character.PARAGRAPH_SEPARATOR;
            text.append(odd ? '?' : c);
        }
        if (value.length() > MOST) {
            text.append('…');
        }
        return text.toString();
    }
}
