package org.airpost.console.me;

import static j2html.TagCreator.a;
import static j2html.TagCreator.each;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.airpost.admin.Result;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Layout;
import org.airpost.http.WebReply;

/** What is around the content of a page. */
final class Frame {

    static final String HOME = "/me";
    static final String SIGN_IN = "/me/sign-in";
    static final String PASSWORDS = "/me/passwords";
    static final String CERTIFICATES = "/me/certificates";
    static final String MAIL_PASSWORD = "/me/mail-password";
    static final String SET_UP = "/me/set-up";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final List<Layout.Item> MENU = List.of(
            new Layout.Item("My devices", HOME),
            new Layout.Item("App passwords", PASSWORDS),
            new Layout.Item("Certificates", CERTIFICATES),
            new Layout.Item("Set up a phone", SET_UP));

    private final Layout layout = new Layout("My mail");

    static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** The names of a table's columns. */
    static DomContent heads(String... names) {
        return thead(tr(each(List.of(names), name -> th(name).attr("scope", "col"))));
    }

    /** What something that is made for a device is to be called. */
    static DomContent nameField(String name) {
        return Forms.field(
                "Name",
                "name",
                input().withType("text")
                        .withValue(name)
                        .attr("maxlength", "64")
                        .attr("required")
                        .attr("autocomplete", "off"),
                "Which device it is for, such as \"My phone\".");
    }

    WebReply page(Me me, String title, DomContent... content) {
        return page(me, 200, title, content);
    }

    WebReply page(Me me, int status, String title, DomContent... content) {
        var viewer = new Layout.Viewer(
                me.name().address(), me.session().csrf(), me.session().said(), MENU, "/me/sign-out");
        return layout.page(status, title, viewer, content);
    }

    /** A page for whoever has not signed in. */
    WebReply open(int status, String title, DomContent... content) {
        return layout.open(status, title, content);
    }

    WebReply nothing(Me me) {
        return page(me, 404, "There is nothing here", p(a("My devices").withHref(HOME)));
    }

    WebReply nothing() {
        return open(404, "There is nothing here", p(a("Sign in").withHref(SIGN_IN)));
    }

    /** What was asked for was done, or the reason why it was not; then a page. */
    WebReply after(Me me, Result<?> result, String done, String next) {
        switch (result) {
            case Result.Done<?> _ -> me.session().say(done);
            case Result.Refused<?>(var _, var words) -> me.session().say("That was not done: " + words + ".");
        }
        return WebReply.redirect(next);
    }
}
