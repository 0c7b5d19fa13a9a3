package org.airpost.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.airpost.admin.AdminAccount.SetUp;
import org.airpost.admin.Audit.Subject;
import org.airpost.identity.Argon2;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may sign in to the console, under {@code admin/account/<name>} in the store: a password as Argon2id, and the secret of an
 * authenticator app. An account is made without them; its owner sets them by a link that works once and for a day. Safe for
 * many threads, and for several gateways.
 */
public final class AdminAccounts {

    private static final Logger LOG = LoggerFactory.getLogger(AdminAccounts.class);

    /** The least characters of a password. Source: NIST SP 800-63B §3.1.1.2. */
    public static final int LEAST_PASSWORD = 12;

    private static final String PREFIX = "admin/account/";
    private static final String NAME = "[a-z0-9][a-z0-9._@-]{0,63}";
    private static final Duration SET_UP = Duration.ofDays(1);
    private static final int TOKEN_BYTES = 24;
    private static final int MOST = 1_000;
    private static final int ATTEMPTS = 16;

    private final Store store;
    private final Audit audit;
    private final Argon2 passwords;
    private final boolean wantsSecondFactor;
    private final InstantSource clock;
    private final SecureRandom random;

    public AdminAccounts(
            Store store,
            Audit audit,
            Argon2 passwords,
            boolean wantsSecondFactor,
            InstantSource clock,
            SecureRandom random) {
        this.store = store;
        this.audit = audit;
        this.passwords = passwords;
        this.wantsSecondFactor = wantsSecondFactor;
        this.clock = clock;
        this.random = random;
    }

    /** An account as others see it. */
    public record Known(
            String name,
            Role role,
            Instant made,
            boolean isSetUp,
            boolean hasSecondFactor,
            Optional<Instant> lastSignIn) {}

    /** Somebody who has signed in; over when {@link #isCurrent} says no. */
    public record SignedIn(String name, Role role, long epoch) {}

    /**
     * What the owner of a set-up link sees.
     *
     * @param secret for the authenticator app
     */
    public record Invited(String name, Role role, byte[] secret) {}

    // What an admin does

    /** All of them, for admins and auditors. */
    public Result<List<Known>> list(Actor actor) {
        return actor.role().may(Role.Right.AUDIT) ? new Result.Done<>(known()) : Result.notAllowed(actor);
    }

    private List<Known> known() {
        var found = new ArrayList<Known>();
        for (var entry : store.scan(PREFIX, "", MOST)) {
            var account = AdminAccount.read(entry.key(), entry.versioned().value());
            found.add(new Known(
                    account.name(),
                    account.role(),
                    account.made(),
                    account.password().isPresent(),
                    account.secret().isPresent(),
                    account.lastSignIn()));
        }
        return List.copyOf(found);
    }

    /** Makes an account; gives the token of its set-up link. */
    public Result<String> add(Actor actor, String name, Role role) {
        var wanted = name.toLowerCase(Locale.ROOT);
        return noted(actor, "admin.add", wanted, role.name(), () -> {
            if (!wanted.matches(NAME)) {
                return Result.invalid("a name has 1 to 64 letters a-z, digits and . _ @ -");
            }
            if (role == Role.USER || role == Role.NOBODY) {
                return Result.invalid("a role is admin, helpdesk or auditor");
            }
            var token = token();
            var fresh = AdminAccount.fresh(wanted, role, clock.instant(), setUp(token));
            return store.put(PREFIX + wanted, fresh.write(), Store.ABSENT).isPresent()
                    ? new Result.Done<>(token)
                    : Result.conflict("there is an account %s already".formatted(wanted));
        });
    }

    /** Takes password, second factor and sessions away; gives the token of a new set-up link. */
    public Result<String> reset(Actor actor, String name) {
        var token = token();
        return noted(
                actor,
                "admin.reset",
                name,
                "",
                () -> change(name, account -> account.reset(setUp(token))).map(_ -> token));
    }

    /** Makes somebody something else; their sessions end. */
    public Result<String> setRole(Actor actor, String name, Role role) {
        return noted(
                actor,
                "admin.role",
                name,
                role.name(),
                () -> change(name, account -> account.withRole(role)).map(_ -> name));
    }

    public Result<String> remove(Actor actor, String name) {
        return noted(actor, "admin.remove", name, "", () -> {
            var key = PREFIX + name;
            var stored = store.get(key);
            return stored.isPresent() && store.delete(key, stored.get().version())
                    ? new Result.Done<>(name)
                    : Result.notFound("account " + name);
        });
    }

    private interface Work {
        Result<String> run();
    }

    private Result<String> noted(Actor actor, String action, String name, String words, Work work) {
        Result<String> result = actor.role().may(Role.Right.RULE) ? work.run() : Result.notAllowed(actor);
        var why = result instanceof Result.Refused<String>(var _, var refusal) ? refusal : words;
        audit.note(actor, action, Subject.ofThing(name), result.isDone(), why);
        return result;
    }

