package org.airpost.admin;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.airpost.backend.Accounts;
import org.airpost.backend.Credentials;
import org.airpost.backend.UserName;
import org.airpost.identity.AppPassword;
import org.airpost.identity.AppPasswords;
import org.airpost.identity.SignIns;
import org.airpost.identity.Vault;

/**
 * App passwords, and the mail password in the vault. A user may do all of it with what is theirs. Of those of others an admin
 * does all but enter a mail password; others by their role see and revoke. Each change is in the audit log.
 */
public final class PasswordActions {

    private final Accounts accounts;
    private final AppPasswords passwords;
    private final Optional<Vault> vault;
    private final SignIns signIns;
    private final Audit audit;

    public PasswordActions(
            Accounts accounts, AppPasswords passwords, Optional<Vault> vault, SignIns signIns, Audit audit) {
        this.accounts = accounts;
        this.passwords = passwords;
        this.vault = vault;
        this.signIns = signIns;
        this.audit = audit;
    }

    /** App passwords of a user, named as in their devices' keys. */
    public Result<List<AppPassword>> list(Actor actor, String user) {
        return actor.may(Role.Right.SEE, user) ? new Result.Done<>(passwords.of(user)) : Result.notAllowed(actor);
    }

    /**
     * Makes one. The secret in the answer is to be shown once.
     *
     * @param signInName what the user signs in as, in any form
     * @param name what the user will call it
     * @param device the one that it is for; empty for the first that uses it
     */
    public Result<AppPasswords.Made> make(Actor actor, String signInName, String name, Optional<String> device) {
        return ofUser(actor, signInName, "password.make", user -> {
            if (!actor.may(Role.Right.CREDENTIALS, user.canonical())) {
                return Result.notAllowed(actor);
            }
            if (signIns.way(user) == SignIns.Way.NONE) {
                return Result.conflict("app passwords are not set up: they need login.masterUser or login.vaultKey");
            }
            try {
                return new Result.Done<>(passwords.make(user.canonical(), name, device));
            } catch (AppPasswords.TooManyException e) {
                return Result.conflict(String.valueOf(e.getMessage()));
            }
        });
    }

    /** Takes one back. The device that uses it is refused from its next request on. */
    public Result<String> revoke(Actor actor, String user, String id) {
        var result = !actor.may(Role.Right.ADMIT, user)
                ? Result.<String>notAllowed(actor)
                : passwords.revoke(user, id)
                        ? new Result.Done<>(id)
                        : Result.<String>notFound("app password " + id + " of " + user);
        noted(actor, "password.revoke", new Audit.Subject(user, "", id), result);
        return result;
    }

    /** How the mail server is reached for devices of a user that have an app password or a certificate. */
    public SignIns.Way way(String signInName) {
        return accounts.name(signInName).map(signIns::way).orElse(SignIns.Way.NONE);
    }

    /** Whether there is a mail password in the vault. */
    public Result<Vault.Entry> vault(Actor actor, String user) {
        return actor.may(Role.Right.SEE, user)
                ? new Result.Done<>(vault.map(v -> v.entry(user)).orElse(new Vault.Entry.Empty()))
                : Result.notAllowed(actor);
    }

    /** Keeps a user's own mail password in the vault, if the mail server takes it. */
    public Result<String> keep(Actor actor, String signInName, String mailPassword) {
        return ofUser(actor, signInName, "vault.put", user -> {
            if (!actor.isUser(user.canonical())) {
                return Result.notAllowed(actor);
            }
            if (vault.isEmpty()) {
                return Result.conflict("there is no vault here");
            }
            var credentials = new Credentials(user.asSent(), mailPassword);
            return switch (accounts.signIn(credentials)) {
                case Accounts.SignedIn.Accepted _ -> {
                    vault.get().put(user.canonical(), mailPassword);
                    yield new Result.Done<>(user.canonical());
                }
                case Accounts.SignedIn.Refused _ -> Result.invalid("the mail server does not take this password");
                case Accounts.SignedIn.Limited(var wait) ->
                    Result.conflict("too many wrong passwords: wait for %d minutes".formatted(wait.toMinutes() + 1));
            };
        });
    }

    /** Removes a user's mail password from the vault: devices with app passwords are refused then. */
    public Result<String> forget(Actor actor, String user) {
        var result = !actor.may(Role.Right.ADMIT, user)
                ? Result.<String>notAllowed(actor)
                : vault.filter(v -> v.remove(user)).isPresent()
                        ? new Result.Done<>(user)
                        : Result.<String>notFound("mail password of " + user + " in the vault");
        noted(actor, "vault.remove", Audit.Subject.ofUser(user), result);
        return result;
    }

    private <T> Result<T> ofUser(Actor actor, String signInName, String action, Function<UserName, Result<T>> work) {
        var user = accounts.name(signInName);
        var result = user.map(work).orElseGet(() -> Result.invalid("that is no name to sign in with"));
        noted(actor, action, Audit.Subject.ofUser(user.map(UserName::canonical).orElse("")), result);
        return result;
    }

    private void noted(Actor actor, String action, Audit.Subject subject, Result<?> result) {
        switch (result) {
            case Result.Done<?>(var value) ->
                audit.note(
                        actor,
                        action,
                        value instanceof AppPasswords.Made made
                                ? new Audit.Subject(
                                        subject.user(),
                                        made.password().device().orElse(""),
                                        made.password().id())
                                : subject,
                        true,
                        "");
            case Result.Refused<?>(var _, var words) -> audit.note(actor, action, subject, false, words);
        }
    }
}
