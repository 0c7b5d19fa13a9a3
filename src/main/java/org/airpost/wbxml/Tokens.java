package org.airpost.wbxml;

/** Tokens that every code page shares. Source: WAP-192-WBXML §7.1 "Global Tokens". */
final class Tokens {

    static final int SWITCH_PAGE = 0x00;
    static final int END = 0x01;
    static final int ENTITY = 0x02;
    static final int STR_I = 0x03;
    static final int LITERAL = 0x04;
    static final int PI = 0x43;
    static final int LITERAL_C = 0x44;
    static final int STR_T = 0x83;
    static final int LITERAL_A = 0x84;
    static final int OPAQUE = 0xC3;
    static final int LITERAL_AC = 0xC4;

    /** Tags have this or more in their low six bits. */
    static final int FIRST_TAG = 0x05;

    static final int TAG_BITS = 0x3F;

    /** The tag has content. */
    static final int CONTENT = 0x40;

    /** The tag has attributes. */
    static final int ATTRIBUTES = 0x80;

    private Tokens() {}

    static boolean isTag(int token) {
        return (token & TAG_BITS) >= FIRST_TAG;
    }

    /** In words, for a message. */
    static String named(int token) {
        return switch (token) {
            case SWITCH_PAGE -> "a page switch";
            case END -> "the end of an element";
            case ENTITY -> "a character entity";
            case STR_I, STR_T -> "a text";
            case LITERAL, LITERAL_C, LITERAL_A, LITERAL_AC -> "a literal tag (0x%02X)".formatted(token);
            case PI -> "a processing instruction";
            case OPAQUE -> "opaque data";
            default -> (isTag(token) ? "a tag (0x%02X)" : "an extension token (0x%02X)").formatted(token);
        };
    }
}
