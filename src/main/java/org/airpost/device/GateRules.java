package org.airpost.device;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.airpost.device.Device.Access;
import org.airpost.device.GateRule.Candidate;
import org.airpost.device.GateRule.Condition;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * The rules of the gate, in their order, under {@code gate/rules} in the store: the first one that fits a device decides,
 * unless an administrator has decided about this device. What none fits gets the default, and keeps it when the default
 * changes later. Safe for many threads.
 */
public final class GateRules {

    private static final String KEY = "gate/rules";
    private static final int FORMAT = 1;
    private static final int ATTEMPTS = 32;

    /** Rules at most. */
    public static final int MOST = 500;

    private final Store store;
    private final Devices devices;
    private final Policies users;
    private volatile Access standard;
    private final InstantSource clock;
    private final Fresh<List<GateRule>> rules;

    /**
     * Rules for these devices.
     *
     * @param users says of which domain and groups a user is
     * @param standard what becomes of a device that no rule fits
     */
    public GateRules(Store store, Devices devices, Policies users, Access standard, InstantSource clock) {
        this.store = store;
        this.devices = devices;
        this.users = users;
        this.standard = standard;
        this.clock = clock;
        this.rules = new Fresh<>(store, KEY, this::load, List.of(), clock);
    }

    public List<GateRule> list() {
        return rules.get();
    }

    /** Takes over another answer to devices that no rule fits; those that have come before keep theirs. */
    public void standard(Access other) {
        standard = other;
    }

    /** What becomes of a device that no rule fits when it comes for the first time. */
    public Access standard() {
        return standard;
    }

    /** Changes the rules all at once. */
    public void change(UnaryOperator<List<GateRule>> change) {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                var stored = store.get(KEY);
                var before = stored.map(found -> read(found.value())).orElse(List.of());
                var after = change.apply(before);
                if (after.size() > MOST) {
                    throw new IllegalArgumentException("more than %d rules".formatted(MOST));
                }
                if (after.stream().map(GateRule::id).distinct().count() < after.size()) {
                    throw new IllegalArgumentException("two rules of the same id");
                }
                long version = stored.map(Store.Versioned::version).orElse(Store.ABSENT);
                if (store.put(KEY, bytes(after), version).isPresent()) {
                    return;
                }
            }
            throw new StoreException("record %s is written by others all the time".formatted(KEY));
        } finally {
            rules.readAgain();
        }
    }

    /** Whether a device may come in with a request: what holds for it already, else what the rules say now. */
    Admission admission(Device known, ProtocolVersion version, String address) {
        var now = clock.instant();
        var device = known.withAdmission(known.admission().at(now));
        return device.admission().holds(now)
                ? device.admission()
                : judge(list(), device, Optional.of(version), address, now);
    }

    /** What rules would say of a known device; what an administrator has said of it counts for more. */
    public Admission tryOut(List<GateRule> tried, Device known) {
        var now = clock.instant();
        var device = known.withAdmission(known.admission().at(now));
        var latest = device.versions().stream().reduce((one, other) -> one.atLeast(other) ? one : other);
        return device.admission().holds(now) ? device.admission() : judge(tried, device, latest, device.address(), now);
    }

    private Admission judge(
            List<GateRule> ordered, Device device, Optional<ProtocolVersion> version, String address, Instant now) {
        if (!ordered.isEmpty()) {
            var user = device.key().user();
            var candidate = new Candidate(
                    device, users.domain(user), users.groupsOf(user), version, address, () -> earlier(device));
            for (var rule : ordered) {
                if (rule.fits(candidate)) {
                    var why = rule.comment().isEmpty() ? rule.text() : rule.comment();
                    return said(device, rule.access(), Admission.Cause.RULE, rule.id(), why, now);
                }
            }
        }
        return said(device, device.admission().standard().orElse(standard), Admission.Cause.DEFAULT, "", "", now);
    }

    /** The word of before if it is the same, so that nothing is written. */
    private Admission said(Device device, Access access, Admission.Cause cause, String by, String why, Instant now) {
        var before = device.admission();
        var said = before.then(access, cause, by, why, now, Optional.empty())
                .withStandard(before.standard().orElse(standard));
        return said.saysTheSameAs(before) ? before : said;
    }

    /** Other devices of the same user that may come in and came first. */
    private int earlier(Device device) {
        return (int) devices.ofUser(device.key().user()).stream()
                .filter(other -> !other.key().equals(device.key()))
                .filter(other -> other.access() == Access.ALLOWED
                        && other.wipe().filter(Wipe::isDone).isEmpty())
                .filter(other -> other.firstSeen().isBefore(device.firstSeen())
                        || (other.firstSeen().equals(device.firstSeen())
                                && other.key().deviceId().compareTo(device.key().deviceId()) < 0))
                .count();
    }

    /** True if the rule that keeps a device out is about how many its user has. */
    boolean isTooMany(Admission admission) {
        return admission.cause() == Admission.Cause.RULE
                && list().stream().anyMatch(rule -> rule.id().equals(admission.by()) && rule.counts());
    }

    private List<GateRule> load() {
        return store.get(KEY).map(found -> read(found.value())).orElse(List.of());
    }

    private static byte[] bytes(List<GateRule> rules) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeInt(rules.size());
            for (var rule : rules) {
                out.writeUTF(rule.id());
                out.writeUTF(rule.access().name());
                out.writeUTF(rule.comment());
                out.writeByte(rule.conditions().size());
                for (var condition : rule.conditions()) {
                    out.writeUTF(condition.field().name());
                    out.writeUTF(condition.value());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    private static List<GateRule> read(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new IOException("format " + format);
            }
            var rules = new ArrayList<GateRule>();
            for (int left = in.readInt(); left > 0; left--) {
                var id = in.readUTF();
                var access = Access.valueOf(in.readUTF());
                var comment = in.readUTF();
                var conditions = new ArrayList<Condition>();
                for (int more = in.readUnsignedByte(); more > 0; more--) {
                    conditions.add(new Condition(GateRule.Field.valueOf(in.readUTF()), in.readUTF()));
                }
                rules.add(new GateRule(id, access, conditions, comment));
            }
            return List.copyOf(rules);
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException("record %s is damaged".formatted(KEY), e);
        }
    }
}
