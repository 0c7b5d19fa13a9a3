package org.airpost.admin;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.airpost.admin.AdminCommands.Answer;

/** What is asked by the admin socket about who may use the console and the JSON API. */
public final class AccessCommands {

    private final AdminAccounts accounts;
    private final ApiTokens tokens;
    private final Supplier<Optional<URI>> console;

    /** @param console where it is, if it is on */
    public AccessCommands(AdminAccounts accounts, ApiTokens tokens, Supplier<Optional<URI>> console) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.console = console;
    }

    /** What is asked about people: {@code list}, {@code add NAME ROLE}, {@code reset NAME}, {@code role NAME ROLE}, {@code remove NAME}. */
    public Answer admin(Actor actor, List<String> encoded) {
        var words = AdminWords.decode(encoded);
        var name = words.size() > 1 ? words.get(1) : "";
        var role = words.size() > 2 ? words.get(2) : "";
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "list" ->
                Answer.of(accounts.list(actor)
                        .map(all -> all.stream().map(AccessCommands::line).toList()));
            case "add" -> add(actor, name, role);
            case "reset" -> Answer.of(accounts.reset(actor, name).map(this::link));
            case "role" -> setRole(actor, name, role);
            case "remove" -> Answer.of(accounts.remove(actor, name).map(List::of));
            default -> wanted("list, add NAME ROLE, reset NAME, role NAME ROLE or remove NAME");
        };
    }

    /** What is asked about tokens: {@code list}, {@code add NAME ROLE DAYS}, {@code remove ID}. */
    public Answer token(Actor actor, List<String> encoded) {
        var words = AdminWords.decode(encoded);
        var first = words.size() > 1 ? words.get(1) : "";
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "list" ->
                Answer.of(tokens.list(actor)
                        .map(all -> all.stream().map(AccessCommands::line).toList()));
            case "add" -> words.size() == 4 ? addToken(actor, words) : wanted("NAME ROLE DAYS");
            case "remove" -> Answer.of(tokens.remove(actor, first).map(List::of));
            default -> wanted("list, add NAME ROLE DAYS or remove ID");
        };
    }

    private static Answer wanted(String what) {
        return Answer.refused("wanted: " + what);
    }

    private Answer add(Actor actor, String name, String role) {
        return role(role)
                .map(wanted -> Answer.of(accounts.add(actor, name, wanted).map(this::link)))
                .orElseGet(AccessCommands::noRole);
    }

    private Answer setRole(Actor actor, String name, String role) {
        return role(role)
                .map(wanted -> Answer.of(accounts.setRole(actor, name, wanted).map(List::of)))
                .orElseGet(AccessCommands::noRole);
    }

    private Answer addToken(Actor actor, List<String> words) {
        var days = words.get(3);
        if (!days.matches("[1-9][0-9]{0,3}")) {
            return Answer.refused("the days are a number from 1 to 9999");
        }
        var life = Duration.ofDays(Long.parseLong(days));
        return role(words.get(2))
                .map(wanted ->
                        Answer.of(tokens.add(actor, words.get(1), wanted, life).map(List::of)))
                .orElseGet(AccessCommands::noRole);
    }

    private static Optional<Role> role(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "admin" -> Optional.of(Role.ADMIN);
            case "helpdesk" -> Optional.of(Role.HELPDESK);
            case "auditor" -> Optional.of(Role.AUDITOR);
            default -> Optional.empty();
        };
    }

    private static Answer noRole() {
        return Answer.refused("a role is admin, helpdesk or auditor");
    }

    /** The address of a set-up page. */
    private List<String> link(String token) {
        var path = "/admin/set-up/" + token;
        return List.of(console.get().map(its -> its + path).orElse(path));
    }

    private static String line(AdminAccounts.Known one) {
        var state = one.isSetUp() ? one.hasSecondFactor() ? "password and app" : "password" : "not set up";
        return String.join(
                "\t",
                one.name(),
                one.role().name().toLowerCase(Locale.ROOT),
                state,
                one.lastSignIn().map(Object::toString).orElse("never"));
    }

    private static String line(ApiTokens.Known one) {
        return String.join(
                "\t",
                one.id(),
                one.name(),
                one.role().name().toLowerCase(Locale.ROOT),
                one.until().toString(),
                maker(one));
    }

    private static String maker(ApiTokens.Known one) {
        return one.maker()
                .map(name -> one.accepted() ? name : name + " (no admin any more: not accepted)")
                .orElse("-");
    }
}
