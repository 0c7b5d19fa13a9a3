package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;
import static j2html.TagCreator.textarea;

import j2html.tags.DomContent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.admin.RuleActions;
import org.airpost.admin.RuleActions.Rules;
import org.airpost.admin.RuleActions.Trial;
import org.airpost.console.web.Forms;
import org.airpost.device.Device.Access;
import org.airpost.device.GateRule;
import org.airpost.device.GateRule.Condition;
import org.airpost.http.Fields;
import org.airpost.http.WebReply;

/** The rules by which devices are let in, blocked or put into quarantine: the first that fits decides. */
final class RulesPage {

    private static final String PATH = "/admin/rules";

    private final Frame frame;
    private final RuleActions rules;

    RulesPage(Frame frame, RuleActions rules) {
        this.frame = frame;
        this.rules = rules;
    }

    List<Route> routes() {
        return List.of(
                Route.get(
                        PATH,
                        Right.SEE,
                        visit -> frame.show(
                                visit, rules.list(visit.actor()), all -> page(visit, all, Fields.NONE, text("")))),
                Route.post(PATH + "/add", Right.RULE, this::add),
                Route.post(PATH + "/try", Right.RULE, this::tryOut),
                Route.post(PATH + "/move", Right.RULE, visit -> {
                    var form = visit.form();
                    return frame.show(
                            visit,
                            place(form),
                            place -> frame.did(
                                    visit,
                                    rules.move(visit.actor(), form.text("id"), place.orElse(0)),
                                    PATH,
                                    "The rule is moved."));
                }),
                Route.post(
                        PATH + "/remove",
                        Right.RULE,
                        visit -> frame.did(
                                visit,
                                rules.remove(visit.actor(), visit.form().text("id")),
                                PATH,
                                "The rule is gone.")));
    }

    private WebReply page(Visit visit, Rules all, Fields form, DomContent trial) {
        boolean may = visit.may(Right.RULE);
        var list = all.rules();
        return frame.page(
                visit,
                "Rules",
                p("The first rule that fits a device decides; if none does: ")
                        .with(badge(all.standard()))
                        .with(text(" (gate.default). What somebody has decided about a device goes before the rules.")),
                Listing.of("Rules", list)
                        .numbers("No", rule -> Integer.toString(list.indexOf(rule) + 1))
                        .column("Then", "", rule -> badge(rule.access()))
                        .column(
                                "If",
                                "",
                                rule -> code(String.join(
                                        " and ",
                                        rule.conditions().stream()
                                                .map(Condition::toString)
                                                .toList())))
                        .texts("Comment", GateRule::comment)
                        .column("Actions", "", rule -> iff(may, actions(visit, list, rule)))
                        .orElse("There is no rule."),
                trial,
                iff(may, form(visit, form)),
                h2("What a condition can say"),
                dl(each(
                                Arrays.asList(GateRule.Field.values()),
                                field -> each(dt(code(field.text())), dd(field.meaning()))))
                        .withClass("facts"));
    }

    static DomContent badge(Access access) {
        return span(Frame.word(access))
                .withClasses(
                        "badge",
                        switch (access) {
                            case ALLOWED -> "ok";
                            case BLOCKED -> "bad";
                            case QUARANTINED -> "wait";
                        });
    }

    private static DomContent actions(Visit visit, List<GateRule> list, GateRule rule) {
        int index = list.indexOf(rule);
        return div(
                        iff(index > 0, move(visit, rule, index - 1, "Up")),
                        iff(index < list.size() - 1, move(visit, rule, index + 1, "Down")),
                        Forms.post(
                                visit.csrf(), PATH + "/remove", Forms.hidden("id", rule.id()), Forms.danger("Remove")))
                .withClass("actions");
    }

    private static DomContent move(Visit visit, GateRule rule, int place, String words) {
        return Forms.post(
                visit.csrf(),
                PATH + "/move",
                Forms.hidden("id", rule.id()),
                Forms.hidden("place", Integer.toString(place)),
                Forms.button(words).withClass("plain"));
    }

