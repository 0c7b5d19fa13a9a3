package org.airpost.admin;

import java.util.List;
import java.util.Optional;
import org.airpost.backend.Accounts;
import org.airpost.backend.UserName;
import org.airpost.identity.AppPasswords;
import org.airpost.identity.DeviceCertificate;
import org.airpost.identity.DeviceCertificates;
import org.airpost.identity.Rules;
import org.airpost.identity.SignIns;

/** Certificates of devices. Who may do what is as with app passwords ({@link PasswordActions}). */
public final class CertificateActions {

    private final Accounts accounts;
    private final Optional<DeviceCertificates> certificates;
    private final SignIns signIns;
    private final Audit audit;

    /** @param certificates present if they are asked for */
    public CertificateActions(
            Accounts accounts, Optional<DeviceCertificates> certificates, SignIns signIns, Audit audit) {
        this.accounts = accounts;
        this.certificates = certificates;
        this.signIns = signIns;
        this.audit = audit;
    }

    /** True if a certificate is of use to a user. */
    public boolean offered(String signInName) {
        return accounts.name(signInName).filter(this::offered).isPresent();
    }

    private boolean offered(UserName user) {
        return certificates.isPresent() && signIns.rules(user).certificates() != Rules.Certificates.OFF;
    }

    /** Certificates of a user that are good. */
    public Result<List<DeviceCertificate>> list(Actor actor, String user) {
        return actor.may(Role.Right.SEE, user)
                ? new Result.Done<>(certificates.map(all -> all.of(user)).orElse(List.of()))
                : Result.notAllowed(actor);
    }

    /**
     * Makes one with its key. The file and its password in the answer are to be given to the user once, apart from each other.
     *
     * @param signInName what the user signs in as, in any form
     * @param device the one that it is for; empty for the first that uses it
     */
    public Result<DeviceCertificates.Enrolled> make(
            Actor actor, String signInName, String name, Optional<String> device) {
        var user = accounts.name(signInName);
        var result = user.map(u -> make(actor, u, name, device))
                .orElseGet(() -> Result.invalid("that is no name to sign in with"));
        var canonical = user.map(UserName::canonical).orElse("");
        switch (result) {
            case Result.Done<DeviceCertificates.Enrolled>(var enrolled) ->
                audit.note(
                        actor,
                        "certificate.make",
                        new Audit.Subject(
                                canonical,
                                device.orElse(""),
                                enrolled.certificate().serial()),
                        true,
                        "");
            case Result.Refused<DeviceCertificates.Enrolled>(var _, var words) ->
                audit.note(actor, "certificate.make", Audit.Subject.ofUser(canonical), false, words);
        }
        return result;
    }

    private Result<DeviceCertificates.Enrolled> make(Actor actor, UserName user, String name, Optional<String> device) {
        if (!actor.may(Role.Right.CREDENTIALS, user.canonical())) {
            return Result.notAllowed(actor);
        }
        if (certificates.isEmpty() || !offered(user)) {
            return Result.conflict("certificates of devices are not set up: see login.certificates");
        }
        try {
            return new Result.Done<>(certificates.get().enrol(user, name, device));
        } catch (AppPasswords.TooManyException e) {
            return Result.conflict(String.valueOf(e.getMessage()));
        }
    }

    /** Takes one back. The device that has it is refused from its next request on. */
    public Result<String> revoke(Actor actor, String user, String serial) {
        var result = !actor.may(Role.Right.ADMIT, user)
                ? Result.<String>notAllowed(actor)
                : certificates.filter(all -> all.revoke(user, serial)).isPresent()
                        ? new Result.Done<>(serial)
                        : Result.<String>notFound("certificate " + serial + " of " + user);
        var words = result instanceof Result.Refused<String>(var _, var why) ? why : "";
        audit.note(actor, "certificate.revoke", new Audit.Subject(user, "", serial), result.isDone(), words);
        return result;
    }
}
