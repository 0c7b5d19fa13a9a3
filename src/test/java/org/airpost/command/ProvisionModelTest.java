package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.airpost.admin.Actor;
import org.airpost.admin.Audit;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.GateAudit;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.convert.MailConverter;
import org.airpost.device.ClientQuirks;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.Gate;
import org.airpost.device.GateRules;
import org.airpost.device.Policies;
import org.airpost.device.Policies.Scope;
import org.airpost.device.Policy;
import org.airpost.device.Policy.Leniency;
import org.airpost.device.Provisioning;
import org.airpost.device.Throttle;
import org.airpost.device.Wipe;
import org.airpost.device.Wipes;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.PolicyElement;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.eas.Spool;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.store.mapdb.MapDbStore;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.Folders;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Views;
import org.airpost.sync.Waiters;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Provision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Provisioning and wipes against phones that behave as real ones do (CLIENTS §1), while requests and answers are lost, the
 * administrator changes policies, blocks, wipes and takes back, and the gateway is killed in the middle of a write. After each
 * step what must never be is looked for; in the end, with nothing lost any more, every phone must come to where it belongs.
 */
class ProvisionModelTest {

    private static final int STEPS = 120;
    private static final DeviceKey KEY = new DeviceKey("ann@example.org", "ab12");
    private static final Actor ROOT = Actor.ofSocket("root");
    private static final Actor OTHER = Actor.ofSocket("other");

    /** How a phone behaves. */
    enum Kind {
        /** Sends its key with everything; confirms a wipe until it has an answer. */
        IOS("iPhone", "Apple-iPhone16C1/2301", ProtocolVersion.V16_1),
        /** Keeps a part, says so, sends no key with Ping, and does not wait for the answer to a confirmed wipe. */
        ANDROID("Android", "Android/14-EAS-2.0", ProtocolVersion.V14_1),
        /** The same that reads HTTP statuses. */
        OLD_ANDROID("Android", "Android/4", ProtocolVersion.V12_1),
        /** Never provisions. */
        OUTLOOK("WindowsOutlook15", "Outlook/16.0", ProtocolVersion.V14_0);

        private final String type;
        private final String agent;
        private final ProtocolVersion version;

        Kind(String type, String agent, ProtocolVersion version) {
            this.type = type;
            this.agent = agent;
            this.version = version;
        }

        boolean isAndroid() {
            return this == ANDROID || this == OLD_ANDROID;
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aPhoneComesWhereItBelongsWhateverIsLost(Kind kind) {
        for (int seed = 1; seed <= 60; seed++) {
            var clock = InstantSource.system();
            var memory = new MemoryStore(clock);
            new World(kind, seed, () -> memory).run();
        }
    }

    @Test
    void aStoreOnTheDiskIsClosedAndOpenedInTheMiddle(@TempDir Path directory) {
        for (int seed = 1; seed <= 4; seed++) {
            int run = seed;
            var open = new ArrayList<Store>();
            new World(Kind.values()[seed - 1], seed, () -> {
                        open.forEach(Store::close);
                        open.clear();
                        open.add(new MapDbStore(directory.resolve("run" + run + ".db"), InstantSource.system()));
                        return open.getFirst();
                    })
                    .run();
            open.forEach(Store::close);
        }
    }

    /** A store that is killed at some write: before it, or right after it. */
    private static final class Killed implements Store {
        private final Store store;
        private final Random random;
        private int writesLeft = Integer.MAX_VALUE;
        private boolean dead;

        Killed(Store store, Random random) {
            this.store = store;
            this.random = random;
        }

        private void alive() {
            if (dead) {
                throw new StoreException("killed");
            }
        }

        private boolean isLast() {
            alive();
            return --writesLeft < 0;
        }

        private StoreException die() {
            dead = true;
            return new StoreException("killed");
        }

        @Override
        public Optional<Versioned> get(String key) {
            alive();
            return store.get(key);
        }

        @Override
        public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
            if (isLast()) {
                if (random.nextBoolean()) {
                    store.put(key, value, expected, expiry);
                }
                throw die();
            }
            return store.put(key, value, expected, expiry);
        }

        @Override
        public boolean delete(String key, long expected) {
            if (isLast()) {
                throw die();
            }
            return store.delete(key, expected);
        }

        @Override
        public List<Entry> scan(String prefix, String after, int limit) {
            alive();
            return store.scan(prefix, after, limit);
        }

        @Override
        public void close() {}
    }

