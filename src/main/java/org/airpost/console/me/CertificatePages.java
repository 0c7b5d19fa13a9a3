package org.airpost.console.me;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.Result;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.http.WebReply;
import org.airpost.identity.DeviceCertificate;
import org.airpost.identity.DeviceCertificates;
import org.airpost.identity.SignIns;
import org.airpost.identity.Vault;

/** Certificates of a user's devices. */
final class CertificatePages {

    private static final String TITLE = "Certificates";

    private final CertificateActions certificates;
    private final PasswordActions passwords;
    private final Offers offers;
    private final Frame frame;

    CertificatePages(CertificateActions certificates, PasswordActions passwords, Offers offers, Frame frame) {
        this.certificates = certificates;
        this.passwords = passwords;
        this.offers = offers;
        this.frame = frame;
    }

    WebReply list(Me me) {
        return list(me, 200, Optional.empty(), "");
    }

    private WebReply list(Me me, int status, Optional<String> problem, String name) {
        var mine = switch (certificates.list(me.actor(), me.user())) {
            case Result.Done<List<DeviceCertificate>>(var all) -> all;
            case Result.Refused<List<DeviceCertificate>> _ -> List.<DeviceCertificate>of();
        };
        boolean offered = certificates.offered(me.name().asSent());
        return frame.page(
                me,
                status,
                TITLE,
                iff(problem, words -> p(words).withClass("error").attr("role", "alert")),
                p(
                        "A certificate stands for one device. The device shows it by itself; there is nothing to type, and nothing"
                                + " that could be guessed."),
                mine.isEmpty() ? p("You have none.") : listing(me, mine),
                offered
                        ? makeForm(me, name)
                        : p("They are not set up on this server.").withClass("note"));
    }

    private static DomContent listing(Me me, List<DeviceCertificate> mine) {
        return table(
                        Frame.heads("Name", "Device", "Made", "Good until", "Last used", "Actions"),
                        tbody(each(mine, one -> row(me, one))))
                .withClasses("list", "stacks");
    }

    private static DomContent row(Me me, DeviceCertificate one) {
        return tr(
                td(one.name()).attr("data-name", "Name"),
                td(one.device().orElse("the first one that uses it")).attr("data-name", "Device"),
                td(Frame.time(one.made())).withClass("when").attr("data-name", "Made"),
                td(Frame.time(one.ends())).withClass("when").attr("data-name", "Good until"),
                td(one.lastUsed().map(Frame::time).orElse("never"))
                        .withClass("when")
                        .attr("data-name", "Last used"),
                td(Forms.post(
                        me.session().csrf(),
                        Links.to("me", "certificates", one.serial(), "revoke"),
                        Forms.danger("Revoke").attr("aria-label", "Revoke " + one.name()))));
    }

    private DomContent makeForm(Me me, String name) {
        boolean lacking = passwords.way(me.name().asSent()) == SignIns.Way.VAULT
                && !(passwords.vault(me.actor(), me.user()) instanceof Result.Done<Vault.Entry>(Vault.Entry.Good _));
        return div(
                        h2("A new one"),
                        lacking
                                ? p(
                                                text("First "),
                                                a("enter your mail password").withHref(Frame.MAIL_PASSWORD),
                                                text(
                                                        ": it is kept sealed, so that your mail server can be reached for a device that"
                                                                + " sends none."))
                                        .withClass("note")
                                : text(""),
                        Forms.post(
                                me.session().csrf(),
                                Frame.CERTIFICATES,
                                Frame.nameField(name),
                                Forms.button("Make a certificate")))
                .withClass("narrow");
    }

    WebReply make(Me me) {
        var name = me.request().form().text("name").strip();
        if (name.isEmpty()) {
            return list(me, 400, Optional.of("It needs a name."), name);
        }
        return switch (certificates.make(me.actor(), me.name().asSent(), name, Optional.empty())) {
            case Result.Done<DeviceCertificates.Enrolled>(var enrolled) -> shown(me, enrolled);
            case Result.Refused<DeviceCertificates.Enrolled>(var _, var words) ->
                list(me, 409, Optional.of("That was not done: " + words + "."), name);
        };
    }

    private WebReply shown(Me me, DeviceCertificates.Enrolled enrolled) {
        var offer = offers.make(me, Optional.empty(), Optional.of(enrolled.p12()));
        return frame.page(
                me,
                "Your certificate",
                p("This opens the certificate of " + enrolled.certificate().name()
                        + " when the device asks for its password. It is shown now and never again."),
                p(code(enrolled.password()).withId("secret")).withClass("secret"),
                p("Point the device's camera here to fetch the certificate."),
                SetUpPages.link(offer),
                p(a("Back to the certificates").withHref(Frame.CERTIFICATES)));
    }

    WebReply revoke(Me me, String serial, String verb) {
        return verb.equals("revoke")
                ? frame.after(
                        me,
                        certificates.revoke(me.actor(), me.user(), serial),
                        "The certificate is revoked. The device that has it gets no more mail.",
                        Frame.CERTIFICATES)
                : frame.nothing(me);
    }
}
