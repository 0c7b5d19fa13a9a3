package org.airpost.app;

import java.util.List;
import java.util.function.Function;
import org.airpost.backend.Absences;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.FreeBusy;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Submission;

/**
 * The servers behind a gateway, those of all domains together.
 *
 * @param contacts addresses in a user's own address book
 * @param calendars tells when people are busy
 * @param end closes what they keep open
 */
public record Servers(
        MailBackend mail,
        Submission submission,
        Directory directory,
        Function<Account, List<String>> contacts,
        Absences absences,
        FreeBusy calendars,
        Runnable end) {

    /** Servers without calendars. */
    public Servers(
            MailBackend mail,
            Submission submission,
            Directory directory,
            Function<Account, List<String>> contacts,
            Absences absences,
            Runnable end) {
        this(mail, submission, directory, contacts, absences, FreeBusy.none(), end);
    }

    /** The same with other mail servers. */
    public Servers with(MailBackend otherMail, Submission otherSubmission) {
        return new Servers(otherMail, otherSubmission, directory, contacts, absences, calendars, end);
    }

    void close() {
        end.run();
    }
}
