package org.airpost.console.me;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.Result;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.http.WebReply;
import org.airpost.identity.AppPassword;
import org.airpost.identity.AppPasswords;
import org.airpost.identity.SignIns;
import org.airpost.identity.Vault;

/** App passwords, and the mail password that is kept for them. */
final class PasswordPages {

    private static final String TITLE = "App passwords";
    private static final String MAIL_PASSWORD = "mail-password";

    private final PasswordActions passwords;
    private final Offers offers;
    private final Frame frame;

    PasswordPages(PasswordActions passwords, Offers offers, Frame frame) {
        this.passwords = passwords;
        this.offers = offers;
        this.frame = frame;
    }

    WebReply list(Me me) {
        return list(me, 200, Optional.empty(), "");
    }

    private WebReply list(Me me, int status, Optional<String> problem, String name) {
        var way = passwords.way(me.name().asSent());
        var mine = switch (passwords.list(me.actor(), me.user())) {
            case Result.Done<List<AppPassword>>(var all) -> all;
            case Result.Refused<List<AppPassword>> _ -> List.<AppPassword>of();
        };
        return frame.page(
                me,
                status,
                TITLE,
                iff(problem, words -> p(words).withClass("error").attr("role", "alert")),
                p(
                        "An app password is for one device, and opens your mail there and nothing else. A device that is lost is"
                                + " shut out by revoking its password; your mail password and your other devices stay as they are."),
                mine.isEmpty() ? p("You have none.") : listing(me, mine),
                way == SignIns.Way.NONE
                        ? p("They are not set up on this server: use your mail password on your devices.")
                                .withClass("note")
                        : makeForm(me, name, way));
    }

    private static DomContent listing(Me me, List<AppPassword> mine) {
        return table(
                        Frame.heads("Name", "Begins with", "Device", "Made", "Last used", "Actions"),
                        tbody(each(mine, one -> row(me, one))))
                .withClasses("list", "stacks");
    }

    private static DomContent row(Me me, AppPassword one) {
        return tr(
                td(one.name()).attr("data-name", "Name"),
                td(code(one.id())).attr("data-name", "Begins with"),
                td(one.device().orElse("the first one that uses it")).attr("data-name", "Device"),
                td(Frame.time(one.made())).withClass("when").attr("data-name", "Made"),
                td(one.lastUsed().map(Frame::time).orElse("never"))
                        .withClass("when")
                        .attr("data-name", "Last used"),
                td(Forms.post(
                        me.session().csrf(),
                        Links.to("me", "passwords", one.id(), "revoke"),
                        Forms.danger("Revoke").attr("aria-label", "Revoke " + one.name()))));
    }

    private DomContent makeForm(Me me, String name, SignIns.Way way) {
        var form = Forms.post(me.session().csrf(), Frame.PASSWORDS, Frame.nameField(name));
        if (needsMailPassword(me, way)) {
            form.with(mailPasswordField(
                    me, "It is kept sealed on this server, so that your mail server can be reached for the device."));
        }
        return div(
                        h2("A new one"),
                        form.with(Forms.button("Make an app password")),
                        way == SignIns.Way.VAULT
                                ? p(a("Your mail password in the vault").withHref(Frame.MAIL_PASSWORD))
                                : text(""))
                .withClass("narrow");
    }

    /** With a name that is not seen, for a browser that keeps passwords. */
    private static DomContent mailPasswordField(Me me, String hint) {
        return each(
                input().withType("text")
                        .withValue(me.name().asSent())
                        .attr("autocomplete", "username")
                        .attr("hidden"),
                Forms.field(
                        "Your mail password",
                        MAIL_PASSWORD,
                        input().withType("password")
                                .attr("autocomplete", "current-password")
                                .attr("required"),
                        hint));
    }

    private boolean needsMailPassword(Me me, SignIns.Way way) {
        return way == SignIns.Way.VAULT && !(entry(me) instanceof Vault.Entry.Good);
    }

    private Vault.Entry entry(Me me) {
        return passwords.vault(me.actor(), me.user()) instanceof Result.Done<Vault.Entry>(var entry)
                ? entry
                : new Vault.Entry.Empty();
    }

    /** Makes one, and shows it: the only page that ever does. */
    WebReply make(Me me) {
        var fields = me.request().form();
        var name = fields.text("name").strip();
        if (name.isEmpty()) {
            return list(me, 400, Optional.of("It needs a name."), name);
        }
        if (needsMailPassword(me, passwords.way(me.name().asSent()))
                && passwords.keep(me.actor(), me.name().asSent(), fields.text(MAIL_PASSWORD))
                        instanceof Result.Refused<String>(var _, var words)) {
            return list(me, 400, Optional.of("Your mail password was not kept: " + words + "."), name);
        }
        return switch (passwords.make(me.actor(), me.name().asSent(), name, Optional.empty())) {
            case Result.Done<AppPasswords.Made>(var made) -> shown(me, made);
            case Result.Refused<AppPasswords.Made>(var _, var words) ->
                list(me, 409, Optional.of("That was not done: " + words + "."), name);
        };
    }

