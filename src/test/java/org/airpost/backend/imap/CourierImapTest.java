package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.Test;

/** The contract over Courier, which has no CONDSTORE, no MOVE, no SPECIAL-USE, and everything below INBOX. */
class CourierImapTest extends RealImapContract {

    @Override
    ImapServer start() {
        Courier.assumeInstalled();
        return Courier.start();
    }

    /** It takes none. */
    @Override
    @Test
    void aMessageWithABracketInAKeywordIsThere() {
        long one = append(account, "INBOX", "m1");
        var before = view(account, "INBOX");
        assertThat(account.store("INBOX", before.uidValidity(), UidSet.of(one), Set.of("x[Urgent"), Set.of()))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(view(account, "INBOX", before).present()).isEqualTo(UidSet.of(one));
    }
}
