package org.airpost.backend;

import java.util.Locale;

/**
 * The servers of one mail domain, or of all that have none of their own.
 *
 * @param domain the domain, in lower case; empty for the servers that all others share
 * @param userTemplate how the login name is made of what the phone sent, see {@link Accounts.Settings}
 * @param foundHost where its users sign in, if that was found and several domains may have led there; else empty
 */
public record Home(String domain, String userTemplate, MailBackend mail, Submission submission, String foundHost) {

    /** Finds the servers of users. */
    @FunctionalInterface
    public interface Finder {

        /**
         * The servers of a domain in lower case; those of everybody if it has none of its own. May ask elsewhere, in bounded
         * time; that nobody can say now is a {@link BackendUnavailableException}, and never the servers of everybody.
         */
        Home of(String domain);
    }

    public Home {
        UserTemplate.check(userTemplate);
        foundHost = foundHost.toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
    }

    /** Servers that the configuration names. */
    public Home(String domain, String userTemplate, MailBackend mail, Submission submission) {
        this(domain, userTemplate, mail, submission, "");
    }

    /** True if it serves this domain alone. */
    public boolean isOfOneDomain() {
        return !domain.isEmpty();
    }
}
