package org.airpost.console.me;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.PasswordActions;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.console.web.QrPicture;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;
import org.airpost.identity.AppleProfile;
import org.airpost.identity.SignIns;

/** How to set up a phone, and what the phone itself fetches for that. */
final class SetUpPages {

    private static final String PROFILE = "airpost.mobileconfig";
    private static final String P12 = "airpost.p12";

    private final PasswordActions passwords;
    private final CertificateActions certificates;
    private final Offers offers;
    private final Frame frame;

    SetUpPages(PasswordActions passwords, CertificateActions certificates, Offers offers, Frame frame) {
        this.passwords = passwords;
        this.certificates = certificates;
        this.offers = offers;
        this.frame = frame;
    }

    WebReply page(Me me) {
        var account = offers.account(me);
        return frame.page(
                me,
                "Set up a phone",
                p(
                        text("On the phone, add an account of the kind "),
                        code("Exchange"),
                        text(" or "),
                        code("ActiveSync"),
                        text(", and type this:")),
                values(account, passwordWords(me)),
                h2("iPhone and iPad, without typing"),
                ol(
                        li("Make a link, and point the phone's camera at the picture."),
                        li("Allow the download, then open Settings: the profile waits at the top."),
                        li("Type the password when the phone asks for it.")),
                Forms.post(me.session().csrf(), Frame.SET_UP, Forms.button("Make a link for my phone")),
                more(me));
    }

    private String passwordWords(Me me) {
        return passwords.way(me.name().asSent()) == SignIns.Way.NONE
                ? "your mail password"
                : "an app password, or your mail password if your administrator allows it";
    }

    private DomContent more(Me me) {
        var lines = div();
        if (passwords.way(me.name().asSent()) != SignIns.Way.NONE) {
            lines.with(p(
                    a("Make an app password").withHref(Frame.PASSWORDS),
                    text(": then the profile has the password in it already.")));
        }
        if (certificates.offered(me.name().asSent())) {
            lines.with(p(
                    a("Make a certificate").withHref(Frame.CERTIFICATES), text(": then the phone needs no password.")));
        }
        return lines;
    }

    /** Makes a link without a secret in it. */
    WebReply offer(Me me) {
        var offer = offers.make(me, Optional.empty(), Optional.empty());
        return frame.page(
                me,
                "A link for your phone",
                p("Point the phone's camera here."),
                link(offer),
                p(a("Back").withHref(Frame.SET_UP)));
    }

    /** What is to be typed. */
    static DomContent values(Offers.Account account, String password) {
        return dl(
                        dt("Mail address"),
                        dd(code(account.address())),
                        dt("Server"),
                        dd(code(account.host())),
                        dt("Domain"),
                        dd("(leave it empty)"),
                        dt("User name"),
                        dd(code(account.user())),
                        dt("Password"),
                        dd(password),
                        dt("Encryption"),
                        dd("SSL/TLS: on"))
                .withClass("facts");
    }

    /** The picture and the link that it is. */
    static DomContent link(Offers.Offer offer) {
        var path = Links.to("me", "take", offer.token());
        return div(
                QrPicture.of(offer.account().server() + path, "QR code of the link below"),
                p(a("Open it on this device").withHref(path)),
                p("The link works for %d minutes, for whoever has it.".formatted(Offers.GOOD_FOR.toMinutes())));
    }

    /** What a phone sees that follows a link; it has not signed in. */
    WebReply take(WebRequest request, List<String> path) {
        var offer = path.isEmpty() || path.size() > 2 ? Optional.<Offers.Offer>empty() : offers.of(path.getFirst());
        if (offer.isEmpty()) {
            return frame.open(
                    404,
                    "This link does not work any more",
                    p("It was good for %d minutes. Make another one on the page where you found it."
                            .formatted(Offers.GOOD_FOR.toMinutes())));
        }
        if (path.size() == 1) {
            return landing(offer.get());
        }
        return switch (path.getLast()) {
            case PROFILE ->
                WebReply.bytes(AppleProfile.CONTENT_TYPE, offer.get().profile())
                        .with("Content-Disposition", "attachment; filename=\"" + PROFILE + "\"");
            case P12 ->
                offer.get()
                        .p12()
                        .map(bytes -> WebReply.bytes("application/x-pkcs12", bytes)
                                .with("Content-Disposition", "attachment; filename=\"" + P12 + "\""))
                        .orElseGet(frame::nothing);
            default -> frame.nothing();
        };
    }

    private WebReply landing(Offers.Offer offer) {
        return frame.open(
                200,
                "Your mail on this phone",
                h2("iPhone and iPad"),
                p(a("Get the profile")
                        .withHref(Links.to("me", "take", offer.token(), PROFILE))
                        .withClass("button")),
                p("Then open Settings: it waits at the top. iOS calls it not verified, since nobody has signed it."),
                h2("Android and others"),
                offer.p12().isPresent()
                        ? p(
                                a("Get the certificate")
                                        .withHref(Links.to("me", "take", offer.token(), P12))
                                        .withClass("button"),
                                text(" Install it for apps; its password is on the other screen."))
                        : text(""),
                p("Add an account of the kind Exchange, and type this:"),
                values(
                        offer.account(),
                        offer.p12().isPresent() ? "none: the certificate stands for it" : "see the other screen"));
    }
}
