package org.airpost.convert;

import java.nio.charset.Charset;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which of two charsets gives a text that reads like a language, where the bytes are possible in both. What it says is worth
 * something only of a dozen letters and more.
 */
final class Languages {

    private static final int LEAST_LETTERS = 12;

    /** Letters of Russian by how often they are. Source: frequencies of the Russian National Corpus. */
    private static final String RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё";

    private static final Set<Integer> COMMON_TRADITIONAL =
            characters("的一是不了人我在有他這中大來上個國和們地到時要就出會可也你對生能而子那得於著下自之年過發後作里用道行所然家種事成方"
                    + "多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公"
                    + "此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身月話合回特代內"
                    + "信化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系題活爾更別打女變四神總何電數安少"
                    + "報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形便空決治展您訂單貨客戶請謝親愛");

    private static final Set<Integer> COMMON_SIMPLIFIED =
            characters("的一是不了人我在有他这中大来上个国和们地到时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
                    + "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公"
                    + "此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身月话合回特代内"
                    + "信化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系题活尔更别打女变四神总何电数安少"
                    + "报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形便空决治展您订单货客户请谢亲爱");

    /** Signs that stand within no word of a western language, where others have letters. */
    private static final Pattern SIGN_IN_WORD = Pattern.compile("\\p{L}[±³¶¹¼¾¿¢£¥¦¬¯](?=\\p{L})");

    private Languages() {}

    private static Set<Integer> characters(String text) {
        return text.codePoints().boxed().collect(Collectors.toCollection(HashSet::new));
    }

    /** How much of a text in an alphabet of its own is letters of one script, from 0 to 1. */
    static double ofOneScript(String text) {
        var letters = new EnumMap<Character.UnicodeScript, Integer>(Character.UnicodeScript.class);
        int high = 0;
        int odd = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= 0x7F) {
                continue;
            }
            high++;
            boolean inWord =
                    i > 0 && isLetter(text.charAt(i - 1)) && i + 1 < text.length() && isLetter(text.charAt(i + 1));
            if (isLetter(c)) {
                letters.merge(Character.UnicodeScript.of(c), 1, Integer::sum);
                odd += inWord && Character.isUpperCase(c) && Character.isLowerCase(text.charAt(i - 1)) ? 1 : 0;
            } else {
                odd += inWord ? 1 : 0;
            }
        }
        letters.remove(Character.UnicodeScript.LATIN);
        int most = letters.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        return high < LEAST_LETTERS ? 0 : (most - odd) / (double) high;
    }

    private static boolean isLetter(char c) {
        return c > 0x7F && Character.isLetter(c);
    }

    /** KOI8-R and windows-1251 have the same letters in other places: the one of the two in which the bytes are Russian. */
    static Charset cyrillic(byte[] bytes, Charset declared) {
        var koi8 = TextEncoding.KOI8_R.charset();
        var windows = TextEncoding.WINDOWS_1251.charset();
        var other = declared.equals(windows) ? koi8 : windows;
        return russian(TextDecoder.leniently(bytes, other)) > russian(TextDecoder.leniently(bytes, declared)) + 3
                ? other
                : declared;
    }

    /** How far from the rare end of the alphabet its letters are; capitals within words count against it. */
    private static double russian(String text) {
        int letters = 0;
        int rank = 0;
        int inverted = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.UnicodeScript.of(c) != Character.UnicodeScript.CYRILLIC) {
                continue;
            }
            letters++;
            int at = RUSSIAN.indexOf(Character.toLowerCase(c));
            rank += at < 0 ? RUSSIAN.length() : at;
            inverted += i > 0 && Character.isUpperCase(c) && Character.isLowerCase(text.charAt(i - 1)) ? 1 : 0;
        }
        return letters < LEAST_LETTERS ? 0 : -(rank + 20 * inverted) / (double) letters;
    }

    /** True if what is declared as simplified Chinese is traditional Chinese in Big5. */
    static boolean isBig5(byte[] bytes) {
        var big5 = TextDecoder.strictly(bytes, TextEncoding.BIG5.charset());
        if (big5.isEmpty()) {
            return false;
        }
        double traditional = common(big5.get(), COMMON_TRADITIONAL);
        double simplified = common(TextDecoder.leniently(bytes, TextEncoding.GBK.charset()), COMMON_SIMPLIFIED);
        return traditional > 0.2 && simplified < traditional / 3;
    }

    private static double common(String text, Set<Integer> wanted) {
        int all = 0;
        int found = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7F) {
                all++;
                found += wanted.contains((int) text.charAt(i)) ? 1 : 0;
            }
        }
        return all < LEAST_LETTERS / 2 ? 0 : found / (double) all;
    }

    /** The charset of a text in Hungarian, Polish, Czech or the like that reads oddly in windows-1252; empty if it does not. */
    static Optional<Charset> centralEuropean(byte[] bytes) {
        var western = TextDecoder.leniently(bytes, TextEncoding.WINDOWS_1252.charset());
        boolean hungarian =
                holdsOneOf(western, "õûÕÛ") && holdsOneOf(western, "öüÖÜ") && holdsOneOf(western, "áíóúÁÍÓÚ");
        boolean czech = holdsOneOf(western, "øØ") && holdsOneOf(western, "ìùý") && !holdsOneOf(western, "åæÅÆ");
        boolean signs = SIGN_IN_WORD.matcher(western).results().limit(2).count() == 2;
        if (!hungarian && !czech && !signs) {
            return Optional.empty();
        }
        // Where the two of them differ: bytes that are letters here and nothing, or a sign, there.
        boolean iso = holdsOneOf(western, "±¶¼¦¬") || (czech && holdsOneOf(western, "¹¾"));
        boolean windows = holdsOneOf(western, "œŸŒšžŠŽ") || (signs && !czech && holdsOneOf(western, "¹¥"));
        return Optional.of((iso && !windows ? TextEncoding.ISO_8859_2 : TextEncoding.WINDOWS_1250).charset());
    }

    private static boolean holdsOneOf(String text, String characters) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7F && characters.indexOf(text.charAt(i)) >= 0) {
                return true;
            }
        }
        return false;
    }
}
