package org.airpost.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads a file and the environment into a {@link Config}, and collects everything that is wrong on the way. */
final class ConfigReader {

    private static final Map<String, Option<?>> BY_PATH =
            Options.ALL.stream().collect(Collectors.toUnmodifiableMap(Option::path, option -> option));

    /** Where a value was given: a line of the file, or an environment variable. Sorts by line, the environment last. */
    private record Place(String name, Optional<Integer> line) {

        @Override
        public String toString() {
            return line.map(number -> name + ":" + number).orElse(name);
        }
    }

    /** A value and the place that gave it. */
    private record Given(Object value, Place place) {}

    /** What is wrong, and where. */
    private record Problem(Place place, String reason) {}

    private static final Set<String> DOMAIN_SECTIONS =
            Options.OF_DOMAIN.stream().map(Option::section).collect(Collectors.toUnmodifiableSet());

    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Given> values = new HashMap<>();
    private final Set<String> domains = new TreeSet<>();

    private ConfigReader() {}

    static Config read(Optional<Path> file, Map<String, String> environment) {
        return open(file, environment).config();
    }

    /** Reads and checks; what is wrong is a ConfigException. */
    static ConfigReader open(Optional<Path> file, Map<String, String> environment) {
        var reader = new ConfigReader();
        file.ifPresent(reader::readFile);
        reader.readEnvironment(environment);
        if (reader.problems.isEmpty()) {
            reader.checkTogether();
        }
        if (!reader.problems.isEmpty()) {
            throw new ConfigException(reader.problems.stream()
                    .sorted(Comparator.comparingInt(
                            problem -> problem.place().line().orElse(Integer.MAX_VALUE)))
                    .map(problem -> problem.place() + ": " + problem.reason())
                    .toList());
        }
        return reader;
    }

    /** The options that were given, those of a domain with its name and a slash before them, and all domains. */
    Set<String> keys() {
        var keys = new TreeSet<>(values.keySet());
        domains.forEach(domain -> keys.add(Options.DOMAINS + "." + domain));
        return keys;
    }

    /** What an option is, given or not; of a domain, whether it is there. */
    Object value(String key) {
        if (key.startsWith(Options.DOMAINS + ".")) {
            return domains.contains(key.substring(Options.DOMAINS.length() + 1));
        }
        return Optional.ofNullable(values.get(key))
                .map(Given::value)
                .or(() -> Optional.ofNullable(BY_PATH.get(key)).map(Option::standard))
                .orElse("");
    }

    // The file

    private void readFile(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            add(new Place(file.toString(), Optional.empty()), "there is no such file, or it may not be read");
            return;
        }
        try {
            var root = ConfigFactory.parseFile(
                            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
                    .resolve(ConfigResolveOptions.noSystem())
                    .root();
            readObject(root, "", file);
        } catch (com.typesafe.config.ConfigException e) {
            add(place(Optional.ofNullable(e.origin()), file), reason(e));
        }
    }

    /** The library's message begins with the origin, which we print in our own way. */
    private static String reason(com.typesafe.config.ConfigException e) {
        var message = Optional.ofNullable(e.getMessage()).orElse("cannot be read");
        var origin =
                Optional.ofNullable(e.origin()).map(o -> o.description() + ": ").orElse("");
        return message.startsWith(origin) ? message.substring(origin.length()) : message;
    }

    private void readObject(ConfigObject object, String path, Path file) {
        for (var entry : new TreeMap<>(object).entrySet()) {
            var here = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            var place = place(Optional.of(entry.getValue().origin()), file);
            var option = Optional.ofNullable(BY_PATH.get(here));
            var isSection =
                    Options.SECTIONS.stream().anyMatch(section -> section.name().equals(here));
            if (option.isPresent()) {
                readValue(option.get(), "", entry.getValue(), place);
            } else if (here.equals(Options.DOMAINS) && entry.getValue() instanceof ConfigObject inner) {
                readDomains(inner, "", file);
            } else if (!isSection && !here.equals(Options.DOMAINS)) {
                add(place, "there is no option " + here + nearest(here));
            } else if (entry.getValue() instanceof ConfigObject inner) {
                readObject(inner, here, file);
            } else {
                add(place, here + " is a section, so write " + here + " { … }");
            }
        }
    }