    private WebReply shown(Me me, AppPasswords.Made made) {
        var offer = offers.make(me, Optional.of(made.secret()), Optional.empty());
        return frame.page(
                me,
                "Your app password",
                p("This is the password of " + made.password().name()
                        + ". It is shown now and never again; if it gets lost, make another one."),
                p(code(made.secret()).withId("secret")).withClass("secret"),
                SetUpPages.values(offer.account(), "the app password above"),
                h2("iPhone and iPad"),
                p("Point the camera here. The profile behind it has the password in it, so you need not type it."),
                SetUpPages.link(offer),
                p(a("Back to the app passwords").withHref(Frame.PASSWORDS)));
    }

    WebReply revoke(Me me, String id, String verb) {
        return verb.equals("revoke")
                ? frame.after(
                        me,
                        passwords.revoke(me.actor(), me.user(), id),
                        "The app password is revoked. The device that has it gets no more mail.",
                        Frame.PASSWORDS)
                : frame.nothing(me);
    }

    // The vault

    WebReply vault(Me me) {
        return vault(me, 200, Optional.empty());
    }

    private WebReply vault(Me me, int status, Optional<String> problem) {
        if (passwords.way(me.name().asSent()) != SignIns.Way.VAULT) {
            return frame.nothing(me);
        }
        var entry = entry(me);
        var words = switch (entry) {
            case Vault.Entry.Empty _ -> p("Your mail password is not kept here.");
            case Vault.Entry.Good(var since) ->
                p(text("Your mail password is kept here, sealed, since " + Frame.time(since) + "."));
            case Vault.Entry.Refused(var since) ->
                p("Your mail server has not taken the password that is kept here since " + Frame.time(since)
                                + ". Devices with an app password or a certificate get no mail until you enter the new one.")
                        .withClass("warn");
            case Vault.Entry.Locked _ ->
                p("What was kept cannot be opened any more. Enter your mail password again.")
                        .withClass("warn");
        };
        return frame.page(
                me,
                status,
                "Mail password",
                iff(problem, why -> p(why).withClass("error").attr("role", "alert")),
                words,
                div(Forms.post(
                                me.session().csrf(),
                                Links.to("me", MAIL_PASSWORD, "keep"),
                                mailPasswordField(me, "It is tried at your mail server, then kept sealed."),
                                Forms.button("Keep it")))
                        .withClass("narrow"),
                entry instanceof Vault.Entry.Empty
                        ? text("")
                        : Forms.post(
                                me.session().csrf(),
                                Links.to("me", MAIL_PASSWORD, "forget"),
                                p(
                                        "If it is forgotten, devices with an app password or a certificate get no more mail."),
                                Forms.danger("Forget it")));
    }

    WebReply vault(Me me, String verb) {
        return switch (verb) {
            case "keep" ->
                switch (passwords.keep(
                        me.actor(), me.name().asSent(), me.request().form().text(MAIL_PASSWORD))) {
                    case Result.Done<String> _ -> {
                        me.session().say("Your mail password is kept, sealed.");
                        yield WebReply.redirect(Frame.MAIL_PASSWORD);
                    }
                    case Result.Refused<String>(var _, var words) ->
                        vault(me, 400, Optional.of("It was not kept: " + words + "."));
                };
            case "forget" ->
                frame.after(
                        me,
                        passwords.forget(me.actor(), me.user()),
                        "Your mail password is forgotten.",
                        Frame.MAIL_PASSWORD);
            default -> frame.nothing(me);
        };
    }

    /** What the first page has to say of it. */
    static Optional<DomContent> warning(PasswordActions passwords, Me me) {
        if (passwords.way(me.name().asSent()) != SignIns.Way.VAULT
                || !(passwords.vault(me.actor(), me.user()) instanceof Result.Done<Vault.Entry>(var entry))) {
            return Optional.empty();
        }
        return switch (entry) {
            case Vault.Entry.Refused _, Vault.Entry.Locked _ ->
                Optional.of(p(
                                text("Your mail server does not take the mail password that is kept here. "),
                                a("Enter the new one").withHref(Frame.MAIL_PASSWORD),
                                text(", or devices with app passwords get no mail."))
                        .withClass("warn"));
            case Vault.Entry.Empty _, Vault.Entry.Good _ -> Optional.empty();
        };
    }
}
