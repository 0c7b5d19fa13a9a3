package org.airpost.backend;

import java.util.Locale;
import java.util.Optional;

/**
 * Who signs in, whichever way it was typed.
 *
 * @param canonical the same for one person, and of nobody else: at a domain's own servers domain, colon and local part;
 *     at those of everybody the login if the template makes it of parts, else the local part in the own domain and the
 *     address in another one
 * @param login the login name at the backend
 * @param address the mail address that the user surely has
 * @param home the servers that the user is at
 * @param asSent what was typed: read again, it gives the same
 */
public record UserName(String canonical, String login, String address, Home home, String asSent) {

    private static final int LONGEST = 200;

    /**
     * Whose password it is that may be guessed: at servers that were found the login's there, since any number of
     * domains can lead to it, and one domain to another place each hour.
     */
    public String guessed() {
        return home.foundHost().isEmpty() ? canonical : "//" + home.foundHost() + "/" + login.toLowerCase(Locale.ROOT);
    }

    static Optional<UserName> parse(String sent, Accounts.Settings settings, Home.Finder homes) {
        int backslash = sent.lastIndexOf('\\');
        var user = sent.substring(backslash + 1).strip();
        int at = user.lastIndexOf('@');
        var local = at < 0 ? user : user.substring(0, at);
        var domain = (at < 0 ? settings.domain() : user.substring(at + 1)).toLowerCase(Locale.ROOT);
        // A colon never comes by Basic authentication, and keeps domains apart in the names below.
        boolean odd = user.chars().anyMatch(c -> c <= ' ' || c == '/' || c == ':' || c == 0x7F);
        if (odd || local.isEmpty() || domain.isEmpty() || user.length() > LONGEST) {
            return Optional.empty();
        }
        // A phone has a field for the domain, and sends it so.
        var before = sent.substring(0, Math.max(0, backslash)).strip().toLowerCase(Locale.ROOT);
        if (at < 0 && before.contains(".") && homes.of(before).domain().equals(before)) {
            domain = before;
        }
        var home = homes.of(domain);
        var lower = local.toLowerCase(Locale.ROOT);
        var address = lower + "@" + domain;
        boolean asSent = home.userTemplate().contains("{user}");
        boolean provesDomain = asSent || home.userTemplate().contains("{address}") || home.isOfOneDomain();
        var login = home.userTemplate()
                // In lower case, as the store's keys are: two logins that differ in case alone never share what is
                // kept.
                .replace("{user}", user.toLowerCase(Locale.ROOT))
                .replace("{local}", lower)
                .replace("{domain}", domain)
                .replace("{address}", address);
        // A domain that the backend never sees is not the user's to send from.
        var proved = provesDomain ? address : lower + "@" + settings.domain().toLowerCase(Locale.ROOT);
        return Optional.of(
                new UserName(canonical(home, lower, domain, login, settings), login, proved, home, sent.strip()));
    }

    private static String canonical(Home home, String local, String domain, String login, Accounts.Settings settings) {
        if (home.isOfOneDomain()) {
            return domain + ":" + local;
        }
        if (!home.userTemplate().contains("{user}")) {
            return login.toLowerCase(Locale.ROOT);
        }
        // A local part with an @ is another's address.
        boolean own = domain.equals(settings.domain().toLowerCase(Locale.ROOT)) && !local.contains("@");
        return own ? local : local + "@" + domain;
    }
}
