package org.airpost.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.airpost.backend.Account;
import org.airpost.backend.Accounts;
import org.airpost.backend.Credentials;
import org.airpost.backend.KeyedHash;
import org.airpost.backend.UserName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who signs in with a device: by the mail password, which the mail server is asked about, by an app password, by a
 * certificate, or by a certificate and one of them. With an app password or a certificate alone the mail server is reached by
 * a master user or with what the vault has.
 */
public final class SignIns {

    private static final Logger LOG = LoggerFactory.getLogger(SignIns.class);

    /** An id with which Android asks whether an account is right, and never comes again. Source: sync-rules FH-18. */
    private static final String PROBE = "validate";

    /** What the mail server refused is not asked again for this time: it might lock the user out. */
    private static final Duration REFUSAL = Duration.ofMinutes(5);

    private static final String NO_PASSWORD_HERE =
            "the mail password is not accepted from devices here: make an app password"
                    + " on the page /me of this server, and use it as the password of the account";
    private static final String CERTIFICATE_NEEDED =
            "a certificate of this device is needed: get one on the page /me of this server";
    private static final String CERTIFICATE_BAD =
            "the certificate of this device was revoked, has ended, or belongs to another user or device";
    private static final String NOT_LET_IN = "the mail server does not let this server into the mailbox";
    private static final String VAULT_EMPTY =
            "the mail password is needed once: enter it on the page /me of this server";
    private static final String VAULT_REFUSED =
            "the mail server does not take the mail password any more: enter the new one on the page /me of this server";

    private final Accounts accounts;
    private final AppPasswords passwords;
    private final Optional<DeviceCertificates> certificates;
    private final Optional<Vault> vault;
    private final Function<String, Rules> rules;
    private final KeyedHash hashes = new KeyedHash();
    private final Cache<String, Boolean> refusedLately;

    /**
     * Decides by these.
     *
     * @param certificates present if any domain makes something of them
     * @param vault present if there is a key for it
     * @param rules of the servers of a domain; of those of everybody for the empty one
     */
    public SignIns(
            Accounts accounts,
            AppPasswords passwords,
            Optional<DeviceCertificates> certificates,
            Optional<Vault> vault,
            Function<String, Rules> rules,
            InstantSource clock) {
        this.accounts = accounts;
        this.passwords = passwords;
        this.certificates = certificates;
        this.vault = vault;
        this.rules = rules;
        this.refusedLately = Caffeine.newBuilder()
                .maximumSize(100_000)
                .expireAfterWrite(REFUSAL)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .build();
    }

    /** How a sign-in ended. */
    public sealed interface Outcome {

        /** The user is known. {@code holds} tells later whether the device may still come: nothing was revoked since. */
        record Accepted(Account account, BooleanSupplier holds) implements Outcome {}

        /** Another password may help. Empty words are the usual ones: user or password are wrong. */
        record Refused(String words) implements Outcome {}

        /** No password helps. */
        record Forbidden(String words) implements Outcome {}

        /** Too much was tried: nothing is before this time has passed. */
        record Limited(Duration retryAfter) implements Outcome {}
    }

    /** How a user's mail server is reached for devices without the mail password. */
    public enum Way {
        MASTER,
        VAULT,
        /** Not at all: neither is set up. App passwords would be of no use. */
        NONE
    }

    /** How the mail server of a user is reached for devices without the mail password. */
    public Way way(UserName user) {
        if (rules.apply(user.home().domain()).master().isPresent()) {
            return Way.MASTER;
        }
        return vault.isPresent() ? Way.VAULT : Way.NONE;
    }

    /** How the users of these servers may sign in. */
    public Rules rules(UserName user) {
        return rules.apply(user.home().domain());
    }

    /**
     * Signs in who sent a request.
     *
     * @param sent user and password, if there was a password
     * @param shown the certificate of the connection, if there is one
     * @param device what the phone calls itself; empty if it did not say
     */
    public Outcome signIn(Optional<Credentials> sent, Optional<X509Certificate> shown, String device) {
        var certificate = shown.flatMap(c -> certificates.flatMap(all -> all.check(c)));
        if (sent.isEmpty()) {
            return shown.isEmpty() ? new Outcome.Refused("no credentials") : byCertificate(certificate, device);
        }
        var name = accounts.name(sent.get().user());
        if (name.isEmpty() || sent.get().password().isEmpty()) {
            return new Outcome.Refused("");
        }
        var its = rules(name.get());
        var use = its.certificates();
        if (use == Rules.Certificates.OFF || (use == Rules.Certificates.ACCEPTED && shown.isEmpty())) {
            return byPassword(name.get(), its, sent.get(), device);
        }
        if (shown.isEmpty()) {
            return new Outcome.Forbidden(CERTIFICATE_NEEDED);
        }
        var good =
                certificate.filter(c -> c.user().equals(name.get().canonical())).flatMap(c -> usable(c, device));
        if (good.isEmpty()) {
            return new Outcome.Forbidden(CERTIFICATE_BAD);
        }
        var outcome = byPassword(name.get(), its, sent.get(), device);
        return outcome instanceof Outcome.Accepted(var account, var holds)
                ? new Outcome.Accepted(account, () -> holds.getAsBoolean() && holds(good.get()))
                : outcome;
    }

    /** Whom a certificate of our authority was made for, also if it is good no more. */
    public Optional<String> whose(X509Certificate shown) {
        return certificates.flatMap(all -> all.user(shown));
    }

