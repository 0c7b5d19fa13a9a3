package org.airpost.admin;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.airpost.admin.AdminCommands.Answer;
import org.airpost.identity.AppPassword;
import org.airpost.identity.DeviceCertificate;

/** What is asked by the admin socket about app passwords and certificates. */
public final class IdentityCommands {

    private final PasswordActions passwords;
    private final CertificateActions certificates;
    private final Function<String, Optional<String>> canonical;

    /** @param canonical of a name to sign in with, as in devices' keys */
    public IdentityCommands(
            PasswordActions passwords, CertificateActions certificates, Function<String, Optional<String>> canonical) {
        this.passwords = passwords;
        this.certificates = certificates;
        this.canonical = canonical;
    }

    /** What begins with {@code password}. */
    public Answer passwords(Actor actor, List<String> encoded) {
        var words = AdminWords.decode(encoded);
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "list" ->
                ofUser(
                        words,
                        2,
                        user -> passwords
                                .list(actor, user)
                                .map(all ->
                                        all.stream().map(IdentityCommands::line).toList()));
            case "make" ->
                words.size() < 3 || words.size() > 4
                        ? wanted("USER NAME [DEVICE]")
                        : Answer.of(passwords
                                .make(actor, words.get(1), words.get(2), device(words))
                                .map(made -> List.of(made.password().id(), made.secret())));
            case "revoke" ->
                ofUser(
                        words,
                        3,
                        user -> passwords.revoke(actor, user, words.get(2)).map(List::of));
            default -> wanted("list, make or revoke");
        };
    }

    /** What begins with {@code certificate}. */
    public Answer certificates(Actor actor, List<String> encoded) {
        var words = AdminWords.decode(encoded);
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "list" ->
                ofUser(
                        words,
                        2,
                        user -> certificates
                                .list(actor, user)
                                .map(all ->
                                        all.stream().map(IdentityCommands::line).toList()));
            case "make" ->
                words.size() < 3 || words.size() > 4
                        ? wanted("USER NAME [DEVICE]")
                        : Answer.of(certificates
                                .make(actor, words.get(1), words.get(2), device(words))
                                .map(made -> List.of(
                                        made.certificate().serial(),
                                        made.password(),
                                        Base64.getEncoder().encodeToString(made.p12()))));
            case "revoke" ->
                ofUser(
                        words,
                        3,
                        user -> certificates.revoke(actor, user, words.get(2)).map(List::of));
            default -> wanted("list, make or revoke");
        };
    }

    private static Optional<String> device(List<String> words) {
        return words.size() == 4 ? Optional.of(words.get(3)) : Optional.empty();
    }

    private Answer ofUser(List<String> words, int count, Function<String, Result<List<String>>> work) {
        if (words.size() != count) {
            return wanted(count == 2 ? "USER" : "USER ID");
        }
        return canonical
                .apply(words.get(1))
                .map(user -> Answer.of(work.apply(user)))
                .orElseGet(() -> Answer.refused("that is no name to sign in with"));
    }

    private static Answer wanted(String what) {
        return Answer.refused("wanted: " + what);
    }

    private static String line(AppPassword one) {
        return String.join(
                "\t",
                one.id(),
                one.name(),
                one.device().orElse("none yet"),
                one.made().toString(),
                one.lastUsed().map(Object::toString).orElse("never"));
    }

    private static String line(DeviceCertificate one) {
        return String.join(
                "\t",
                one.serial(),
                one.name(),
                one.device().orElse("none yet"),
                one.made().toString(),
                one.ends().toString(),
                one.lastUsed().map(Object::toString).orElse("never"));
    }
}
