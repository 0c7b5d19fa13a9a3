package org.airpost.app;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.Accounts;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.Home;
import org.airpost.backend.KeyedHash;
import org.airpost.backend.UserName;
import org.airpost.device.CredentialMarks;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.Wipe;
import org.airpost.eas.DeviceKey;
import org.airpost.http.Authenticator;
import org.airpost.identity.AppPasswords;
import org.airpost.identity.DeviceCertificates;
import org.airpost.identity.SignIns;
import org.airpost.identity.Vault;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who signs in: with the password of the mail server or by what a user made for a device. */
final class SignIn implements Authenticator {

    private static final Logger LOG = LoggerFactory.getLogger(SignIn.class);

    final Accounts accounts;
    final AppPasswords passwords;
    final Optional<DeviceCertificates> certificates;
    final Optional<Vault> vault;
    final SignIns signIns;

    private final Devices devices;
    private final CredentialMarks marks;
    private final KeyedHash triedMarks = new KeyedHash();

    SignIn(Setup setup, Home.Finder homes, Devices devices, Store store, InstantSource clock, SecureRandom random)
            throws IOException {
        this.accounts = new Accounts(homes, setup.accounts(), clock);
        this.passwords = new AppPasswords(store, clock, random);
        this.certificates = setup.deviceCertificates(store, clock, random);
        this.vault = setup.vault(store, clock, random);
        this.signIns = new SignIns(accounts, passwords, certificates, vault, setup.signInRules(), clock);
        this.devices = devices;
        this.marks = setup.credentialMarks();
    }

    @Override
    public Result authenticate(Shown shown) {
        SignIns.Outcome outcome;
        try {
            outcome = signIns.signIn(shown.credentials(), shown.certificate(), shown.device());
        } catch (BackendUnavailableException e) {
            return toBeWiped(shown, false).orElseThrow(() -> e);
        }
        return switch (outcome) {
            case SignIns.Outcome.Accepted(var account, var holds) -> {
                if (!shown.device().isEmpty()) {
                    var key = new DeviceKey(account.user(), shown.device());
                    devices.noteMark(key, marks.of(key, proof(shown)));
                }
                yield new Result.Accepted(account, holds);
            }
            case SignIns.Outcome.Refused(var words) ->
                // Where the password is what was wrong, it has been counted as wrong.
                toBeWiped(shown, words.isEmpty()).orElseGet(() -> new Result.Refused(words));
            case SignIns.Outcome.Forbidden(var words) ->
                toBeWiped(shown, false).orElseGet(() -> new Result.Forbidden(words));
            // Not looked at: the password of before may be the user's still, and here it could be guessed without a
            // limit.
            case SignIns.Outcome.Limited(var retryAfter) -> new Result.Limited(retryAfter);
        };
    }

    /**
     * A device that is to wipe itself comes in by the password or the certificate that let it in last, whatever the mail
     * server says of it now, and gets as far as being told: it has no mail. See docs/decisions/017.
     *
     * @param isCounted true if a wrong password was counted already; else it is here, since nobody may try them without end
     */
    private Optional<Result> toBeWiped(Shown shown, boolean isCounted) {
        if (shown.device().isEmpty()) {
            return Optional.empty();
        }
        try {
            var sent = shown.credentials().flatMap(credentials -> accounts.name(credentials.user()));
            var name =
                    sent.map(UserName::canonical).or(() -> shown.certificate().flatMap(signIns::whose));
            var device = name.flatMap(user -> devices.find(new DeviceKey(user, shown.device())))
                    .filter(known -> known.wipe().filter(Wipe::isPending).isPresent());
            if (device.isEmpty()) {
                return Optional.empty();
            }
            if (sent.isPresent() && !isCounted) {
                var limited = guessed(sent.get(), device.get(), proof(shown));
                if (limited.isPresent()) {
                    return Optional.of(new Result.Limited(limited.get()));
                }
            }
            return device.filter(known -> marks.fits(known, proof(shown))).map(known -> {
                var user = known.key().user();
                var none = shown.credentials().orElse(new Credentials(user, ""));
                return new Result.Accepted(new Account(user, none, new NoMail(), List.of("nobody@invalid"), user));
            });
        } catch (BackendUnavailableException e) {
            return Optional.empty(); // of which domain the user is cannot be said now
        }
    }

    /** Counts a password that does not fit; how long to wait if there were too many before it. */
    private Optional<Duration> guessed(UserName user, Device device, String password) {
        var tried = triedMarks.of(user.canonical(), password);
        var limited = accounts.attempts().limited(user.guessed(), device.key().deviceId(), tried);
        if (limited.isEmpty() && !marks.fits(device, password)) {
            accounts.attempts().wrong(user.guessed(), device.key().deviceId(), tried);
        }
        return limited;
    }

    /** What a device showed, as a text: its password, or which certificate it has. */
    private static String proof(Shown shown) {
        return shown.credentials()
                .map(Credentials::password)
                .or(() -> shown.certificate()
                        .map(certificate -> "certificate "
                                + certificate.getIssuerX500Principal() + " "
                                + certificate.getSerialNumber()))
                .orElse("");
    }

    /** Seals passwords anew that an older key has sealed, beside everything else. */
    void renewVault() {
        vault.ifPresent(its -> Thread.ofVirtual().name("vault").start(() -> renew(its)));
    }

    /** What could not be sealed anew now, is at the next start. */
    private static void renew(Vault vault) {
        try {
            vault.renew();
        } catch (StoreException e) {
            LOG.warn("vault not sealed anew reason={}", e.getMessage());
        }
    }
}
