package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.admin.RuleActions;
import org.airpost.console.api.ApiRoute.Call;
import org.airpost.device.Device.Access;
import org.airpost.device.GateRule;
import org.airpost.device.GateRule.Condition;

/** The rules by which devices are let in. */
final class RuleRoutes {

    private static final Shape TEXTS = new Shape.Many(Shape.Plain.STRING);
    private static final Shape.Field ACCESS =
            field("access", Shape.words(Access.values()), "what a device is if it fits");
    private static final Shape.Field CONDITIONS = field("conditions", TEXTS, "all must hold, such as type=Android*");
    private static final Shape.Field COMMENT = field("comment", Shape.Plain.STRING, "for people");

    private static final Shape RULE =
            new Shape.Named("Rule", Shape.of(field("id", Shape.Plain.STRING, "its id"), ACCESS, CONDITIONS, COMMENT));
    private static final Shape LIST = Shape.of(
            field("rules", new Shape.Many(RULE), "in their order: the first that fits decides"),
            field("standard", Shape.words(Access.values()), "what a device is if none fits"));
    private static final Shape BODY = Shape.of(
            ACCESS,
            CONDITIONS,
            COMMENT.orAbsent(),
            field("place", Shape.Plain.INTEGER, "from 0; at the end without").orAbsent());
    private static final Shape TRIAL = Shape.of(field(
            "devices",
            new Shape.Many(Shape.of(
                    field("user", Shape.Plain.STRING, "the user"),
                    field("device", Shape.Plain.STRING, "the device's id"),
                    field("now", Shape.words(Access.values()), "what it is"),
                    field("then", Shape.words(Access.values()), "what it would be"))),
            "all that are known"));

    private final RuleActions rules;

    RuleRoutes(RuleActions rules) {
        this.rules = rules;
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get(
                        "/rules",
                        Right.SEE,
                        "The rules of the gate.",
                        LIST,
                        call -> rules.list(call.actor())
                                .map(all -> Json.object()
                                        .with("rules", Json.list(all.rules(), RuleRoutes::rule))
                                        .with("standard", all.standard())
                                        .done())),
                ApiRoute.post(
                                "/rules",
                                Right.RULE,
                                "Adds a rule.",
                                RULE,
                                call -> with(
                                        call,
                                        "new",
                                        rule -> rules.add(
                                                        call.actor(),
                                                        rule.access(),
                                                        rule.conditions(),
                                                        rule.comment(),
                                                        call.number("place").map(Math::toIntExact))
                                                .map(RuleRoutes::rule)))
                        .taking(BODY),
                ApiRoute.post(
                                "/rules/try",
                                Right.RULE,
                                "Tells what a rule would do; nothing is changed.",
                                TRIAL,
                                call -> with(
                                        call,
                                        "new",
                                        rule -> rules.tryOut(
                                                        call.actor(),
                                                        rule,
                                                        call.number("place").map(Math::toIntExact))
                                                .map(RuleRoutes::trial)))
                        .taking(BODY),
                ApiRoute.put(
                        "/rules/{id}",
                        Right.RULE,
                        "Changes a rule.",
                        Shape.of(ACCESS, CONDITIONS, COMMENT.orAbsent()),
                        RULE,
                        call -> with(
                                call,
                                call.at("id"),
                                rule -> rules.replace(call.actor(), rule).map(RuleRoutes::rule))),
                ApiRoute.post(
                                "/rules/{id}/move",
                                Right.RULE,
                                "Puts a rule at another place.",
                                RULE,
                                call -> rules.move(
                                                call.actor(),
                                                call.at("id"),
                                                Math.toIntExact(
                                                        call.number("place").orElse(0L)))
                                        .map(RuleRoutes::rule))
                        .taking(Shape.of(field("place", Shape.Plain.INTEGER, "from 0"))),
                ApiRoute.delete(
                        "/rules/{id}",
                        Right.RULE,
                        "Removes a rule.",
                        RULE,
                        call -> rules.remove(call.actor(), call.at("id")).map(RuleRoutes::rule)));
    }

    private interface OfRule {
        Result<? extends JsonElement> run(GateRule rule);
    }

    private static Result<? extends JsonElement> with(Call call, String id, OfRule work) {
        GateRule rule;
        try {
            var access = Arrays.stream(Access.values())
                    .filter(one -> Json.word(one).equals(call.text("access")))
                    .findFirst()
                    .orElseThrow();
            rule = new GateRule(
                    id,
                    access,
                    call.texts("conditions").stream().map(Condition::parse).toList(),
                    call.text("comment"));
        } catch (IllegalArgumentException e) {
            return Result.<JsonElement>invalid(String.valueOf(e.getMessage()));
        }
        return work.run(rule);
    }

    private static JsonObject rule(GateRule rule) {
        return Json.object()
                .with("id", rule.id())
                .with("access", rule.access())
                .with(
                        "conditions",
                        Json.texts(rule.conditions().stream()
                                .map(Condition::toString)
                                .toList()))
                .with("comment", rule.comment())
                .done();
    }

    private static JsonObject trial(List<RuleActions.Trial> trials) {
        return Json.object()
                .with(
                        "devices",
                        Json.list(
                                trials,
                                one -> Json.object()
                                        .with("user", one.device().key().user())
                                        .with("device", one.device().key().deviceId())
                                        .with("now", one.now().access())
                                        .with("then", one.then().access())
                                        .done()))
                .done();
    }
}
