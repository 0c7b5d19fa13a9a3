package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.api.ApiRoute.Call;
import org.airpost.device.Policies.Scope;
import org.airpost.device.Policy;
import org.airpost.device.Policy.Leniency;
import org.airpost.device.PolicyTrial.End;
import org.airpost.eas.PolicyElement;

/** Policies, whom they are for, and groups. */
final class PolicyRoutes {

    private static final Shape TEXTS = new Shape.Many(Shape.Plain.STRING);
    private static final Shape TABLE = new Shape.Table(Shape.Plain.STRING);

    private static final Shape.Field SETTINGS = field(
            "settings",
            TABLE,
            "by their names in MS-ASPROV, such as MinDevicePasswordLength; what is left out is as before");
    private static final Shape.Field UNAPPROVED = field(
                    "unapprovedInRomApplications", TEXTS, "names of applications that must not run")
            .orAbsent();
    private static final Shape.Field APPROVED = field(
                    "approvedApplications", TEXTS, "SHA-1 hashes of those that may run")
            .orAbsent();
    private static final Shape.Field ADMITS = field(
                    "admits",
                    Shape.of(
                            field("non-provisionable", Shape.Plain.BOOLEAN, "that apply nothing")
                                    .orAbsent(),
                            field("partly", Shape.Plain.BOOLEAN, "that apply a part")
                                    .orAbsent(),
                            field("managed-elsewhere", Shape.Plain.BOOLEAN, "that somebody else manages")
                                    .orAbsent()),
                    "which devices come in though they do not keep all of it")
            .orAbsent();

    private static final Shape POLICY = new Shape.Named(
            "Policy", Shape.of(field("name", Shape.Plain.STRING, "its name"), SETTINGS, UNAPPROVED, APPROVED, ADMITS));
    private static final Shape LIST = Shape.of(field("policies", new Shape.Many(POLICY), "all of them"));
    private static final Shape BODY = Shape.of(SETTINGS, UNAPPROVED, APPROVED, ADMITS);
    private static final Shape NAME = Shape.of(field("name", Shape.Plain.STRING, "its name"));
    private static final Shape SCOPE = Shape.of(field("scope", Shape.Plain.STRING, "whom it is for"));

    private static final Shape TRIAL = Shape.of(field(
            "devices",
            new Shape.Many(Shape.of(
                    field("user", Shape.Plain.STRING, "the user"),
                    field("device", Shape.Plain.STRING, "the device's id"),
                    field("end", Shape.words(End.values()), "how it would end"),
                    field("reason", Shape.Plain.STRING, "why"))),
            "all that are known"));

    private final PolicyActions policies;

