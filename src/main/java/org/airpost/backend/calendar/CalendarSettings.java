package org.airpost.backend.calendar;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.Trust;

/**
 * Where it is told when people are busy.
 *
 * @param outbox the scheduling outbox of the user who asks, with {@code {user}}, {@code {local}}, {@code {domain}} and {@code
 *     {address}} of that user in it
 * @param url where a person's times are published, with {@code {local}}, {@code {domain}} and {@code {address}} of that person
 *     in it; asked for those of whom the outbox knows nothing
 * @param timeLimit for all that one question takes
 */
public record CalendarSettings(Optional<String> outbox, Optional<String> url, Trust trust, Duration timeLimit) {

    public CalendarSettings {
        outbox.ifPresent(CalendarSettings::check);
        url.ifPresent(CalendarSettings::check);
        if (outbox.isEmpty() && url.isEmpty()) {
            throw new IllegalArgumentException("neither an outbox nor an address of free times");
        }
    }

    private static void check(String template) {
        if (!template.matches("https?://[^/\\s]+/\\S*")) {
            throw new IllegalArgumentException("calendar address \"%s\"".formatted(template));
        }
        URI.create(template.replaceAll("\\{[a-z]+}", "x"));
    }

    Optional<URI> outboxOf(Account account) {
        return outbox.map(template ->
                filled(template.replace("{user}", encoded(account.credentials().user())), account.address()));
    }

    /** Where the times of a person are; empty for an address that is none. */
    Optional<URI> urlOf(String address) {
        return url.filter(_ -> address.indexOf('@') > 0).map(template -> filled(template, address));
    }

    private static URI filled(String template, String address) {
        int at = address.lastIndexOf('@');
        return URI.create(template.replace("{local}", encoded(address.substring(0, at)))
                .replace("{domain}", encoded(address.substring(at + 1).toLowerCase(Locale.ROOT)))
                .replace("{address}", encoded(address)));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
