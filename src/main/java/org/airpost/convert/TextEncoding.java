package org.airpost.convert;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The encodings of text by every label that mail carries, with the charset that reads them and the code page number that
 * Windows knows them by. As browsers do, ASCII and ISO-8859-1 are read as windows-1252, GB 2312 as GB 18030, Shift_JIS as
 * windows-31j. Source: WHATWG Encoding, section "Names and labels"; code pages: Windows "Code Page Identifiers".
 */
enum TextEncoding {
    UTF_8("UTF-8", 65001, "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 utf_8 utf-8mb4"),
    IBM866("IBM866", 866, "866 cp866 csibm866 ibm866"),
    ISO_8859_2(
            "ISO-8859-2",
            28592,
            "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2"),
    ISO_8859_3(
            "ISO-8859-3",
            28593,
            "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3"),
    ISO_8859_4(
            "ISO-8859-4",
            28594,
            "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4"),
    ISO_8859_5(
            "ISO-8859-5",
            28595,
            "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988"),
    ISO_8859_6(
            "ISO-8859-6",
            28596,
            "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i"
                    + " iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"),
    ISO_8859_7(
            "ISO-8859-7",
            28597,
            "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7"
                    + " iso_8859-7:1987 sun_eu_greek"),
    ISO_8859_8(
            "ISO-8859-8",
            28598,
            "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8"
                    + " iso_8859-8:1988 visual"),
    ISO_8859_8_I("ISO-8859-8", 38598, "csiso88598i iso-8859-8-i logical"),
    /** Windows has no number for it; that of Latin-4 is the nearest. */
    ISO_8859_10("x-airpost-iso-8859-10", 28594, "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"),
    ISO_8859_13("ISO-8859-13", 28603, "iso-8859-13 iso8859-13 iso885913"),
    /** Nor for this one, which is a sister of Latin-9. */
    ISO_8859_14("x-airpost-iso-8859-14", 28605, "iso-8859-14 iso8859-14 iso885914 iso_8859-14 latin8 l8"),
    ISO_8859_15("ISO-8859-15", 28605, "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 latin9 latin-9"),
    ISO_8859_16("ISO-8859-16", 28606, "iso-8859-16 iso8859-16"),
    KOI8_R("KOI8-R", 20866, "cskoi8r koi koi8 koi8-r koi8_r"),
    KOI8_U("KOI8-U", 21866, "koi8-ru koi8-u"),
    MACINTOSH("x-MacRoman", 10000, "csmacintosh mac macintosh x-mac-roman"),
    WINDOWS_874("x-windows-874", 874, "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"),
    WINDOWS_1250("windows-1250", 1250, "cp1250 windows-1250 x-cp1250"),
    WINDOWS_1251("windows-1251", 1251, "cp1251 windows-1251 x-cp1251 win-1251"),
    WINDOWS_1252("windows-1252", 1252, "cp1252 windows-1252 x-cp1252 ansi x-user-defined"),
    ISO_8859_1(
            "windows-1252",
            28591,
            "cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1"
                    + " latin-1 8859_1 iso8859_1"),
    US_ASCII("windows-1252", 20127, "ansi_x3.4-1968 ascii us-ascii iso646-us csascii us us_ascii usascii 7bit"),
    WINDOWS_1253("windows-1253", 1253, "cp1253 windows-1253 x-cp1253"),
    WINDOWS_1254("windows-1254", 1254, "cp1254 windows-1254 x-cp1254"),
    ISO_8859_9(
            "windows-1254",
            28599,
            "csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5"),
    WINDOWS_1255("windows-1255", 1255, "cp1255 windows-1255 x-cp1255"),
    WINDOWS_1256("windows-1256", 1256, "cp1256 windows-1256 x-cp1256"),
    WINDOWS_1257("windows-1257", 1257, "cp1257 windows-1257 x-cp1257"),
    WINDOWS_1258("windows-1258", 1258, "cp1258 windows-1258 x-cp1258"),
    MAC_CYRILLIC("x-MacUkraine", 10017, "x-mac-cyrillic x-mac-ukrainian"),
    GBK(
            "GB18030",
            936,
            "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk cp936 ms936 windows-936"
                    + " euc-cn"),
    GB18030("GB18030", 54936, "gb18030"),
    BIG5("Big5-HKSCS", 950, "big5 big5-hkscs cn-big5 csbig5 x-x-big5 cp950 ms950"),
    EUC_JP("EUC-JP", 51932, "cseucpkdfmtjapanese euc-jp x-euc-jp"),
    ISO_2022_JP("x-windows-iso2022jp", 50220, "csiso2022jp iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3"),
    SHIFT_JIS("windows-31j", 932, "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis cp932"),
    EUC_KR(
            "x-windows-949",
            949,
            "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601 ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601"
                    + " windows-949 cp949 ms949 uhc"),
    ISO_2022_KR("ISO-2022-KR", 50225, "csiso2022kr iso-2022-kr"),
    UTF_16BE("UTF-16BE", 1201, "unicodefffe utf-16be"),
    UTF_16LE("UTF-16LE", 1200, "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"),
    /** Read by {@link Utf7}; Java has no charset for it. */
    UTF_7("UTF-8", 65000, "utf-7 unicode-1-1-utf-7 csunicode11utf7 unicode-2-0-utf-7 x-unicode-2-0-utf-7"),
    /** Read by {@link Hz}. */
    HZ("GB18030", 52936, "hz-gb-2312 hz-gb2312 hz"),
    VISCII("x-airpost-viscii", 1258, "viscii csviscii viscii1.1-1");

    private static final Map<String, TextEncoding> BY_LABEL = byLabel();

    private final String javaName;
    private final int codePage;
    private final String labels;

    TextEncoding(String javaName, int codePage, String labels) {
        this.javaName = javaName;
        this.codePage = codePage;
        this.labels = labels;
    }

    /** The charset that reads it. */
    Charset charset() {
        return TableCharset.named(javaName).orElseGet(() -> Charset.forName(javaName));
    }

    /** The charset of Windows that has letters where this one has control characters, and is often taken for it. */
    Optional<Charset> windows() {
        return switch (this) {
            case ISO_8859_2 -> Optional.of(WINDOWS_1250.charset());
            case ISO_8859_7 -> Optional.of(WINDOWS_1253.charset());
            case ISO_8859_8, ISO_8859_8_I -> Optional.of(WINDOWS_1255.charset());
            case ISO_8859_13 -> Optional.of(WINDOWS_1257.charset());
            default -> Optional.empty();
        };
    }

    /** Number of the code page, as InternetCPID tells it. */
    int codePage() {
        return codePage;
    }

    /** The encoding of a label; quotes and spaces around it, and capitals, do not matter. */
    static Optional<TextEncoding> ofLabel(String label) {
        return Optional.ofNullable(BY_LABEL.get(normalized(label)));
    }

    static String normalized(String label) {
        return label.replace("\"", "").replace("'", "").strip().toLowerCase(Locale.ROOT);
    }

    private static Map<String, TextEncoding> byLabel() {
        var table = new HashMap<String, TextEncoding>();
        for (var encoding : values()) {
            Arrays.stream(encoding.labels.split(" ", -1)).forEach(label -> table.put(label, encoding));
        }
        return Map.copyOf(table);
    }
}
