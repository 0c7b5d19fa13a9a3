package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/**
 * Rich text as Outlook stores it: packed, and often with the HTML inside that it was made of. Source: MS-OXRTFCP
 * (compression), MS-OXRTFEX (HTML within), RTF 1.9.1.
 */
final class Rtf {

    private static final int COMPRESSED = 0x75465A4C;
    private static final int STORED = 0x414C454D;
    private static final int MOST = 8 << 20;
    private static final int MOST_DEPTH = 500;

    /** What each dictionary begins with. Source: MS-OXRTFCP 2.1.2.1. */
    private static final byte[] DICTIONARY =
            ("{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript"
                            + " \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
                            + "\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx")
                    .getBytes(StandardCharsets.US_ASCII);

    /** Groups whose text nobody reads. */
    private static final Set<String> SILENT = Set.of(
            "fonttbl",
            "colortbl",
            "stylesheet",
            "info",
            "pict",
            "object",
            "header",
            "footer",
            "headerl",
            "headerr",
            "footerl",
            "footerr",
            "themedata",
            "datastore",
            "listtable",
            "listoverridetable",
            "rsidtbl",
            "generator",
            "xmlnstbl",
            "fldinst",
            "pntext");

    private final String source;

    private Rtf(String source) {
        this.source = source;
    }

    /** Unpacks it; empty if it is no such thing. */
    static Optional<Rtf> unpacked(byte[] bytes) {
        if (bytes.length < 16) {
            return Optional.empty();
        }
        var head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        head.getInt();
        int size = head.getInt();
        int kind = head.getInt();
        if (size < 0 || size > MOST) {
            return Optional.empty();
        }
        return switch (kind) {
            case STORED -> Optional.of(of(Arrays.copyOfRange(bytes, 16, Math.min(bytes.length, 16 + size))));
            case COMPRESSED -> Optional.of(of(inflated(bytes, size)));
            default -> Optional.empty();
        };
    }

    /** Rich text that is not packed. */
    static Rtf of(byte[] source) {
        return new Rtf(new String(source, StandardCharsets.ISO_8859_1));
    }

    private static byte[] inflated(byte[] in, int size) {
        var window = new byte[4096];
        System.arraycopy(DICTIONARY, 0, window, 0, DICTIONARY.length);
        int write = DICTIONARY.length;
        var out = new ByteArrayOutputStream(Math.min(size, 1 << 20));
        int at = 16;
        while (at < in.length && out.size() < size) {
            int control = in[at++] & 0xFF;
            for (int bit = 0; bit < 8 && at < in.length && out.size() < size; bit++) {
                if ((control >> bit & 1) == 0) {
                    window[write] = in[at];
                    out.write(in[at++]);
                    write = write + 1 & 4095;
                    continue;
                }
                if (at + 1 >= in.length) {
                    return out.toByteArray();
                }
                int reference = ((in[at] & 0xFF) << 8) | (in[at + 1] & 0xFF);
                at += 2;
                int offset = reference >> 4;
                if (offset == write) {
                    return out.toByteArray();
                }
                for (int i = (reference & 15) + 2; i > 0 && out.size() < size; i--) {
                    byte b = window[offset];
                    out.write(b);
                    window[write] = b;
                    offset = offset + 1 & 4095;
                    write = write + 1 & 4095;
                }
            }
        }
        return out.toByteArray();
    }

    /** The HTML that it was made of; empty if it was made of something else. */
    Optional<String> html() {
        return source.length() > 0
                        && source.substring(0, Math.min(source.length(), 1_000)).contains("\\fromhtml")
                ? Optional.of(new Walk(source, true).run())
                : Optional.empty();
    }

    /** Its text, lines ended by CRLF. */
    String text() {
        return html().map(HtmlText::of).orElseGet(() -> new Walk(source, false).run());
    }

    /** Goes through it once. */
    private static final class Walk {

        /** Of a group: whether its text is left out, whether it is HTML, and what a character without Unicode costs. */
        private record State(boolean silent, boolean tag, boolean rtfOnly, int skip) {}

        private final String in;
        private final boolean asHtml;
        private final StringBuilder out = new StringBuilder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Deque<State> groups = new ArrayDeque<>();
        private State state = new State(false, false, false, 1);
        private String charset = "windows-1252";
        private boolean ignorable;
        private int toSkip;
        private int at;

