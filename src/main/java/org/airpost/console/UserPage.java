package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.http.WebReply;
import org.airpost.identity.AppPassword;
import org.airpost.identity.DeviceCertificate;
import org.airpost.identity.SignIns;
import org.airpost.identity.Vault;

/** A user: devices, app passwords, certificates, and what is in force for them. */
final class UserPage {

    private static final String PATH = "/admin/users/{user}";
    private static final int MOST_DEVICES = 200;

    private final Frame frame;
    private final DeviceActions devices;
    private final PolicyActions policies;
    private final PasswordActions passwords;
    private final CertificateActions certificates;

    UserPage(Frame frame, Parts parts) {
        this.frame = frame;
        this.devices = parts.devices();
        this.policies = parts.policies();
        this.passwords = parts.passwords();
        this.certificates = parts.certificates();
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, Right.SEE, this::page),
                Route.post(PATH + "/password", Right.CREDENTIALS, this::makePassword),
                Route.post(
                        PATH + "/password/revoke",
                        Right.ADMIT,
                        visit -> frame.did(
                                visit,
                                passwords.revoke(
                                        visit.actor(),
                                        visit.at("user"),
                                        visit.form().text("id")),
                                path(visit),
                                "The app password works no more.")),
                Route.post(
                        PATH + "/vault/forget",
                        Right.ADMIT,
                        visit -> frame.did(
                                visit,
                                passwords.forget(visit.actor(), visit.at("user")),
                                path(visit),
                                "The mail password is out of the vault.")),
                Route.post(
                        PATH + "/certificate/revoke",
                        Right.ADMIT,
                        visit -> frame.did(
                                visit,
                                certificates.revoke(
                                        visit.actor(),
                                        visit.at("user"),
                                        visit.form().text("serial")),
                                path(visit),
                                "The certificate works no more.")));
    }

    private static String path(Visit visit) {
        return Links.to("admin", "users", visit.at("user"));
    }

    private WebReply page(Visit visit) {
        var user = visit.at("user");
        var actor = visit.actor();
        return frame.show(
                visit,
                devices.list(actor, DeviceActions.Filter.ofUser(user), DeviceActions.Sort.LAST_SEEN, 0, MOST_DEVICES),
                listing -> frame.show(
                        visit,
                        passwords.list(actor, user),
                        theirs -> frame.show(
                                visit,
                                certificates.list(actor, user),
                                kept -> frame.show(
                                        visit,
                                        policies.effective(actor, user),
                                        policy -> frame.page(
                                                visit,
                                                user,
                                                h2("Devices"),
                                                Listing.of("Devices", listing.devices())
                                                        .column("Device", "", DevicesPage::link)
                                                        .texts("Type", device -> device.deviceType())
                                                        .column(
                                                                "State",
                                                                "",
                                                                device -> DevicesPage.badge(
                                                                        DeviceActions.standing(device)))
                                                        .times("Last seen", device -> Frame.time(device.lastSeen()))
                                                        .orElse("No device of this user is known."),
                                                h2("Policy"),
                                                p(
                                                        policy.layers().isEmpty()
                                                                ? "That of the configuration."
                                                                : "Made of " + String.join(", ", policy.layers())
                                                                        + "."),
                                                h2("App passwords"),
                                                passwords(visit, theirs),
                                                h2("Certificates"),
                                                certificates(visit, kept))))));
    }

    private DomContent passwords(Visit visit, List<AppPassword> theirs) {
        var way = passwords.way(visit.at("user"));
        return div(
                iff(
                        way == SignIns.Way.NONE,
                        p("They are not set up: they need login.masterUser or login.vaultKey.")
                                .withClass("faint")),
                iff(way == SignIns.Way.VAULT, vault(visit)),
                Listing.of("App passwords", theirs)
                        .texts("Name", AppPassword::name)
                        .texts("Device", one -> one.device().orElse("the first that uses it"))
                        .times("Made", one -> Frame.time(one.made()))
                        .times("Last used", one -> Frame.time(one.lastUsed()))
                        .column("ID", "", one -> code(one.id()))
                        .column(
                                "Action",
                                "",
                                one -> iff(
                                        visit.may(Right.ADMIT),
                                        Forms.post(
                                                visit.csrf(),
                                                path(visit) + "/password/revoke",
                                                Forms.hidden("id", one.id()),
                                                Forms.danger("Revoke"))))
                        .orElse("There is none."),
                iff(
                        way != SignIns.Way.NONE && visit.may(Right.CREDENTIALS),
                        Forms.post(
                                        visit.csrf(),
                                        path(visit) + "/password",
                                        Forms.field(
                                                "Name",
                                                "name",
                                                input().withType("text")
                                                        .attr("required")
                                                        .attr("maxlength", "64"),
                                                ""),
                                        Forms.button("Make an app password"))
                                .withClass("filter")));
    }

    private DomContent vault(Visit visit) {
        return frameless(passwords.vault(visit.actor(), visit.at("user")))
                .map(entry -> switch (entry) {
                    case Vault.Entry.Empty _ ->
                        "The vault has no mail password of this user: they enter it on their own page.";
                    case Vault.Entry.Good _ -> "The vault has the mail password.";
                    case Vault.Entry.Refused _ -> "The mail server refuses the mail password that is in the vault.";
                    case Vault.Entry.Locked _ -> "The vault cannot be opened: login.vaultKey is another one.";
                })
                .<DomContent>map(words -> p(words).withClass("faint"))
                .orElse(p(""));
    }

    private static <T> Optional<T> frameless(Result<T> result) {
        return result instanceof Result.Done<T>(var value) ? Optional.of(value) : Optional.empty();
    }

    private WebReply makePassword(Visit visit) {
        var name = visit.form().text("name").strip();
        return frame.show(
                visit,
                passwords.make(visit.actor(), visit.at("user"), name, Optional.empty()),
                made -> frame.page(
                        visit,
                        "New app password",
                        p("It is shown only now. The user types it on the phone in the place of the mail password."),
                        p(code(made.secret())),
                        p(a("Back").withHref(path(visit)))));
    }

    private DomContent certificates(Visit visit, List<DeviceCertificate> kept) {
        return Listing.of("Certificates", kept)
                .texts("Name", DeviceCertificate::name)
                .texts("Device", one -> one.device().orElse("the first that uses it"))
                .times("Made", one -> Frame.time(one.made()))
                .times("Ends", one -> Frame.time(one.ends()))
                .times("Last used", one -> Frame.time(one.lastUsed()))
                .column("Serial", "", one -> code(one.serial()))
                .column(
                        "Action",
                        "",
                        one -> iff(
                                visit.may(Right.ADMIT),
                                Forms.post(
                                        visit.csrf(),
                                        path(visit) + "/certificate/revoke",
                                        Forms.hidden("serial", one.serial()),
                                        Forms.danger("Revoke"))))
                .orElse("There is none.");
    }
}
