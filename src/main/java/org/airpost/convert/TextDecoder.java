package org.airpost.convert;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.wbxml.XmlText;
import org.mozilla.universalchardet.UniversalDetector;

/**
 * Makes text of bytes whose charset is declared, undeclared or declared wrongly. Never fails: what cannot be read becomes
 * U+FFFD. Source: WHATWG Encoding "decode"; where a declaration is plainly wrong, a guess.
 */
final class TextDecoder {

    private static final char REPLACEMENT = '\uFFFD';
    private static final Charset FALLBACK = TextEncoding.WINDOWS_1252.charset();
    private static final int GUESS_FROM_BYTES = 64 << 10;
    /** Fewer bytes than these above 0x7F say too little about a charset. */
    private static final int GUESS_NEEDS = 6;

    private static final Pattern TERMINAL = Pattern.compile("\u001B\\[[0-9;?]{0,40}[A-Za-z]");

    private TextDecoder() {}

    /**
     * The text. Bytes of a character that was cut off at the very end are dropped.
     *
     * @param label as declared; empty if nothing is
     */
    static String decode(byte[] bytes, String label) {
        var marked = byteOrderMark(bytes);
        if (marked.isPresent()) {
            return marked.get();
        }
        var encoding = TextEncoding.ofLabel(label);
        if (encoding.isPresent() && encoding.get() == TextEncoding.UTF_7) {
            return isAscii(bytes) ? Utf7.decode(bytes) : guess(bytes);
        }
        if (encoding.isPresent() && encoding.get() == TextEncoding.HZ) {
            return isAscii(bytes) ? Hz.decode(bytes) : guess(bytes);
        }
        Optional<Charset> declared = encoding.map(TextEncoding::charset).or(() -> charsetOfJava(label));
        if (declared.isEmpty()) {
            return guess(bytes);
        }
        var charset = declared.get();
        if (encoding.isPresent() && encoding.get() == TextEncoding.US_ASCII) {
            return guess(bytes);
        }
        if (charset.equals(StandardCharsets.UTF_8)) {
            return guess(bytes, true);
        }
        if (charset.equals(FALLBACK)) {
            // Text in Latin-1 that is valid UTF-8 and not ASCII does not come about by chance.
            return utf8(bytes, false)
                    .orElseGet(() -> isForeign(bytes) ? guess(bytes) : MixedText.decode(bytes, charset));
        }
        if (encoding.isPresent() && encoding.get() == TextEncoding.ISO_2022_JP) {
            return isAscii(bytes) ? japanese(bytes) : guess(bytes);
        }
        if (isUtf16(charset) && isAscii(bytes) && !holdsNul(bytes)) {
            return leniently(bytes, StandardCharsets.US_ASCII); // who declared that did not look
        }
        if (encoding.isPresent() && holdsC1(bytes)) {
            var windows = encoding.get().windows();
            if (windows.isPresent()) {
                return leniently(bytes, windows.get());
            }
        }
        var meant = encoding.map(declaredAs -> meant(bytes, declaredAs)).orElse(charset);
        return strictly(bytes, meant)
                .or(() -> strictly(bytes, StandardCharsets.UTF_8))
                .orElseGet(() -> leniently(bytes, meant));
    }

    /** The charset of a text that is declared as another in which all bytes are possible as well. */
    private static Charset meant(byte[] bytes, TextEncoding declared) {
        return switch (declared) {
            case KOI8_R, KOI8_U, WINDOWS_1251 -> Languages.cyrillic(bytes, declared.charset());
            case GBK, GB18030 -> (Languages.isBig5(bytes) ? TextEncoding.BIG5 : declared).charset();
            default -> declared.charset();
        };
    }

    private static boolean isUtf16(Charset charset) {
        return charset.equals(StandardCharsets.UTF_16LE) || charset.equals(StandardCharsets.UTF_16BE);
    }

