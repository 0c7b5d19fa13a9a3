package org.airpost.console.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.airpost.http.Site;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;

/**
 * The files that pages load, under {@code /assets}. They are read from the jar once and found by their name in a table, so no
 * path leads elsewhere. Their addresses change with their content, and browsers keep them.
 */
public final class Assets implements Site {

    /** The first segment of their addresses. */
    public static final String PLACE = "assets";

    private static final String STYLE_NAME = "airpost.css";
    private static final String SCRIPT_NAME = "airpost.js";
    private static final String ICON_NAME = "airpost.svg";

    private static final Map<String, File> FILES = Map.of(
            STYLE_NAME, File.read(STYLE_NAME, "text/css; charset=utf-8"),
            SCRIPT_NAME, File.read(SCRIPT_NAME, "text/javascript; charset=utf-8"),
            ICON_NAME, File.read(ICON_NAME, "image/svg+xml"));

    /** Where the style is. */
    public static final String STYLE = address(STYLE_NAME);

    /** Where the script is. */
    public static final String SCRIPT = address(SCRIPT_NAME);

    /** Where the icon is. */
    public static final String ICON = address(ICON_NAME);

    /** A file of the jar. */
    private record File(byte[] bytes, String type, String hash) {

        static File read(String name, String type) {
            try (var in = Objects.requireNonNull(Assets.class.getResourceAsStream(name), name + " is not in the jar")) {
                var bytes = in.readAllBytes();
                var hash = MessageDigest.getInstance("SHA-256").digest(bytes);
                return new File(bytes, type, HexFormat.of().formatHex(hash, 0, 6));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }

    private static String address(String name) {
        return Links.to(PLACE, name) + "?v="
                + Objects.requireNonNull(FILES.get(name)).hash();
    }

    @Override
    public WebReply answer(WebRequest request) {
        if (!request.is("GET") && !request.is("HEAD")) {
            return WebReply.text(405, "This address is only for reading.").with("Allow", "GET, HEAD");
        }
        var file = request.path().size() == 2 ? FILES.get(request.path().getLast()) : null;
        if (file == null) {
            return WebReply.text(404, "There is nothing at this address.");
        }
        boolean current = request.query().text("v").equals(file.hash());
        return WebReply.bytes(file.type(), file.bytes())
                .with("Cache-Control", current ? "public, max-age=31536000, immutable" : "no-cache");
    }
}
