package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonElement;
import java.util.List;
import java.util.Locale;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.ApiTokens;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.admin.Role.Right;
import org.airpost.console.api.ApiRoute.Call;

/** Who may use the console, and which tokens there are. */
final class AccessRoutes {

    private static final Shape ROLE = Shape.words(Role.ADMIN, Role.HELPDESK, Role.AUDITOR);
    private static final Shape NAME = Shape.of(field("name", Shape.Plain.STRING, "whom it was done to"));
    private static final Shape LINK =
            Shape.of(field("setUp", Shape.Plain.STRING, "the path of the page to set up; it works once, for a day"));

    private static final Shape ADMINS = Shape.of(field(
            "admins",
            new Shape.Many(Shape.of(
                    field("name", Shape.Plain.STRING, "the name to sign in with"),
                    field("role", ROLE, "what they may"),
                    field("setUp", Shape.Plain.BOOLEAN, "whether there is a password"),
                    field("secondFactor", Shape.Plain.BOOLEAN, "whether there is an authenticator app"),
                    field("lastSignIn", Shape.Plain.TIME, "when").orAbsent())),
            "all of them"));

    private static final Shape TOKENS = Shape.of(field(
            "tokens",
            new Shape.Many(Shape.of(
                    field("id", Shape.Plain.STRING, "its id"),
                    field("name", Shape.Plain.STRING, "what it is for"),
                    field("role", ROLE, "what it may"),
                    field("until", Shape.Plain.TIME, "when it ends"),
                    field("madeBy", Shape.Plain.STRING, "the admin who made it in the console")
                            .orAbsent(),
                    field("accepted", Shape.Plain.BOOLEAN, "false if its maker is no admin any more"))),
            "without their secrets; they are made by airpost admin token and in the console"));

    private final AdminAccounts accounts;
    private final ApiTokens tokens;

    AccessRoutes(AdminAccounts accounts, ApiTokens tokens) {
        this.accounts = accounts;
        this.tokens = tokens;
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get(
                        "/admins",
                        Right.AUDIT,
                        "Who may use the console.",
                        ADMINS,
                        call -> accounts.list(call.actor())
                                .map(all -> Json.object()
                                        .with(
                                                "admins",
                                                Json.list(
                                                        all,
                                                        one -> Json.object()
                                                                .with("name", one.name())
                                                                .with("role", one.role())
                                                                .with("setUp", one.isSetUp())
                                                                .with("secondFactor", one.hasSecondFactor())
                                                                .withTime("lastSignIn", one.lastSignIn())
                                                                .done()))
                                        .done())),
                ApiRoute.post(
                                "/admins",
                                Right.RULE,
                                "Adds somebody.",
                                LINK,
                                call -> link(accounts.add(call.actor(), call.text("name"), role(call))))
                        .taking(Shape.of(
                                field("name", Shape.Plain.STRING, "the name to sign in with"),
                                field("role", ROLE, "what they may"))),
                ApiRoute.post(
                        "/admins/{name}/reset",
                        Right.RULE,
                        "Takes password and second factor away.",
                        LINK,
                        call -> link(accounts.reset(call.actor(), call.at("name")))),
                ApiRoute.post(
                                "/admins/{name}/role",
                                Right.RULE,
                                "Makes somebody something else.",
                                NAME,
                                call -> name(accounts.setRole(call.actor(), call.at("name"), role(call))))
                        .taking(Shape.of(field("role", ROLE, "what they may from now on"))),
                ApiRoute.delete(
                        "/admins/{name}",
                        Right.RULE,
                        "Removes somebody.",
                        NAME,
                        call -> name(accounts.remove(call.actor(), call.at("name")))),
                ApiRoute.get(
                        "/tokens",
                        Right.AUDIT,
                        "Tokens for programs.",
                        TOKENS,
                        call -> tokens.list(call.actor())
                                .map(all -> Json.object()
                                        .with(
                                                "tokens",
                                                Json.list(
                                                        all,
                                                        one -> Json.object()
                                                                .with("id", one.id())
                                                                .with("name", one.name())
                                                                .with("role", one.role())
                                                                .with("until", one.until())
                                                                .withText("madeBy", one.maker())
                                                                .with("accepted", one.accepted())
                                                                .done()))
                                        .done())),
                ApiRoute.delete(
                        "/tokens/{id}",
                        Right.RULE,
                        "Ends a token.",
                        NAME,
                        call -> name(tokens.remove(call.actor(), call.at("id")))));
    }

    private static Role role(Call call) {
        return Role.valueOf(call.text("role").toUpperCase(Locale.ROOT));
    }

    private static Result<? extends JsonElement> link(Result<String> token) {
        return token.map(
                it -> Json.object().with("setUp", "/admin/set-up/" + it).done());
    }

    private static Result<? extends JsonElement> name(Result<String> result) {
        return result.map(it -> Json.object().with("name", it).done());
    }
}
