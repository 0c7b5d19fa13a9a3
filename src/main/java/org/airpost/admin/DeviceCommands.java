package org.airpost.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.airpost.admin.AdminCommands.Answer;
import org.airpost.admin.AdminCommands.Handler;
import org.airpost.admin.DeviceActions.Filter;
import org.airpost.admin.DeviceActions.Sort;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.device.Device;
import org.airpost.device.Device.Access;
import org.airpost.device.GateRule;
import org.airpost.device.GateRule.Condition;
import org.airpost.device.Policies;
import org.airpost.device.Policies.Scope;
import org.airpost.device.Policy;
import org.airpost.device.Policy.Leniency;
import org.airpost.device.PolicyState;
import org.airpost.device.Wipe;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyElement;
import org.airpost.eas.ProtocolVersion;

/**
 * Devices, policies, rules and the audit log by words: what {@code airpost devices} and its like ask by the socket. An answer
 * that is a table has the names of its columns in its first line, and tabs between columns.
 */
public final class DeviceCommands {

    private static final int MOST_LINES = 10_000;

    private final DeviceActions devices;
    private final PolicyActions policies;
    private final RuleActions rules;
    private final Audit audit;

    public DeviceCommands(DeviceActions devices, PolicyActions policies, RuleActions rules, Audit audit) {
        this.devices = devices;
        this.policies = policies;
        this.rules = rules;
        this.audit = audit;
    }

    /** What they begin with, and what is done then. */
    public Map<String, Handler> handlers() {
        return Map.of(
                "devices", Handler.decoding(this::list),
                "device", Handler.decoding(this::device),
                "policy", Handler.decoding(this::policy),
                "group", Handler.decoding(this::group),
                "rules", Handler.decoding(this::rules),
                "audit", Handler.decoding(this::audit));
    }

    private static List<String> table(String columns, List<List<String>> rows) {
        var lines = new ArrayList<String>();
        lines.add(columns.replace('|', '\t'));
        rows.forEach(row -> lines.add(
                row.stream().map(cell -> cell.replaceAll("\\p{Cntrl}", " ")).collect(Collectors.joining("\t"))));
        return lines;
    }

    /** Words of the form {@code name=value} for these names; all others under an empty name, with blanks between. */
    private static Map<String, String> named(List<String> words, String... names) {
        var named = new HashMap<String, String>();
        for (var word : words) {
            int equals = word.indexOf('=');
            var name = equals < 0 ? "" : word.substring(0, equals).toLowerCase(Locale.ROOT);
            boolean isOne = List.of(names).contains(name);
            named.merge(
                    isOne ? name : "", isOne ? word.substring(equals + 1) : word, (one, other) -> one + " " + other);
        }
        return named;
    }

    private static String word(List<String> words, int at, String what) {
        if (words.size() <= at) {
            throw new IllegalArgumentException("which " + what + "?");
        }
        return words.get(at);
    }

    private static List<String> from(List<String> words, int at) {
        return words.subList(Math.min(at, words.size()), words.size());
    }

