package org.airpost.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@link Site} answers.
 *
 * @param headers no name and no value with a line end in it: that is refused with an IllegalArgumentException
 * @param cookies values of Set-Cookie
 */
public record WebReply(int status, Map<String, String> headers, List<String> cookies, byte[] body) {

    private static final byte[] NOTHING = new byte[0];

    /**
     * What a page of ours may do in a browser: load style, script, pictures from here, and send forms to here. Source: CSP
     * Level 3; OWASP "HTTP Security Response Headers".
     */
    private static final Map<String, String> SAFE = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "same-origin",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=()",
            "Cache-Control",
            "no-store");

    public WebReply {
        headers = Map.copyOf(headers);
        cookies = List.copyOf(cookies);
        headers.forEach((name, value) -> checkLine(name, value));
        cookies.forEach(cookie -> checkLine("Set-Cookie", cookie));
    }

    private static void checkLine(String name, String value) {
        if (!name.matches("[A-Za-z0-9-]+") || value.chars().anyMatch(c -> Character.isISOControl(c) || c > 0xFF)) {
            throw new IllegalArgumentException("header %s has a character that may not be there".formatted(name));
        }
    }

    public static WebReply html(int status, String page) {
        return of(status, "text/html; charset=utf-8", page.getBytes(UTF_8));
    }

    public static WebReply text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", (text + "\n").getBytes(UTF_8));
    }

    public static WebReply json(int status, String json) {
        return of(status, "application/json", json.getBytes(UTF_8));
    }

    public static WebReply bytes(String contentType, byte[] body) {
        return of(200, contentType, body);
    }

    private static WebReply of(int status, String contentType, byte[] body) {
        return new WebReply(status, Map.of(Reply.CONTENT_TYPE, contentType), List.of(), body);
    }

    /** To another place of this server, to be fetched by GET. The path begins with one slash, encoded already. */
    public static WebReply redirect(String localPath) {
        if (!localPath.startsWith("/") || localPath.startsWith("//") || localPath.contains("\\")) {
            throw new IllegalArgumentException("not a path of this server: " + LogText.of(localPath));
        }
        return new WebReply(303, Map.of("Location", localPath), List.of(), NOTHING);
    }

    /** The same with a header, in place of one of that name. */
    public WebReply with(String header, String value) {
        var all = new HashMap<>(headers);
        all.put(header, value);
        return new WebReply(status, all, cookies, body);
    }

    /** The same with one more Set-Cookie. */
    public WebReply withCookie(String value) {
        var all = new ArrayList<>(cookies);
        all.add(value);
        return new WebReply(status, headers, all, body);
    }

    /** As it goes out. */
    Reply reply() {
        var all = new HashMap<>(SAFE);
        all.putAll(headers);
        return new Reply(status, all, cookies, body, List.of());
    }
}
