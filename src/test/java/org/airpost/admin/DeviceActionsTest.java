package org.airpost.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.airpost.admin.DeviceActions.Filter;
import org.airpost.admin.DeviceActions.Listing;
import org.airpost.admin.DeviceActions.Sort;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.Policies;
import org.airpost.device.Wipe;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.Store;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.Folders;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Views;
import org.junit.jupiter.api.Test;

class DeviceActionsTest {

    private static final DeviceKey ANN = new DeviceKey("ann", "a1");
    private static final DeviceKey BOB = new DeviceKey("bob", "b1");
    private static final Actor ADMIN = new Actor("root", Role.ADMIN, "socket");
    private static final Actor OTHER = new Actor("admin2", Role.ADMIN, "10.0.0.1");
    private static final Actor HELP = new Actor("helga", Role.HELPDESK, "10.0.0.2");
    private static final Actor AUDITOR = new Actor("olga", Role.AUDITOR, "10.0.0.3");
    private static final Actor USER = new Actor("ann", Role.USER, "10.0.0.4");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-26T10:00:00Z"));
    private final MemoryStore store = new MemoryStore(now::get);
    private final AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    private final Devices devices = new Devices(new Interrupted(), now::get);
    private final AtomicInteger scans = new AtomicInteger();
    private final List<DeviceKey> woken = new ArrayList<>();
    private final Audit audit = new Audit(store, Audit.Settings.USUAL, now::get);
    private final DeviceActions actions = actions();

    /** The store, where somebody else is faster than who deletes something. */
    private final class Interrupted implements Store {

        @Override
        public Optional<Versioned> get(String key) {
            return store.get(key);
        }

        @Override
        public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
            return store.put(key, value, expected, expiry);
        }

        @Override
        public boolean delete(String key, long expected) {
            meanwhile.getAndSet(() -> {}).run();
            return store.delete(key, expected);
        }