    /** A domain with dots in its name stands there as one key with quotes, or as one in another. */
    private void readDomains(ConfigObject object, String path, Path file) {
        for (var entry : new TreeMap<>(object).entrySet()) {
            var domain = (path.isEmpty() ? entry.getKey() : path + "." + entry.getKey()).toLowerCase(Locale.ROOT);
            var place = place(Optional.of(entry.getValue().origin()), file);
            if (!(entry.getValue() instanceof ConfigObject inner)) {
                add(place, "domains." + domain + " is a mail domain, so write " + domain + " { … }");
            } else if (!Kind.isDomain(domain)
                    && inner.keySet().stream().noneMatch(DOMAIN_SECTIONS::contains)
                    && !inner.isEmpty()) {
                readDomains(inner, domain, file);
            } else if (!Kind.isDomain(domain)) {
                add(place, "\"" + domain + "\" is no mail domain; wanted is a name with a dot in it");
            } else if (inner.keySet().stream().noneMatch(DOMAIN_SECTIONS::contains) && isFurther(inner)) {
                readDomains(inner, domain, file);
            } else {
                domains.add(domain);
                readDomain(inner, domain, "", file);
            }
        }
    }

    /** True for {@code org { imap { … } }}: the name goes on. */
    private static boolean isFurther(ConfigObject object) {
        return !object.isEmpty()
                && object.values().stream()
                        .allMatch(value -> value instanceof ConfigObject inner
                                && inner.values().stream().anyMatch(ConfigObject.class::isInstance));
    }

    private void readDomain(ConfigObject object, String domain, String path, Path file) {
        for (var entry : new TreeMap<>(object).entrySet()) {
            var here = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            var place = place(Optional.of(entry.getValue().origin()), file);
            var option = Options.OF_DOMAIN.stream()
                    .filter(candidate -> candidate.path().equals(here))
                    .findFirst();
            if (option.isPresent()) {
                readValue(option.get(), domain, entry.getValue(), place);
            } else if (DOMAIN_SECTIONS.contains(here) && entry.getValue() instanceof ConfigObject inner) {
                readDomain(inner, domain, here, file);
            } else {
                add(place, "a domain has no option " + here + nearest(here));
            }
        }
    }

    private void readValue(Option<?> option, String domain, ConfigValue value, Place place) {
        if (value instanceof ConfigList list && option.kind().takesMany()) {
            if (list.stream().allMatch(ConfigReader::isScalar)) {
                set(
                        option,
                        domain,
                        list.stream().map(v -> v.unwrapped().toString()).toList(),
                        place);
                return;
            }
        } else if (isScalar(value) && !option.kind().takesMany()) {
            set(option, domain, List.of(value.unwrapped().toString()), place);
            return;
        }
        add(
                place,
                option.path() + " is "
                        + (value.valueType() == ConfigValueType.NULL
                                ? "nothing"
                                : "a " + value.valueType().name().toLowerCase(Locale.ROOT))
                        + "; wanted is " + option.kind().wanted());
    }

    private static boolean isScalar(ConfigValue value) {
        return switch (value.valueType()) {
            case STRING, NUMBER, BOOLEAN -> true;
            case NULL, LIST, OBJECT -> false;
        };
    }

    private static Place place(Optional<ConfigOrigin> origin, Path file) {
        var line = origin.map(ConfigOrigin::lineNumber).filter(number -> number > 0);
        var name = origin.flatMap(o -> Optional.ofNullable(o.filename()))
                .filter(found -> !Path.of(found).equals(file.toAbsolutePath()))
                .orElse(file.toString());
        return new Place(name, line);
    }