    /** A gateway, an administrator, and a phone. */
    private static final class World {
        private final Kind kind;
        private final int seed;
        private final Random random;
        private final Supplier<Store> open;
        private final PhoneModel phone;
        private Killed store;
        private Devices devices;
        private Policies policies;
        private DeviceActions actions;
        private Dispatcher dispatcher;
        private Optional<CommandName> ran = Optional.empty();
        private final List<String> history = new ArrayList<>();

        World(Kind kind, int seed, Supplier<Store> open) {
            this.kind = kind;
            this.seed = seed;
            this.random = new Random(seed * 31L + kind.name().length());
            this.open = open;
            this.phone = new PhoneModel(kind, random);
            this.store = new Killed(open.get(), random);
            this.devices = new Devices(store, InstantSource.system());
            this.policies = policies();
            this.actions = actions();
            this.dispatcher = dispatcher();
        }

        private void restart() {
            history.add("restart");
            store = new Killed(open.get(), random);
            devices = new Devices(store, InstantSource.system());
            policies = policies();
            actions = actions();
            dispatcher = dispatcher();
        }

        private Policies policies() {
            return new Policies(
                    store,
                    Policies.Effective.of(PolicyDocument.PERMISSIVE),
                    _ -> "example.org",
                    InstantSource.system());
        }

        private Audit audit() {
            return new Audit(store, Audit.Settings.USUAL, InstantSource.system());
        }

        private DeviceActions actions() {
            var clock = InstantSource.system();
            var ledgers = new Ledgers(store);
            return new DeviceActions(
                    devices,
                    policies,
                    ledgers,
                    new Hierarchy(store, new Folders(store, new Views(store, clock)), ledgers),
                    _ -> {},
                    audit(),
                    new DeviceActions.Settings(true),
                    clock);
        }

        private Dispatcher dispatcher() {
            var clock = InstantSource.system();
            var events = new GateAudit(audit());
            Map<CommandName, Command> commands = new EnumMap<>(CommandName.class);
            for (var name : List.of(CommandName.FOLDER_SYNC, CommandName.SYNC, CommandName.PING)) {
                commands.put(name, request -> {
                    ran = Optional.of(request.line().command());
                    return new Answer.Empty();
                });
            }
            commands.put(
                    CommandName.PROVISION,
                    new ProvisionCommand(
                            devices, new Provisioning(devices, policies, random), new Wipes(devices, events, clock)));
            var rules = new GateRules(store, devices, policies, Device.Access.ALLOWED, clock);
            return new Dispatcher(
                    commands,
                    devices,
                    new Gate(policies, rules, ClientQuirks.builtIn()),
                    new Throttle(new Throttle.Settings(1_000_000, 1_000_000, 1_000_000), clock),
                    new Quarantine(
                            new MailConverter(MailConverter.Settings.DEFAULT),
                            new Waiters(),
                            new Quarantine.Words("", Duration.ofMinutes(59))),
                    events);
        }

        void run() {
            try {
                for (int step = 0; step < STEPS; step++) {
                    step(true);
                }
                settle();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "%s, seed %d: %s%n%s".formatted(kind, seed, e.getMessage(), String.join("\n", history)), e);
            }
        }

        private void step(boolean faults) {
            int what = random.nextInt(100);
            if (faults && what < 15) {
                administer();
            } else if (faults && what < 18) {
                restart();
            } else if (faults && what < 24) {
                store.writesLeft = random.nextInt(3);
            } else {
                exchange(faults && random.nextInt(5) == 0, faults && random.nextInt(5) == 0);
            }
        }

        private Optional<Device> device() {
            return store.dead ? Optional.empty() : devices.find(KEY);
        }

