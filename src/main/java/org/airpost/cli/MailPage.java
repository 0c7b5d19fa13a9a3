package org.airpost.cli;

import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.airpost.phone.Attachment;
import org.airpost.phone.Item;
import org.airpost.wbxml.page.Email;

/**
 * A page of mails as a phone shows them. Each body is in a frame of its own that may run nothing and load nothing; images of
 * the mail itself are put into it.
 */
final class MailPage {

    private static final Pattern CID = Pattern.compile("cid:([^\"'\\s<>)]{1,500})", Pattern.CASE_INSENSITIVE);

    private static final String HEAD = """
            <!DOCTYPE html>
            <html><head><meta charset="utf-8"><title>Mails as a phone gets them</title>
            <style>
            body{font:14px/1.35 system-ui,"Noto Sans",sans-serif;background:#ddd;margin:12px}
            main{display:flex;flex-wrap:wrap;gap:12px}
            section{width:375px;background:#fff;border-radius:14px;padding:10px 12px;box-sizing:border-box;overflow-wrap:anywhere}
            .file{font-size:11px;color:#888}
            h2{font-size:16px;margin:2px 0}
            .who{color:#333} .preview{color:#888;font-size:12px;max-height:2.7em;overflow:hidden}
            .meeting{background:#e8f0fe;border-radius:8px;padding:6px;margin:6px 0}
            iframe{width:100%;height:250px;border:0;border-top:1px solid #ccc;margin-top:6px}
            .attachment{display:inline-block;background:#f0f0f0;border-radius:8px;padding:4px 8px;margin:3px 3px 0 0;font-size:12px}
            .attachment img{display:block;max-height:60px;max-width:120px}
            </style></head><body><main>
            """;

    private static final String FRAME = "<meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\""
            + " content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
            + "<meta name=\"viewport\" content=\"width=device-width\">"
            + "<style>body{font:14px/1.35 system-ui,\"Noto Sans\",sans-serif;margin:8px 0}</style>";

    private final StringBuilder page = new StringBuilder(HEAD);

    /** Adds a mail. The function gives the bytes of an attachment. */
    void mail(String file, Item item, Function<Attachment, byte[]> content) {
        page.append("<section>");
        line("div", "file", file + " · " + item.text(Email.MESSAGE_CLASS));
        line("h2", "", (important(item) ? "❗ " : "") + (item.subject().isEmpty() ? "(no subject)" : item.subject()));
        line("div", "who", "From: " + item.from());
        if (!item.to().isEmpty()) {
            line("div", "who", "To: " + shortened(item.to()));
        }
        if (!item.meetingRequest().isEmpty()) {
            var words = new StringBuilder("📅");
            item.meetingRequest().forEach((tag, value) -> {
                if (tag == Email.START_TIME || tag == Email.END_TIME || tag == Email.ORGANIZER) {
                    words.append(' ').append(tag.tagName()).append(": ").append(value);
                }
            });
            line("div", "meeting", words.toString());
        }
        item.body().flatMap(body -> body.preview()).ifPresent(preview -> line("div", "preview", preview));
        var images = new HashMap<String, String>();
        var shown = new StringBuilder();
        for (var attachment : item.attachments()) {
            var bytes = content.apply(attachment);
            attachment(attachment, bytes, images, shown);
        }
        item.body()
                .ifPresent(body -> frame(body.type() == 2 ? body.text() : text(body.text()), images, body.truncated()));
        page.append(shown).append("</section>\n");
    }

    private static boolean important(Item item) {
        return item.text(Email.IMPORTANCE).equals("2");
    }

    private void line(String element, String style, String words) {
        page.append('<').append(element);
        if (!style.isEmpty()) {
            page.append(" class=\"").append(style).append('"');
        }
        page.append('>').append(escaped(words)).append("</").append(element).append(">\n");
    }

    private void frame(String html, Map<String, String> images, boolean truncated) {
        var own = CID.matcher(html)
                .replaceAll(found -> Matcher.quoteReplacement(images.getOrDefault(id(found.group(1)), found.group())));
        page.append("<iframe sandbox srcdoc=\"")
                .append(escaped(FRAME + own + (truncated ? "<p>[more on touch]</p>" : "")))
                .append("\"></iframe>\n");
    }

    private static void attachment(
            Attachment attachment, byte[] bytes, Map<String, String> images, StringBuilder shown) {
        var type = imageType(bytes);
        var uri = type.isEmpty()
                ? ""
                : "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
        if (!uri.isEmpty()) {
            attachment.contentId().ifPresent(id -> images.putIfAbsent(id(id), uri));
        }
        if (attachment.inline() && !uri.isEmpty()) {
            return; // shown in the text
        }
        shown.append("<span class=\"attachment\">")
                .append(uri.isEmpty() ? "📎 " : "<img src=\"" + uri + "\" alt=\"\">")
                .append(escaped(attachment.displayName()))
                .append(" · ")
                .append(attachment.size())
                .append(attachment.size() == bytes.length ? " B" : " B told, " + bytes.length + " B fetched")
                .append("</span>");
    }

    /** As a phone knows an image, whatever its type claims. */
    private static String imageType(byte[] bytes) {
        var start = new String(bytes, 0, Math.min(bytes.length, 200), java.nio.charset.StandardCharsets.ISO_8859_1);
        return start.startsWith("\u0089PNG")
                ? "image/png"
                : start.startsWith("\u00FF\u00D8")
                        ? "image/jpeg"
                        : start.startsWith("GIF8") ? "image/gif" : start.contains("<svg") ? "image/svg+xml" : "";
    }

    private static String id(String id) {
        var plain = id.replace("&amp;", "&");
        return Pattern.compile("%([0-9A-Fa-f]{2})")
                .matcher(plain)
                .replaceAll(hex -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(hex.group(1), 16))));
    }

    private static String text(String plain) {
        return "<div style=\"white-space:pre-wrap;overflow-wrap:anywhere\">" + escaped(plain) + "</div>";
    }

    private static String shortened(String list) {
        return list.length() > 200 ? list.substring(0, 200) + "…" : list;
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    String html() {
        return page + "</main></body></html>\n";
    }
}