        @Override
        public List<Entry> scan(String prefix, String after, int limit) {
            scans.incrementAndGet();
            return store.scan(prefix, after, limit);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private DeviceActions actions() {
        var ledgers = new Ledgers(store);
        var views = new Views(store, now::get);
        return new DeviceActions(
                devices,
                new Policies(store, Policies.Effective.of(PolicyDocument.PERMISSIVE), _ -> "example.org", now::get),
                ledgers,
                new Hierarchy(store, new Folders(store, views), ledgers),
                woken::add,
                audit,
                new DeviceActions.Settings(true),
                now::get);
    }

    private void known(DeviceKey key, ProtocolVersion version) {
        devices.seen(key, "iPhone", "Apple", version);
        devices.keep(key);
    }

    private static List<Boolean> each(Function<Actor, Result<Device>> action, Actor... actors) {
        return java.util.Arrays.stream(actors)
                .map(actor -> action.apply(actor).isDone())
                .toList();
    }

    @Test
    void aDeviceThatWaitsIsWokenHoweverItsUserWasTyped() {
        known(new DeviceKey("ann", "ab12"), ProtocolVersion.V16_1);
        assertThat(actions.block(
                                new Actor("ada", Role.ADMIN, "test"),
                                new DeviceKey("Ann", "ab12"),
                                "",
                                Optional.empty())
                        .isDone())
                .isTrue();
        assertThat(woken).containsExactly(new DeviceKey("ann", "ab12"));
    }

    @Test
    void eachRoleMayDoWhatIsItsOwn() {
        known(ANN, ProtocolVersion.V16_1);
        known(BOB, ProtocolVersion.V16_1);

        assertThat(each(actor -> actions.allow(actor, BOB, ""), HELP, AUDITOR, USER))
                .containsExactly(true, false, false);
        assertThat(each(actor -> actions.quarantine(actor, ANN, ""), HELP, AUDITOR, USER))
                .containsExactly(true, false, false);
        assertThat(each(actor -> actions.rename(actor, ANN, "x"), HELP, AUDITOR, USER))
                .containsExactly(true, false, true);
        assertThat(each(actor -> actions.rename(actor, BOB, "x"), USER)).containsExactly(false);
        assertThat(each(actor -> actions.resync(actor, BOB), HELP, AUDITOR, USER))
                .containsExactly(true, false, false);
        assertThat(each(actor -> actions.forget(actor, BOB), AUDITOR, USER)).containsExactly(false, false);
        assertThat(each(actor -> actions.wipe(actor, BOB, Wipe.Kind.FULL, ""), HELP, AUDITOR, USER))
                .containsExactly(false, false, false);
        assertThat(each(actor -> actions.wipe(actor, BOB, Wipe.Kind.ACCOUNT_ONLY, ""), AUDITOR, USER, HELP))
                .containsExactly(false, false, true);
        assertThat(actions.device(USER, BOB)).isInstanceOf(Result.Refused.class);
        assertThat(actions.device(AUDITOR, BOB).isDone()).isTrue();
        assertThat(actions.folders(USER, BOB).isDone()).isFalse();
        assertThat(actions.list(USER, Filter.ALL, Sort.USER, 0, 9).isDone()).isFalse();
        assertThat(actions.list(USER, Filter.ofUser("ann"), Sort.USER, 0, 9).isDone())
                .isTrue();
        assertThat(actions.list(USER, Filter.ofUser("bob"), Sort.USER, 0, 9).isDone())
                .isFalse();
    }

    @Test
    void aUserTakesBackOnlyTheirOwnBlock() {
        known(ANN, ProtocolVersion.V16_1);
        assertThat(actions.block(USER, ANN, "lost", Optional.empty()).isDone()).isTrue();
        assertThat(actions.allow(USER, ANN, "found").isDone()).isTrue();
        assertThat(actions.block(ADMIN, ANN, "no", Optional.empty()).isDone()).isTrue();
        assertThat(actions.allow(USER, ANN, "please").isDone()).isFalse();
    }

    @Test
    void whatAUserTakesBackLetsNothingInThatWasKeptOutBefore() {
        known(ANN, ProtocolVersion.V16_1);
        for (var keptOut : List.<Function<Actor, Result<Device>>>of(
                actor -> actions.quarantine(actor, ANN, "new"),
                actor -> actions.block(actor, ANN, "no", Optional.empty()))) {
            var before = standing(keptOut.apply(ADMIN));

            assertThat(actions.block(USER, ANN, "lost", Optional.empty()).isDone())
                    .isTrue();
            assertThat(actions.block(USER, ANN, "lost", Optional.of(Duration.ofMinutes(1)))
                            .isDone())
                    .isTrue();
            assertThat(standing(actions.allow(USER, ANN, "found"))).isEqualTo(before);
            assertThat(actions.allow(USER, ANN, "again").isDone()).isFalse();
        }
        assertThat(devices.find(ANN).orElseThrow().admission().by()).isEqualTo(ADMIN.name());
    }

    @Test
    void whatIsKeptOutOrToBeWipedIsNotForgottenByItsUser() {
        known(ANN, ProtocolVersion.V16_1);
        known(BOB, ProtocolVersion.V16_1);
        actions.block(ADMIN, ANN, "no", Optional.empty());
        assertThat(actions.forget(USER, ANN).isDone()).isFalse();
        assertThat(actions.forget(HELP, ANN).isDone()).isTrue();

        actions.wipe(ADMIN, BOB, Wipe.Kind.FULL, "lost");
        assertThat(actions.forget(HELP, BOB).isDone())
                .as("a wipe that waits for approval")
                .isFalse();
    }

    @Test
    void aWipeThatIsAskedForWhileADeviceIsForgottenIsNotLost() {
        known(ANN, ProtocolVersion.V16_1);
        now.updateAndGet(before -> before.plus(Duration.ofDays(181)));
        meanwhile.set(() -> actions.wipe(USER, ANN, Wipe.Kind.FULL, "lost"));
        assertThat(actions.retire(Duration.ofDays(180))).isZero();
        assertThat(devices.find(ANN).flatMap(Device::wipe)).isPresent();

        actions.cancelWipe(USER, ANN);
        meanwhile.set(() -> actions.wipe(USER, ANN, Wipe.Kind.FULL, "lost"));
        assertThat(actions.forget(ADMIN, ANN).isDone()).isFalse();
        assertThat(devices.find(ANN).flatMap(Device::wipe)).isPresent();
    }

    @Test
    void aFullWipeNeedsASecondAdministratorAndAUsersOwnDoesNot() {
        known(BOB, ProtocolVersion.V14_1);
        known(ANN, ProtocolVersion.V14_1);

        assertThat(standing(actions.wipe(ADMIN, BOB, Wipe.Kind.FULL, "lost"))).isEqualTo(Standing.WIPE_TO_APPROVE);
        assertThat(actions.approveWipe(ADMIN, BOB).isDone()).isFalse();
        assertThat(actions.approveWipe(HELP, BOB).isDone()).isFalse();
        assertThat(standing(actions.approveWipe(OTHER, BOB))).isEqualTo(Standing.WIPE_PENDING);
        assertThat(actions.approveWipe(OTHER, BOB).isDone()).as("only once").isFalse();
        assertThat(standing(actions.wipe(USER, ANN, Wipe.Kind.FULL, "lost"))).isEqualTo(Standing.WIPE_PENDING);
        assertThat(actions.cancelWipe(HELP, ANN).isDone()).isFalse();
        assertThat(standing(actions.cancelWipe(USER, ANN))).isEqualTo(Standing.ALLOWED);
        assertThat(actions.wipe(ADMIN, ANN, Wipe.Kind.ACCOUNT_ONLY, "").isDone())
                .as("it speaks 14.1")
                .isFalse();
        assertThat(actions.forget(ADMIN, BOB).isDone())
                .as("while a wipe is pending")
                .isFalse();
        assertThat(actions.allow(ADMIN, BOB, "").isDone())
                .as("while a wipe is pending")
                .isFalse();
        assertThat(woken).contains(ANN, BOB);
    }

    private static Standing standing(Result<Device> result) {
        return result instanceof Result.Done<Device>(var device) ? DeviceActions.standing(device) : Standing.WIPED;
    }

    @Test
    void everyActionIsInTheAuditLogAlsoARefusedOne() {
        known(ANN, ProtocolVersion.V16_1);
        actions.block(HELP, ANN, "loops", Optional.empty());
        actions.quarantine(USER, ANN, "");
        actions.forget(ADMIN, new DeviceKey("nobody", "x"));

        var page = audit.page(ADMIN, Audit.Filter.ALL, Optional.empty(), 9);
        assertThat(page)
                .isInstanceOfSatisfying(
                        Result.Done.class,
                        done -> assertThat(((Audit.Page) done.value()).entries())
                                .extracting(entry -> entry.actor() + " " + entry.action() + " " + entry.done())
                                .containsExactly(
                                        "root device.forget false",
                                        "ann device.quarantine false",
                                        "helga device.block true"));
    }

    @Test
    void staleDevicesAreRetiredButNotThoseThatAreKeptOut() {
        known(ANN, ProtocolVersion.V16_1);
        known(BOB, ProtocolVersion.V16_1);
        actions.block(ADMIN, BOB, "stolen", Optional.empty());
        now.updateAndGet(before -> before.plus(Duration.ofDays(181)));

        assertThat(actions.retire(Duration.ofDays(180))).isEqualTo(1);
        assertThat(devices.find(ANN)).isEmpty();
        assertThat(devices.find(BOB)).isPresent();
        assertThat(actions.retire(Duration.ofDays(180))).isZero();
    }

    @Test
    void devicesOfEachStandingAreCountedByOneLookAtEach() {
        for (int i = 0; i < 3; i++) {
            known(new DeviceKey("ann", "ab1" + i), ProtocolVersion.V16_1);
        }
        actions.block(ADMIN, new DeviceKey("ann", "ab12"), "", Optional.empty());
        scans.set(0);
        assertThat(actions.count(ADMIN))
                .isInstanceOfSatisfying(
                        Result.Done.class,
                        done -> assertThat(done.value())
                                .isEqualTo(Map.of(
                                        DeviceActions.Standing.ALLOWED, 2,
                                        DeviceActions.Standing.BLOCKED, 1,
                                        DeviceActions.Standing.QUARANTINED, 0,
                                        DeviceActions.Standing.WIPE_TO_APPROVE, 0,
                                        DeviceActions.Standing.WIPE_PENDING, 0,
                                        DeviceActions.Standing.WIPED, 0)));
        assertThat(scans.get()).isEqualTo(1);
        assertThat(actions.count(USER).isDone()).isFalse();
    }

    @Test
    void devicesAreFoundSortedAndCut() {
        known(ANN, ProtocolVersion.V16_1);
        known(BOB, ProtocolVersion.V14_1);
        actions.quarantine(ADMIN, BOB, "");
        actions.rename(ADMIN, ANN, "Ann's phone");

        assertThat(found(Filter.ALL, Sort.STANDING, 0, 9)).containsExactly("bob/b1", "ann/a1");
        assertThat(found(Filter.ALL, Sort.USER, 1, 9)).containsExactly("bob/b1");
        assertThat(found(new Filter("ANN'S", Optional.empty(), Optional.empty(), Optional.empty()), Sort.USER, 0, 9))
                .containsExactly("ann/a1");
        assertThat(found(
                        new Filter("", Optional.empty(), Optional.of(Standing.QUARANTINED), Optional.empty()),
                        Sort.USER,
                        0,
                        9))
                .containsExactly("bob/b1");
    }

    private List<String> found(Filter filter, Sort sort, int from, int limit) {
        return actions.list(AUDITOR, filter, sort, from, limit) instanceof Result.Done<Listing>(var listing)
                ? listing.devices().stream().map(device -> device.key().path()).toList()
                : List.of("refused");
    }
}