        private void administer() {
            int what = random.nextInt(12);
            history.add("admin " + what);
            try {
                switch (what) {
                    case 0 -> set(Policy.named("p").with(PolicyElement.ALLOW_CAMERA, "0"));
                    case 1 -> set(Policy.named("p").with(PolicyElement.DEVICE_PASSWORD_ENABLED, "1"));
                    case 2 ->
                        set(Policy.named("p")
                                .with(PolicyElement.ALLOW_BROWSER, "0")
                                .admitting(Leniency.PARTLY, Optional.of(random.nextBoolean()))
                                .admitting(Leniency.NON_PROVISIONABLE, Optional.of(random.nextBoolean())));
                    case 3 -> set(Policy.named("p"));
                    case 4 -> actions.wipe(ROOT, KEY, Wipe.Kind.ACCOUNT_ONLY, "");
                    case 5 -> actions.wipe(ROOT, KEY, Wipe.Kind.FULL, "");
                    case 6, 7 -> actions.approveWipe(OTHER, KEY);
                    case 8 -> actions.cancelWipe(ROOT, KEY);
                    case 9 -> actions.block(ROOT, KEY, "", Optional.empty());
                    default -> actions.allow(ROOT, KEY, "");
                }
            } catch (StoreException e) {
                restart();
            }
        }

        private void set(Policy policy) {
            policies.set(policy);
            policies.assign(new Scope.Everybody(), Optional.of("p"));
        }

        /** One request of the phone. */
        private void exchange(boolean requestLost, boolean answerLost) {
            var asked = phone.next();
            history.add("%s%s%s".formatted(asked, requestLost ? " lost" : "", answerLost ? " answer lost" : ""));
            if (requestLost) {
                phone.nothing(asked);
                return;
            }
            var before = device();
            ran = Optional.empty();
            phone.sent(asked);
            var answer = Documents.text(dispatcher.dispatch(request(asked)));
            history.add("   " + answer.replaceAll("<EASProvisionDoc>.*</EASProvisionDoc>", "…"));
            if (store.dead) {
                restart();
                check(asked, before, "");
                phone.nothing(asked);
                return;
            }
            check(asked, before, answer);
            if (answerLost) {
                phone.nothing(asked);
            } else {
                phone.hears(asked, answer);
            }
        }

        private Request request(Asked asked) {
            var spool = new Spool(1 << 16, 1 << 16);
            try {
                spool.out().write(Documents.bytes(asked.body()));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return new Request(
                    "r",
                    new RequestLine(
                            asked.command(),
                            kind.version,
                            KEY.deviceId(),
                            kind.type,
                            asked.key(),
                            "ann",
                            Map.of(),
                            false,
                            false),
                    new Account(
                            KEY.user(),
                            new Credentials(KEY.user(), "secret"),
                            new FakeMail(),
                            List.of(KEY.user()),
                            "Ann"),
                    "application/vnd.ms-sync.wbxml",
                    spool,
                    kind.agent,
                    Instant.MAX);
        }

        // What must never be

        /** Said here once more, apart from the code that is tested. */
        private static boolean isAgreed(Wipe wipe) {
            return wipe.state() == Wipe.State.PENDING || wipe.state() == Wipe.State.TOLD;
        }

        private void check(Asked asked, Optional<Device> before, String answer) {
            var wipe = before.flatMap(Device::wipe);
            boolean asksForWipe = answer.contains("<RemoteWipe/>") || answer.contains("<AccountOnlyRemoteWipe/>");
            if (asksForWipe) {
                assertThat(wipe.filter(World::isAgreed))
                        .as("a wipe was told that nobody has asked for")
                        .isPresent();
                assertThat(answer.contains("<RemoteWipe/>"))
                        .as("the kind of wipe that was told")
                        .isEqualTo(wipe.get().kind() == Wipe.Kind.FULL);
                assertThat(answer).doesNotContain("Policies");
            }
            var after = device().flatMap(Device::wipe);
            if (after.filter(Wipe::isDone).isPresent()
                    && wipe.filter(Wipe::isDone).isEmpty()) {
                assertThat(asked.report())
                        .as("what the phone said of the wipe that is noted as done")
                        .contains(true);
            }
            if (wipe.filter(Wipe::isDone).isPresent()) {
                assertThat(after.filter(Wipe::isDone))
                        .as("a wiped device stays so")
                        .isPresent();
            }
            if (wipe.filter(World::isAgreed).isPresent()) {
                assertThat(after)
                        .as("a wipe that was asked for is not forgotten")
                        .isPresent();
            }
            ran.ifPresent(command -> checkRun(command, before));
        }

        private void checkRun(CommandName command, Optional<Device> before) {
            var wipe = before.flatMap(Device::wipe);
            assertThat(wipe.filter(one -> isAgreed(one) || one.isDone()))
                    .as("a command ran on a device that is to be wiped or is wiped")
                    .isEmpty();
            assertThat(before.map(Device::access).orElse(Device.Access.ALLOWED))
                    .as("a command ran on a device that is kept out")
                    .isEqualTo(Device.Access.ALLOWED);
            if (command == CommandName.PING) {
                return;
            }
            var policy = policies.of(KEY.user());
            if (kind == Kind.OUTLOOK) {
                assertThat(policy.document().asksNothing() || policy.admits().contains(Leniency.NON_PROVISIONABLE))
                        .as("it came in without a policy")
                        .isTrue();
                return;
            }
            var text = Documents.text(Documents.bytes(policy.document()::write));
            assertThat(phone.acknowledged)
                    .as("policies that it has acknowledged")
                    .contains(text);
        }

        // Where it must come to

        private void settle() {
            if (store.dead) {
                restart();
            }
            store.writesLeft = Integer.MAX_VALUE;
            history.add("settles");
            for (int i = 0; i < 40; i++) {
                exchange(false, false);
            }
            var device = device();
            var wipe = device.flatMap(Device::wipe);
            if (kind == Kind.OUTLOOK) {
                return; // it comes in or not, and nothing changes that
            }
            assertThat(wipe.filter(World::isAgreed))
                    .as("the wipe was confirmed")
                    .isEmpty();
            boolean isOut = device.map(Device::access).orElse(Device.Access.ALLOWED) != Device.Access.ALLOWED;
            boolean keepsEnough = !kind.isAndroid()
                    || policies.of(KEY.user()).admits().contains(Leniency.PARTLY)
                    || policies.of(KEY.user()).document().asksNothing();
            boolean belongsIn = !isOut && keepsEnough;
            ran = Optional.empty();
            for (int i = 0; i < 8 && ran.filter(one -> one != CommandName.PING).isEmpty(); i++) {
                exchange(false, false);
            }
            assertThat(ran.filter(one -> one != CommandName.PING).isPresent())
                    .as("its commands run")
                    .isEqualTo(belongsIn);
        }
    }

