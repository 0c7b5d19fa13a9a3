package org.airpost.device;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.airpost.device.Policy.Leniency;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.PolicyElement;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * Named policies and whom they are for: what the configuration says, and over it the policies of everybody, of the user's
 * domain, of the user's groups in the order of their names, and of the user. Under {@code policy/<name>}, {@code
 * assigned/<scope>} and {@code group/<name>} in the store. A change is in force at the next request. Safe for many threads.
 */
public final class Policies implements PolicySource {

    private static final String POLICY = "policy/";
    private static final String ASSIGNED = "assigned/";
    private static final String GROUP = "group/";
    private static final String STAMP = "policies-changed";
    private static final int GROUP_FORMAT = 1;
    private static final int PAGE = 256;
    private static final int ATTEMPTS = 32;

    /** Policies, and groups, at most. */
    public static final int MOST = 1_000;

    /** Users in a group at most. */
    public static final int MOST_MEMBERS = 50_000;

    private static final int LONGEST_MEMBER = 250;

    private final Store store;
    private volatile Effective base;
    private final Function<String, String> domainOf;
    private final Fresh<Known> known;

    /**
     * Policies over what the configuration says.
     *
     * @param domainOf the mail domain of a user by the canonical name
     */
    public Policies(Store store, Effective base, Function<String, String> domainOf, InstantSource clock) {
        this.store = store;
        this.base = base;
        this.domainOf = domainOf;
        this.known = new Fresh<>(store, STAMP, this::load, Known.NOTHING, clock);
    }

    /** Whom a policy is for. */
    public sealed interface Scope {

        /** Everybody. */
        record Everybody() implements Scope {}

        /** The users of a mail domain. */
        record Domain(String name) implements Scope {

            public Domain {
                name = checked(name);
            }
        }

        /** The users in a group. */
        record Group(String name) implements Scope {

            public Group {
                Policy.checkName(name);
            }
        }

        /** One user, by the canonical name. */
        record User(String name) implements Scope {

            public User {
                name = checked(name);
            }
        }

        /** As an administrator writes it: {@code default}, {@code domain/…}, {@code group/…}, {@code user/…}. */
        default String text() {
            return switch (this) {
                case Everybody() -> "default";
                case Domain(var name) -> "domain/" + name;
                case Group(var name) -> "group/" + name;
                case User(var name) -> "user/" + name;
            };
        }

        /** Reads what {@link #text} writes; anything else is an IllegalArgumentException. */
        static Scope parse(String text) {
            int slash = text.indexOf('/');
            if (text.equals("default")) {
                return new Everybody();
            }
            var name = text.substring(slash + 1);
            return switch (slash < 0 ? "" : text.substring(0, slash)) {
                case "domain" -> new Domain(name);
                case "group" -> new Group(name);
                case "user" -> new User(name);
                default ->
                    throw new IllegalArgumentException(
                            "\"%s\" is not one of default, domain/…, group/…, user/…".formatted(text));
            };
        }