        Walk(String in, boolean asHtml) {
            this.in = in;
            this.asHtml = asHtml;
        }

        String run() {
            while (at < in.length()) {
                char c = in.charAt(at);
                switch (c) {
                    case '{' -> {
                        if (groups.size() < MOST_DEPTH) {
                            groups.push(state);
                        }
                        toSkip = 0;
                        at++;
                    }
                    case '}' -> {
                        state = groups.isEmpty() ? state : groups.pop();
                        toSkip = 0;
                        ignorable = false;
                        at++;
                    }
                    case '\\' -> control();
                    case '\r', '\n' -> at++;
                    default -> {
                        character((byte) c);
                        at++;
                    }
                }
            }
            flush();
            return out.toString();
        }

        private void control() {
            char next = at + 1 < in.length() ? in.charAt(at + 1) : ' ';
            if (next == '\'') {
                int high = at + 3 < in.length() ? Character.digit(in.charAt(at + 2), 16) : -1;
                int low = at + 3 < in.length() ? Character.digit(in.charAt(at + 3), 16) : -1;
                if (high >= 0 && low >= 0) {
                    character((byte) (high * 16 + low));
                }
                at = Math.min(in.length(), at + 4);
            } else if (!isLetter(next)) {
                at += 2;
                switch (next) {
                    case '*' -> ignorable = true;
                    case '~' -> text(asHtml ? "&nbsp;" : "\u00A0");
                    case '_' -> text("-");
                    case '\r', '\n' -> text("\r\n");
                    case '\\', '{', '}' -> character((byte) next);
                    default -> {} // an optional hyphen and the like
                }
            } else {
                word();
            }
        }

        private static boolean isLetter(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        }

        private void word() {
            int start = ++at;
            while (at < in.length() && isLetter(in.charAt(at))) {
                at++;
            }
            var word = in.substring(start, at);
            int numberStart = at;
            if (at < in.length() && in.charAt(at) == '-') {
                at++;
            }
            while (at < in.length() && Character.isDigit(in.charAt(at)) && at - numberStart < 9) {
                at++;
            }
            var digits = in.substring(numberStart, at);
            int number = digits.isEmpty() || digits.equals("-") ? 1 : Integer.parseInt(digits);
            if (at < in.length() && in.charAt(at) == ' ') {
                at++;
            }
            act(word, number);
        }

        private void act(String word, int number) {
            boolean optional = ignorable;
            ignorable = false;
            switch (word) {
                case "htmltag", "mhtmltag" ->
                    state = new State(word.startsWith("m") || !asHtml, asHtml, false, state.skip);
                case "htmlrtf" -> state = new State(state.silent, state.tag, number != 0, state.skip);
                case "ansicpg" -> {
                    flush();
                    charset = number == 65001 ? "utf-8" : "windows-" + number;
                }
                case "uc" -> state = new State(state.silent, state.tag, state.rtfOnly, Math.clamp(number, 0, 10));
                case "u" -> {
                    text(String.valueOf((char) number));
                    toSkip = state.skip;
                }
                case "par", "line", "sect", "page" -> text("\r\n");
                case "row" -> text(asHtml ? "" : "\r\n");
                case "tab", "cell" -> text("\t");
                case "lquote" -> text("\u2018");
                case "rquote" -> text("\u2019");
                case "ldblquote" -> text("\u201C");
                case "rdblquote" -> text("\u201D");
                case "bullet" -> text("\u2022");
                case "endash" -> text("\u2013");
                case "emdash" -> text("\u2014");
                case "bin" -> at = Math.min(in.length(), at + Math.max(0, number));
                default -> {
                    if (optional || SILENT.contains(word)) {
                        state = new State(true, state.tag, state.rtfOnly, state.skip);
                    }
                }
            }
        }

        private void character(byte b) {
            if (toSkip > 0) {
                toSkip--;
            } else if (isShown()) {
                bytes.write(b);
            }
        }

        private void text(String characters) {
            if (isShown()) {
                flush();
                out.append(characters);
            }
        }

        private boolean isShown() {
            return !state.silent && !(asHtml && state.rtfOnly);
        }

        private void flush() {
            if (bytes.size() > 0) {
                out.append(TextDecoder.decode(bytes.toByteArray(), charset));
                bytes.reset();
            }
        }
    }
}
