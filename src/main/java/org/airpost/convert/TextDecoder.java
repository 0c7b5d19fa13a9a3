package org.airpost.convert;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Optional;
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
        Optional<Charset> declared = encoding.map(TextEncoding::charset).or(() -> charsetOfJava(label));
        if (declared.isEmpty()) {
            return guess(bytes);
        }
        var charset = declared.get();
        if (encoding.isPresent() && encoding.get() == TextEncoding.US_ASCII) {
            return guess(bytes);
        }
        if (charset.equals(StandardCharsets.UTF_8)) {
            return strictly(bytes, charset).orElseGet(() -> guess(bytes));
        }
        if (charset.equals(FALLBACK)) {
            // Text in Latin-1 that is valid UTF-8 and not ASCII does not come about by chance.
            return strictly(bytes, StandardCharsets.UTF_8).orElseGet(() -> leniently(bytes, charset));
        }
        return strictly(bytes, charset)
                .or(() -> strictly(bytes, StandardCharsets.UTF_8))
                .orElseGet(() -> leniently(bytes, charset));
    }

    /** The text without the characters that XML 1.0 has no place for, which the writer would drop. */
    static String allowed(String text) {
        int clean = 0;
        while (clean < text.length() && isAllowed(text.charAt(clean))) {
            clean++;
        }
        if (clean == text.length()) {
            return text;
        }
        var kept = new StringBuilder(text.length()).append(text, 0, clean);
        text.chars().skip(clean).filter(TextDecoder::isAllowed).forEach(c -> kept.append((char) c));
        return kept.toString();
    }

    private static boolean isAllowed(int c) {
        return c >= ' ' ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
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

    /** UTF-8 if it can be, then what statistics say, then windows-1252. */
    private static String guess(byte[] bytes) {
        return strictly(bytes, StandardCharsets.UTF_8).orElseGet(() -> leniently(bytes, detect(bytes)));
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
        return Optional.ofNullable(detector.getDetectedCharset())
                .flatMap(name ->
                        TextEncoding.ofLabel(name).map(TextEncoding::charset).or(() -> charsetOfJava(name)))
                .filter(charset ->
                        !charset.equals(StandardCharsets.UTF_8) && !charset.equals(StandardCharsets.US_ASCII))
                .orElse(FALLBACK);
    }

    private static Optional<String> strictly(byte[] bytes, Charset charset) {
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

    private static String leniently(byte[] bytes, Charset charset) {
        return new String(bytes, charset);
    }
}