        private static String checked(String name) {
            if (name.isBlank() || name.length() > LONGEST_MEMBER || name.contains("/")) {
                throw new IllegalArgumentException("\"%s\" is no name".formatted(name));
            }
            return name.toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What is in force for somebody.
     *
     * @param admits which devices come in though they do not keep the whole policy
     * @param layers which policies it is made of, the weakest first, such as {@code group/sales: strict}
     * @param origins of each setting that a policy has set, the layer that did
     */
    public record Effective(
            PolicyDocument document,
            Set<Leniency> admits,
            List<String> layers,
            Map<PolicyElement, String> origins,
            String hash) {

        public Effective {
            var copy = EnumSet.noneOf(Leniency.class);
            copy.addAll(admits);
            admits = Collections.unmodifiableSet(copy);
            layers = List.copyOf(layers);
            origins = Map.copyOf(origins);
        }

        /** As the configuration says. */
        public static Effective of(PolicyDocument document, Set<Leniency> admits) {
            return new Effective(document, admits, List.of("configuration"), Map.of(), document.hash());
        }

        /** The usual: who applies a part, or is managed by somebody else, comes in. */
        public static Effective of(PolicyDocument document) {
            return of(document, Set.of(Leniency.PARTLY, Leniency.MANAGED_ELSEWHERE));
        }

        /** The same with a policy over it. */
        public Effective under(String layer, Policy policy) {
            var values = new EnumMap<PolicyElement, String>(PolicyElement.class);
            values.putAll(document.values());
            values.putAll(policy.values());
            var document = new PolicyDocument(
                    values,
                    policy.unapprovedInRomApplications().orElse(this.document.unapprovedInRomApplications()),
                    policy.approvedApplications().orElse(this.document.approvedApplications()));
            var lenient = EnumSet.noneOf(Leniency.class);
            lenient.addAll(admits);
            policy.admits().forEach((one, yes) -> {
                if (yes) {
                    lenient.add(one);
                } else {
                    lenient.remove(one);
                }
            });
            var name = layer + ": " + policy.name();
            var all = new ArrayList<>(layers);
            all.add(name);
            var from = new EnumMap<PolicyElement, String>(PolicyElement.class);
            from.putAll(origins);
            policy.values().keySet().forEach(element -> from.put(element, name));
            return new Effective(document, lenient, all, from, document.hash());
        }
    }

    /** All that is in the store. */
    private record Known(
            Map<String, Policy> policies,
            Map<String, String> assigned,
            Map<String, Set<String>> groups,
            Map<List<String>, Made> made) {

        static final Known NOTHING = new Known(Map.of(), Map.of(), Map.of(), Map.of());
    }

    /** What is in force over a ground, which the configuration may have changed since. */
    private record Made(Effective ground, Effective effective) {}

    private Known load() {
        var policies = new TreeMap<String, Policy>();
        scan(POLICY, (key, value) -> policies.put(key, Policy.ofBytes(POLICY + key, value)));
        var assigned = new TreeMap<String, String>();
        scan(ASSIGNED, (key, value) -> assigned.put(key, new String(value, UTF_8)));
        var groups = new TreeMap<String, Set<String>>();
        scan(GROUP, (key, value) -> groups.put(key, members(GROUP + key, value)));
        return new Known(policies, assigned, groups, new ConcurrentHashMap<>());
    }

    private interface Taking {
        void take(String key, byte[] value);
    }

    private void scan(String prefix, Taking taking) {
        for (var page = store.scan(prefix, "", PAGE);
                !page.isEmpty();
                page = store.scan(prefix, page.getLast().key(), PAGE)) {
            page.forEach(entry -> taking.take(
                    entry.key().substring(prefix.length()), entry.versioned().value()));
        }
    }

    // What is in force

    @Override
    public Effective of(String user) {
        var now = known.get();
        return made(now, scopes(now, user), Optional.empty());
    }

    /** What would be in force if a policy were like this. */
    public Effective of(String user, Policy instead) {
        var now = known.get();
        return made(now, scopes(now, user), Optional.of(instead));
    }

    /** What would be in force if a policy like this were assigned to somebody. */
    public Effective of(String user, Policy instead, Scope assigned) {
        var now = known.get();
        var changed = new TreeMap<>(now.assigned());
        changed.put(assigned.text(), instead.name());
        var then = new Known(now.policies(), changed, now.groups(), new ConcurrentHashMap<>());
        return made(then, scopes(then, user), Optional.of(instead));
    }

    private Effective made(Known now, List<String> scopes, Optional<Policy> instead) {
        var ground = base;
        if (instead.isPresent()) {
            return make(ground, now, scopes, instead);
        }
        var made = now.made().get(scopes);
        return made != null && made.ground().equals(ground) ? made.effective() : remembered(ground, now, scopes);
    }

    private static Effective remembered(Effective ground, Known now, List<String> scopes) {
        var effective = make(ground, now, scopes, Optional.empty());
        if (now.made().size() < MOST * 10 || now.made().containsKey(scopes)) {
            now.made().put(scopes, new Made(ground, effective));
        }
        return effective;
    }

    private static Effective make(Effective ground, Known now, List<String> scopes, Optional<Policy> instead) {
        var effective = ground;
        for (var scope : scopes) {
            var name = now.assigned().get(scope);
            var policy = instead.filter(one -> one.name().equals(name))
                    .or(() -> Optional.ofNullable(now.policies().get(String.valueOf(name))));
            if (policy.isPresent()) {
                effective = effective.under(scope, policy.get());
            }
        }
        return effective;
    }

    /** Scopes that a user is in and that have a policy, the weakest first. */
    private List<String> scopes(Known now, String user) {
        if (now.assigned().isEmpty()) {
            return List.of();
        }
        var scopes = new ArrayList<String>();
        scopes.add(new Scope.Everybody().text());
        var domain = domain(user);
        if (!domain.isEmpty()) {
            scopes.add("domain/" + domain);
        }
        groups(now, user).forEach(group -> scopes.add("group/" + group));
        scopes.add("user/" + user.toLowerCase(Locale.ROOT));
        scopes.removeIf(scope -> !now.assigned().containsKey(scope));
        return List.copyOf(scopes);
    }

    private static List<String> groups(Known now, String user) {
        var name = user.toLowerCase(Locale.ROOT);
        return now.groups().entrySet().stream()
                .filter(group -> group.getValue().contains(name))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The mail domain of a user. */
    public String domain(String user) {
        return domainOf.apply(user).toLowerCase(Locale.ROOT);
    }

    /** The groups that a user is in. */
    public Set<String> groupsOf(String user) {
        return Set.copyOf(groups(known.get(), user));
    }

    // What is there

    /** Takes over another configuration. */
    public void change(Effective otherBase) {
        base = otherBase;
    }

    /** What the configuration says: the ground of all policies. */
    public Effective base() {
        return base;
    }

    public List<Policy> list() {
        return List.copyOf(known.get().policies().values());
    }

    public Optional<Policy> find(String name) {
        return Optional.ofNullable(known.get().policies().get(name));
    }

    /** Who has which policy: scope → name. */
    public Map<String, String> assignments() {
        return Collections.unmodifiableMap(known.get().assigned());
    }

    /** Groups and their users. */
    public Map<String, Set<String>> groups() {
        return Collections.unmodifiableMap(known.get().groups());
    }

    // Changes

    /** Makes a policy, or puts it in the place of the one of this name. */
    public void set(Policy policy) {
        if (find(policy.name()).isEmpty() && known.get().policies().size() >= MOST) {
            throw new IllegalArgumentException("more than %d policies".formatted(MOST));
        }
        write(POLICY + policy.name(), _ -> Optional.of(policy.toBytes()));
    }

    /** Removes a policy, and each assignment of it. */
    public void remove(String name) {
        assignments().forEach((scope, policy) -> {
            if (policy.equals(name)) {
                write(ASSIGNED + scope, _ -> Optional.empty());
            }
        });
        write(POLICY + name, _ -> Optional.empty());
    }

    /** Gives a policy to somebody; empty takes it away. */
    public void assign(Scope scope, Optional<String> policy) {
        policy.ifPresent(name -> {
            if (find(name).isEmpty()) {
                throw new IllegalArgumentException("there is no policy " + name);
            }
        });
        write(ASSIGNED + scope.text(), _ -> policy.map(name -> name.getBytes(UTF_8)));
    }

    /** Changes who is in a group; a group that nobody is in is none. */
    public void changeGroup(String group, UnaryOperator<Set<String>> change) {
        Policy.checkName(group);
        if (!groups().containsKey(group) && groups().size() >= MOST) {
            throw new IllegalArgumentException("more than %d groups".formatted(MOST));
        }
        write(GROUP + group, before -> {
            var members = new TreeSet<String>();
            change.apply(before.map(value -> members(GROUP + group, value)).orElse(Set.of()))
                    .forEach(member -> members.add(new Scope.User(member).name()));
            if (members.size() > MOST_MEMBERS) {
                throw new IllegalArgumentException("more than %d users in a group".formatted(MOST_MEMBERS));
            }
            return members.isEmpty() ? Optional.empty() : Optional.of(bytes(members));
        });
    }

    private void write(String key, Function<Optional<byte[]>, Optional<byte[]>> change) {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                var before = store.get(key);
                var after = change.apply(before.map(Store.Versioned::value));
                long version = before.map(Store.Versioned::version).orElse(Store.ABSENT);
                boolean written = after.isPresent()
                        ? store.put(key, after.get(), version).isPresent()
                        : store.delete(key, version);
                if (written) {
                    return;
                }
            }
            throw new StoreException("record %s is written by others all the time".formatted(key));
        } finally {
            known.changed();
        }
    }

    private static byte[] bytes(Set<String> members) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(GROUP_FORMAT);
            out.writeInt(members.size());
            for (var member : members) {
                out.writeUTF(member);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    private static Set<String> members(String key, byte[] value) {
        try (var in = new DataInputStream(new ByteArrayInputStream(value))) {
            int format = in.readUnsignedByte();
            if (format != GROUP_FORMAT) {
                throw new IOException("format " + format);
            }
            var members = new TreeSet<String>();
            for (int left = in.readInt(); left > 0; left--) {
                members.add(in.readUTF());
            }
            return Collections.unmodifiableSet(members);
        } catch (IOException e) {
            throw new StoreException("record " + key + " is damaged", e);
        }
    }
}
