package org.airpost.backend.carddav;

import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.Trust;

/**
 * Where address books are.
 *
 * @param url the address of a user's book or of the place with all of them, with {@code {user}}, {@code {local}}, {@code
 *     {domain}} and {@code {address}} in it
 * @param timeLimit for all that one search takes
 */
public record CardDavSettings(String url, Trust trust, Duration timeLimit) {

    public CardDavSettings {
        if (!url.matches("https?://[^/\\s]+/\\S*")) {
            throw new IllegalArgumentException("CardDAV address \"%s\"".formatted(url));
        }
        URI.create(url.replaceAll("\\{[a-z]+}", "x"));
    }

    /** True if passwords go unencrypted to another machine. */
    boolean showsPasswords() {
        var uri = URI.create(url.replaceAll("\\{[a-z]+}", "x"));
        return uri.getScheme().equals("http")
                && !isLoopback(Optional.ofNullable(uri.getHost()).orElse(""));
    }

    private static boolean isLoopback(String host) {
        try {
            return host.equals("localhost")
                    || InetAddress.ofLiteral(host.startsWith("[") ? host.substring(1, host.length() - 1) : host)
                            .isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    URI of(Account account) {
        var address = account.address();
        int at = address.lastIndexOf('@');
        return URI.create(url.replace("{user}", encoded(account.credentials().user()))
                .replace("{local}", encoded(address.substring(0, at)))
                .replace("{domain}", encoded(address.substring(at + 1).toLowerCase(Locale.ROOT)))
                .replace("{address}", encoded(address)));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