    private static DomContent form(Visit visit, Fields form) {
        Map<String, String> accesses = new LinkedHashMap<>();
        for (var access : Access.values()) {
            accesses.put(access.name(), Frame.word(access));
        }
        return div(
                h2("New rule"),
                Forms.post(
                        visit.csrf(),
                        PATH + "/add",
                        Forms.choiceField("Then the device is", "access", form.text("access"), accesses),
                        div(
                                        label("If all of these hold").attr("for", "conditions"),
                                        textarea(form.text("conditions"))
                                                .withName("conditions")
                                                .withId("conditions")
                                                .attr("rows", "4")
                                                .attr("required")
                                                .attr("placeholder", "one a line, as type=Android*"))
                                .withClass("field"),
                        Forms.field(
                                "Comment",
                                "comment",
                                input().withType("text")
                                        .withValue(form.text("comment"))
                                        .attr("maxlength", "500"),
                                ""),
                        Forms.field(
                                "Place",
                                "number",
                                input().withType("number")
                                        .withValue(form.text("number"))
                                        .attr("min", "1")
                                        .attr("placeholder", "last"),
                                "Its number in the list."),
                        div(
                                        Forms.button("Add"),
                                        Forms.button("Try it out")
                                                .withClass("plain")
                                                .attr("formaction", PATH + "/try"))
                                .withClass("actions")));
    }

    private static Result<Optional<Integer>> place(Fields form) {
        var place = form.text("place").strip();
        var number = form.text("number").strip();
        if (place.isEmpty() && number.isEmpty()) {
            return new Result.Done<>(Optional.empty());
        }
        if (!(place + number).matches("[0-9]{1,5}")) {
            return Result.invalid("a place is a number");
        }
        return new Result.Done<>(
                Optional.of(place.isEmpty() ? Math.max(0, Integer.parseInt(number) - 1) : Integer.parseInt(place)));
    }

    private static Result<GateRule> rule(Fields form) {
        try {
            var access = Access.valueOf(form.text("access"));
            var conditions = form.text("conditions")
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .map(Condition::parse)
                    .toList();
            return new Result.Done<>(
                    new GateRule("new", access, conditions, form.text("comment").strip()));
        } catch (IllegalArgumentException e) {
            return Result.invalid(String.valueOf(e.getMessage()));
        }
    }

    private WebReply add(Visit visit) {
        return frame.show(
                visit,
                rule(visit.form()),
                rule -> frame.show(
                        visit,
                        place(visit.form()),
                        place -> frame.did(
                                visit,
                                rules.add(visit.actor(), rule.access(), rule.conditions(), rule.comment(), place),
                                PATH,
                                "The rule is added.")));
    }

    private WebReply tryOut(Visit visit) {
        return frame.show(
                visit,
                rule(visit.form()),
                rule -> frame.show(
                        visit,
                        place(visit.form()),
                        place -> frame.show(
                                visit,
                                rules.tryOut(visit.actor(), rule, place),
                                trials -> frame.show(
                                        visit,
                                        rules.list(visit.actor()),
                                        all -> page(visit, all, visit.form(), trial(trials))))));
    }

    private static DomContent trial(List<Trial> trials) {
        var changed = trials.stream().filter(one -> !one.isSame()).toList();
        return div(
                h2("What would happen"),
                p("Nothing was changed. Of %d devices %d would be treated otherwise."
                                .formatted(trials.size(), changed.size()))
                        .withClass("note"),
                Listing.of("What would happen", changed)
                        .column(
                                "Device",
                                "",
                                one -> a(one.device().title())
                                        .withHref(DevicesPage.path(one.device().key())))
                        .texts("User", one -> one.device().key().user())
                        .column("Now", "", one -> badge(one.now().access()))
                        .column("Then", "", one -> badge(one.then().access()))
                        .orElse("No device would be treated otherwise."));
    }
}
