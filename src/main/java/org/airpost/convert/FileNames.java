package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.airpost.backend.BodyStructure;

/** Names of attachments that a phone can show and store. */
final class FileNames {

    private static final int MOST = 200;

    /** A byte of a character that is not ASCII. */
    private static final Pattern PERCENT = Pattern.compile("%[89A-Fa-f][0-9A-Fa-f]");

    /** What a file of a media type is usually called, where the subtype alone does not tell. Source: IANA "Media Types". */
    private static final Map<String, String> EXTENSIONS = Map.ofEntries(
            Map.entry("text/plain", "txt"),
            Map.entry("text/calendar", "ics"),
            Map.entry("application/ics", "ics"),
            Map.entry("text/x-vcard", "vcf"),
            Map.entry("text/vcard", "vcf"),
            Map.entry("text/directory", "vcf"),
            Map.entry("text/markdown", "md"),
            Map.entry("text/javascript", "js"),
            Map.entry("text/enriched", "txt"),
            Map.entry("text/richtext", "txt"),
            Map.entry("application/xhtml+xml", "html"),
            Map.entry("application/octet-stream", "bin"),
            Map.entry("application/msword", "doc"),
            Map.entry("application/vnd.ms-excel", "xls"),
            Map.entry("application/vnd.ms-powerpoint", "ppt"),
            Map.entry("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
            Map.entry("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
            Map.entry("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
            Map.entry("application/vnd.oasis.opendocument.text", "odt"),
            Map.entry("application/vnd.oasis.opendocument.spreadsheet", "ods"),
            Map.entry("application/x-zip-compressed", "zip"),
            Map.entry("application/gzip", "gz"),
            Map.entry("application/pgp-encrypted", "asc"),
            Map.entry("application/pgp-signature", "asc"),
            Map.entry("application/pgp-keys", "asc"),
            Map.entry("application/pkcs7-signature", "p7s"),
            Map.entry("application/x-pkcs7-signature", "p7s"),
            Map.entry("application/pkcs7-mime", "p7m"),
            Map.entry("application/x-pkcs7-mime", "p7m"),
            Map.entry("application/ms-tnef", "dat"),
            Map.entry("audio/mpeg", "mp3"),
            Map.entry("audio/mp4", "m4a"),
            Map.entry("audio/x-wav", "wav"),
            Map.entry("image/jpeg", "jpg"),
            Map.entry("image/jpg", "jpg"),
            Map.entry("image/pjpeg", "jpg"),
            Map.entry("image/svg+xml", "svg"),
            Map.entry("image/tiff", "tif"),
            Map.entry("image/x-icon", "ico"),
            Map.entry("video/quicktime", "mov"),
            Map.entry("message/delivery-status", "txt"),
            Map.entry("message/disposition-notification", "txt"));

    private FileNames() {}

    /** The name of a part, never empty; of an embedded message one that ends with {@code .eml}, as Android needs it. */
    static String of(BodyStructure part, String charset) {
        var name = clean(decoded(part.fileName().orElse(""), charset));
        if (part.type().equals("message") && isMessage(part)) {
            return name.isEmpty()
                    ? "message.eml"
                    : name.toLowerCase(Locale.ROOT).endsWith(".eml") ? name : name + ".eml";
        }
        return name.isEmpty() ? byType(part) : withEnding(name, part);
    }

    /** A name that has no ending gets that of its type: a phone has nothing else to tell what it is. */
    private static String withEnding(String name, BodyStructure part) {
        boolean isOfOneKind = Set.of("image", "audio", "video").contains(part.type())
                || part.subtype().equals("pdf")
                || (part.type().equals("application") && EXTENSIONS.containsKey(part.mediaType()));
        if (name.indexOf('.') >= 0 || !isOfOneKind || part.subtype().equals("octet-stream")) {
            return name;
        }
        var ending = EXTENSIONS.getOrDefault(part.mediaType(), part.subtype());
        return ending.matches("[a-z0-9]{1,8}") ? name + "." + ending : name;
    }

    /** A name that is decoded already, without what a phone cannot store; empty if nothing is left. */
    static String cleaned(String name) {
        return clean(name);
    }

    static boolean isMessage(BodyStructure part) {
        return part.mediaType().equals("message/rfc822") || part.mediaType().equals("message/global");
    }

    private static String byType(BodyStructure part) {
        return switch (part.mediaType()) {
            case "application/pkcs7-mime", "application/x-pkcs7-mime" -> "smime.p7m";
            case "application/pkcs7-signature", "application/x-pkcs7-signature" -> "smime.p7s";
            case "application/pgp-signature" -> "signature.asc";
            case "application/ms-tnef" -> "winmail.dat";
            case "text/calendar", "application/ics" -> "invite.ics";
            case "text/rfc822-headers" -> "headers.txt";
            default -> {
                var stem = part.type().equals("image") ? "image" : "attachment";
                var extension = EXTENSIONS.getOrDefault(part.mediaType(), part.subtype());
                yield extension.matches("[a-z0-9]{1,8}") ? stem + "." + extension : stem + ".bin";
            }
        };
    }

    /** Names in encoded words (against RFC 2047, and common), or in bytes that nobody declared. */
    private static String decoded(String name, String charset) {
        boolean raw = name.chars().anyMatch(c -> c > 0x7F) && name.chars().allMatch(c -> c <= 0xFF);
        if (name.contains("=?")) {
            return EncodedWords.decode(name, charset);
        }
        if (!raw) {
            return name.chars().allMatch(c -> c < 0x80) ? percentDecoded(name) : name;
        }
        var bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        if (TextDecoder.isForeign(bytes)) {
            return TextDecoder.decode(bytes, charset);
        }
        // A guess is believed where several bytes make a character: that does not come about by chance.
        var text = TextDecoder.decode(bytes, "utf-8");
        return text.indexOf('\uFFFD') < 0 && text.length() < name.length() ? text : name;
    }

    /** What a few mailers make of names as if they were addresses of the web. */
    private static String percentDecoded(String name) {
        if (!PERCENT.matcher(name).find()) {
            return name;
        }
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '%'
                    && i + 2 < name.length()
                    && name.substring(i + 1, i + 3).matches("[0-9A-Fa-f]{2}")) {
                bytes.write(Integer.parseInt(name.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return TextDecoder.strictly(bytes.toByteArray(), StandardCharsets.UTF_8).orElse(name);
    }

    static String clean(String name) {
        var text = new StringBuilder(name.length());
        int start = Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1;
        for (int i = start; i < name.length(); i++) {
            char c = name.charAt(i);
            // Marks of direction can make a name look as if it ended otherwise.
            boolean direction = (c >= '\u202A' && c <= '\u202E') || (c >= '\u2066' && c <= '\u2069');
            if (!Character.isISOControl(c) && !direction && c != '\uFFFE' && c != '\uFFFF') {
                text.append(":*?\"<>|".indexOf(c) >= 0 ? '_' : c);
            }
        }
        var clean = text.toString().strip().replaceAll("\\s{2,}", " "); // spaces can push an ending out of sight
        if (clean.length() > MOST) {
            int dot = clean.lastIndexOf('.');
            var ending = dot > 0 && clean.length() - dot <= 10 ? clean.substring(dot) : "";
            clean = Preview.firstCharacters(clean, MOST - ending.length()) + ending;
        }
        return clean.chars().allMatch(c -> c == '.') ? "" : clean;
    }
}