    private static int number(String text, String what) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("\"%s\" is no %s".formatted(text, what));
        }
        return Integer.parseInt(text);
    }

    private static String moment(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    // Devices

    private Answer list(Actor actor, List<String> words) {
        var named = named(words, "user", "standing", "unseen");
        var filter = new Filter(
                named.getOrDefault("", ""),
                Optional.ofNullable(named.get("user")),
                Optional.ofNullable(named.get("standing")).map(DeviceCommands::standing),
                Optional.ofNullable(named.get("unseen"))
                        .map(days -> Instant.now().minus(Duration.ofDays(number(days, "number of days")))));
        return Answer.of(
                devices.list(actor, filter, Sort.STANDING, 0, MOST_LINES),
                found -> table(
                        "ID|name|type|version|standing|policy|last seen|address",
                        found.devices().stream()
                                .map(device -> List.of(
                                        device.key().path(),
                                        device.title(),
                                        device.deviceType(),
                                        latest(device),
                                        words(DeviceActions.standing(device).name()),
                                        compliance(device),
                                        moment(device.lastSeen()),
                                        device.address()))
                                .toList()));
    }

    private static String latest(Device device) {
        return device.versions().stream()
                .reduce((one, other) -> one.atLeast(other) ? one : other)
                .map(ProtocolVersion::text)
                .orElse("");
    }

    private static String compliance(Device device) {
        return device.policy()
                .said()
                .map(PolicyState.Compliance::name)
                .map(DeviceCommands::words)
                .orElse("none yet");
    }

    private static String words(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Standing standing(String text) {
        return Arrays.stream(Standing.values())
                .filter(one -> word(one).equalsIgnoreCase(text.replace(' ', '-').replace('_', '-')))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"%s\" is not one of %s"
                        .formatted(
                                text,
                                Arrays.stream(Standing.values())
                                        .map(DeviceCommands::word)
                                        .collect(Collectors.joining(", ")))));
    }

    private static String word(Standing standing) {
        return standing.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@code user/device}. */
    private static DeviceKey key(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException(
                    "\"%s\" is not user/device, as airpost devices lists them".formatted(text));
        }
        return new DeviceKey(text.substring(0, slash), text.substring(slash + 1));
    }

    private Answer device(Actor actor, List<String> words) {
        var what = word(words, 0, "action");
        var key = key(word(words, 1, "device"));
        var rest = from(words, 2);
        var named = named(rest, "hours", "folder");
        var reason = named.getOrDefault("", "");
        return switch (what) {
            case "show" -> Answer.of(devices.device(actor, key), whole -> show(actor, whole));
            case "allow" -> done(devices.allow(actor, key, reason));
            case "block" ->
                done(devices.block(
                        actor,
                        key,
                        reason,
                        Optional.ofNullable(named.get("hours"))
                                .map(hours -> Duration.ofHours(number(hours, "number of hours")))));
            case "quarantine" -> done(devices.quarantine(actor, key, reason));
            case "undecide" -> done(devices.undecide(actor, key));
            case "rename" -> done(devices.rename(actor, key, String.join(" ", rest)));
            case "resync" ->
                done(
                        named.containsKey("folder")
                                ? devices.resetFolder(actor, key, named.get("folder"))
                                : devices.resync(actor, key));
            case "forget" -> done(devices.forget(actor, key));
            case "wipe-account" -> done(devices.wipe(actor, key, Wipe.Kind.ACCOUNT_ONLY, reason));
            case "wipe-all" -> done(devices.wipe(actor, key, Wipe.Kind.FULL, reason));
            case "wipe-approve" -> done(devices.approveWipe(actor, key));
            case "wipe-cancel" -> done(devices.cancelWipe(actor, key));
            default -> Answer.refused("not an action: " + what);
        };
    }

    private static Answer done(Result<Device> result) {
        return Answer.of(
                result,
                device -> List.of(device.key().path() + " is "
                        + words(DeviceActions.standing(device).name())));
    }

    private List<String> show(Actor actor, DeviceActions.Whole whole) {
        var device = whole.device();
        var lines = new ArrayList<List<String>>();
        lines.add(List.of("ID", device.key().path()));
        lines.add(List.of("name", device.title()));
        lines.add(List.of("standing", words(whole.standing().name())));
        var said = device.admission();
        lines.add(List.of(
                "said by",
                (words(said.cause().name()) + " " + said.by()).strip()
                        + (said.reason().isEmpty() ? "" : ": " + said.reason())
                        + said.until().map(until -> ", until " + moment(until)).orElse("")));
        device.wipe()
                .ifPresent(wipe -> lines.add(List.of(
                        "wipe",
                        words(wipe.kind().name()) + ", " + words(wipe.state().name()) + ", asked for by "
                                + wipe.requestedBy() + " at " + moment(wipe.requested())
                                + wipe.approvedBy()
                                        .map(by -> ", agreed by " + by)
                                        .orElse("")
                                + wipe.told()
                                        .map(at -> ", told at " + moment(at))
                                        .orElse("")
                                + wipe.ended()
                                        .map(at -> ", done at " + moment(at))
                                        .orElse("")
                                + (wipe.failures() == 0 ? "" : ", failed " + wipe.failures() + " times"))));
        lines.add(List.of("type", device.deviceType()));
        lines.add(List.of("client", device.userAgent()));
        for (var field : DeviceInformation.Field.values()) {
            device.information().get(field).ifPresent(value -> lines.add(List.of(words(field.name()), value)));
        }
        lines.add(List.of(
                "versions",
                device.versions().stream().map(ProtocolVersion::text).collect(Collectors.joining(" "))));
        lines.add(List.of("first seen", moment(device.firstSeen())));
        lines.add(List.of("last seen", moment(device.lastSeen()) + " from " + device.address()));
        lines.add(List.of("policy", String.join(" < ", whole.policy().layers())));
        lines.add(List.of("keeps it", (whole.keepsPolicy() ? "yes: " : "no: ") + compliance(device)));
        if (devices.folders(actor, device.key()) instanceof Result.Done<List<DeviceActions.FolderState>>(var folders)) {
            folders.forEach(folder -> folder.state()
                    .ifPresent(state -> lines.add(List.of(
                            "folder " + folder.id(),
                            "%s: %d messages, key %s, filter %s"
                                    .formatted(
                                            folder.name(),
                                            state.items(),
                                            state.syncKey(),
                                            words(state.options().filter().name()))))));
        }
        return table("|", lines);
    }

    // Policies

    private Answer policy(Actor actor, List<String> words) {
        return switch (word(words, 0, "action")) {
            case "list" -> listed(actor);
            case "elements" ->
                new Answer(
                        true,
                        table(
                                "setting|values|asks nothing|meaning",
                                Arrays.stream(PolicyElement.values())
                                        .map(element -> List.of(
                                                element.elementName(),
                                                element.least() + " to " + element.greatest(),
                                                element.asksNothing().isEmpty() ? "(empty)" : element.asksNothing(),
                                                element.meaning()))
                                        .toList()));
            case "show" -> Answer.of(policies.find(actor, word(words, 1, "policy")), DeviceCommands::show);
            case "of" -> Answer.of(policies.effective(actor, word(words, 1, "user")), DeviceCommands::show);
            case "set" -> {
                var policy = changed(actor, word(words, 1, "policy"), from(words, 2));
                yield Answer.of(policies.set(actor, policy), DeviceCommands::show);
            }
            case "remove" ->
                Answer.of(
                        policies.remove(actor, word(words, 1, "policy")),
                        policy -> List.of(policy.name() + " is removed"));
            case "assign" -> {
                var scope = Scope.parse(word(words, 1, "users"));
                var name = Optional.of(word(words, 2, "policy")).filter(text -> !text.equals("none"));
                yield Answer.of(
                        policies.assign(actor, scope, name),
                        whom -> List.of(whom.text() + " has " + name.orElse("none")));
            }
            case "try" -> tried(actor, word(words, 1, "policy"), from(words, 2));
            default -> Answer.refused("not an action: " + words.getFirst());
        };
    }

    private Answer listed(Actor actor) {
        return Answer.of(policies.list(actor), all -> {
            var assigned = policies.assignments(actor) instanceof Result.Done<Map<String, String>>(var some)
                    ? some
                    : Map.<String, String>of();
            return table(
                    "policy|for|settings",
                    all.stream()
                            .map(policy -> List.of(
                                    policy.name(),
                                    assigned.entrySet().stream()
                                            .filter(one -> one.getValue().equals(policy.name()))
                                            .map(Map.Entry::getKey)
                                            .collect(Collectors.joining(" ")),
                                    policy.values().entrySet().stream()
                                            .map(one -> one.getKey().elementName() + "=" + one.getValue())
                                            .collect(Collectors.joining(" "))))
                            .toList());
        });
    }

    private static List<String> show(Policy policy) {
        var rows = new ArrayList<List<String>>();
        policy.values().forEach((element, value) -> rows.add(List.of(element.elementName(), value, element.meaning())));
        policy.unapprovedInRomApplications()
                .ifPresent(list ->
                        rows.add(List.of(UNAPPROVED, String.join(",", list), "applications that must not run")));
        policy.approvedApplications()
                .ifPresent(list -> rows.add(
                        List.of(APPROVED, String.join(",", list), "SHA-1 of the only applications that may run")));
        policy.admits().forEach((one, yes) -> rows.add(List.of(leniency(one), yes ? "yes" : "no", words(one.name()))));
        return table("setting|value|meaning", rows);
    }

    private static List<String> show(Policies.Effective policy) {
        var rows = new ArrayList<List<String>>();
        policy.document()
                .values()
                .forEach((element, value) -> rows.add(List.of(
                        element.elementName(),
                        value,
                        policy.origins().getOrDefault(element, "configuration"),
                        element.meaning())));
        for (var one : Leniency.values()) {
            rows.add(List.of(leniency(one), policy.admits().contains(one) ? "yes" : "no", "", words(one.name())));
        }
        return table("setting|value|from|meaning", rows);
    }

    private static final String UNAPPROVED = "UnapprovedInROMApplicationList";
    private static final String APPROVED = "ApprovedApplicationList";
    private static final String INHERIT = "inherit";

    private static String leniency(Leniency one) {
        return switch (one) {
            case NON_PROVISIONABLE -> "AllowNonProvisionable";
            case PARTLY -> "AllowPartly";
            case MANAGED_ELSEWHERE -> "AllowManagedElsewhere";
        };
    }

    /** The policy of a name, or a new one, with settings; {@code inherit} as a value takes one away. */
    private Policy changed(Actor actor, String name, List<String> settings) {
        var policy = policies.find(actor, name) instanceof Result.Done<Policy>(var known) ? known : Policy.named(name);
        for (var setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("\"%s\" is not setting=value".formatted(setting));
            }
            policy = changed(policy, setting.substring(0, equals), setting.substring(equals + 1));
        }
        return policy;
    }

    private static Policy changed(Policy policy, String name, String value) {
        var element = PolicyElement.ofName(name);
        if (element.isPresent()) {
            return value.equals(INHERIT) ? policy.without(element.get()) : policy.with(element.get(), value);
        }
        var list = value.equals(INHERIT)
                ? Optional.<List<String>>empty()
                : Optional.of(Arrays.stream(value.split(",", -1))
                        .map(String::strip)
                        .filter(one -> !one.isEmpty())
                        .toList());
        if (name.equalsIgnoreCase(UNAPPROVED)) {
            return policy.withUnapproved(list);
        }
        if (name.equalsIgnoreCase(APPROVED)) {
            return policy.withApproved(list);
        }
        for (var one : Leniency.values()) {
            if (name.equalsIgnoreCase(leniency(one))) {
                return policy.admitting(
                        one,
                        switch (value) {
                            case "yes" -> Optional.of(true);
                            case "no" -> Optional.of(false);
                            case INHERIT -> Optional.empty();
                            default ->
                                throw new IllegalArgumentException(
                                        "%s is yes, no or inherit, not \"%s\"".formatted(name, value));
                        });
            }
        }
        throw new IllegalArgumentException(
                "there is no setting %s; airpost policy elements lists them".formatted(name));
    }

    private Answer tried(Actor actor, String name, List<String> rest) {
        var scope = rest.stream()
                .filter(word -> word.startsWith("for="))
                .findFirst()
                .map(word -> Scope.parse(word.substring("for=".length())));
        var policy = changed(
                actor,
                name,
                rest.stream().filter(word -> !word.startsWith("for=")).toList());
        return Answer.of(
                policies.tryOut(actor, policy, scope),
                found -> table(
                        "device|name|would|because",
                        found.stream()
                                .map(one -> List.of(
                                        one.device().path(),
                                        one.title(),
                                        switch (one.end()) {
                                            case SAME -> "notice nothing";
                                            case EXPECTED -> "keep it";
                                            case PARTLY -> "keep a part";
                                            case FAILS -> "be kept out";
                                        },
                                        one.reason()))
                                .toList()));
    }

    private Answer group(Actor actor, List<String> words) {
        return switch (word(words, 0, "action")) {
            case "list" ->
                Answer.of(
                        policies.groups(actor),
                        groups -> table(
                                "group|users",
                                groups.entrySet().stream()
                                        .map(group -> List.of(group.getKey(), String.join(" ", group.getValue())))
                                        .toList()));
            case "add" ->
                Answer.of(
                        policies.changeGroup(actor, word(words, 1, "group"), from(words, 2), List.of()),
                        members -> List.of("%s has %d users".formatted(words.get(1), members.size())));
            case "remove" ->
                Answer.of(
                        policies.changeGroup(actor, word(words, 1, "group"), List.of(), from(words, 2)),
                        members -> List.of("%s has %d users".formatted(words.get(1), members.size())));
            default -> Answer.refused("not an action: " + words.getFirst());
        };
    }

    // Rules

    private Answer rules(Actor actor, List<String> words) {
        return switch (words.isEmpty() ? "list" : words.getFirst()) {
            case "list" -> Answer.of(rules.list(actor), DeviceCommands::show);
            case "add" -> {
                var rule = new Words(from(words, 1));
                yield Answer.of(
                        rules.add(actor, rule.access, rule.conditions, rule.comment, rule.place),
                        made -> List.of(made.id() + ": " + made.text()));
            }
            case "try" -> {
                var rule = new Words(from(words, 1));
                yield Answer.of(
                        rules.tryOut(
                                actor, new GateRule("tried", rule.access, rule.conditions, rule.comment), rule.place),
                        DeviceCommands::showTrials);
            }
            case "remove" ->
                Answer.of(rules.remove(actor, word(words, 1, "rule")), gone -> List.of(gone.id() + " is removed"));
            case "move" ->
                Answer.of(
                        rules.move(actor, word(words, 1, "rule"), number(word(words, 2, "place"), "place") - 1),
                        moved -> List.of(moved.id() + " is moved"));
            case "fields" ->
                new Answer(
                        true,
                        table(
                                "condition|holds if",
                                Arrays.stream(GateRule.Field.values())
                                        .map(field -> List.of(field.text() + "=…", field.meaning()))
                                        .toList()));
            default -> Answer.refused("not an action: " + words.getFirst());
        };
    }

    /** A rule as words: what becomes of a device, then conditions; {@code comment=} and {@code place=} among them. */
    private static final class Words {
        private final Access access;
        private final List<Condition> conditions = new ArrayList<>();
        private String comment = "";
        private Optional<Integer> place = Optional.empty();

        Words(List<String> words) {
            access = switch (word(words, 0, "of allow, block, quarantine")) {
                case "allow" -> Access.ALLOWED;
                case "block" -> Access.BLOCKED;
                case "quarantine" -> Access.QUARANTINED;
                default -> throw new IllegalArgumentException("allow, block or quarantine? Not " + words.getFirst());
            };
            for (var word : from(words, 1)) {
                if (word.startsWith("comment=")) {
                    comment = word.substring("comment=".length());
                } else if (word.startsWith("place=")) {
                    place = Optional.of(number(word.substring("place=".length()), "place") - 1);
                } else {
                    conditions.add(Condition.parse(word));
                }
            }
        }
    }

    private static List<String> show(RuleActions.Rules all) {
        var rows = new ArrayList<List<String>>();
        for (var rule : all.rules()) {
            rows.add(List.of(Integer.toString(rows.size() + 1), rule.id(), rule.text(), rule.comment()));
        }
        rows.add(List.of("", "(default)", words(all.standard().name()), "gate.default, for new devices"));
        return table("place|ID|rule|comment", rows);
    }

    private static List<String> showTrials(List<RuleActions.Trial> trials) {
        return table(
                "device|name|now|then|because",
                trials.stream()
                        .map(trial -> List.of(
                                trial.device().key().path(),
                                trial.device().title(),
                                words(trial.now().access().name()),
                                words(trial.then().access().name()),
                                trial.then().reason()))
                        .toList());
    }

    // The audit log

    private Answer audit(Actor actor, List<String> words) {
        var named = named(words, "device", "user", "actor", "action", "before", "limit");
        var key = Optional.ofNullable(named.get("device")).map(DeviceCommands::key);
        var filter = new Audit.Filter(
                key.map(DeviceKey::user).or(() -> Optional.ofNullable(named.get("user"))),
                key.map(DeviceKey::deviceId),
                Optional.ofNullable(named.get("actor")),
                Optional.ofNullable(named.get("action")),
                Optional.empty(),
                Optional.empty());
        var limit = number(named.getOrDefault("limit", "50"), "number of lines");
        return Answer.of(
                audit.page(actor, filter, Optional.ofNullable(named.get("before")), limit),
                page -> table(
                        "time|actor|from|action|on|done|words",
                        page.entries().stream()
                                .map(entry -> List.of(
                                        entry.id(),
                                        entry.actor(),
                                        entry.from(),
                                        entry.action(),
                                        on(entry.subject()),
                                        entry.done() ? "yes" : "no",
                                        entry.words()))
                                .toList()));
    }

    private static String on(Audit.Subject subject) {
        return subject.deviceId().isEmpty()
                ? subject.user() + subject.thing()
                : subject.user() + "/" + subject.deviceId();
    }
}
