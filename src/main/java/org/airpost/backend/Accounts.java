package org.airpost.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Signs users in and keeps their accounts open. Credentials that the backend has accepted are good for some minutes without
 * asking it again; they are kept only as a hash under a key of this process. An open {@link MailAccount} is shared by all
 * devices that sign in with the same password, and closed when none has used it for {@link Settings#idle}, or when the
 * backend refuses the password.
 */
public final class Accounts implements AutoCloseable {

    private static final Duration LOGIN_WAIT = Duration.ofSeconds(20);
    private static final Duration KNOWN = Duration.ofDays(30);
    private static final int LONGEST_USER = 200;
    private static final int LONGEST_PASSWORD = 1_024;

    private final Home.Finder homes;
    private final Settings settings;
    private final InstantSource clock;
    private final SecretKeySpec key;
    private final Cache<Session.Key, Session> sessions;
    private final Cache<String, Failures> failures;

    /** Devices from which a user has signed in, and passwords that were right once: others' guesses do not lock them out. */
    private final Cache<String, Boolean> devices;

    private final Cache<Session.Key, Boolean> wereRight;
    private final Cache<String, ReentrantLock> logins =
            Caffeine.newBuilder().weakValues().build();

    /** One server for all users. */
    public Accounts(MailBackend backend, Settings settings, InstantSource clock) {
        this(new Home("", settings.userTemplate(), backend, HomeSubmission.NONE), settings, clock);
    }

    private Accounts(Home home, Settings settings, InstantSource clock) {
        this((Home.Finder) _ -> home, settings, clock);
    }

    /** Users of several domains; the template of the settings gives way to that of each home. */
    public Accounts(Home.Finder homes, Settings settings, InstantSource clock) {
        this.homes = homes;
        this.settings = settings;
        this.clock = clock;
        var secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        this.key = new SecretKeySpec(secret, "HmacSHA256");
        this.sessions = Caffeine.newBuilder()
                .maximumSize(settings.open())
                .expireAfterAccess(settings.idle())
                .ticker(this::nanos)
                .executor(Thread::startVirtualThread)
                .removalListener(Accounts::removed)
                .build();
        this.failures = Caffeine.newBuilder()
                .maximumSize(100_000)
                .expireAfterWrite(settings.failureWindow())
                .ticker(this::nanos)
                .executor(Runnable::run)
                .build();
        this.devices = remembering();
        this.wereRight = remembering();
    }

    private <K> Cache<K, Boolean> remembering() {
        return Caffeine.newBuilder()
                .maximumSize(200_000)
                .expireAfterAccess(KNOWN)
                .ticker(this::nanos)
                .executor(Runnable::run)
                .build();
    }

    private static void removed(Session.@Nullable Key key, @Nullable Session session, RemovalCause cause) {
        // A session that is replaced goes on with the same account.
        if (session != null && cause != RemovalCause.REPLACED) {
            session.mail().close();
        }
    }

    /**
     * How users sign in.
     *
     * @param domain the domain of users that sign in without one
     * @param userTemplate login name at the backend: {@code {user}} as the phone sent it without {@code DOMAIN\}, {@code
     *     {local}} the part before the {@code @}, {@code {address}} with the domain; without slash and colon
     * @param remember how long accepted credentials are good without asking the backend
     * @param failures wrong passwords for one user, within the window, after which no further one is tried: from all
     *     devices together that have not signed in before, and from each one that has
     * @param failureWindow counted from the latest wrong password
     * @param idle how long an unused account stays open; above the longest heartbeat, so that none is closed under a watch
     * @param open accounts open at the same time at most
     */
    public record Settings(
            String domain,
            String userTemplate,
            Duration remember,
            int failures,
            Duration failureWindow,
            Duration idle,
            int open) {

        public Settings {
            if (domain.isBlank()) {
                throw new IllegalArgumentException("a domain is needed");
            }
            UserTemplate.check(userTemplate);
            if (failures < 1 || open < 1) {
                throw new IllegalArgumentException("failures %d, open %d".formatted(failures, open));
            }
        }

        /** The usual: remembered for 5 minutes, 10 wrong passwords in 15 minutes, 65 minutes idle, 100,000 accounts. */
        public Settings(String domain, String userTemplate) {
            this(
                    domain,
                    userTemplate,
                    Duration.ofMinutes(5),
                    10,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(65),
                    100_000);
        }
    }

    /** How a sign-in ended. */
    public sealed interface SignedIn {

        /** The user is known; the account is open. */
        record Accepted(Account account) implements SignedIn {}

        /** Wrong user or password, in the server's words. */
        record Refused(String words) implements SignedIn {}

        /** Too many wrong passwords: nothing is tried before this time has passed. */
        record Limited(Duration retryAfter) implements SignedIn {}
    }

    /** An open account and when its password was last accepted by the backend. */
    private record Session(Account account, Home home, Instant verified) {

        record Key(String user, String hash) {}

        MailAccount mail() {
            return account.mail();
        }
    }

    private record Failures(Set<String> passwords, Instant latest) {}

    /**
     * Signs a user in with what the phone sent. Several sign-ins of a user at the same time ask the backend one after the
     * other, those with the same password once.
     *
     * @param device what the phone calls itself; empty if it did not say
     */
    public SignedIn signIn(Credentials asSent, String device) {
        var name = UserName.parse(asSent.user(), settings, homes);
        if (name.isEmpty() || asSent.password().isEmpty() || asSent.password().length() > LONGEST_PASSWORD) {
            return new SignedIn.Refused("not a user name or password");
        }
        var user = name.get();
        var sessionKey = new Session.Key(user.canonical, hash(user.canonical, asSent.password()));
        return remembered(sessionKey).orElseGet(() -> ask(user, asSent.password(), sessionKey, device));
    }

    /** The canonical name of who signs in so, whether they may or not; empty if it is no name. */
    public Optional<String> nameOf(String asSent) {
        return UserName.parse(asSent, settings, homes).map(UserName::canonical);
    }

    /** The same for somebody of whom no device is known. */
    public SignedIn signIn(Credentials asSent) {
        return signIn(asSent, "");
    }

    /** The account of a user that is open now, if there is one: the one that was signed in last. */
    public Optional<Account> open(String user) {
        return sessions.asMap().values().stream()
                .filter(s -> s.account().user().equals(user) && !s.mail().isRefused())
                .max(Comparator.comparing(Session::verified))
                .map(Session::account);
    }

    private Optional<SignedIn> remembered(Session.Key sessionKey) {
        return Optional.ofNullable(sessions.getIfPresent(sessionKey))
                .filter(s -> s.verified().plus(settings.remember()).isAfter(clock.instant()))
                .filter(s -> !s.mail().isRefused())
                .map(s -> new SignedIn.Accepted(s.account()));
    }

    private SignedIn ask(UserName user, String password, Session.Key sessionKey, String device) {
        var counted = counted(user, device);
        var passwordKey = new Session.Key(user.guessed(), sessionKey.hash());
        // Held while the backend is asked: that is what makes one question of many.
        var login = logins.get(user.guessed(), u -> new ReentrantLock());
        lock(login, user.canonical);
        try {
            return remembered(sessionKey)
                    .or(() -> limited(counted, passwordKey))
                    .orElseGet(() -> {
                        var credentials = new Credentials(user.login, password, user.home.domain());
                        return switch (user.home.mail().signIn(credentials)) {
                            case MailBackend.SignIn.Accepted(var mail) -> {
                                failures.invalidate(counted);
                                devices.put(deviceKey(user, device), true);
                                wereRight.put(passwordKey, true);
                                yield accepted(user, credentials, mail, sessionKey);
                            }
                            case MailBackend.SignIn.Refused(var words) -> refused(counted, words, sessionKey);
                        };
                    });
        } finally {
            login.unlock();
        }
    }

    private SignedIn accepted(UserName user, Credentials credentials, MailAccount mail, Session.Key sessionKey) {
        // An account that is open stays the shared one; the new one has only proved the password.
        var open = Optional.ofNullable(sessions.getIfPresent(sessionKey));
        // So does one at servers that are not the domain's any more.
        if (open.isPresent()
                && (open.get().mail().isRefused() || !open.get().home().equals(user.home))) {
            open.get().mail().close();
            open = Optional.empty();
        }
        if (open.isPresent()) {
            mail.close();
        }
        var account = open.map(Session::account)
                .orElseGet(() -> new Account(user.canonical, credentials, mail, List.of(user.address), user.address));
        sessions.asMap().put(sessionKey, new Session(account, user.home, clock.instant()));
        return new SignedIn.Accepted(account);
    }

    /** Whose wrong passwords count together: those of a device that has signed in before, or those of all others. */
    private String counted(UserName user, String device) {
        var key = deviceKey(user, device);
        return !device.isEmpty() && devices.getIfPresent(key) != null ? key : user.guessed();
    }

    private static String deviceKey(UserName user, String device) {
        return user.guessed() + "/" + device;
    }

    private SignedIn refused(String counted, String words, Session.Key sessionKey) {
        sessions.invalidate(sessionKey);
        // The same wrong password again, as from a phone that was not told of a new one, is no attack.
        var passwords = ConcurrentHashMap.<String>newKeySet();
        Optional.ofNullable(failures.getIfPresent(counted)).ifPresent(f -> passwords.addAll(f.passwords()));
        passwords.add(sessionKey.hash());
        failures.put(counted, new Failures(Set.copyOf(passwords), clock.instant()));
        return new SignedIn.Refused(words);
    }

    private Optional<SignedIn> limited(String counted, Session.Key passwordKey) {
        if (wereRight.getIfPresent(passwordKey) != null) {
            return Optional.empty();
        }
        return Optional.ofNullable(failures.getIfPresent(counted))
                .filter(f -> f.passwords().size() >= settings.failures())
                .map(f -> Duration.between(clock.instant(), f.latest().plus(settings.failureWindow())))
                .filter(Duration::isPositive)
                .map(SignedIn.Limited::new);
    }

    private static void lock(ReentrantLock login, String user) {
        try {
            if (login.tryLock(LOGIN_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BackendUnavailableException(
                "sign-in of %s waited %s for another one".formatted(user, LOGIN_WAIT), Duration.ofSeconds(10));
    }

    private String hash(String user, String password) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(user.getBytes(UTF_8));
            mac.update((byte) 0);
            return HexFormat.of().formatHex(mac.doFinal(password.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private long nanos() {
        var now = clock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** Closes all accounts. */
    @Override
    public void close() {
        sessions.invalidateAll();
        sessions.cleanUp();
    }

    /**
     * Who signs in, whichever way it was typed.
     *
     * @param canonical the same for one person, and of nobody else: at a domain's own servers domain, colon and local part;
     *     at those of everybody the login if the template makes it of parts, else the local part in the own domain and the
     *     address in another one
     */
    private record UserName(String canonical, String login, String address, Home home) {

        /**
         * Whose password it is that may be guessed: at servers that were found the login's there, since any number of
         * domains can lead to it, and one domain to another place each hour.
         */
        String guessed() {
            return home.foundHost().isEmpty()
                    ? canonical
                    : "//" + home.foundHost() + "/" + login.toLowerCase(Locale.ROOT);
        }

        static Optional<UserName> parse(String sent, Settings settings, Home.Finder homes) {
            int backslash = sent.lastIndexOf('\\');
            var user = sent.substring(backslash + 1).strip();
            int at = user.lastIndexOf('@');
            var local = at < 0 ? user : user.substring(0, at);
            var domain = (at < 0 ? settings.domain() : user.substring(at + 1)).toLowerCase(Locale.ROOT);
            // A colon never comes by Basic authentication, and keeps domains apart in the names below.
            boolean odd = user.chars().anyMatch(c -> c <= ' ' || c == '/' || c == ':' || c == 0x7F);
            if (odd || local.isEmpty() || domain.isEmpty() || user.length() > LONGEST_USER) {
                return Optional.empty();
            }
            // A phone has a field for the domain, and sends it so.
            var before = sent.substring(0, Math.max(0, backslash)).strip().toLowerCase(Locale.ROOT);
            if (at < 0 && before.contains(".") && homes.of(before).domain().equals(before)) {
                domain = before;
            }
            var home = homes.of(domain);
            var lower = local.toLowerCase(Locale.ROOT);
            var address = lower + "@" + domain;
            boolean asSent = home.userTemplate().contains("{user}");
            boolean provesDomain = asSent || home.userTemplate().contains("{address}") || home.isOfOneDomain();
            var login = home.userTemplate()
                    // In lower case, as the store's keys are: two logins that differ in case alone never share what is
                    // kept.
                    .replace("{user}", user.toLowerCase(Locale.ROOT))
                    .replace("{local}", lower)
                    .replace("{domain}", domain)
                    .replace("{address}", address);
            // A domain that the backend never sees is not the user's to send from.
            var proved =
                    provesDomain ? address : lower + "@" + settings.domain().toLowerCase(Locale.ROOT);
            return Optional.of(new UserName(canonical(home, lower, domain, login, settings), login, proved, home));
        }

        private static String canonical(Home home, String local, String domain, String login, Settings settings) {
            if (home.isOfOneDomain()) {
                return domain + ":" + local;
            }
            if (!home.userTemplate().contains("{user}")) {
                return login.toLowerCase(Locale.ROOT);
            }
            // A local part with an @ is another's address.
            boolean own = domain.equals(settings.domain().toLowerCase(Locale.ROOT)) && !local.contains("@");
            return own ? local : local + "@" + domain;
        }
    }
}