    private static boolean holdsNul(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    /** True if there are bytes from 0x80 to 0x9F, where the parts of ISO-8859 have nothing that a mail would say. */
    private static boolean holdsC1(byte[] bytes) {
        for (byte b : bytes) {
            if (b < (byte) 0xA0 && b != (byte) 0x85) {
                return true;
            }
        }
        return false;
    }

    /**
     * True if bytes above 0x7F mostly stand three and more together, as in no language that is written in Latin letters: a
     * Cyrillic, Greek or Arabic word has no others, a German or Polish one has one here and there.
     */
    static boolean isForeign(byte[] bytes) {
        int together = 0;
        int high = 0;
        int run = 0;
        for (int i = 0; i <= Math.min(bytes.length, GUESS_FROM_BYTES); i++) {
            if (i < bytes.length && bytes[i] < 0) {
                run++;
                continue;
            }
            high += run;
            together += run >= 3 ? run : 0;
            run = 0;
        }
        return high >= GUESS_NEEDS && together * 3 > high * 2;
    }

    /** ISO-2022-JP line by line, since a line begins in ASCII whatever the one before forgot. Source: RFC 1468. */
    private static String japanese(byte[] bytes) {
        var text = new StringBuilder(bytes.length);
        int from = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n' || bytes[i] == '\r') {
                var line = Arrays.copyOfRange(bytes, from, i);
                var charset = TextEncoding.ISO_2022_JP.charset();
                text.append(strictly(line, charset).orElseGet(() -> leniently(line, charset)));
                if (i < bytes.length) {
                    text.append((char) bytes[i]);
                }
                from = i + 1;
            }
        }
        return text.toString();
    }

    /** True if text holds an escape to Japanese characters. */
    static boolean isJapanese(String text) {
        return text.indexOf(0x1B) >= 0 && (text.contains("\u001B$B") || text.contains("\u001B$@"));
    }

    /**
     * The text without the colours of terminals and the characters that XML 1.0 has no place for, which the writer would drop;
     * form feed and vertical tab end a line.
     */
    static String allowed(String text) {
        if (XmlText.isAllowed(text.getBytes(StandardCharsets.UTF_8))) {
            return text;
        }
        var kept = new StringBuilder(text.length());
        TERMINAL.matcher(text).replaceAll("").chars().forEach(c -> {
            if (XmlText.isAllowed(c)) {
                kept.append((char) c);
            } else if (c == '\f' || c == 0x0B) {
                kept.append("\r\n");
            }
        });
        return kept.toString();
    }

    /** The code page number of a charset label; 65001 (UTF-8) if there is none or nobody knows it. */
    static int codePage(String label) {
        return TextEncoding.ofLabel(label).map(TextEncoding::codePage).orElse(TextEncoding.UTF_8.codePage());
    }

    static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> byteOrderMark(byte[] bytes) {
        if (startsWith(bytes, 0xEF, 0xBB, 0xBF)) {
            return Optional.of(leniently(bytes, StandardCharsets.UTF_8).substring(1));
        }
        if (startsWith(bytes, 0xFE, 0xFF)) {
            return Optional.of(leniently(bytes, StandardCharsets.UTF_16BE).substring(1));
        }
        if (startsWith(bytes, 0xFF, 0xFE)) {
            return Optional.of(leniently(bytes, StandardCharsets.UTF_16LE).substring(1));
        }
        return Optional.empty();
    }

    private static boolean startsWith(byte[] bytes, int... start) {
        if (bytes.length < start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if ((bytes[i] & 0xFF) != start[i]) {
                return false;
            }
        }
        return true;
    }

    private static Optional<Charset> charsetOfJava(String label) {
        var name = TextEncoding.normalized(label);
        if (name.isEmpty() || name.length() > 40) {
            return Optional.empty();
        }
        try {
            return Optional.of(Charset.forName(name));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return Optional.empty(); // one more name that nobody knows: the bytes must tell
        }
    }

    private static String guess(byte[] bytes) {
        return guess(bytes, false);
    }

    /** The text, if it can be UTF-8. If nothing says so, half a character at the end is none, but a letter of Latin-1. */
    static Optional<String> utf8(byte[] bytes, boolean isDeclared) {
        return strictly(bytes, StandardCharsets.UTF_8)
                .filter(text -> isDeclared || isAscii(bytes) || text.chars().anyMatch(c -> c > 0x7F));
    }

    /** UTF-8 if it can be, then what statistics say, then windows-1252. */
    private static String guess(byte[] bytes, boolean isDeclared) {
        var utf8 = utf8(bytes, isDeclared);
        if (utf8.isPresent()) {
            if (utf8.get().length() < bytes.length) {
                return MixedText.encodedOnce(utf8.get());
            }
            return isJapanese(utf8.get()) ? japanese(bytes) : utf8.get(); // a character for each byte: ASCII
        }
        var paired = MixedText.withPairs(bytes);
        if (paired.length < bytes.length) {
            return guess(paired, isDeclared);
        }
        return MixedText.isMostlyUtf8(bytes) ? MixedText.decode(bytes, FALLBACK) : leniently(bytes, detect(bytes));
    }

    private static Charset detect(byte[] bytes) {
        int high = 0;
        for (byte b : bytes) {
            if (b < 0 && ++high >= GUESS_NEEDS) {
                break;
            }
        }
        if (high < GUESS_NEEDS) {
            return FALLBACK;
        }
        var detector = new UniversalDetector();
        detector.handleData(bytes, 0, Math.min(bytes.length, GUESS_FROM_BYTES));
        detector.dataEnd();
        var told = Optional.ofNullable(detector.getDetectedCharset())
                .flatMap(name ->
                        TextEncoding.ofLabel(name).map(TextEncoding::charset).or(() -> charsetOfJava(name)))
                .filter(charset ->
                        !charset.equals(StandardCharsets.UTF_8) && !charset.equals(StandardCharsets.US_ASCII))
                // Statistics take German for Russian now and then. Shift_JIS and its like have ASCII within their
                // characters.
                .filter(charset -> isOfSeveralBytes(charset) || isForeign(bytes));
        if (told.filter(TextDecoder::isOfSeveralBytes).isEmpty() && isForeign(bytes)) {
            // The detector knows no Arabic, and takes it for something else.
            var arabic = TextEncoding.WINDOWS_1256.charset();
            if (Languages.ofOneScript(leniently(bytes, arabic))
                    > Languages.ofOneScript(leniently(bytes, told.orElse(FALLBACK))) + 0.3) {
                return arabic;
            }
        }
        return told.or(() -> Languages.centralEuropean(bytes)).orElse(FALLBACK);
    }

    private static boolean isOfSeveralBytes(Charset charset) {
        return charset.newEncoder().maxBytesPerChar() > 1;
    }

    /** The text, if the bytes are of this charset; what was cut off at their very end is dropped. */
    static Optional<String> strictly(byte[] bytes, Charset charset) {
        if (charset.equals(StandardCharsets.UTF_8)) {
            var text = new String(bytes, charset);
            if (text.indexOf(REPLACEMENT) < 0) {
                return Optional.of(text);
            }
        }
        var decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate((int) Math.min(
                Integer.MAX_VALUE - 16L, (long) Math.ceil(bytes.length * (double) decoder.maxCharsPerByte()) + 4));
        // Not told that the input ends, so that half a character at the end is no error.
        if (decoder.decode(in, out, false).isError()) {
            return Optional.empty();
        }
        return Optional.of(out.flip().toString());
    }

    static String leniently(byte[] bytes, Charset charset) {
        return new String(bytes, charset);
    }
}
