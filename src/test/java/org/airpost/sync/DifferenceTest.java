package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;

final class DifferenceTest {

    private static final ProtocolVersion V16 = ProtocolVersion.V16_1;

    private static final UidSet ALL = UidSet.range(1, 1_000);

    private static FolderView view(UidSet present, Map<String, UidSet> flags) {
        return new FolderView(7, present.greatest() + 1, 0, present, flags);
    }

    @Test
    void aLedgerThatEqualsTheViewHasNoDifference() {
        var view = view(UidSet.of(1, 2, 3), Map.of(FolderView.SEEN, UidSet.of(2)));
        assertThat(Difference.of(Ledger.of(view), view, ALL, V16).isEmpty()).isTrue();
    }

    @Test
    void eachMessageIsInOnePartOfTheDifference() {
        var ledger = new Ledger(UidSet.of(1, 2, 3, 4), Map.of(FolderView.SEEN, UidSet.of(2)));
        var view = view(UidSet.of(2, 3, 4, 5, 6), Map.of(FolderView.SEEN, UidSet.of(3)));
        var difference = Difference.of(ledger, view, UidSet.range(3, 5), V16);
        assertThat(difference.deletes()).isEqualTo(UidSet.of(1));
        assertThat(difference.softDeletes()).isEqualTo(UidSet.of(2));
        assertThat(difference.changes()).isEqualTo(UidSet.of(3));
        assertThat(difference.adds()).isEqualTo(UidSet.of(5));
        assertThat(difference.size()).isEqualTo(4);
    }

    @Test
    void aKeywordThatNoPhoneSeesIsNoChange() {
        var ledger = new Ledger(UidSet.of(1), Map.of());
        var view = view(UidSet.of(1), Map.of("$MDNSent", UidSet.of(1), "\\Draft", UidSet.of(1)));
        assertThat(Difference.of(ledger, view, ALL, V16).isEmpty()).isTrue();
    }

    @Test
    void flagsAreComparedInAnyCaseOfLetters() {
        var ledger = new Ledger(UidSet.of(1), Map.of("\\SEEN", UidSet.of(1), "WORK", UidSet.of(1)));
        var view = view(UidSet.of(1), Map.of("\\Seen", UidSet.of(1), "work", UidSet.of(1)));
        assertThat(Difference.of(ledger, view, ALL, V16).isEmpty()).isTrue();
    }

    @Test
    void whatThePhoneMovedItselfIsNoNews() {
        var ledger = new Ledger(UidSet.of(1, 2), Map.of());
        var view = view(UidSet.of(2, 3), Map.of());
        var difference = Difference.of(ledger, view, ALL, V16);
        assertThat(difference.isNews(ledger.quieting(UidSet.of(1, 3)))).isFalse();
        assertThat(difference.isNews(ledger.quieting(UidSet.of(1)))).isTrue();
    }
}
