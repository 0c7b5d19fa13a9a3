package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MailQuery;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Security;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.Test;

/**
 * Search over Dovecot with its full-text index. Not the whole contract: an index matches words and not parts of the text, and
 * that of Debian (fts-xapian 1.5.5) has its own idea of NOT and of fields that hold an address.
 */
class DovecotIndexTest {

    @Test
    void wordsAreFoundInALargeMailboxAndAMessageIdNamesOneMessage() {
        Dovecot.assumeInstalled();
        try (var server = Dovecot.startWithIndex()) {
            server.addUser("anna", "secret");
            var settings = ImapSettings.of(server.host(), server.port(), Security.PLAIN);
            var signedIn = new ImapBackend(settings, Clock.systemUTC()).signIn(new Credentials("anna", "secret"));
            try (var account = ((SignIn.Accepted) signedIn).account()) {
                var expected = UidSet.builder();
                for (int n = 0; n < 1_100; n++) {
                    boolean isWanted = n % 500 == 2 || n == 1_099;
                    var text = "Subject: %d\r\n\r\nA %s.\r\n".formatted(n, isWanted ? "walrus" : "seal");
                    var appended = account.append(
                            "INBOX",
                            MessageSource.of(text.getBytes(UTF_8)),
                            Set.of(),
                            Instant.parse("2026-03-10T10:20:30Z"));
                    if (isWanted) {
                        expected.add(((Outcome.Done<Long>) appended).value());
                    }
                }
                var mail = MailAccountContract.mail("m1");
                account.append("INBOX", MailAccountContract.mail("m2"), Set.of(), Instant.EPOCH);
                long m1 = ((Outcome.Done<Long>) account.append("INBOX", mail, Set.of(), Instant.EPOCH)).value();
                long uidValidity = ((Refreshed.Current) account.refresh("INBOX", FolderView.UNKNOWN))
                        .view()
                        .uidValidity();
                assertThat(account.withMessageId("INBOX", uidValidity, "<m1@example.org>"))
                        .isEqualTo(UidSet.of(m1));

                var reply =
                        "Subject: reply\r\nMessage-ID: <r@example.org>\r\nReferences: <m1@example.org>\r\n\r\nText\r\n";
                var appended =
                        account.append("INBOX", MessageSource.of(reply.getBytes(UTF_8)), Set.of(), Instant.EPOCH);
                var like = new MailQuery.Or(List.of(
                        new MailQuery.Header("Message-ID", "<m1@example.org>"),
                        new MailQuery.Header("References", "<m1@example.org>")));
                // Others may be found too: whoever searches for a conversation looks at each.
                assertThat(account.search(List.of("INBOX"), like, Duration.ofSeconds(60))
                                .found())
                        .hasEntrySatisfying(
                                "INBOX",
                                matches -> assertThat(matches.uids()
                                                .and(UidSet.of(m1, ((Outcome.Done<Long>) appended).value())))
                                        .isEqualTo(UidSet.of(m1, ((Outcome.Done<Long>) appended).value())));

                var query = new MailQuery.Text(MailQuery.Where.BODY, "walrus");
                var searched = account.search(List.of("INBOX"), query, Duration.ofSeconds(60));
                assertThat(searched.unfinished()).isEmpty();
                assertThat(searched.found())
                        .hasEntrySatisfying(
                                "INBOX", matches -> assertThat(matches.uids()).isEqualTo(expected.build()));
            }
        }
    }
}
