package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount;
import org.airpost.sync.Hierarchy.Result;
import org.junit.jupiter.api.Test;

final class HierarchyTest {

    private final Fixtures ann = new Fixtures();
    private final Hierarchy hierarchy = ann.hierarchy;

    private Result.Done sync(String key) {
        return (Result.Done) hierarchy.sync(Fixtures.PHONE, ann.account, key);
    }

    private Result create(String key, String name) {
        return hierarchy.create(Fixtures.PHONE, ann.account, key, "0", name);
    }

    @Test
    void whatIsToldAndTakenIsNotToldAgain() {
        var first = sync("0");
        assertThat(first.adds()).hasSize(5);
        var second = sync(first.syncKey());
        assertThat(second.adds()).isEmpty();
        assertThat(second.syncKey()).isEqualTo(first.syncKey());
        assertThat(hierarchy.hasNews(Fixtures.PHONE, ann.account)).isFalse();
    }

    @Test
    void aLostAnswerIsGivenAgainUnderAnotherKey() {
        var first = sync("0");
        ann.mail.create("ann", "A", Optional.empty());
        var lost = sync(first.syncKey());
        var again = sync(first.syncKey());
        assertThat(again.adds()).isEqualTo(lost.adds()).hasSize(1);
        assertThat(again.syncKey()).isNotEqualTo(lost.syncKey());
        assertThat(hierarchy.sync(Fixtures.PHONE, ann.account, lost.syncKey())).isInstanceOf(Result.BadKey.class);
    }

    @Test
    void aLostAnswerThatIsTrueNoMoreIsNoNews() {
        var first = sync("0");
        ann.mail.create("ann", "A", Optional.empty());
        sync(first.syncKey());
        ann.account.mail().delete("A");
        assertThat(sync(first.syncKey()).deletes()).isEmpty();
        assertThat(hierarchy.hasNews(Fixtures.PHONE, ann.account)).isFalse();
    }

    @Test
    void startingOverMakesTheKeysOfBeforeVoid() {
        var first = sync("0");
        sync("0");
        assertThat(hierarchy.sync(Fixtures.PHONE, ann.account, first.syncKey())).isInstanceOf(Result.BadKey.class);
    }

    @Test
    void whoStartsOverKeepsNothingOfFoldersThatAreGone() {
        ann.mail.create("ann", "A", Optional.empty());
        var id = sync("0").adds().stream()
                .filter(folder -> folder.displayName().equals("A"))
                .findFirst()
                .orElseThrow()
                .id();
        ann.ledgers.save(
                Fixtures.PHONE,
                id,
                Optional.empty(),
                LedgerRecord.start(1, Optional.empty(), CollectionOptions.DEFAULT));
        ann.account.mail().delete("A");
        sync("0");
        assertThat(ann.ledgers.load(Fixtures.PHONE, id)).isEmpty();
    }

    @Test
    void aTableThatCannotBeReadIsMadeAnewWithIdsThatWereNeverGiven() {
        var first = sync("0");
        var ids =
                first.adds().stream().map(folder -> Long.parseLong(folder.id())).toList();
        var stored = ann.store.get("folders/ann").orElseThrow();
        ann.store.put("folders/ann", new byte[] {1, 2, 3}, stored.version());
        var again = sync(first.syncKey());
        assertThat(again.deletes()).hasSize(ids.size());
        assertThat(again.adds())
                .hasSize(ids.size())
                .allSatisfy(folder -> assertThat(Long.parseLong(folder.id()))
                        .isGreaterThan(ids.stream().mapToLong(id -> id).max().orElseThrow()));
        assertThat(sync(again.syncKey()).adds()).isEmpty();
    }

    @Test
    void aCreateOfWhichNobodyKnowsTheEndIsFoundAgain() {
        var key = sync("0").syncKey();
        ann.faulty.at(1, FaultyMail.How.FAILS_AFTER, () -> {});
        assertThatThrownBy(() -> create(key, "A")).isInstanceOf(BackendUnavailableException.class);
        assertThat(ann.faulty.settle()).isTrue();
        assertThat(create(key, "A")).isInstanceOf(Result.Done.class);
    }

    @Test
    void whatSomebodyElseMadeIsNotTakenForOwnWork() {
        var key = sync("0").syncKey();
        ann.mail.create("ann", "A", Optional.empty());
        for (int tries = 0; tries < 2; tries++) {
            assertThat(create(key, "A"))
                    .isInstanceOfSatisfying(
                            Result.Failed.class,
                            failed -> assertThat(failed.why()).isEqualTo(Hierarchy.Why.EXISTS));
        }
    }

    @Test
    void aRenameOfWhichNobodyKnowsTheEndIsFoundAgain() {
        var made = (Result.Done) create(sync("0").syncKey(), "A");
        ann.faulty.at(3, FaultyMail.How.FAILS_AFTER, () -> {});
        assertThatThrownBy(() -> update(made, "B")).isInstanceOf(BackendUnavailableException.class);
        assertThat(ann.faulty.settle()).isTrue();
        assertThat(ann.mail.view("ann", "B")).isNotNull();
        var renamed = update(made, "B");
        assertThat(renamed).isInstanceOf(Result.Done.class);
        assertThat(sync(((Result.Done) renamed).syncKey()).deletes()).isEmpty();
    }

    private Result update(Result.Done made, String name) {
        return hierarchy.update(Fixtures.PHONE, ann.account, made.syncKey(), made.id(), "0", name);
    }

