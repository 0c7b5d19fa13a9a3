package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.airpost.backend.Mailbox;
import org.airpost.eas.FolderType;
import org.junit.jupiter.api.Test;

final class FolderTableTest {

    private static Mailbox mailbox(String name, Mailbox.Role role) {
        return new Mailbox(name, Optional.empty(), name, Optional.of(role), true, Optional.empty());
    }

    private static Mailbox mailbox(String name, String parent, String id) {
        return new Mailbox(
                name,
                parent.isEmpty() ? Optional.empty() : Optional.of(parent),
                name.substring(name.lastIndexOf('/') + 1),
                Optional.empty(),
                true,
                id.isEmpty() ? Optional.empty() : Optional.of(id));
    }

    private static FolderTable reconcile(FolderTable table, List<Mailbox> listed) {
        return table.reconcile(listed, _ -> true, (_, _) -> false);
    }

    private static String idOf(FolderTable table, String mailbox) {
        return table.ofMailbox(mailbox).orElseThrow().id();
    }

    @Test
    void aMailboxKeepsItsIdAndANewOneGetsANewOne() {
        var first =
                reconcile(FolderTable.EMPTY, List.of(mailbox("INBOX", Mailbox.Role.INBOX), mailbox("Work", "", "")));
        var second = reconcile(
                first, List.of(mailbox("INBOX", Mailbox.Role.INBOX), mailbox("Home", "", ""), mailbox("Work", "", "")));
        assertThat(idOf(second, "INBOX")).isEqualTo(idOf(first, "INBOX"));
        assertThat(idOf(second, "Work")).isEqualTo(idOf(first, "Work"));
        assertThat(idOf(second, "Home")).isNotIn(idOf(first, "INBOX"), idOf(first, "Work"));
    }

    @Test
    void anIdIsNotGivenTwice() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", "")));
        var gone = reconcile(first, List.of());
        var again = reconcile(gone, List.of(mailbox("A", "", "")));
        assertThat(gone.rows()).isEmpty();
        assertThat(idOf(again, "A")).isNotEqualTo(idOf(first, "A"));
    }

    @Test
    void aRenamedMailboxIsKnownByItsMailboxId() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", "m1"), mailbox("A/B", "A", "m2")));
        var second = reconcile(first, List.of(mailbox("C", "", "m1"), mailbox("C/B", "C", "m2")));
        assertThat(idOf(second, "C")).isEqualTo(idOf(first, "A"));
        assertThat(idOf(second, "C/B")).isEqualTo(idOf(first, "A/B"));
        assertThat(second.ofMailbox("C/B").orElseThrow().parentId()).isEqualTo(idOf(first, "A"));
    }

    @Test
    void aMailboxThatIsTheSameUnderAnotherNameKeepsItsId() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", "")));
        var second = first.reconcile(List.of(mailbox("B", "", "")), _ -> true, (_, _) -> true);
        assertThat(idOf(second, "B")).isEqualTo(idOf(first, "A"));
    }

    /** Servers count UIDVALIDITY in seconds: two mailboxes of one second with as many messages look alike. */
    @Test
    void aMailboxWithAnotherMailboxIdIsNotTheSameHoweverAlike() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", "m1")));
        var second = first.reconcile(List.of(mailbox("B", "", "m2")), _ -> true, (_, _) -> true);
        assertThat(idOf(second, "B")).isNotEqualTo(idOf(first, "A"));
    }

    /** Somebody renames a mailbox, and a phone that has not heard of it yet makes a folder below it. */
    @Test
    void aRenamedMailboxKeepsItsIdThoughItsOldNameHoldsOthersNow() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", "")));
        var listed = List.of(holder("A"), mailbox("A/C", "A", ""), mailbox("B", "", ""));
        var second = first.reconcile(
                listed, _ -> true, (_, mailbox) -> mailbox.name().equals("B"));
        assertThat(idOf(second, "B")).isEqualTo(idOf(first, "A"));
        assertThat(idOf(second, "A")).isNotIn(idOf(second, "B"), idOf(second, "A/C"));
        assertThat(second.ofMailbox("A/C").orElseThrow().parentId()).isEqualTo(idOf(second, "A"));
    }

    /** Phones take the mails of a folder away that is deleted; of a Type that has changed not all hear. */
    @Test
    void aNameThatHoldsMailNoMoreOrAgainIsAnotherFolder() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", ""), mailbox("A/C", "A", "")));
        var second = reconcile(first, List.of(holder("A"), mailbox("A/C", "A", "")));
        var third = reconcile(second, List.of(mailbox("A", "", ""), mailbox("A/C", "A", "")));
        assertThat(second.ofMailbox("A").orElseThrow().type()).isEqualTo(FolderType.GENERIC);
        assertThat(List.of(idOf(first, "A"), idOf(second, "A"), idOf(third, "A")))
                .doesNotHaveDuplicates();
        assertThat(idOf(third, "A/C")).isEqualTo(idOf(first, "A/C"));
        assertThat(third.rows()).hasSize(2);
    }

    private static Mailbox holder(String name) {
        return new Mailbox(name, Optional.empty(), name, Optional.empty(), false, Optional.empty());
    }

    /** Dovecot makes Junk anew at once. Under the same id its keys would begin anew, and an old one be good again. */
    @Test
    void aMailboxThatIsMadeAnewAsSoonAsItIsDeletedIsAnotherFolder() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", ""), mailbox("A/B", "A", "")));
        var second = reconcile(first.without(idOf(first, "A")), List.of(mailbox("A", "", ""), mailbox("A/B", "A", "")));
        assertThat(idOf(second, "A")).isNotEqualTo(idOf(first, "A"));
        assertThat(idOf(second, "A/B")).isEqualTo(idOf(first, "A/B"));
        assertThat(second.ofMailbox("A/B").orElseThrow().parentId()).isEqualTo(idOf(second, "A"));
    }

    @Test
    void aMailboxThatIsNotListedStaysUntilItIsGoneForSure() {
        var first = reconcile(FolderTable.EMPTY, List.of(mailbox("A", "", "")));
        var second = first.reconcile(List.of(), _ -> false, (_, _) -> false);
        assertThat(second.ofMailbox("A")).isPresent();
        assertThat(second.reconcile(List.of(), _ -> true, (_, _) -> false).rows())
                .isEmpty();
    }

    @Test
    void thereIsOneFolderOfEachSpecialType() {
        var table = reconcile(
                FolderTable.EMPTY,
                List.of(
                        mailbox("INBOX", Mailbox.Role.INBOX),
                        mailbox("Sent", Mailbox.Role.SENT),
                        mailbox("Sent Messages", Mailbox.Role.SENT),
                        mailbox("Junk", Mailbox.Role.JUNK)));
        assertThat(table.folders().stream().map(Folder::type))
                .containsExactly(FolderType.INBOX, FolderType.SENT_ITEMS, FolderType.USER_MAIL, FolderType.USER_MAIL);
    }

    @Test
    void itIsReadAsItWasWritten() {
        var table = reconcile(
                FolderTable.EMPTY,
                List.of(mailbox("INBOX", Mailbox.Role.INBOX), mailbox("Ä", "", "m1"), mailbox("Ä/B", "Ä", "")));
        assertThat(FolderTable.ofBytes(table.toBytes())).isEqualTo(table);
    }
}
