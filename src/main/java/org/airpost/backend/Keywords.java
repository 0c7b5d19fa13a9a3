package org.airpost.backend;

import java.util.Locale;
import java.util.Set;

/** Which flags and keywords say something to a user, and which mailers keep for themselves. Source: RFC 9051 "flag-keyword". */
public final class Keywords {

    /** Keywords without a {@code $} in front that say nothing to the user. In lower case. */
    private static final Set<String> MAILERS = Set.of(
            "junk",
            "nonjunk",
            "notjunk",
            "forwarded",
            "mdnsent",
            "redirected",
            "old",
            "receipt-handled",
            "unknown-0",
            "unknown-1",
            "hasattachment",
            "hasnoattachment",
            "nil");

    /** System flags and keywords that phones show by other means than a category. In lower case. */
    private static final Set<String> SHOWN = Set.of("\\seen", "\\flagged", "\\answered", "$forwarded");

    private Keywords() {}

    /** True for system flags and for keywords that mailers use among themselves: no name of a user's own. */
    public static boolean isForMailers(String keyword) {
        return keyword.isEmpty()
                || keyword.charAt(0) == '\\'
                || keyword.charAt(0) == '$'
                || MAILERS.contains(keyword.toLowerCase(Locale.ROOT));
    }

    /** True if phones show it: as read, flagged, replied or forwarded, or as a category. */
    public static boolean isShown(String flag) {
        return SHOWN.contains(flag.toLowerCase(Locale.ROOT)) || !isForMailers(flag);
    }
}
