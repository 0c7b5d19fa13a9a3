package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.fieldset;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.legend;
import static j2html.TagCreator.p;
import static j2html.TagCreator.small;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;
import static j2html.TagCreator.textarea;

import j2html.tags.DomContent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.device.Policies.Scope;
import org.airpost.device.Policy;
import org.airpost.device.Policy.Leniency;
import org.airpost.device.PolicyTrial.End;
import org.airpost.device.PolicyTrial.Prognosis;
import org.airpost.eas.PolicyElement;
import org.airpost.http.Fields;
import org.airpost.http.WebReply;

/** Named policies, whom they are for, groups of users; the editor is made of the table of settings. */
final class PoliciesPage {

    private static final String PATH = "/admin/policies";
    private static final String ONE = PATH + "/of/{name}";

    /** A field that says that the policy is to be a new one, and in the place of no other. */
    private static final String FRESH = "fresh";

    private final Frame frame;
    private final PolicyActions policies;

    PoliciesPage(Frame frame, PolicyActions policies) {
        this.frame = frame;
        this.policies = policies;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, Right.SEE, this::list),
                Route.get(
                        ONE,
                        Right.SEE,
                        visit -> frame.show(
                                visit,
                                policies.find(visit.actor(), visit.at("name")),
                                policy -> editor(visit, policy, "", List.of()))),
                Route.get(PATH + "/new", Right.RULE, visit -> editor(visit, Policy.named("new"), "", List.of())),
                Route.post(PATH + "/save", Right.RULE, this::save),
                Route.post(PATH + "/try", Right.RULE, this::tryOut),
                Route.post(PATH + "/remove", Right.RULE, visit -> {
                    var name = visit.form().text("name");
                    return frame.did(
                            visit, policies.remove(visit.actor(), name), PATH, "Policy %s is gone.".formatted(name));
                }),
                Route.post(PATH + "/assign", Right.RULE, this::assign),
                Route.post(PATH + "/group", Right.RULE, this::changeGroup));
    }

    // All of them

    private WebReply list(Visit visit) {
        return frame.show(
                visit,
                policies.list(visit.actor()),
                all -> frame.show(
                        visit,
                        policies.assignments(visit.actor()),
                        assigned -> frame.show(
                                visit,
                                policies.groups(visit.actor()),
                                groups -> frame.page(
                                        visit,
                                        "Policies",
                                        p(
                                                "A policy says only what it changes. They are laid over each other: the configuration,"
                                                        + " default, domain, group, user."),
                                        policies(visit, all, assigned),
                                        h2("For whom"),
                                        assignments(visit, all, assigned),
                                        h2("Groups"),
                                        groups(visit, groups)))));
    }

    private static DomContent policies(Visit visit, List<Policy> all, Map<String, String> assigned) {
        return div(
                Listing.of("Policies", all)
                        .column("Name", "", policy -> a(policy.name()).withHref(path(policy.name())))
                        .numbers(
                                "Settings",
                                policy -> Integer.toString(policy.values().size()))
                        .texts(
                                "For",
                                policy -> String.join(
                                        ", ",
                                        assigned.entrySet().stream()
                                                .filter(entry ->
                                                        entry.getValue().equals(policy.name()))
                                                .map(Map.Entry::getKey)
                                                .toList()))
                        .orElse("There is none: that of the configuration is in force for all."),
                iff(
                        visit.may(Right.RULE),
                        p(a("New policy").withHref(PATH + "/new").withClass("button"))));
    }

    private static String path(String name) {
        return PATH + Links.to("of", name);
    }

    private static DomContent assignments(Visit visit, List<Policy> all, Map<String, String> assigned) {
        boolean may = visit.may(Right.RULE);
        var names = new LinkedHashMap<String, String>();
        all.forEach(policy -> names.put(policy.name(), policy.name()));
        return div(
                Listing.of("Assignments", List.copyOf(new TreeMap<>(assigned).entrySet()))
                        .texts("For", Map.Entry::getKey)
                        .texts("Policy", Map.Entry::getValue)
                        .column(
                                "Action",
                                "",
                                entry -> iff(
                                        may,
                                        Forms.post(
                                                visit.csrf(),
                                                PATH + "/assign",
                                                Forms.hidden("scope", entry.getKey()),
                                                Forms.hidden("policy", ""),
                                                Forms.button("Take away").withClass("plain"))))
                        .orElse("No policy is assigned to anybody."),
                iff(
                        may && !all.isEmpty(),
                        Forms.post(
                                        visit.csrf(),
                                        PATH + "/assign",
                                        Forms.field(
                                                "For",
                                                "scope",
                                                input().withType("text")
                                                        .withValue("default")
                                                        .attr("required"),
                                                "default, domain/example.org, group/sales or user/anna"),
                                        Forms.choiceField("Policy", "policy", "", names),
                                        Forms.button("Assign"))
                                .withClass("filter")));
    }

    private static DomContent groups(Visit visit, Map<String, Set<String>> groups) {
        boolean may = visit.may(Right.RULE);
        return div(
                Listing.of("Groups", List.copyOf(new TreeMap<>(groups).entrySet()))
                        .texts("Group", Map.Entry::getKey)
                        .numbers(
                                "Users",
                                entry -> Integer.toString(entry.getValue().size()))
                        .texts(
                                "First of them",
                                entry -> String.join(
                                        ", ",
                                        entry.getValue().stream()
                                                .sorted()
                                                .limit(8)
                                                .toList()))
                        .orElse("There is no group."),
                iff(
                        may,
                        Forms.post(
                                        visit.csrf(),
                                        PATH + "/group",
                                        Forms.field(
                                                "Group",
                                                "group",
                                                input().withType("text").attr("required"),
                                                ""),
                                        Forms.field(
                                                "Add users",
                                                "add",
                                                input().withType("text"),
                                                "names with blanks between"),
                                        Forms.field("Remove users", "remove", input().withType("text"), ""),
                                        Forms.button("Change"))
                                .withClass("filter")));
    }

    private WebReply assign(Visit visit) {
        var form = visit.form();
        var policy = Optional.of(form.text("policy")).filter(name -> !name.isEmpty());
        return switch (scope(form.text("scope"))) {
            case Result.Refused<Scope>(var why, var words) -> frame.refused(visit, why, words);
            case Result.Done<Scope>(var scope) ->
                frame.did(
                        visit,
                        policies.assign(visit.actor(), scope, policy),
                        PATH,
                        policy.map(name -> "%s has policy %s now.".formatted(scope.text(), name))
                                .orElse("%s has no policy of its own any more.".formatted(scope.text())));
        };
    }

    private static Result<Scope> scope(String text) {
        try {
            return new Result.Done<>(Scope.parse(text.strip()));
        } catch (IllegalArgumentException e) {
            return Result.invalid(String.valueOf(e.getMessage()));
        }
    }

    private WebReply changeGroup(Visit visit) {
        var form = visit.form();
        var group = form.text("group").strip();
        return frame.did(
                visit,
                policies.changeGroup(visit.actor(), group, names(form.text("add")), names(form.text("remove"))),
                PATH,
                "Group %s is changed.".formatted(group));
    }

    private static List<String> names(String text) {
        return Arrays.stream(text.split("[\\s,;]+", -1))
                .filter(name -> !name.isEmpty())
                .toList();
    }

    // The editor

    private WebReply editor(Visit visit, Policy policy, String problem, List<Prognosis> trial) {
        boolean may = visit.may(Right.RULE);
        boolean isNew = visit.request().path().getLast().equals("new");
        return frame.page(
                visit,
                problem.isEmpty() ? 200 : 400,
                isNew ? "New policy" : "Policy " + policy.name(),
                iff(
                        !problem.isEmpty(),
                        p(Frame.sentence(problem)).withClass("error").attr("role", "alert")),
                iff(!trial.isEmpty(), trial(trial)),
                may ? form(visit, policy, isNew) : facts(policy),
                iff(
                        may && !isNew,
                        Forms.post(
                                        visit.csrf(),
                                        PATH + "/remove",
                                        Forms.hidden("name", policy.name()),
                                        Forms.danger("Remove this policy"))
                                .withClass("actions")),
                p(a("All policies").withHref(PATH)));
    }

    private static DomContent facts(Policy policy) {
        return dl(each(
                        policy.values().entrySet(),
                        entry -> each(dt(entry.getKey().elementName()), dd(entry.getValue()))))
                .withClass("facts");
    }

    private static DomContent form(Visit visit, Policy policy, boolean isNew) {
        var elements = Arrays.stream(PolicyElement.values()).toList();
        return Forms.post(
                visit.csrf(),
                PATH + "/save",
                iff(isNew || visit.form().has(FRESH), Forms.hidden(FRESH, "1")),
                Forms.field(
                        "Name",
                        "name",
                        isNew
                                ? input().withType("text")
                                        .attr("required")
                                        .attr("pattern", "[a-z0-9][a-z0-9._\\-]{0,63}")
                                : input().withType("text")
                                        .withValue(policy.name())
                                        .attr("readonly"),
                        isNew ? "small letters, digits, dots and lines" : ""),
                part(
                        "Password",
                        policy,
                        elements.stream().filter(PoliciesPage::isPassword).toList()),
                part(
                        "Everything else",
                        policy,
                        elements.stream().filter(one -> !isPassword(one)).toList()),
                fieldset(
                        legend("Who comes in though they do not keep all of it"),
                        each(
                                Arrays.asList(Leniency.values()),
                                one -> Forms.choiceField(
                                        leniency(one),
                                        "admits-" + one.name(),
                                        Optional.ofNullable(policy.admits().get(one))
                                                .map(String::valueOf)
                                                .orElse(""),
                                        yesNo("as before")))),
                fieldset(
                        legend("Applications"),
                        area(
                                "unapproved",
                                "Must not run (names of applications in ROM, one a line)",
                                policy.unapprovedInRomApplications()),
                        area(
                                "approved",
                                "May run, and no other (SHA-1 hashes in base64, one a line)",
                                policy.approvedApplications())),
                div(
                                Forms.button("Save"),
                                Forms.button("Try it out").withClass("plain").attr("formaction", PATH + "/try"),
                                Forms.field(
                                        "As if it were assigned to",
                                        "try-scope",
                                        input().withType("text").attr("placeholder", "as now"),
                                        ""))
                        .withClass("actions"));
    }

    private static boolean isPassword(PolicyElement element) {
        return element == PolicyElement.DEVICE_PASSWORD_ENABLED || element.concernsPassword();
    }

    private static DomContent part(String name, Policy policy, List<PolicyElement> elements) {
        return fieldset(legend(name), each(elements, element -> setting(policy, element)));
    }

    /** A switch or a number, by what the table says of it. */
    private static DomContent setting(Policy policy, PolicyElement element) {
        var value = Optional.ofNullable(policy.values().get(element));
        var name = element.elementName();
        if (element.isFlag()) {
            return div(
                            label(name).attr("for", name),
                            Forms.choice(name, value.orElse(""), flags()).attr("aria-describedby", name + "-hint"),
                            small(element.meaning()).withId(name + "-hint"))
                    .withClass("setting");
        }
        boolean isAsked = value.isPresent() && value.get().isEmpty();
        return div(
                        label(name).attr("for", name),
                        span(
                                input().withType("number")
                                        .withName(name)
                                        .withId(name)
                                        .withValue(value.orElse(""))
                                        .attr("min", element.least())
                                        .attr("max", element.greatest())
                                        .attr("placeholder", "as before")
                                        .attr("aria-describedby", name + "-hint"),
                                iff(
                                        element.mayBeEmpty(),
                                        label(
                                                        input().withType("checkbox")
                                                                .withName("none-" + name)
                                                                .withValue("1")
                                                                .withCondChecked(isAsked),
                                                        text(" asks for nothing"))
                                                .withClass("faint"))),
                        small("%s (%d to %d)".formatted(element.meaning(), element.least(), element.greatest()))
                                .withId(name + "-hint"))
                .withClass("setting");
    }

    private static Map<String, String> flags() {
        var choices = new LinkedHashMap<String, String>();
        choices.put("", "as before");
        choices.put("1", "yes");
        choices.put("0", "no");
        return choices;
    }

    private static Map<String, String> yesNo(String neither) {
        var choices = new LinkedHashMap<String, String>();
        choices.put("", neither);
        choices.put("true", "come in");
        choices.put("false", "do not");
        return choices;
    }

    private static String leniency(Leniency one) {
        return switch (one) {
            case NON_PROVISIONABLE -> "Devices that apply nothing, or never ask for a policy";
            case PARTLY -> "Devices that apply a part";
            case MANAGED_ELSEWHERE -> "Devices that somebody else manages";
        };
    }

    private static DomContent area(String name, String words, Optional<List<String>> lines) {
        return div(
                        label(words).attr("for", name),
                        textarea(String.join("\n", lines.orElse(List.of())))
                                .withName(name)
                                .withId(name)
                                .attr("rows", "3"),
                        label(
                                        input().withType("checkbox")
                                                .withName("none-" + name)
                                                .withValue("1")
                                                .withCondChecked(lines.filter(List::isEmpty)
                                                        .isPresent()),
                                        text(" none, also if policies before it name some"))
                                .withClass("faint"))
                .withClass("field");
    }

    /** The policy that a form describes. */
    private static Result<Policy> policy(Fields form) {
        try {
            var policy = Policy.named(form.text("name").strip());
            for (var element : PolicyElement.values()) {
                var value = form.text(element.elementName()).strip();
                if (!value.isEmpty()) {
                    policy = policy.with(element, value);
                } else if (form.has("none-" + element.elementName())) {
                    policy = policy.with(element, "");
                }
            }
            for (var leniency : Leniency.values()) {
                policy = policy.admitting(
                        leniency,
                        Optional.of(form.text("admits-" + leniency.name()))
                                .filter(given -> !given.isEmpty())
                                .map(Boolean::valueOf));
            }
            return new Result.Done<>(
                    policy.withUnapproved(lines(form, "unapproved")).withApproved(lines(form, "approved")));
        } catch (IllegalArgumentException e) {
            return Result.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<List<String>> lines(Fields form, String name) {
        return Optional.of(form.text(name)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList())
                .filter(lines -> !lines.isEmpty() || form.has("none-" + name));
    }

    private WebReply save(Visit visit) {
        return frame.show(
                visit,
                policy(visit.form()),
                policy -> visit.form().has(FRESH)
                                && policies.find(visit.actor(), policy.name()).isDone()
                        ? frame.refused(
                                visit, Result.Why.CONFLICT, "there is a policy %s already".formatted(policy.name()))
                        : frame.did(
                                visit,
                                policies.set(visit.actor(), policy),
                                path(policy.name()),
                                "Policy %s is saved. Devices are asked to keep it when they come."
                                        .formatted(policy.name())));
    }

    private WebReply tryOut(Visit visit) {
        var asked = visit.form().text("try-scope").strip();
        Result<Optional<Scope>> scope = asked.isEmpty()
                ? new Result.Done<>(Optional.empty())
                : scope(asked).map(Optional::of);
        return frame.show(
                visit,
                policy(visit.form()),
                policy -> frame.show(
                        visit,
                        scope,
                        wanted -> frame.show(
                                visit,
                                policies.tryOut(visit.actor(), policy, wanted),
                                trial -> editor(visit, policy, "", trial))));
    }

    private static DomContent trial(List<Prognosis> trial) {
        var changed = trial.stream().filter(one -> one.end() != End.SAME).toList();
        return div(
                h2("What would happen"),
                p("Nothing was changed. Of %d devices %d would notice something."
                                .formatted(trial.size(), changed.size()))
                        .withClass("note"),
                Listing.of("What would happen", changed)
                        .column("Device", "", one -> a(one.title()).withHref(DevicesPage.path(one.device())))
                        .texts("User", one -> one.device().user())
                        .column("End", "", one -> end(one.end()))
                        .texts("Why", Prognosis::reason)
                        .orElse("No device would notice anything."));
    }

    private static DomContent end(End end) {
        return switch (end) {
            case SAME -> span("the same").withClasses("badge");
            case EXPECTED -> span("would keep it").withClasses("badge", "ok");
            case PARTLY -> span("would keep a part").withClasses("badge", "wait");
            case FAILS -> span("would stay out").withClasses("badge", "bad");
        };
    }
}