    /**
     * A request.
     *
     * @param report what it says of a wipe: true if that is done
     */
    private record Asked(
            CommandName command,
            Optional<Long> key,
            Optional<Long> acknowledges,
            Optional<Boolean> report,
            Consumer<WbxmlWriter> body) {

        @Override
        public String toString() {
            return "%s key=%s ack=%s report=%s"
                    .formatted(
                            command.text(),
                            key.map(String::valueOf).orElse("-"),
                            acknowledges.map(String::valueOf).orElse("-"),
                            report.map(String::valueOf).orElse("-"));
        }
    }

    /** A phone: what it knows and what it does next. */
    private static final class PhoneModel {

        private enum Mode {
            SYNCING,
            ASKING,
            ACKNOWLEDGING,
            WIPE_ASKING,
            WIPE_CONFIRMING
        }

        private final Kind kind;
        private final Random random;
        private Mode mode = Mode.SYNCING;
        private Optional<Long> key = Optional.empty();
        private long temporary;
        private boolean accountOnly;
        private boolean pinged;
        private final Map<Long, String> offered = new HashMap<>();
        private final Set<String> acknowledged = new HashSet<>();

        PhoneModel(Kind kind, Random random) {
            this.kind = kind;
            this.random = random;
        }

        Asked next() {
            return switch (mode) {
                case SYNCING -> syncing();
                case ASKING ->
                    provision(
                            Optional.empty(),
                            Optional.empty(),
                            out -> out.start(Provision.PROVISION)
                                    .start(Provision.POLICIES)
                                    .start(Provision.POLICY)
                                    .text(Provision.POLICY_TYPE, "MS-EAS-Provisioning-WBXML")
                                    .end()
                                    .end()
                                    .end());
                case ACKNOWLEDGING -> {
                    long acknowledges = temporary;
                    int status = kind.isAndroid() && restricts(offered.getOrDefault(temporary, "")) ? 2 : 1;
                    yield provision(
                            Optional.of(acknowledges),
                            Optional.empty(),
                            out -> out.start(Provision.PROVISION)
                                    .start(Provision.POLICIES)
                                    .start(Provision.POLICY)
                                    .text(Provision.POLICY_TYPE, "MS-EAS-Provisioning-WBXML")
                                    .text(Provision.POLICY_KEY, acknowledges)
                                    .text(Provision.STATUS, status)
                                    .end()
                                    .end()
                                    .end());
                }
                case WIPE_ASKING ->
                    provision(
                            Optional.empty(),
                            Optional.empty(),
                            out -> out.start(Provision.PROVISION).end());
                case WIPE_CONFIRMING -> {
                    boolean success = random.nextInt(4) > 0;
                    var tag = accountOnly ? Provision.ACCOUNT_ONLY_REMOTE_WIPE : Provision.REMOTE_WIPE;
                    yield provision(
                            Optional.empty(),
                            Optional.of(success),
                            out -> out.start(Provision.PROVISION)
                                    .start(tag)
                                    .text(Provision.STATUS, success ? 1 : 2)
                                    .end()
                                    .end());
                }
            };
        }

