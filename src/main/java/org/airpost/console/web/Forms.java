package org.airpost.console.web;

import static j2html.TagCreator.div;
import static j2html.TagCreator.form;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.option;
import static j2html.TagCreator.select;
import static j2html.TagCreator.small;

import j2html.tags.DomContent;
import j2html.tags.specialized.ButtonTag;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.FormTag;
import j2html.tags.specialized.InputTag;
import j2html.tags.specialized.SelectTag;
import java.util.Map;

/** Forms and what is in them. */
public final class Forms {

    private Forms() {}

    /** A form that changes something; it carries the session's token. */
    public static FormTag post(String csrf, String action, DomContent... content) {
        return form(input().withType("hidden").withName(Session.FIELD).withValue(csrf))
                .with(content)
                .withMethod("post")
                .withAction(action);
    }

    /** A form that asks for a page. */
    public static FormTag get(String action, DomContent... content) {
        return form(content).withMethod("get").withAction(action);
    }

    /** A field that is not seen. */
    public static InputTag hidden(String name, String value) {
        return input().withType("hidden").withName(name).withValue(value);
    }

    /** A label, a field of that name, and a hint if it is not empty, tied together for who cannot see them. */
    public static DivTag field(String label, String name, InputTag input, String hint) {
        var named = input.withName(name).withId(name);
        var field = div(label(label).attr("for", name)).withClass("field");
        return hint.isEmpty()
                ? field.with(named)
                : field.with(
                        named.attr("aria-describedby", name + "-hint"),
                        small(hint).withId(name + "-hint"));
    }

    /** A choice; values with the words that are shown. */
    public static SelectTag choice(String name, String value, Map<String, String> choices) {
        var select = select().withName(name).withId(name);
        choices.forEach(
                (choice, words) -> select.with(option(words).withValue(choice).withCondSelected(choice.equals(value))));
        return select;
    }

    /** The same with its label. */
    public static DivTag choiceField(String label, String name, String value, Map<String, String> choices) {
        return div(label(label).attr("for", name), choice(name, value, choices)).withClass("field");
    }

    public static ButtonTag button(String text) {
        return j2html.TagCreator.button(text).withType("submit");
    }

    /**
     * To stand before the buttons of a form that do different things: Enter in a field presses the first button, which nobody has
     * chosen, and one that cannot be pressed does nothing. Source: HTML, "Implicit submission".
     */
    public static ButtonTag notByEnter() {
        return button("Enter does nothing here").attr("disabled").attr("hidden");
    }

    /** For what cannot be undone. */
    public static ButtonTag danger(String text) {
        return Forms.button(text).withClass("danger");
    }
}
