package org.airpost.wbxml;

/** What a text may hold. Source: XML 1.0 §2.2 "Char". */
public final class XmlText {

    private XmlText() {}

    /** True if bytes of valid UTF-8 hold no character that XML 1.0 has no place for; quick, since long texts are asked about. */
    public static boolean isAllowed(byte[] utf8) {
        for (int i = 0; i < utf8.length; i++) {
            byte b = utf8[i];
            if (b < 0x20 && !isAllowed(utf8, i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAllowed(byte[] utf8, int at) {
        byte b = utf8[at];
        return b == '\n' || b == '\r' || b == '\t' || (b < 0 && !(b == (byte) 0xEF && isNoCharacter(utf8, at)));
    }

    /** True of U+FFFE and U+FFFF. */
    private static boolean isNoCharacter(byte[] utf8, int at) {
        return at + 2 < utf8.length && utf8[at + 1] == (byte) 0xBF && (utf8[at + 2] & 0xFE) == 0xBE;
    }

    /** True of a character that XML 1.0 has a place for; half a pair of surrogates is taken for one. */
    public static boolean isAllowed(int c) {
        return c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
    }
}
