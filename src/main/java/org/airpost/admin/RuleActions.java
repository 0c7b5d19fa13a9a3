package org.airpost.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.airpost.admin.Audit.Subject;
import org.airpost.admin.Role.Right;
import org.airpost.device.Admission;
import org.airpost.device.Device;
import org.airpost.device.Device.Access;
import org.airpost.device.Devices;
import org.airpost.device.GateRule;
import org.airpost.device.GateRule.Condition;
import org.airpost.device.GateRules;

/** What is done with the rules of the gate: see {@link GateRules}. */
public final class RuleActions {

    private final GateRules rules;
    private final Devices devices;
    private final Audit audit;
    private final RandomGenerator random;

    public RuleActions(GateRules rules, Devices devices, Audit audit, RandomGenerator random) {
        this.rules = rules;
        this.devices = devices;
        this.audit = audit;
        this.random = random;
    }

    /**
     * The rules in their order.
     *
     * @param standard what becomes of a new device that none fits
     */
    public record Rules(List<GateRule> rules, Access standard) {}

    public Result<Rules> list(Actor actor) {
        return actor.role().may(Right.SEE)
                ? new Result.Done<>(new Rules(rules.list(), rules.standard()))
                : Result.notAllowed(actor);
    }

    /** Adds a rule at a place from 0; empty for the end. */
    public Result<GateRule> add(
            Actor actor, Access access, List<Condition> conditions, String comment, Optional<Integer> place) {
        return switch (made(conditions, access, comment, newId())) {
            case Result.Refused<GateRule> refused -> noted(actor, "rule.add", "", refused);
            case Result.Done<GateRule>(var rule) ->
                change(actor, "rule.add", rule.id(), rule.text(), rule, before -> {
                    var after = new ArrayList<>(before);
                    after.add(Math.clamp(place.orElse(before.size()), 0, before.size()), rule);
                    return after;
                });
        };
    }

    private static Result<GateRule> made(List<Condition> conditions, Access access, String comment, String id) {
        try {
            return new Result.Done<>(new GateRule(id, access, conditions, comment));
        } catch (IllegalArgumentException e) {
            return Result.invalid(String.valueOf(e.getMessage()));
        }
    }

    private String newId() {
        return "r" + Integer.toString(random.nextInt(36 * 36 * 36 * 36, 36 * 36 * 36 * 36 * 36), 36);
    }

    /** Puts a rule in the place of the one of its id. */
    public Result<GateRule> replace(Actor actor, GateRule rule) {
        return find(rule.id()).isEmpty()
                ? noted(actor, "rule.change", rule.id(), Result.notFound("rule " + rule.id()))
                : change(
                        actor,
                        "rule.change",
                        rule.id(),
                        rule.text(),
                        rule,
                        before -> before.stream()
                                .map(one -> one.id().equals(rule.id()) ? rule : one)
                                .toList());
    }

    /** Moves a rule to a place from 0. */
    public Result<GateRule> move(Actor actor, String id, int place) {
        return withRule(
                actor,
                "rule.move",
                id,
                rule -> change(actor, "rule.move", id, "to place " + place, rule, before -> {
                    var after = new ArrayList<>(before);
                    after.removeIf(one -> one.id().equals(id));
                    after.add(Math.clamp(place, 0, after.size()), rule);
                    return after;
                }));
    }

    /** Removes a rule. */
    public Result<GateRule> remove(Actor actor, String id) {
        return withRule(
                actor,
                "rule.remove",
                id,
                rule -> change(
                        actor,
                        "rule.remove",
                        id,
                        rule.text(),
                        rule,
                        before -> before.stream()
                                .filter(one -> !one.id().equals(id))
                                .toList()));
    }

    /** What rules would change for a device. */
    public record Trial(Device device, Admission now, Admission then) {

        /** True if it would come in as before, or stay out as before. */
        public boolean isSame() {
            return now.access() == then.access();
        }
    }

    /** What a rule at a place would change for the known devices, by their last request. Changes nothing. */
    public Result<List<Trial>> tryOut(Actor actor, GateRule rule, Optional<Integer> place) {
        if (!actor.role().may(Right.SEE)) {
            return Result.notAllowed(actor);
        }
        var present = rules.list();
        var tried = new ArrayList<>(present);
        tried.removeIf(one -> one.id().equals(rule.id()));
        tried.add(Math.clamp(place.orElse(tried.size()), 0, tried.size()), rule);
        var trials = new ArrayList<Trial>();
        devices.forEach(device -> {
            var trial = new Trial(device, rules.tryOut(present, device), rules.tryOut(tried, device));
            if (!trial.isSame() || trial.then().by().equals(rule.id())) {
                trials.add(trial);
            }
        });
        return new Result.Done<>(List.copyOf(trials));
    }

    private Optional<GateRule> find(String id) {
        return rules.list().stream().filter(rule -> rule.id().equals(id)).findFirst();
    }

    private interface WithRule {
        Result<GateRule> run(GateRule rule);
    }

    private Result<GateRule> withRule(Actor actor, String action, String id, WithRule work) {
        return find(id).map(work::run).orElseGet(() -> noted(actor, action, id, Result.notFound("rule " + id)));
    }

    private Result<GateRule> change(
            Actor actor, String action, String id, String words, GateRule rule, UnaryOperator<List<GateRule>> change) {
        Result<GateRule> result;
        try {
            if (actor.role().may(Right.RULE)) {
                rules.change(change);
                result = new Result.Done<>(rule);
            } else {
                result = Result.notAllowed(actor);
            }
        } catch (IllegalArgumentException e) {
            result = Result.invalid(String.valueOf(e.getMessage()));
        }
        if (result.isDone()) {
            audit.note(actor, action, Subject.ofThing(id), true, words);
            return result;
        }
        return noted(actor, action, id, result);
    }

    private Result<GateRule> noted(Actor actor, String action, String id, Result<GateRule> result) {
        if (result instanceof Result.Refused<GateRule>(var _, var why)) {
            audit.note(actor, action, Subject.ofThing(id), false, why);
        }
        return result;
    }
}
