package org.airpost.backend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A structured header value such as Content-Type: a value and parameters. Source: RFC 2045 §5.1, RFC 2231, RFC 2047. */
public record HeaderValue(String value, Map<String, String> parameters) {

    private static final Pattern WORD = Pattern.compile("=\\?([^?*\\s]+)(?:\\*[^?]*)?\\?([bBqQ])\\?([^?]*)\\?=");

    /** Reads a value as far as it can be read; names of parameters in lower case. */
    static HeaderValue parse(String text) {
        int semicolon = text.indexOf(';');
        var value = (semicolon < 0 ? text : text.substring(0, semicolon))
                .replaceAll("\\([^()]*\\)", "")
                .strip();
        var raw = new HashMap<String, String>();
        int at = semicolon < 0 ? text.length() : semicolon + 1;
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                break;
            }
            int other = text.indexOf(';', at);
            if (other >= 0 && other < equals) {
                at = other + 1;
                continue;
            }
            var name = text.substring(at, equals).strip().toLowerCase(Locale.ROOT);
            var content = new StringBuilder();
            at = readValue(text, equals + 1, content);
            raw.putIfAbsent(name, content.toString());
        }
        return new HeaderValue(value, joined(raw));
    }

    /** Reads a token or a quoted string into {@code content}; the offset behind the next semicolon. */
    private static int readValue(String text, int start, StringBuilder content) {
        int at = start;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '"') {
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                // Of what else stands behind a backslash it is part of the name: C:\\report.pdf.
                if (text.charAt(at) == '\\'
                        && at + 1 < text.length()
                        && (text.charAt(at + 1) == '"' || text.charAt(at + 1) == '\\')) {
                    at++;
                }
                content.append(text.charAt(at));
            }
            int semicolon = text.indexOf(';', at);
            return semicolon < 0 ? text.length() : semicolon + 1;
        }
        int semicolon = text.indexOf(';', at);
        int end = semicolon < 0 ? text.length() : semicolon;
        content.append(text.substring(at, end).strip());
        return end + 1;
    }

    /** Puts {@code name*0*}, {@code name*1} … together. Source: RFC 2231 §3, §4. */
    private static Map<String, String> joined(Map<String, String> raw) {
        var whole = new HashMap<String, String>();
        var pieces = new HashMap<String, TreeMap<Integer, String>>();
        raw.forEach((key, value) -> {
            int star = key.indexOf('*');
            if (star < 0) {
                whole.putIfAbsent(key, value);
                return;
            }
            var name = key.substring(0, star);
            var rest = key.substring(star + 1);
            boolean encoded = rest.isEmpty() || rest.endsWith("*");
            var digits = rest.replace("*", "");
            if (!digits.matches("[0-9]{0,3}")) {
                return;
            }
            int index = digits.isEmpty() ? 0 : Integer.parseInt(digits);
            pieces.computeIfAbsent(name, n -> new TreeMap<>()).put(index, (encoded ? "*" : " ") + value);
        });
        pieces.forEach((name, parts) -> whole.put(name, extended(parts)));
        return whole;
    }

    private static String extended(TreeMap<Integer, String> parts) {
        var charset = UTF_8;
        var bytes = new ByteArrayOutputStream();
        boolean first = true;
        for (var part : parts.values()) {
            boolean encoded = part.charAt(0) == '*';
            var text = part.substring(1);
            if (first && encoded) {
                var fields = text.split("'", 3);
                if (fields.length == 3) {
                    charset = charset(fields[0]);
                    text = fields[2];
                }
            }
            first = false;
            if (encoded) {
                bytes.writeBytes(unescape(text, '%'));
            } else {
                bytes.writeBytes(text.getBytes(charset));
            }
        }
        return bytes.toString(charset);
    }

    /**
     * Decodes encoded words, also where they are not allowed. Neighbours in one charset are joined first: some mailers cut
     * within a character. Source: RFC 2047; RFC 2231 §5 for the language.
     */
    public static String decodeWords(String text) {
        if (!text.contains("=?")) {
            return text;
        }
        var decoded = new StringBuilder();
        var bytes = new ByteArrayOutputStream();
        var open = "";
        int at = 0;
        var word = WORD.matcher(text.endsWith("?=") ? text : text + "?=");
        while (word.find()) {
            var between = text.substring(at, Math.min(word.start(), text.length()));
            boolean neighbours = at > 0 && between.isBlank();
            if (!neighbours || !open.equalsIgnoreCase(word.group(1))) {
                decoded.append(bytes.toString(charset(open)));
                bytes.reset();
            }
            if (!neighbours) {
                decoded.append(between);
            }
            open = word.group(1);
            bytes.writeBytes(word(word.group(2), word.group(3)));
            at = Math.min(word.end(), text.length());
        }
        return decoded.append(bytes.toString(charset(open)))
                .append(text.substring(at))
                .toString();
    }

    private static byte[] word(String encoding, String content) {
        if (encoding.equalsIgnoreCase("q")) {
            return unescape(content.replace('_', ' '), '=');
        }
        try {
            return Base64.getMimeDecoder().decode(content);
        } catch (IllegalArgumentException e) {
            return content.getBytes(UTF_8); // no base64 at all: as it is
        }
    }

    /** Text of raw header bytes, given one byte a character: UTF-8 if it is that, else ISO 8859-1. Source: RFC 6532. */
    static String ofBytes(String latin1) {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(latin1.getBytes(ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return latin1;
        }
    }

    private static byte[] unescape(String text, char escape) {
        var bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = i + 2 < text.length() && c == escape ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (low >= 0) {
                bytes.write(high * 16 + low);
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static Charset charset(String name) {
        try {
            return switch (name.strip().toLowerCase(Locale.ROOT)) {
                case "" -> UTF_8;
                // What Windows means by these names. Source: WHATWG Encoding.
                case "shift_jis", "shift-jis", "sjis", "x-sjis" -> Charset.forName("windows-31j");
                case "gb2312", "gbk", "x-gbk" -> Charset.forName("GB18030");
                case "iso-8859-1", "latin1", "us-ascii" -> Charset.forName("windows-1252");
                case "ks_c_5601-1987", "euc-kr", "ks_c_5601" -> Charset.forName("x-windows-949");
                default -> Charset.forName(name.strip());
            };
        } catch (IllegalArgumentException e) {
            return UTF_8;
        }
    }
}