        private Asked syncing() {
            pinged = !pinged;
            var command = pinged ? CommandName.PING : random.nextBoolean() ? CommandName.FOLDER_SYNC : CommandName.SYNC;
            var sends = kind.isAndroid() && command == CommandName.PING ? Optional.<Long>empty() : key;
            return new Asked(
                    command,
                    sends,
                    Optional.empty(),
                    Optional.empty(),
                    out -> out.start(org.airpost.wbxml.page.Ping.PING).end());
        }

        private Asked provision(Optional<Long> acknowledges, Optional<Boolean> report, Consumer<WbxmlWriter> body) {
            return new Asked(CommandName.PROVISION, key, acknowledges, report, body);
        }

        private static boolean restricts(String document) {
            return document.contains("<AllowBrowser>0") || document.contains("<AllowCamera>0");
        }

        /** It has sent it, and does not know what comes of it. */
        void sent(Asked asked) {
            asked.acknowledges().map(offered::get).ifPresent(acknowledged::add);
        }

        /** No answer came. */
        void nothing(Asked asked) {
            if (asked.report().isPresent() && kind.isAndroid()) {
                wiped(asked.report().get());
            }
        }

        private void wiped(boolean success) {
            if (success) {
                // Set up anew some time after.
                key = Optional.empty();
                offered.clear();
                acknowledged.clear();
                mode = Mode.SYNCING;
            }
        }

        void hears(Asked asked, String answer) {
            if (asked.report().isPresent()
                    && (kind.isAndroid() || asked.report().get())) {
                boolean again = answer.contains("RemoteWipe");
                wiped(asked.report().get());
                mode = asked.report().get() || !again ? Mode.SYNCING : Mode.WIPE_CONFIRMING;
                return;
            }
            if (answer.contains("RemoteWipe/>")) {
                accountOnly = answer.contains("AccountOnly");
                mode = Mode.WIPE_CONFIRMING;
                return;
            }
            var status = Pattern.compile("^<\\w+>(?:<DeviceInformation>.*</DeviceInformation>)?<Status>(\\d+)")
                    .matcher(answer);
            int code = status.find() ? Integer.parseInt(status.group(1)) : 0;
            boolean isHttp = answer.startsWith("HTTP");
            if (kind == Kind.OUTLOOK) {
                return; // it shows its user an error, and tries again
            }
            if (code == 140) {
                mode = Mode.WIPE_ASKING;
            } else if ((code >= 142 && code <= 144) || answer.startsWith("HTTP 449")) {
                mode = Mode.ASKING;
            } else if (code == 129 || code == 139 || (isHttp && answer.startsWith("HTTP 403"))) {
                mode = Mode.SYNCING; // a security hold: the user tries again
            } else if (asked.command() == CommandName.PROVISION) {
                provisioned(asked, answer);
            }
        }

        private void provisioned(Asked asked, String answer) {
            var policyKey = Pattern.compile("<PolicyKey>(\\d+)</PolicyKey>").matcher(answer);
            if (!policyKey.find()) {
                mode = mode == Mode.WIPE_ASKING ? Mode.SYNCING : Mode.ASKING;
                return;
            }
            long given = Long.parseLong(policyKey.group(1));
            var document =
                    Pattern.compile("<EASProvisionDoc>.*</EASProvisionDoc>").matcher(answer);
            if (document.find()) {
                temporary = given;
                offered.put(given, document.group());
                mode = Mode.ACKNOWLEDGING;
            } else {
                assertThat(asked.acknowledges())
                        .as("a final key without an acknowledgment")
                        .isPresent();
                assertThat(given).isNotEqualTo(temporary).isNotZero();
                key = Optional.of(given);
                mode = Mode.SYNCING;
            }
        }
    }
}