    private boolean holds(DeviceCertificate certificate) {
        return certificates.filter(all -> all.holds(certificate)).isPresent();
    }

    private Outcome byCertificate(Optional<DeviceCertificate> certificate, String device) {
        var name = certificate.flatMap(c ->
                accounts.name(c.signsInAs()).filter(found -> found.canonical().equals(c.user())));
        if (certificate.isEmpty()
                || name.isEmpty()
                || rules(name.get()).certificates() == Rules.Certificates.OFF
                || usable(certificate.get(), device).isEmpty()) {
            return new Outcome.Forbidden(CERTIFICATE_BAD);
        }
        return reach(name.get(), () -> holds(certificate.get()));
    }

    /** The certificate, if this device may use it. Without an id nothing is told but that the user is there. */
    private Optional<DeviceCertificate> usable(DeviceCertificate certificate, String device) {
        if (device.isEmpty()) {
            return Optional.of(certificate);
        }
        if (device.equalsIgnoreCase(PROBE)) {
            return Optional.of(certificate).filter(c -> c.device().isEmpty());
        }
        var used = certificates.flatMap(all -> all.use(certificate, device));
        if (used.isEmpty()) {
            LOG.info(
                    "certificate refused user={} device={} bound={}",
                    certificate.user(),
                    device,
                    certificate.device().orElse(""));
        }
        return used;
    }

    private Outcome byPassword(UserName name, Rules its, Credentials sent, String device) {
        var secret = way(name) == Way.NONE ? Optional.<String>empty() : AppPasswords.shaped(sent.password());
        if (secret.isPresent()) {
            // Never to be tried at the mail server: what was revoked would look like an attack there.
            return byAppPassword(name, secret.get(), device);
        }
        if (!its.mailPassword()) {
            return new Outcome.Refused(NO_PASSWORD_HERE);
        }
        return switch (accounts.signIn(sent, device)) {
            case Accounts.SignedIn.Accepted(var account) -> new Outcome.Accepted(account, () -> true);
            case Accounts.SignedIn.Refused _ -> new Outcome.Refused("");
            case Accounts.SignedIn.Limited(var retryAfter) -> new Outcome.Limited(retryAfter);
        };
    }

    private Outcome byAppPassword(UserName name, String secret, String device) {
        var user = name.canonical();
        var known = passwords.known(user, secret);
        if (known.isEmpty()) {
            var hash = hashes.of(user, secret);
            var limited = accounts.attempts().limited(name.guessed(), device, hash);
            if (limited.isPresent()) {
                return new Outcome.Limited(limited.get());
            }
            known = passwords.check(user, secret);
            if (known.isEmpty()) {
                accounts.attempts().wrong(name.guessed(), device, hash);
                return new Outcome.Refused("");
            }
            accounts.attempts().right(name.guessed(), device, hash);
        }
        var password = known.get();
        if (usable(password, device).isEmpty()) {
            LOG.info(
                    "app password refused user={} password={} device={} bound={}",
                    user,
                    password.id(),
                    device,
                    password.device().orElse(""));
            return new Outcome.Refused("");
        }
        return reach(name, () -> passwords.holds(password));
    }

    private Optional<AppPassword> usable(AppPassword password, String device) {
        if (device.isEmpty()) {
            return Optional.of(password);
        }
        return device.equalsIgnoreCase(PROBE)
                ? Optional.of(password).filter(p -> p.device().isEmpty())
                : passwords.use(password, device);
    }

    /** Opens the mailbox of a user who has shown who they are. */
    private Outcome reach(UserName name, BooleanSupplier holds) {
        var user = name.canonical();
        var master = rules(name).master();
        if (master.isPresent()) {
            var credentials = master.get().of(name);
            if (credentials.isEmpty()) {
                return new Outcome.Forbidden(NOT_LET_IN);
            }
            return open(
                    name,
                    credentials.get(),
                    holds,
                    NOT_LET_IN,
                    () -> LOG.warn(
                            "master user refused user={} domain={}: the mail server does not let it act for this user, see"
                                    + " login.masterUser",
                            user,
                            name.home().domain()));
        }
        if (vault.isEmpty()) {
            return new Outcome.Forbidden(NOT_LET_IN);
        }
        var kept = vault.get().password(user);
        if (kept.isEmpty()) {
            return new Outcome.Forbidden(VAULT_EMPTY);
        }
        var password = kept.get().password();
        var outcome =
                open(name, new Credentials(name.login(), password, name.home().domain()), holds, VAULT_REFUSED, () -> {
                    vault.get().refused(user, password);
                    LOG.warn(
                            "vault password refused user={}: the mail server takes it no more, the user must enter it anew",
                            user);
                });
        if (outcome instanceof Outcome.Accepted && kept.get().wasRefused()) {
            vault.get().accepted(user);
        }
        return outcome;
    }

    private Outcome open(
            UserName name, Credentials credentials, BooleanSupplier holds, String words, Runnable onRefused) {
        var key = hashes.of(name.canonical(), credentials.name(), credentials.password());
        if (refusedLately.getIfPresent(key) != null) {
            return new Outcome.Forbidden(words);
        }
        return switch (accounts.signIn(name, credentials)) {
            case Accounts.SignedIn.Accepted(var account) -> new Outcome.Accepted(account, holds);
            case Accounts.SignedIn.Refused _ -> {
                refusedLately.put(key, true);
                onRefused.run();
                yield new Outcome.Forbidden(words);
            }
            case Accounts.SignedIn.Limited(var retryAfter) -> new Outcome.Limited(retryAfter);
        };
    }
}
