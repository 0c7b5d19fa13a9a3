package org.airpost.backend;

import java.util.List;

/** Hands each user's mail to the submission server of their domain. */
public final class HomeSubmission implements Submission {

    /** Of homes from which nothing is sent. */
    static final Submission NONE = (_, _, _, _) -> new Submitted.Deferred("nothing is sent from here");

    private final Home.Finder homes;

    public HomeSubmission(Home.Finder homes) {
        this.homes = homes;
    }

    @Override
    public Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message) {
        return submit(credentials, from, recipients, message, () -> {});
    }

    @Override
    public Submitted submit(
            Credentials credentials, String from, List<String> recipients, MessageSource message, Runnable lastByte) {
        Home home;
        try {
            home = homes.of(credentials.home());
        } catch (BackendUnavailableException e) {
            return new Submitted.Deferred(String.valueOf(e.getMessage()));
        }
        // A domain that has lost its servers since is not everybody's: its password is not theirs to see.
        return home.domain().equals(credentials.home())
                ? home.submission().submit(credentials, from, recipients, message, lastByte)
                : new Submitted.Deferred("the servers of %s are not known any more".formatted(credentials.home()));
    }
}
