package org.airpost.backend;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Signs users in and keeps their accounts open. Credentials that the backend has accepted are good for some minutes without
 * asking it again; they are kept only as a hash under a key of this process. An open {@link MailAccount} is shared by all
 * devices that sign in with the same password, and closed when none has used it for {@link Settings#idle}, or when the
 * backend refuses the password.
 */
public final class Accounts implements AutoCloseable {

    private static final Duration LOGIN_WAIT = Duration.ofSeconds(20);
    private static final int LONGEST_PASSWORD = 1_024;

    private final Home.Finder homes;
    private final Settings settings;
    private final InstantSource clock;
    private final KeyedHash hashes = new KeyedHash();
    private final Attempts attempts;
    private final Cache<Session.Key, Session> sessions;
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
        this.attempts = new Attempts(settings.failures(), settings.failureWindow(), clock);
        this.sessions = Caffeine.newBuilder()
                .maximumSize(settings.open())
                .expireAfterAccess(settings.idle())
                .ticker(this::nanos)
                .executor(Thread::startVirtualThread)
                .removalListener(Accounts::removed)
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

    /** Who a name means; empty if it is none. May ask for the servers of the name's domain. */
    public Optional<UserName> name(String asSent) {
        return UserName.parse(asSent, settings, homes);
    }

    /** Wrong passwords, counted; others that check passwords of these users are to count here too. */
    public Attempts attempts() {
        return attempts;
    }

    /**
     * Signs a user in with what the phone sent. Several sign-ins of a user at the same time ask the backend one after the
     * other, those with the same password once.
     *
     * @param device what the phone calls itself; empty if it did not say
     */
    public SignedIn signIn(Credentials asSent, String device) {
        var name = name(asSent.user());
        if (name.isEmpty() || asSent.password().isEmpty() || asSent.password().length() > LONGEST_PASSWORD) {
            return new SignedIn.Refused("not a user name or password");
        }
        var user = name.get();
        var credentials =
                new Credentials(user.login(), asSent.password(), user.home().domain());
        var sessionKey = sessionKey(user, credentials);
        return remembered(sessionKey).orElseGet(() -> ask(user, credentials, sessionKey, device));
    }

    /**
     * Signs in a user who has proved elsewhere who they are, with credentials that are not theirs to guess: of a master user,
     * or kept for them.
     */
    public SignedIn signIn(UserName user, Credentials credentials) {
        var sessionKey = sessionKey(user, credentials);
        return remembered(sessionKey).orElseGet(() -> {
            var login = logins.get(user.guessed(), u -> new ReentrantLock());
            lock(login, user.canonical());
            try {
                return remembered(sessionKey).orElseGet(() -> askBackend(user, credentials, sessionKey));
            } finally {
                login.unlock();
            }
        });
    }

    private Session.Key sessionKey(UserName user, Credentials credentials) {
        return new Session.Key(
                user.canonical(),
                hashes.of(
                        user.canonical(),
                        credentials.password(),
                        credentials.name().equals(credentials.user()) ? "" : credentials.name(),
                        credentials.actingFor()));
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

    private SignedIn ask(UserName user, Credentials credentials, Session.Key sessionKey, String device) {
        // Held while the backend is asked: that is what makes one question of many.
        var login = logins.get(user.guessed(), u -> new ReentrantLock());
        lock(login, user.canonical());
        try {
            return remembered(sessionKey)
                    .or(() -> attempts.limited(user.guessed(), device, sessionKey.hash())
                            .map(SignedIn.Limited::new))
                    .orElseGet(() -> {
                        var answer = askBackend(user, credentials, sessionKey);
                        switch (answer) {
                            case SignedIn.Accepted _ -> attempts.right(user.guessed(), device, sessionKey.hash());
                            case SignedIn.Refused _ -> attempts.wrong(user.guessed(), device, sessionKey.hash());
                            case SignedIn.Limited _ -> {}
                        }
                        return answer;
                    });
        } finally {
            login.unlock();
        }
    }

    private SignedIn askBackend(UserName user, Credentials credentials, Session.Key sessionKey) {
        return switch (user.home().mail().signIn(credentials)) {
            case MailBackend.SignIn.Accepted(var mail) -> accepted(user, credentials, mail, sessionKey);
            case MailBackend.SignIn.Refused(var words) -> {
                sessions.invalidate(sessionKey);
                yield new SignedIn.Refused(words);
            }
        };
    }

    private SignedIn accepted(UserName user, Credentials credentials, MailAccount mail, Session.Key sessionKey) {
        // An account that is open stays the shared one; the new one has only proved the password.
        var open = Optional.ofNullable(sessions.getIfPresent(sessionKey));
        // So does one at servers that are not the domain's any more.
        if (open.isPresent()
                && (open.get().mail().isRefused() || !open.get().home().equals(user.home()))) {
            open.get().mail().close();
            open = Optional.empty();
        }
        if (open.isPresent()) {
            mail.close();
        }
        var account = open.map(Session::account)
                .orElseGet(() ->
                        new Account(user.canonical(), credentials, mail, List.of(user.address()), user.address()));
        sessions.asMap().put(sessionKey, new Session(account, user.home(), clock.instant()));
        return new SignedIn.Accepted(account);
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
}
