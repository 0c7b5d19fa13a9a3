package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.airpost.eas.Annotation;
import org.airpost.eas.FolderType;
import org.airpost.eas.FollowUp;
import org.airpost.eas.FollowUp.Element;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;

class AnnotationsTest {

    private static final Folder INBOX = new Folder("5", "0", "Inbox", FolderType.INBOX, "INBOX", true);
    private static final UidSet FIVE = UidSet.of(5L);
    private static final FollowUp DUE =
            new FollowUp(false, Map.of(Element.DUE_DATE, "2026-12-01T00:00:00.000Z", Element.SUBJECT, "Ring"));

    private final MemoryStore store = new MemoryStore(InstantSource.system());
    private final Annotations notes = new Annotations(store);

    private static FolderView view() {
        return new FolderView(7, 10, 0, UidSet.of(4L, 5L), Map.of(FolderView.FLAGGED, FIVE));
    }

    private void due(FollowUp followUp) {
        notes.change("anna", INBOX, 7, FIVE, annotation -> annotation.with(Optional.of(followUp)));
    }

    private FolderView noted() {
        return Annotations.over(view(), notes.load("anna", "5"));
    }

    @Test
    void whatIsNotedIsKeptForTheUserAndFoundAgain() {
        due(DUE);
        notes.change("anna", INBOX, 7, FIVE, annotation -> annotation.with(3, Instant.parse("2026-11-26T03:00:00Z")));
        var again = new Annotations(store);
        assertThat(again.of("anna", "5", 7).apply(5))
                .contains(new Annotation(Optional.of(DUE), 3, Optional.of(Instant.parse("2026-11-26T03:00:00Z"))));
        assertThat(again.of("anna", "5", 8).apply(5)).isEmpty();
        assertThat(again.of("bob", "5", 7).apply(5)).isEmpty();
        notes.change("anna", INBOX, 7, FIVE, _ -> Annotation.NONE);
        assertThat(again.of("anna", "5", 7).apply(5)).isEmpty();
    }

    @Test
    void aChangedNoteIsADifferenceAndTheSameOneIsNone() {
        var ledger = Ledger.of(view());
        due(DUE);
        var first = noted();
        assertThat(Difference.of(ledger, first, first.present(), ProtocolVersion.V12_1)
                        .changes())
                .isEqualTo(FIVE);
        var told = ledger.takingFrom(Ledger.of(first), FIVE);
        due(DUE);
        var same = noted();
        assertThat(Difference.of(told, same, same.present(), ProtocolVersion.V16_1)
                        .isEmpty())
                .isTrue();
        due(new FollowUp(true, Map.of()));
        var other = noted();
        assertThat(Difference.of(told, other, other.present(), ProtocolVersion.V16_1)
                        .changes())
                .isEqualTo(FIVE);
        notes.change("anna", INBOX, 7, FIVE, _ -> Annotation.NONE);
        var none = noted();
        assertThat(Difference.of(told, none, none.present(), ProtocolVersion.V16_1)
                        .changes())
                .isEqualTo(FIVE);
    }

    @Test
    void noTwoVersionsInARowLookAlike() {
        var seen = new ArrayList<Map<String, UidSet>>();
        for (int n = 0; n < 300; n++) {
            due(new FollowUp(false, Map.of(Element.SUBJECT, "no " + n)));
            seen.add(noted().flags());
        }
        assertThat(new HashSet<>(seen)).hasSize(300);
    }

    /** A device that was away while it was cleared and noted anew is told all the same. */
    @Test
    void whatIsClearedAndNotedAnewHasAnotherVersion() {
        due(DUE);
        var before = noted().flags();
        notes.change("anna", INBOX, 7, FIVE, _ -> Annotation.NONE);
        due(new FollowUp(false, Map.of(Element.SUBJECT, "another")));
        assertThat(noted().flags()).isNotEqualTo(before);
    }

    /** Before 14.0 a phone has no word for what was done last. */
    @Test
    void aVerbIsNoDifferenceToAnOldPhone() {
        var ledger = Ledger.of(view());
        notes.change("anna", INBOX, 7, FIVE, annotation -> annotation.with(3, Instant.parse("2026-11-26T03:00:00Z")));
        var now = noted();
        assertThat(Difference.of(ledger, now, now.present(), ProtocolVersion.V12_1)
                        .isEmpty())
                .isTrue();
        assertThat(Difference.of(ledger, now, now.present(), ProtocolVersion.V14_0)
                        .changes())
                .isEqualTo(FIVE);
    }

    @Test
    void theNewestAreKept() {
        for (long uid = 1; uid <= Annotations.MOST + 10; uid++) {
            notes.change("anna", INBOX, 7, UidSet.of(uid), annotation -> annotation.with(Optional.of(DUE)));
        }
        assertThat(notes.of("anna", "5", 7).apply(10)).isEmpty();
        assertThat(notes.of("anna", "5", 7).apply(11)).isPresent();
        assertThat(notes.load("anna", "5").byUid()).hasSize(Annotations.MOST);
    }

    @Test
    void whoListensIsToldOfChangesAlone() {
        var heard = new ArrayList<String>();
        notes.listen((user, mailbox) -> heard.add(user + " " + mailbox));
        due(DUE);
        due(DUE);
        assertThat(heard).containsExactly("anna INBOX");
    }

    @Test
    void aReminderNeedsATimeAndAnEndComesAfterItsStart() {
        assertThat(new FollowUp(false, Map.of(Element.REMINDER_SET, "1")).isValid())
                .isFalse();
        assertThat(new FollowUp(
                                false,
                                Map.of(Element.REMINDER_SET, "1", Element.REMINDER_TIME, "2026-12-01T00:00:00.000Z"))
                        .isValid())
                .isTrue();
        assertThat(new FollowUp(
                                false,
                                Map.of(
                                        Element.START_DATE, "2026-12-02T00:00:00.000Z",
                                        Element.DUE_DATE, "2026-12-01T00:00:00.000Z"))
                        .isValid())
                .isFalse();
    }
}
