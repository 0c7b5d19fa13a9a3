package org.airpost.http;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What Autodiscover tells phones.
 *
 * @param address where phones reach this server; empty for whatever name they asked it by
 * @param redirects where the users of a domain, in lower case, are to go instead
 */
public record Discovery(Optional<URI> address, Map<String, Redirect> redirects) {

    /** Each phone is told the name that it asked by. */
    public static final Discovery AS_ASKED = new Discovery(Optional.empty(), Map.of());

    public Discovery {
        redirects = Map.copyOf(redirects);
    }

    /** Where else a domain's users are served. */
    public sealed interface Redirect {

        /** Here. */
        record None() implements Redirect {}

        /** At this server: its scheme, host and port. */
        record ToServer(URI server) implements Redirect {}

        /** Wherever Autodiscover of this other mail domain says. */
        record ToDomain(String domain) implements Redirect {}
    }

    Redirect redirect(String domain) {
        return redirects.getOrDefault(domain.toLowerCase(Locale.ROOT), new Redirect.None());
    }
}
