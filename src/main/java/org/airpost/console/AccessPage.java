package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.ApiTokens;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.http.WebReply;

/** Who may sign in here, and which programs may use the JSON API. */
final class AccessPage {

    private static final String PATH = "/admin/access";

    private static final Map<String, String> ROLES = roles();

    private final Frame frame;
    private final AdminAccounts accounts;
    private final ApiTokens tokens;

    AccessPage(Frame frame, AdminAccounts accounts, ApiTokens tokens) {
        this.frame = frame;
        this.accounts = accounts;
        this.tokens = tokens;
    }

    private static Map<String, String> roles() {
        var roles = new LinkedHashMap<String, String>();
        roles.put("helpdesk", "helpdesk: helps users with their phones");
        roles.put("auditor", "auditor: sees all, changes nothing");
        roles.put("admin", "admin: everything");
        return roles;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, Right.AUDIT, this::list),
                Route.post(PATH + "/add", Right.RULE, this::add),
                Route.post(PATH + "/reset", Right.RULE, this::reset),
                Route.post(PATH + "/role", Right.RULE, visit -> {
                    var name = visit.form().text("name");
                    return frame.show(
                            visit,
                            role(visit.form().text("role")),
                            role -> frame.did(
                                    visit,
                                    accounts.setRole(visit.actor(), name, role),
                                    PATH,
                                    "%s is %s now.".formatted(name, Frame.word(role))));
                }),
                Route.post(PATH + "/remove", Right.RULE, visit -> {
                    var name = visit.form().text("name");
                    return name.equals(visit.actor().name())
                            ? frame.refused(visit, Result.Why.INVALID, "you cannot remove yourself")
                            : frame.did(visit, accounts.remove(visit.actor(), name), PATH, name + " is gone.");
                }),
                Route.post(PATH + "/token", Right.RULE, this::token),
                Route.post(PATH + "/token/remove", Right.RULE, visit -> {
                    var id = visit.form().text("id");
                    return frame.did(
                            visit, tokens.remove(visit.actor(), id), PATH, "Token %s works no more.".formatted(id));
                }));
    }

    private static Result<Role> role(String text) {
        return ROLES.containsKey(text)
                ? new Result.Done<>(Role.valueOf(text.toUpperCase(Locale.ROOT)))
                : Result.invalid("a role is admin, helpdesk or auditor");
    }

    private WebReply list(Visit visit) {
        return frame.show(
                visit,
                accounts.list(visit.actor()),
                known -> frame.show(
                        visit,
                        tokens.list(visit.actor()),
                        kept -> frame.page(visit, "Access", accounts(visit, known), tokens(visit, kept))));
    }

    private static DomContent accounts(Visit visit, List<AdminAccounts.Known> known) {
        boolean may = visit.may(Right.RULE);
        return div(
                h2("People"),
                Listing.of("People", known)
                        .texts("Name", AdminAccounts.Known::name)
                        .texts("Role", one -> Frame.word(one.role()))
                        .texts("Second factor", one -> second(one))
                        .times("Last sign-in", one -> Frame.time(one.lastSignIn()))
                        .times("Made", one -> Frame.time(one.made()))
                        .column("Actions", "", one -> iff(may, actions(visit, one)))
                        .orElse("There is nobody."),
                iff(
                        may,
                        Forms.post(
                                        visit.csrf(),
                                        PATH + "/add",
                                        Forms.field(
                                                "Name",
                                                "name",
                                                input().withType("text").attr("required"),
                                                ""),
                                        Forms.choiceField("Role", "role", "helpdesk", ROLES),
                                        Forms.button("Add"))
                                .withClass("filter")));
    }

    private static String second(AdminAccounts.Known one) {
        if (!one.isSetUp()) {
            return "not set up yet";
        }
        return one.hasSecondFactor() ? "authenticator app" : "none";
    }

    private static DomContent actions(Visit visit, AdminAccounts.Known one) {
        return div(
                        Forms.post(
                                visit.csrf(),
                                PATH + "/reset",
                                Forms.hidden("name", one.name()),
                                Forms.button("New set-up link").withClass("plain")),
                        Forms.post(
                                visit.csrf(),
                                PATH + "/remove",
                                Forms.hidden("name", one.name()),
                                Forms.danger("Remove")))
                .withClass("actions");
    }

    private static DomContent tokens(Visit visit, List<ApiTokens.Known> kept) {
        boolean may = visit.may(Right.RULE);
        return div(
                h2("Tokens for programs"),
                p(text("They use the "), a("JSON API").withHref("/api/v1/openapi.json"), text(".")),
                Listing.of("Tokens", kept)
                        .texts("Name", ApiTokens.Known::name)
                        .texts("Role", one -> Frame.word(one.role()))
                        .texts("Made by", AccessPage::maker)
                        .times("Made", one -> Frame.time(one.made()))
                        .times("Until", one -> Frame.time(one.until()))
                        .column("ID", "", one -> code(one.id()))
                        .column(
                                "Action",
                                "",
                                one -> iff(
                                        may,
                                        Forms.post(
                                                visit.csrf(),
                                                PATH + "/token/remove",
                                                Forms.hidden("id", one.id()),
                                                Forms.danger("Revoke"))))
                        .orElse("There is none."),
                iff(
                        may,
                        Forms.post(
                                        visit.csrf(),
                                        PATH + "/token",
                                        tokenField("Name", "token-name"),
                                        Forms.choiceField("Role", "token-role", "auditor", ROLES),
                                        Forms.field(
                                                "Days",
                                                "days",
                                                input().withType("number")
                                                        .withValue("365")
                                                        .attr("min", "1")
                                                        .attr("max", "3650"),
                                                ""),
                                        Forms.button("Make a token"))
                                .withClass("filter")));
    }

    private static String maker(ApiTokens.Known one) {
        return one.maker()
                .map(name -> one.accepted() ? name : name + " (no admin any more: not accepted)")
                .orElse("–");
    }

    private static DomContent tokenField(String label, String name) {
        return Forms.field(label, name, input().withType("text").attr("required"), "");
    }

    private WebReply add(Visit visit) {
        var name = visit.form().text("name").strip();
        return frame.show(
                visit,
                role(visit.form().text("role")),
                role -> frame.show(visit, accounts.add(visit.actor(), name, role), token -> link(visit, name, token)));
    }

    private WebReply reset(Visit visit) {
        var name = visit.form().text("name");
        return frame.show(visit, accounts.reset(visit.actor(), name), token -> link(visit, name, token));
    }

    private WebReply link(Visit visit, String name, String token) {
        var path = Links.to("admin", "set-up", token);
        var address = Optional.of(visit.request().header("host"))
                .filter(host -> host.matches("[A-Za-z0-9.:\\[\\]-]+"))
                .map(host -> (visit.request().secure() ? "https://" : "http://") + host + path)
                .orElse(path);
        return frame.page(
                visit,
                "Set-up link",
                p(
                        "With this link %s sets a password and a second factor. It works once, for a day, and is shown only now."
                                .formatted(name)),
                p(code(address)),
                p(a("Access").withHref(PATH)));
    }

    private WebReply token(Visit visit) {
        var form = visit.form();
        var days = form.text("days");
        if (!days.matches("[1-9][0-9]{0,3}")) {
            return frame.refused(visit, Result.Why.INVALID, "the days are a number from 1 to 9999");
        }
        return frame.show(
                visit,
                role(form.text("token-role")),
                role -> frame.show(
                        visit,
                        tokens.add(
                                visit.actor(),
                                form.text("token-name").strip(),
                                role,
                                Duration.ofDays(Long.parseLong(days))),
                        token -> frame.page(
                                visit,
                                "New token",
                                p("It is shown only now. Programs send it as: "),
                                p(code("Authorization: Bearer " + token)),
                                p(a("Access").withHref(PATH)))));
    }
}