    @Test
    void aRepeatedCreateGetsTheIdOfTheFirstTime() {
        var key = sync("0").syncKey();
        var lost = (Result.Done) create(key, "A");
        var again = (Result.Done) create(key, "A");
        assertThat(again.id()).isEqualTo(lost.id());
        assertThat(sync(again.syncKey()).adds()).isEmpty();
        assertThat(create(again.syncKey(), "A")).isEqualTo(new Result.Failed(Hierarchy.Why.EXISTS, words("A")));
    }

    private static String words(String mailbox) {
        return "there is a mailbox " + mailbox;
    }

    @Test
    void aRepeatedDeleteSucceeds() {
        var made = (Result.Done) create(sync("0").syncKey(), "A");
        hierarchy.delete(Fixtures.PHONE, ann.account, made.syncKey(), made.id());
        var again = hierarchy.delete(Fixtures.PHONE, ann.account, made.syncKey(), made.id());
        assertThat(again).isInstanceOf(Result.Done.class);
        var key = ((Result.Done) again).syncKey();
        assertThat(sync(key).deletes()).isEmpty();
        assertThat(hierarchy.delete(Fixtures.PHONE, ann.account, key, made.id()))
                .isInstanceOf(Result.Failed.class);
    }

    @Test
    void aRenameTakesAlongWhatIsBelowAndNothingThatMerelyBeginsAlike() {
        ann.mail.create("ann", "A/Sub", Optional.empty());
        ann.mail.create("ann", "A-B", Optional.empty());
        var key = sync("0").syncKey();
        var id = ann.folders.ofMailbox(ann.account, "A").orElseThrow().id();
        var below = ann.folders.ofMailbox(ann.account, "A/Sub").orElseThrow().id();
        var beside = ann.folders.ofMailbox(ann.account, "A-B").orElseThrow().id();
        hierarchy.update(Fixtures.PHONE, ann.account, key, id, "0", "C");
        assertThat(ann.folders.find(ann.account, below).orElseThrow().mailbox()).isEqualTo("C/Sub");
        assertThat(ann.folders.find(ann.account, beside).orElseThrow().mailbox())
                .isEqualTo("A-B");
        assertThat(sync(key).updates()).hasSize(1);
    }

    /** A phone shows Sent at the top, so its user does not see that it lies below what is deleted. */
    @Test
    void whatHoldsASpecialFolderIsNotDeleted() {
        ann.mail.create("ann", "A/B", Optional.empty());
        ann.mail.create("ann", "C", Optional.empty());
        ann.account.mail().rename("Sent", "A/B", "Sent");
        var key = sync("0").syncKey();
        for (var name : List.of("A", "A/B")) {
            var id = ann.folders.ofMailbox(ann.account, name).orElseThrow().id();
            assertThat(hierarchy.delete(Fixtures.PHONE, ann.account, key, id))
                    .isInstanceOfSatisfying(
                            Result.Failed.class,
                            failed -> assertThat(failed.why()).isEqualTo(Hierarchy.Why.SPECIAL));
        }
        assertThat(ann.mail.view("ann", "A/B/Sent")).isNotNull();
        var other = ann.folders.ofMailbox(ann.account, "C").orElseThrow().id();
        assertThat(hierarchy.delete(Fixtures.PHONE, ann.account, key, other)).isInstanceOf(Result.Done.class);
    }

    /** Sent would have another name, and what other programs take for Sent would be there no more. */
    @Test
    void whatHoldsASpecialFolderIsNotRenamedNorMoved() {
        ann.mail.create("ann", "A/B", Optional.empty());
        ann.mail.create("ann", "A-C", Optional.empty());
        ann.account.mail().rename("Sent", "A/B", "Sent");
        var key = sync("0").syncKey();
        var other = ann.folders.ofMailbox(ann.account, "A-C").orElseThrow().id();
        for (var name : List.of("A", "A/B")) {
            var id = ann.folders.ofMailbox(ann.account, name).orElseThrow().id();
            for (var parent : List.of("0", other)) {
                assertThat(hierarchy.update(Fixtures.PHONE, ann.account, key, id, parent, "C"))
                        .isInstanceOfSatisfying(
                                Result.Failed.class,
                                failed -> assertThat(failed.why()).isEqualTo(Hierarchy.Why.SPECIAL));
            }
        }
        assertThat(ann.mail.view("ann", "A/B/Sent")).isNotNull();
        var above = ann.folders.ofMailbox(ann.account, "A").orElseThrow().id();
        assertThat(hierarchy.update(Fixtures.PHONE, ann.account, key, other, above, "D"))
                .isInstanceOf(Result.Done.class);
    }

    @Test
    void manyNewMailboxesInThePlaceOfManyAreEachLookedAtOnce() {
        for (int i = 0; i < 10; i++) {
            ann.mail.create("ann", "A" + i, Optional.empty());
            ann.deliver("A" + i);
        }
        ann.folders.list(ann.account).forEach(folder -> ann.views.refresh(ann.account, folder));
        for (int i = 0; i < 10; i++) {
            ann.account.mail().delete("A" + i);
            ann.mail.create("ann", "B" + i, Optional.empty());
        }
        var looks = new AtomicInteger();
        var counting = (MailAccount) Proxy.newProxyInstance(
                MailAccount.class.getClassLoader(), new Class<?>[] {MailAccount.class}, (_, method, arguments) -> {
                    looks.addAndGet(method.getName().equals("refresh") ? 1 : 0);
                    return method.invoke(ann.faulty, arguments);
                });
        ann.folders.list(new Account("ann", ann.account.credentials(), counting, List.of("ann@example.org"), "Ann"));
        assertThat(looks.get()).isLessThanOrEqualTo(20);
    }
}