    private void add(Place place, String reason) {
        problems.add(new Problem(place, reason));
    }

    // The environment

    private void readEnvironment(Map<String, String> environment) {
        for (var option : Options.ALL) {
            var name = option.environmentVariable();
            Optional.ofNullable(environment.get(name)).ifPresent(text -> {
                var texts = option.kind().takesMany() ? Arrays.asList(text.split(",", -1)) : List.of(text);
                set(option, "", texts, new Place(name, Optional.empty()));
            });
        }
    }

    private <T> void set(Option<T> option, String domain, List<String> texts, Place place) {
        var value = option.kind().parse().apply(texts);
        if (value.isPresent()) {
            values.put(key(domain, option), new Given(value.get(), place));
        } else {
            var shown = option.standard() instanceof Secret ? "…" : String.join(", ", texts);
            add(
                    place,
                    option.path() + " is \"" + shown + "\"; wanted is "
                            + option.kind().wanted());
        }
    }

    // All together

    private void checkTogether() {
        if (get(Options.HTTP_PLAIN) && !isLoopback(get(Options.HTTP_ADDRESS))) {
            add(
                    place(Options.HTTP_PLAIN),
                    "http.plain is true, but http.address is "
                            + get(Options.HTTP_ADDRESS)
                            + "; wanted is a loopback address such as 127.0.0.1, or TLS");
        }
        if (get(Options.HTTP_PLAIN) && get(Options.CONSOLE_ENABLED) && !isLoopback(get(Options.CONSOLE_ADDRESS))) {
            add(
                    place(Options.CONSOLE_ADDRESS),
                    "http.plain is true, and so the console has no TLS either, but console.address is "
                            + get(Options.CONSOLE_ADDRESS)
                            + "; wanted is a loopback address such as 127.0.0.1");
        }
        if (get(Options.PING_LEAST_HEARTBEAT).compareTo(get(Options.PING_GREATEST_HEARTBEAT)) > 0) {
            add(place(Options.PING_LEAST_HEARTBEAT), "ping.leastHeartbeat is longer than ping.greatestHeartbeat");
        }
        if (get(Options.IMAP_CONNECTIONS) < get(Options.IMAP_CONNECTIONS_PER_USER)) {
            add(place(Options.IMAP_CONNECTIONS), "imap.connections is less than imap.connectionsPerUser");
        }
        if (get(Options.LDAP_BIND_DN).isPresent() != get(Options.LDAP_PASSWORD).isPresent()) {
            add(place(Options.LDAP_BIND_DN), "ldap.bindDn and ldap.password belong together");
        }
        checkDevices("");
        domains.forEach(this::checkDevices);
        if (get(Options.GATE_MAIL_USER).isPresent()
                != get(Options.GATE_MAIL_PASSWORD).isPresent()) {
            add(place(Options.GATE_MAIL_USER), "gate.mailUser and gate.mailPassword belong together");
        }
        if (get(Options.GATE_MAIL_USER).filter(user -> !user.contains("@")).isPresent()) {
            add(place(Options.GATE_MAIL_USER), "gate.mailUser is no mail address");
        }
        if (!get(Options.GATE_NOTIFY).isEmpty() && get(Options.GATE_MAIL_USER).isEmpty()) {
            add(place(Options.GATE_NOTIFY), "gate.notify needs gate.mailUser, the account by which to send");
        }
        for (var domain : domains) {
            if (get(domain, Options.IMAP_CONNECTIONS) < get(domain, Options.IMAP_CONNECTIONS_PER_USER)) {
                add(
                        place(Options.IMAP_CONNECTIONS),
                        "imap.connections of " + domain + " is less than imap.connectionsPerUser");
            }
        }
    }

