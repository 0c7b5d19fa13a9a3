package org.airpost.admin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.airpost.admin.Audit.Subject;
import org.airpost.admin.Role.Right;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.device.Devices;
import org.airpost.device.Policies;
import org.airpost.device.Policies.Scope;
import org.airpost.device.Policy;
import org.airpost.device.PolicyTrial;
import org.airpost.device.PolicyTrial.Prognosis;

/** What is done with policies: see {@link Policies}. A change is in force at the next request of each device. */
public final class PolicyActions {

    private final Policies policies;
    private final Devices devices;
    private final PolicyTrial trial;
    private final Audit audit;
    private final UnaryOperator<String> canonical;

    /** @param canonical what a user is called in their devices' keys, by any name that they sign in with */
    public PolicyActions(
            Policies policies, Devices devices, PolicyTrial trial, Audit audit, UnaryOperator<String> canonical) {
        this.policies = policies;
        this.devices = devices;
        this.trial = trial;
        this.audit = audit;
        this.canonical = canonical;
    }

    /** All policies, by name. */
    public Result<List<Policy>> list(Actor actor) {
        return looking(actor, policies.list());
    }

    /** One of them. */
    public Result<Policy> find(Actor actor, String name) {
        var found = policies.find(name);
        return !actor.role().may(Right.SEE)
                ? Result.notAllowed(actor)
                : found.<Result<Policy>>map(Result.Done::new).orElseGet(() -> Result.notFound("policy " + name));
    }

    /** Who has which policy: scope ({@link Scope#text}) → name. */
    public Result<Map<String, String>> assignments(Actor actor) {
        return looking(actor, policies.assignments());
    }

    /** Groups and the users in them, by their canonical names; they may be put in by any that they sign in with. */
    public Result<Map<String, Set<String>>> groups(Actor actor) {
        return looking(actor, policies.groups());
    }

    /** What the configuration says, under all policies. */
    public Result<Policies.Effective> base(Actor actor) {
        return looking(actor, policies.base());
    }

    /** What is in force for a user, and where each setting comes from. */
    public Result<Policies.Effective> effective(Actor actor, String user) {
        return actor.may(Right.SEE, user)
                ? new Result.Done<>(policies.of(canonical.apply(user)))
                : Result.notAllowed(actor);
    }

    /** Makes a policy, or puts it in the place of the one of this name. */
    public Result<Policy> set(Actor actor, Policy policy) {
        return change(actor, "policy.set", policy.name(), describe(policy), () -> {
            policies.set(policy);
            return new Result.Done<>(policy);
        });
    }

    /** Removes a policy that nobody has. */
    public Result<Policy> remove(Actor actor, String name) {
        return change(actor, "policy.remove", name, "", () -> {
            var found = policies.find(name);
            var users = policies.assignments().entrySet().stream()
                    .filter(one -> one.getValue().equals(name))
                    .map(Map.Entry::getKey)
                    .toList();
            if (found.isEmpty()) {
                return Result.notFound("policy " + name);
            }
            if (!users.isEmpty()) {
                return Result.conflict("it is assigned to " + String.join(", ", users));
            }
            policies.remove(name);
            return new Result.Done<>(found.get());
        });
    }

    /** Gives a policy to somebody; empty takes away the one that they have. */
    public Result<Scope> assign(Actor actor, Scope scope, Optional<String> policy) {
        return change(actor, "policy.assign", scope.text(), policy.orElse("none"), () -> {
            if (policy.filter(name -> policies.find(name).isEmpty()).isPresent()) {
                return Result.notFound("policy " + policy.get());
            }
            // What was given to a name that is nobody's can be taken from it.
            boolean isSo = policy.isEmpty() && policies.assignments().containsKey(scope.text());
            var whom = isSo ? scope : canonical(scope);
            policies.assign(whom, policy);
            return new Result.Done<>(whom);
        });
    }

    private Scope canonical(Scope scope) {
        return scope instanceof Scope.User(var name) ? new Scope.User(canonical.apply(name)) : scope;
    }

    /** Puts users into a group, and takes others out. A group that nobody is in is none. */
    public Result<Set<String>> changeGroup(
            Actor actor, String group, Collection<String> add, Collection<String> remove) {
        var words = (add.isEmpty() ? "" : "in: " + String.join(" ", add))
                + (remove.isEmpty() ? "" : " out: " + String.join(" ", remove));
        return change(actor, "group.change", group, words.strip(), () -> {
            policies.changeGroup(group, before -> {
                var members = new TreeSet<>(before);
                remove.forEach(user -> {
                    members.remove(user.toLowerCase(Locale.ROOT));
                    members.remove(canonical.apply(user));
                });
                add.forEach(user -> members.add(canonical.apply(user)));
                return members;
            });
            return new Result.Done<>(policies.groups().getOrDefault(group, Set.of()));
        });
    }

    /**
     * What would become of the known devices if a policy were like this; and were given to somebody, if that is said. Changes
     * nothing. Devices whose policy would be the same are left out.
     */
    public Result<List<Prognosis>> tryOut(Actor actor, Policy policy, Optional<Scope> scope) {
        if (!actor.role().may(Right.SEE)) {
            return Result.notAllowed(actor);
        }
        var whom = scope.map(this::canonical);
        var found = new ArrayList<Prognosis>();
        devices.forEach(device -> {
            var user = device.key().user();
            var then = whom.map(one -> policies.of(user, policy, one)).orElseGet(() -> policies.of(user, policy));
            if (!then.equals(policies.of(user))) {
                found.add(trial.of(device, then));
            }
        });
        found.sort((one, other) -> other.end().compareTo(one.end()));
        return new Result.Done<>(List.copyOf(found));
    }

    private static <T> Result<T> looking(Actor actor, T value) {
        return actor.role().may(Right.SEE) ? new Result.Done<>(value) : Result.notAllowed(actor);
    }

    private interface Work<T> {
        Result<T> run();
    }

    private <T> Result<T> change(Actor actor, String action, String thing, String words, Work<T> work) {
        Result<T> result;
        try {
            result = actor.role().may(Right.RULE) ? work.run() : Result.notAllowed(actor);
        } catch (IllegalArgumentException e) {
            result = Result.invalid(String.valueOf(e.getMessage()));
        } catch (BackendUnavailableException e) {
            result = Result.conflict("who that is cannot be said now: " + e.getMessage());
        }
        var why = result instanceof Result.Refused<T>(var _, var refused) ? refused : "";
        audit.note(actor, action, Subject.ofThing(thing), result.isDone(), (words + " " + why).strip());
        return result;
    }

    private static String describe(Policy policy) {
        var words = new ArrayList<String>();
        policy.values().forEach((element, value) -> words.add(element.elementName() + "=" + value));
        policy.unapprovedInRomApplications().ifPresent(list -> words.add("unapproved applications: " + list.size()));
        policy.approvedApplications().ifPresent(list -> words.add("approved applications: " + list.size()));
        policy.admits()
                .forEach((one, yes) -> words.add(one.name().toLowerCase(Locale.ROOT) + "=" + (yes ? "yes" : "no")));
        return String.join(" ", words);
    }
}
