package org.airpost.convert;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.airpost.backend.Account;

/**
 * The addresses that users may write into From besides their own. A pattern is an address with {@code *} for any text, and
 * {@code {address}}, {@code {local}} and {@code {domain}} for the user's own and its parts.
 */
public record Senders(List<String> patterns) {

    /** Nothing but the user's own addresses. */
    public static final Senders OWN = new Senders(List.of());

    public Senders {
        patterns = List.copyOf(patterns);
    }

    boolean may(String address, Account account) {
        var own = account.address();
        int at = own.lastIndexOf('@');
        return patterns.stream()
                .map(pattern -> pattern.replace("{address}", own)
                        .replace("{local}", own.substring(0, at))
                        .replace("{domain}", own.substring(at + 1)))
                .anyMatch(pattern -> matches(pattern, address));
    }

    private static boolean matches(String pattern, String address) {
        var expression = new StringBuilder();
        for (var literal : pattern.toLowerCase(Locale.ROOT).split("(?<=\\*)|(?=\\*)", -1)) {
            expression.append(literal.equals("*") ? ".*" : Pattern.quote(literal));
        }
        return address.toLowerCase(Locale.ROOT).matches(expression.toString());
    }
}