    private void checkDevices(String domain) {
        var devices = devices(domain);
        var of = domain.isEmpty() ? "" : " of " + domain;
        if (devices.masterUser().isPresent() != devices.masterPassword().isPresent()) {
            add(
                    place(Options.LOGIN_MASTER_USER),
                    "login.masterUser and login.masterPassword" + of + " belong together");
        }
        if (devices.certificates() == Config.ClientCertificates.REQUIRED && get(Options.HTTP_PLAIN)) {
            add(
                    place(Options.LOGIN_CERTIFICATES),
                    "login.certificates" + of + " is required, but with http.plain Airpost sees no certificate");
        }
        boolean reaches =
                devices.masterUser().isPresent() || get(Options.LOGIN_VAULT_KEY).isPresent();
        if (!devices.mailPassword() && !reaches) {
            add(
                    place(Options.LOGIN_MAIL_PASSWORD),
                    "login.mailPassword" + of
                            + " is false, so login.masterUser or login.vaultKey is needed: nobody could" + " sign in");
        }
    }

    private Place place(Option<?> option) {
        return Optional.ofNullable(values.get(option.path()))
                .map(Given::place)
                .orElse(new Place("default", Optional.empty()));
    }

    private static boolean isLoopback(String address) {
        if (address.equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(address).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The option that was perhaps meant. */
    private static String nearest(String path) {
        return Options.ALL.stream()
                .map(Option::path)
                .filter(candidate -> distance(candidate, path) <= 3)
                .min(Comparator.comparingInt(candidate -> distance(candidate, path)))
                .map(candidate -> "; did you mean " + candidate + "?")
                .orElse("");
    }

    /** How many letters must be changed, added or left out to make one text of the other (Levenshtein). */
    private static int distance(String left, String right) {
        var row = new int[right.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= left.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                var replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[right.length()];
    }

    private static String key(String domain, Option<?> option) {
        return domain.isEmpty() ? option.path() : domain + "/" + option.path();
    }

    private <T> T get(Option<T> option) {
        if (!BY_PATH.containsKey(option.path())) {
            throw new IllegalStateException("no section lists " + option.path());
        }
        return get("", option);
    }

    /** The value for a domain, or that for all; of the type that its kind parses to: {@link #set} put it there. */
    @SuppressWarnings("unchecked")
    private <T> T get(String domain, Option<T> option) {
        return Optional.ofNullable(values.get(key(domain, option)))
                .or(() -> Optional.ofNullable(values.get(option.path())))
                .map(given -> (T) given.value())
                .orElse(option.standard());
    }

    private Config.Imap imap(String domain) {
        return new Config.Imap(
                get(domain, Options.IMAP_HOST),
                get(domain, Options.IMAP_PORT),
                get(domain, Options.IMAP_SECURITY),
                get(domain, Options.IMAP_TRUST),
                get(domain, Options.IMAP_CONNECT_TIMEOUT),
                get(domain, Options.IMAP_READ_TIMEOUT),
                get(domain, Options.IMAP_CONNECTIONS_PER_USER),
                get(domain, Options.IMAP_CONNECTIONS),
                get(domain, Options.IMAP_USER_TEMPLATE),
                get(domain, Options.IMAP_FOLDERS),
                get(domain, Options.IMAP_SHARED_FOLDERS));
    }

    private Config.Smtp smtp(String domain) {
        return new Config.Smtp(
                get(domain, Options.SMTP_HOST),
                get(domain, Options.SMTP_PORT),
                get(domain, Options.SMTP_SECURITY),
                get(domain, Options.SMTP_TRUST),
                get(domain, Options.SMTP_CONNECT_TIMEOUT),
                get(domain, Options.SMTP_READ_TIMEOUT),
                get(domain, Options.SMTP_FINAL_TIMEOUT),
                get(domain, Options.SMTP_MAX_MESSAGE_BYTES),
                get(domain, Options.SMTP_SAVES_SENT),
                get(domain, Options.SMTP_SENDERS),
                get(domain, Options.SMTP_DELIVER_LATER),
                get(domain, Options.SMTP_DELIVER_FOR));
    }

    /** A domain with servers of its own has no directory of others' people, so it begins without one. */
    private boolean has(String domain, Option<?> option) {
        return domain.isEmpty() || values.containsKey(key(domain, option));
    }

    private Config.Ldap ldap(String domain) {
        return new Config.Ldap(
                has(domain, Options.LDAP_HOST) ? get(domain, Options.LDAP_HOST) : Optional.empty(),
                get(domain, Options.LDAP_PORT),
                get(domain, Options.LDAP_SECURITY),
                get(domain, Options.LDAP_TRUST),
                get(domain, Options.LDAP_BIND_DN),
                get(domain, Options.LDAP_PASSWORD),
                get(domain, Options.LDAP_BASE),
                get(domain, Options.LDAP_FILTER),
                get(domain, Options.LDAP_SCHEMA),
                get(domain, Options.LDAP_ATTRIBUTES),
                get(domain, Options.LDAP_CONNECTIONS),
                get(domain, Options.LDAP_CONNECT_TIMEOUT),
                get(domain, Options.LDAP_TIME_LIMIT),
                get(domain, Options.LDAP_SIZE_LIMIT));
    }

    private Config.FreeBusy freebusy(String domain) {
        return new Config.FreeBusy(
                has(domain, Options.FREEBUSY_OUTBOX) ? get(domain, Options.FREEBUSY_OUTBOX) : Optional.empty(),
                has(domain, Options.FREEBUSY_URL) ? get(domain, Options.FREEBUSY_URL) : Optional.empty(),
                get(domain, Options.FREEBUSY_TRUST),
                get(domain, Options.FREEBUSY_TIME_LIMIT));
    }

    private Config.CardDav carddav(String domain) {
        return new Config.CardDav(
                has(domain, Options.CARDDAV_URL) ? get(domain, Options.CARDDAV_URL) : Optional.empty(),
                get(domain, Options.CARDDAV_TRUST),
                get(domain, Options.CARDDAV_TIME_LIMIT));
    }

    private Config.Sieve sieve(String domain) {
        return new Config.Sieve(
                has(domain, Options.SIEVE_HOST) ? get(domain, Options.SIEVE_HOST) : Optional.empty(),
                get(domain, Options.SIEVE_PORT),
                get(domain, Options.SIEVE_SECURITY),
                get(domain, Options.SIEVE_TRUST),
                get(domain, Options.SIEVE_CONNECT_TIMEOUT),
                get(domain, Options.SIEVE_TIME_LIMIT));
    }

    /** A master user is of the servers that it was made for, so a domain with others does not inherit it. */
    private Config.SignIn devices(String domain) {
        boolean own = has(domain, Options.LOGIN_MASTER_USER);
        return new Config.SignIn(
                get(domain, Options.LOGIN_MAIL_PASSWORD),
                own ? get(domain, Options.LOGIN_MASTER_USER) : Optional.empty(),
                own ? get(domain, Options.LOGIN_MASTER_PASSWORD) : Optional.empty(),
                get(domain, Options.LOGIN_CERTIFICATES));
    }

    private Map<String, Config.Domain> domainMap() {
        return domains.stream()
                .collect(Collectors.toMap(
                        domain -> domain,
                        domain -> new Config.Domain(
                                imap(domain),
                                smtp(domain),
                                ldap(domain),
                                carddav(domain),
                                freebusy(domain),
                                sieve(domain),
                                devices(domain),
                                get(domain, Options.AUTODISCOVER_REDIRECT))));
    }

    /** What was read, all together. */
    Config config() {
        return new Config(
                new Config.Http(
                        get(Options.HTTP_ADDRESS),
                        get(Options.HTTP_PORT),
                        get(Options.HTTP_PLAIN),
                        get(Options.HTTP_MAX_BODY_BYTES),
                        get(Options.HTTP_MAX_HEADER_BYTES),
                        get(Options.HTTP_MAX_CONNECTIONS),
                        get(Options.HTTP_READ_TIMEOUT),
                        get(Options.HTTP_IDLE_TIMEOUT),
                        get(Options.HTTP_REQUESTS_UNDER_WAY),
                        get(Options.HTTP_GRACEFUL_STOP),
                        get(Options.HTTP_PROXIES)),
                new Config.Tls(get(Options.TLS_DIRECTORY), get(Options.TLS_NAMES)),
                new Config.Console(
                        get(Options.CONSOLE_ENABLED),
                        get(Options.CONSOLE_ADDRESS),
                        get(Options.CONSOLE_PORT),
                        get(Options.CONSOLE_SECOND_FACTOR),
                        get(Options.CONSOLE_SESSION_IDLE),
                        get(Options.CONSOLE_SESSION_LIFE),
                        get(Options.CONSOLE_LOGIN_TRIES),
                        get(Options.CONSOLE_LOGIN_WINDOW)),
                imap(""),
                smtp(""),
                ldap(""),
                carddav(""),
                freebusy(""),
                new Config.People(get(Options.PEOPLE_SEEN)),
                sieve(""),
                new Config.Smime(get(Options.SMIME_TRUST), get(Options.SMIME_TIME_LIMIT)),
                new Config.Users(get(Options.USERS_DOMAIN)),
                domainMap(),
                new Config.Lookup(
                        get(Options.LOOKUP_DOMAINS), get(Options.LOOKUP_TIMEOUT), get(Options.LOOKUP_REMEMBER)),
                new Config.Autodiscover(get(Options.AUTODISCOVER_URL)),
                new Config.StoreFile(get(Options.STORE_KIND), get(Options.STORE_PATH)),
                get(Options.MAIL_HTML),
                new Config.Sync(get(Options.SYNC_WINDOW_BYTES), get(Options.SYNC_DEADLINE)),
                new Config.Ping(
                        get(Options.PING_LEAST_HEARTBEAT),
                        get(Options.PING_GREATEST_HEARTBEAT),
                        get(Options.PING_MAX_FOLDERS)),
                new Config.Login(
                        get(Options.LOGIN_FAILURES_PER_USER),
                        get(Options.LOGIN_WINDOW),
                        get(Options.LOGIN_REMEMBER),
                        get(Options.LOGIN_VAULT_KEY).map(Path::of),
                        get(Options.LOGIN_ME_FROM_OUTSIDE),
                        devices("")),
                new Config.Throttle(
                        get(Options.THROTTLE_PER_DEVICE), get(Options.THROTTLE_PER_USER), get(Options.THROTTLE_PINGS)),
                new Config.Policy(
                        get(Options.POLICY_REQUIRE_PASSWORD),
                        get(Options.POLICY_MIN_PASSWORD_LENGTH),
                        get(Options.POLICY_MAX_INACTIVITY_LOCK),
                        get(Options.POLICY_ALLOW_PARTLY),
                        get(Options.POLICY_ALLOW_NON_PROVISIONABLE)),
                new Config.Quirks(get(Options.QUIRKS_FILE).map(Path::of)),
                new Config.Metrics(get(Options.METRICS_TOKEN), get(Options.METRICS_FROM)),
                new Config.Gate(
                        get(Options.GATE_DEFAULT),
                        get(Options.GATE_MESSAGE),
                        get(Options.GATE_NOTIFY),
                        get(Options.GATE_MAIL_USER),
                        get(Options.GATE_MAIL_PASSWORD),
                        get(Options.GATE_BLOCK_AFTER),
                        get(Options.GATE_BLOCK_FOR),
                        get(Options.GATE_RETIRE_AFTER)),
                new Config.Wipe(get(Options.WIPE_NEEDS_SECOND_ADMIN)),
                new Config.Audit(get(Options.AUDIT_KEEP), get(Options.AUDIT_MOST)),
                new Config.Log(get(Options.LOG_LEVEL), get(Options.LOG_FORMAT)));
    }
}