    PolicyRoutes(PolicyActions policies) {
        this.policies = policies;
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get(
                        "/policies",
                        Right.SEE,
                        "All policies.",
                        LIST,
                        call -> policies.list(call.actor())
                                .map(all -> Json.object()
                                        .with("policies", Json.list(all, PolicyRoutes::policy))
                                        .done())),
                ApiRoute.get(
                        "/policies/{name}",
                        Right.SEE,
                        "One policy.",
                        POLICY,
                        call -> policies.find(call.actor(), call.at("name")).map(PolicyRoutes::policy)),
                ApiRoute.put(
                        "/policies/{name}",
                        Right.RULE,
                        "Makes or changes a policy.",
                        BODY,
                        POLICY,
                        call -> with(
                                call,
                                policy -> policies.set(call.actor(), policy).map(PolicyRoutes::policy))),
                ApiRoute.delete(
                        "/policies/{name}",
                        Right.RULE,
                        "Removes a policy.",
                        NAME,
                        call -> policies.remove(call.actor(), call.at("name")).map(policy -> name(policy.name()))),
                ApiRoute.post(
                                "/policies/{name}/try",
                                Right.RULE,
                                "Tells what a policy would do; nothing is changed.",
                                TRIAL,
                                this::tryOut)
                        .taking(Shape.of(
                                SETTINGS,
                                UNAPPROVED,
                                APPROVED,
                                ADMITS,
                                field("scope", Shape.Plain.STRING, "as if it were assigned so; without as it is now")
                                        .orAbsent())),
                ApiRoute.get(
                        "/assignments",
                        Right.SEE,
                        "Which policy is for whom.",
                        Shape.of(field("assignments", TABLE, "policy by default, domain/…, group/…, user/…")),
                        call -> policies.assignments(call.actor())
                                .map(all -> Json.object()
                                        .with("assignments", Json.table(new TreeMap<>(all)))
                                        .done())),
                ApiRoute.put(
                        "/assignments",
                        Right.RULE,
                        "Assigns a policy, or takes it away.",
                        Shape.of(
                                field("scope", Shape.Plain.STRING, "default, domain/…, group/… or user/…"),
                                field("policy", Shape.Plain.STRING, "its name; without, none")
                                        .orAbsent()),
                        SCOPE,
                        this::assign),
                ApiRoute.get(
                        "/groups",
                        Right.SEE,
                        "Groups of users.",
                        Shape.of(field("groups", new Shape.Table(TEXTS), "users by group")),
                        this::groups),
                ApiRoute.put(
                        "/groups/{group}",
                        Right.RULE,
                        "Adds users to a group, and removes others.",
                        Shape.of(
                                field("add", TEXTS, "users").orAbsent(),
                                field("remove", TEXTS, "users").orAbsent()),
                        Shape.of(field("users", TEXTS, "who is in it now")),
                        call -> policies.changeGroup(
                                        call.actor(), call.at("group"), call.texts("add"), call.texts("remove"))
                                .map(users -> Json.object()
                                        .with(
                                                "users",
                                                Json.texts(
                                                        users.stream().sorted().toList()))
                                        .done())));
    }

    private static JsonObject name(String name) {
        return Json.object().with("name", name).done();
    }

    private static JsonObject policy(Policy policy) {
        var settings = new JsonObject();
        policy.values().forEach((element, value) -> settings.addProperty(element.elementName(), value));
        var admits = new JsonObject();
        policy.admits().forEach((leniency, yes) -> admits.addProperty(Json.word(leniency), yes));
        var json = Json.object()
                .with("name", policy.name())
                .with("settings", settings)
                .with("admits", admits);
        policy.unapprovedInRomApplications()
                .ifPresent(names -> json.with("unapprovedInRomApplications", Json.texts(names)));
        policy.approvedApplications().ifPresent(hashes -> json.with("approvedApplications", Json.texts(hashes)));
        return json.done();
    }

    private interface OfPolicy {
        Result<? extends JsonElement> run(Policy policy);
    }

    /** The policy of a body; a name that nobody knows as a setting is refused. */
    private static Result<? extends JsonElement> with(Call call, OfPolicy work) {
        Policy policy;
        try {
            policy = Policy.named(call.at("name"));
            for (var setting : call.table("settings").entrySet()) {
                var element = PolicyElement.ofName(setting.getKey())
                        .orElseThrow(() -> new IllegalArgumentException("there is no setting " + setting.getKey()));
                policy = policy.with(element, setting.getValue());
            }
            if (call.body().has("unapprovedInRomApplications")) {
                policy = policy.withUnapproved(Optional.of(call.texts("unapprovedInRomApplications")));
            }
            if (call.body().has("approvedApplications")) {
                policy = policy.withApproved(Optional.of(call.texts("approvedApplications")));
            }
            if (call.body().get("admits") instanceof JsonObject admits) {
                for (var leniency : Leniency.values()) {
                    policy = policy.admitting(
                            leniency,
                            Optional.ofNullable(admits.get(Json.word(leniency))).map(JsonElement::getAsBoolean));
                }
            }
        } catch (IllegalArgumentException e) {
            return Result.<JsonElement>invalid(String.valueOf(e.getMessage()));
        }
        return work.run(policy);
    }

    private static Result<Scope> scope(String text) {
        try {
            return new Result.Done<>(Scope.parse(text));
        } catch (IllegalArgumentException e) {
            return Result.invalid(String.valueOf(e.getMessage()));
        }
    }

    private Result<? extends JsonElement> tryOut(Call call) {
        Result<Optional<Scope>> scope = call.text("scope").isEmpty()
                ? new Result.Done<>(Optional.empty())
                : scope(call.text("scope")).map(Optional::of);
        return switch (scope) {
            case Result.Refused<Optional<Scope>>(var why, var words) -> new Result.Refused<JsonElement>(why, words);
            case Result.Done<Optional<Scope>>(var wanted) ->
                with(
                        call,
                        policy -> policies.tryOut(call.actor(), policy, wanted)
                                .map(all -> Json.object()
                                        .with(
                                                "devices",
                                                Json.list(
                                                        all,
                                                        one -> Json.object()
                                                                .with(
                                                                        "user",
                                                                        one.device()
                                                                                .user())
                                                                .with(
                                                                        "device",
                                                                        one.device()
                                                                                .deviceId())
                                                                .with("end", one.end())
                                                                .with("reason", one.reason())
                                                                .done()))
                                        .done()));
        };
    }

    private Result<? extends JsonElement> assign(Call call) {
        var policy = Optional.of(call.text("policy")).filter(name -> !name.isEmpty());
        return switch (scope(call.text("scope"))) {
            case Result.Refused<Scope>(var why, var words) -> new Result.Refused<JsonElement>(why, words);
            case Result.Done<Scope>(var scope) ->
                policies.assign(call.actor(), scope, policy)
                        .map(assigned ->
                                Json.object().with("scope", assigned.text()).done());
        };
    }

    private Result<? extends JsonElement> groups(Call call) {
        return policies.groups(call.actor()).map(all -> {
            var groups = new JsonObject();
            new TreeMap<>(all)
                    .forEach((name, users) ->
                            groups.add(name, Json.texts(users.stream().sorted().toList())));
            return Json.object().with("groups", groups).done();
        });
    }
}