    private Result<AdminAccount> change(String name, Function<AdminAccount, AdminAccount> change) {
        var key = PREFIX + name;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var stored = store.get(key);
            if (stored.isEmpty()) {
                return Result.notFound("account " + name);
            }
            var changed = change.apply(AdminAccount.read(key, stored.get().value()));
            if (store.put(key, changed.write(), stored.get().version()).isPresent()) {
                return new Result.Done<>(changed);
            }
        }
        throw new StoreException("record %s changes all the time".formatted(key));
    }

    private Optional<AdminAccount> find(String name) {
        var wanted = name.toLowerCase(Locale.ROOT);
        return wanted.matches(NAME)
                ? store.get(PREFIX + wanted).map(stored -> AdminAccount.read(PREFIX + wanted, stored.value()))
                : Optional.empty();
    }

    // What the owner of an account does

    /** The account that a set-up link is for, while it works. */
    public Optional<Invited> invited(String token) {
        return byToken(token)
                .map(account -> new Invited(
                        account.name(),
                        account.role(),
                        account.setUp().orElseThrow().secret()));
    }

    private Optional<AdminAccount> byToken(String token) {
        var hash = hash(token);
        return store.scan(PREFIX, "", MOST).stream()
                .map(entry -> AdminAccount.read(entry.key(), entry.versioned().value()))
                .filter(account -> account.setUp()
                        .filter(setUp -> MessageDigest.isEqual(setUp.hash(), hash)
                                && clock.instant().isBefore(setUp.until()))
                        .isPresent())
                .findFirst();
    }

    /**
     * Sets the password, and the second factor if a code of it is given; the link works no more.
     *
     * @param from the address that this comes from
     */
    public Result<String> setUp(String token, String password, String code, String from) {
        var found = byToken(token);
        if (found.isEmpty()) {
            return Result.notFound("account that waits for this link: it was used, or is older than a day");
        }
        var account = found.get();
        if (password.length() < LEAST_PASSWORD || password.length() > Argon2.LONGEST) {
            return Result.invalid("a password has at least %d characters".formatted(LEAST_PASSWORD));
        }
        var secret = account.setUp().orElseThrow().secret();
        var step = Totp.accepted(secret, code, clock.instant(), 0);
        if (step.isEmpty() && (wantsSecondFactor || !code.isBlank())) {
            return Result.invalid("that is not the code that the app shows for this account now");
        }
        var hash = passwords.of(password);
        var result = change(
                account.name(),
                now -> now.setUp()
                                .filter(s -> MessageDigest.isEqual(s.hash(), hash(token)))
                                .isPresent()
                        ? now.withPassword(
                                hash, step.isPresent() ? Optional.of(secret) : Optional.empty(), step.orElse(0))
                        : now);
        audit.note(
                new Actor(account.name(), account.role(), from),
                "admin.setup",
                Subject.ofThing(account.name()),
                result.isDone(),
                step.isPresent() ? "password and second factor" : "password alone");
        return result.map(AdminAccount::name);
    }

    /** Whether accounts without a second factor may sign in. */
    public boolean wantsSecondFactor() {
        return wantsSecondFactor;
    }

    /**
     * Checks name, password and code. Takes the same time whatever is wrong, and does not tell what.
     *
     * @param from the address that this comes from
     */
    public Optional<SignedIn> signIn(String name, String password, String code, String from) {
        var account = find(name);
        var hash = account.flatMap(AdminAccount::password);
        boolean fits =
                hash.map(known -> passwords.fits(known, password)).orElseGet(() -> passwords.fitsNobody(password));
        var now = clock.instant();
        var secret = account.flatMap(AdminAccount::secret);
        var step = Totp.accepted(
                secret.orElse(new byte[Totp.SECRET_BYTES]),
                code,
                now,
                account.map(AdminAccount::lastStep).orElse(0L));
        boolean second = secret.isPresent() ? step.isPresent() : !wantsSecondFactor;
        var signedIn =
                fits && second && account.isPresent() ? use(account.get(), step, now) : Optional.<SignedIn>empty();
        if (account.isPresent()) {
            var actor = new Actor(account.get().name(), account.get().role(), from);
            audit.note(actor, "admin.sign-in", Subject.NONE, signedIn.isPresent(), "");
        } else {
            // Not in the audit log: anybody could fill it with names.
            LOG.info("console sign-in refused remote={} why=\"no such account\"", from);
        }
        return signedIn;
    }

    /** Notes that a code was used; empty if somebody else was faster with it. */
    private Optional<SignedIn> use(AdminAccount account, OptionalLong step, Instant now) {
        var isMine = new AtomicBoolean();
        change(account.name(), current -> {
            boolean used = step.isPresent() && current.lastStep() >= step.getAsLong();
            isMine.set(!used && current.epoch() == account.epoch());
            return isMine.get() ? current.signedIn(step.orElse(current.lastStep()), now) : current;
        });
        return isMine.get()
                ? Optional.of(new SignedIn(account.name(), account.role(), account.epoch()))
                : Optional.empty();
    }

    /** True while nothing has changed about the account of somebody who has signed in. */
    public boolean isCurrent(SignedIn signedIn) {
        return find(signedIn.name())
                .filter(account -> account.epoch() == signedIn.epoch())
                .isPresent();
    }

    /**
     * When the account of this name was made, if it is an admin's: who was removed and made anew is somebody else. Empty if there
     * is no such admin now.
     */
    Optional<Instant> adminSince(String name) {
        return find(name).filter(account -> account.role().may(Role.Right.RULE)).map(AdminAccount::made);
    }

    private String token() {
        var bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private SetUp setUp(String token) {
        var secret = new byte[Totp.SECRET_BYTES];
        random.nextBytes(secret);
        return new SetUp(hash(token), secret, clock.instant().plus(SET_UP));
    }

    /** Of a random token; it needs no slow hash. */
    static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
