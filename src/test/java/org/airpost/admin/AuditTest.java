package org.airpost.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.admin.Audit.Filter;
import org.airpost.admin.Audit.Subject;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;

class AuditTest {

    private static final Actor ADMIN = new Actor("root", Role.ADMIN, "socket");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-26T10:00:00Z"));
    private final MemoryStore store = new MemoryStore(now::get);
    private final Audit audit = new Audit(store, new Audit.Settings(Duration.ofDays(30), 1_000), now::get);

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    private List<String> words(Filter filter) {
        return audit.page(ADMIN, filter, Optional.empty(), 100) instanceof Result.Done<Audit.Page>(var page)
                ? page.entries().stream().map(Audit.Entry::words).toList()
                : List.of("refused");
    }

    @Test
    void theNewestComesFirstAndPagesFollowEachOther() {
        for (int i = 0; i < 25; i++) {
            audit.note(ADMIN, "device.block", Subject.ofDevice("ann", "d" + i), true, "n" + i);
            audit.note(ADMIN, "device.allow", Subject.ofDevice("ann", "d" + i), true, "m" + i);
            pass(Duration.ofHours(7));
        }
        var seen = new ArrayList<String>();
        Optional<String> next = Optional.empty();
        do {
            var result = audit.page(ADMIN, Filter.ALL, next, 7);
            assertThat(result).isInstanceOf(Result.Done.class);
            if (result instanceof Result.Done<Audit.Page>(var page)) {
                page.entries().forEach(entry -> seen.add(entry.words()));
                next = page.next();
            }
        } while (next.isPresent());

        assertThat(seen)
                .hasSize(50)
                .doesNotHaveDuplicates()
                .startsWith("m24", "n24", "m23")
                .endsWith("n0");
    }

    @Test
    void aPlaceThatIsNoneGivesWhatThereIs() {
        audit.note(ADMIN, "device.block", Subject.NONE, true, "one");
        for (var before : List.of("2026-99-99", "+99999-01/x", "9999-12-31T")) {
            var page = audit.page(ADMIN, Filter.ALL, Optional.of(before), 7);
            assertThat(
                            page instanceof Result.Done<Audit.Page>(var found)
                                    ? found.entries().size()
                                    : -1)
                    .as(before)
                    .isBetween(0, 1);
        }
    }

    @Test
    void itIsFilteredByWhomWhatAndWhen() {
        audit.note(ADMIN, "device.block", Subject.ofDevice("ann", "a"), true, "one");
        pass(Duration.ofMinutes(1));
        audit.note(new Actor("eve", Role.HELPDESK, "10.0.0.1"), "policy.set", Subject.ofThing("p"), false, "two");

        assertThat(words(Filter.ofDevice("Ann", "a"))).containsExactly("one");
        assertThat(words(filter(Optional.of("eve"), Optional.empty()))).containsExactly("two");
        assertThat(words(filter(Optional.empty(), Optional.of("device.")))).containsExactly("one");
        assertThat(words(Filter.ALL)).containsExactly("two", "one");
    }

    private static Filter filter(Optional<String> actor, Optional<String> action) {
        return new Filter(Optional.empty(), Optional.empty(), actor, action, Optional.empty(), Optional.empty());
    }

    @Test
    void oldOnesGoAndSoDoTheOldestOfTooMany() {
        audit.note(ADMIN, "a.b", Subject.NONE, true, "old");
        pass(Duration.ofDays(31));
        for (int i = 0; i < 1_005; i++) {
            audit.note(ADMIN, "a.b", Subject.NONE, true, "n" + i);
        }
        audit.tidy();

        assertThat(store.scan("audit/", "", 2_000)).hasSize(1_000);
        assertThat(words(Filter.ALL)).startsWith("n1004").doesNotContain("old");
    }

    @Test
    void aUserWhoMakesManyEntriesDoesNotPushOutThoseOfAdministrators() {
        audit.note(ADMIN, "device.wipe-all", Subject.ofDevice("ann", "a"), true, "stolen");
        for (int i = 0; i < 1_500; i++) {
            audit.note(new Actor("eve", Role.USER, ""), "device.rename", Subject.ofDevice("eve", "b"), true, "n" + i);
        }
        audit.tidy();

        assertThat(store.scan("audit/", "", 2_000)).hasSize(1_000);
        assertThat(words(filter(Optional.of("root"), Optional.empty()))).containsExactly("stolen");
        assertThat(words(Filter.ALL)).startsWith("n1499");
    }

    @Test
    void onlyWhoMayReadsItAndUsersTheirOwn() {
        audit.note(ADMIN, "device.block", Subject.ofDevice("ann", "a"), true, "one");

        assertThat(audit.page(new Actor("h", Role.HELPDESK, ""), Filter.ALL, Optional.empty(), 9)
                        .isDone())
                .isFalse();
        assertThat(audit.page(new Actor("a", Role.AUDITOR, ""), Filter.ALL, Optional.empty(), 9)
                        .isDone())
                .isTrue();
        var ann = new Actor("ann", Role.USER, "");
        assertThat(audit.page(ann, Filter.ALL, Optional.empty(), 9).isDone()).isFalse();
        assertThat(audit.page(ann, Filter.ofDevice("ann", "a"), Optional.empty(), 9)
                        .isDone())
                .isTrue();
        assertThat(audit.page(ann, Filter.ofDevice("bob", "a"), Optional.empty(), 9)
                        .isDone())
                .isFalse();
    }
}
