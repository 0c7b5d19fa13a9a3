package org.airpost.console;

import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import j2html.tags.specialized.InputTag;
import java.time.Duration;
import java.util.Optional;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.AdminAccounts.SignedIn;
import org.airpost.admin.Result;
import org.airpost.admin.Totp;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.console.web.LoginLimits;
import org.airpost.console.web.LoginToken;
import org.airpost.console.web.QrPicture;
import org.airpost.console.web.Sessions;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How one gets in: the sign-in page, and the page where a new admin sets a password and a second factor. */
final class Door {

    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    private static final String WRONG =
            "That is not right. Name, password and code belong together; a code counts once.";

    private final AdminAccounts accounts;
    private final Sessions<SignedIn> sessions;
    private final LoginLimits limits;
    private final LoginToken tokens;
    private final Frame frame;

    Door(AdminAccounts accounts, Sessions<SignedIn> sessions, LoginLimits limits, LoginToken tokens, Frame frame) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.limits = limits;
        this.tokens = tokens;
        this.frame = frame;
    }

    // Sign in

    WebReply signInPage(WebRequest request) {
        return signInForm(
                request, 200, Optional.empty(), "", next(request.query().text("next")));
    }

    private WebReply signInForm(WebRequest request, int status, Optional<String> problem, String name, String next) {
        var issued = tokens.issue(request);
        return frame.open(
                        status,
                        "Sign in",
                        iff(problem, text -> p(text).withClass("error").attr("role", "alert")),
                        Forms.post(
                                issued.token(),
                                Frame.SIGN_IN,
                                Forms.hidden("next", next),
                                Forms.field(
                                        "Name",
                                        "name",
                                        input().withType("text")
                                                .withValue(name)
                                                .attr("autocomplete", "username")
                                                .attr("autocapitalize", "none")
                                                .attr("required")
                                                .attr("autofocus"),
                                        ""),
                                Forms.field("Password", "password", passwordField("current-password"), ""),
                                Forms.field(
                                        "Code",
                                        "code",
                                        codeField(),
                                        accounts.wantsSecondFactor()
                                                ? "The six digits of your authenticator app."
                                                : "The six digits of your authenticator app, if you have set one up."),
                                Forms.button("Sign in")))
                .withCookie(issued.cookie());
    }

    private static InputTag passwordField(String kind) {
        return input().withType("password").attr("autocomplete", kind).attr("required");
    }

    private static InputTag codeField() {
        return input().withType("text")
                .attr("inputmode", "numeric")
                .attr("autocomplete", "one-time-code")
                .attr("maxlength", "10");
    }

    WebReply signIn(WebRequest request) {
        var form = request.form();
        var name = form.text("name").strip();
        var next = next(form.text("next"));
        if (!tokens.accepts(request)) {
            return signInForm(
                    request,
                    403,
                    Optional.of("The form was open for too long, or cookies are off. Try again."),
                    name,
                    next);
        }
        var wait = limits.tooMany(name, request.remote());
        if (wait.isPresent()) {
            return tooMany(request, wait.get());
        }
        var signedIn = accounts.signIn(name, form.text("password"), form.text("code"), request.remote());
        if (signedIn.isEmpty()) {
            return signInForm(request, 403, Optional.of(WRONG), name, next);
        }
        limits.succeeded(name);
        // Whatever session this browser had is over, and the new one has an id that nobody has seen.
        sessions.of(request).ifPresent(sessions::end);
        var session = sessions.open(signedIn.get());
        LOG.info("console sign-in admin={} remote={}", signedIn.get().name(), request.remote());
        return WebReply.redirect(next).withCookie(sessions.cookie(session));
    }

    private WebReply tooMany(WebRequest request, Duration wait) {
        LOG.warn("console sign-in refused remote={} why=\"too many tries\"", request.remote());
        long minutes = wait.plusSeconds(59).toMinutes();
        return frame.open(
                        429,
                        "Too many tries",
                        p("There were too many tries to sign in. Come back in %d minute%s."
                                        .formatted(minutes, minutes == 1 ? "" : "s"))
                                .withClass("error"))
                .with("Retry-After", Long.toString(wait.toSeconds() + 1));
    }

    /** Where to go after signing in: a page of the console, and no other place. */
    private static String next(String wanted) {
        return wanted.matches("/admin(/[A-Za-z0-9%._~@:/-]*)?(\\?[A-Za-z0-9%._~=&-]*)?") ? wanted : Frame.HOME;
    }

    // Set up

    WebReply setUpPage(WebRequest request, String token) {
        return setUpForm(request, 200, token, Optional.empty());
    }

    private WebReply setUpForm(WebRequest request, int status, String token, Optional<String> problem) {
        var invited = accounts.invited(token);
        if (invited.isEmpty()) {
            return frame.open(
                    404,
                    "This link does not work",
                    p("It was used already, or is older than a day. An administrator makes a new one: "),
                    p(code("airpost admin reset NAME")));
        }
        var issued = tokens.issue(request);
        var secret = invited.get().secret();
        var name = invited.get().name();
        return frame.open(
                        status,
                        "Set up your account",
                        iff(problem, text -> p(text).withClass("error").attr("role", "alert")),
                        p(
                                "Choose a password, and add this account (%s) to an authenticator app, by the picture or the secret."
                                        .formatted(Frame.word(invited.get().role()))),
                        QrPicture.of(Totp.uri(name, secret), "QR code of the address below"),
                        secretFacts(name, secret),
                        Forms.post(
                                issued.token(),
                                Links.to("admin", "set-up", token),
                                Forms.field(
                                        "Name",
                                        "name",
                                        input().withType("text")
                                                .withValue(name)
                                                .attr("autocomplete", "username")
                                                .attr("readonly"),
                                        ""),
                                Forms.field(
                                        "Password",
                                        "password",
                                        passwordField("new-password")
                                                .attr("minlength", String.valueOf(AdminAccounts.LEAST_PASSWORD)),
                                        "At least %d characters. A few words that do not belong together are best."
                                                .formatted(AdminAccounts.LEAST_PASSWORD)),
                                Forms.field(
                                        "Code",
                                        "code",
                                        codeField(),
                                        accounts.wantsSecondFactor()
                                                ? "The six digits that the app shows for Airpost."
                                                : "The six digits that the app shows for Airpost; empty to do without."),
                                Forms.button("Set up")))
                .withCookie(issued.cookie());
    }

    private static DomContent secretFacts(String name, byte[] secret) {
        return dl(
                        dt("Secret"),
                        dd(code(Totp.base32(secret).replaceAll("(.{4})(?=.)", "$1 "))),
                        dt("As an address"),
                        dd(code(Totp.uri(name, secret))))
                .withClass("facts");
    }

    WebReply setUp(WebRequest request, String token) {
        if (!tokens.accepts(request)) {
            return setUpForm(
                    request, 403, token, Optional.of("The form was open for too long, or cookies are off. Try again."));
        }
        var form = request.form();
        return switch (accounts.setUp(token, form.text("password"), form.text("code"), request.remote())) {
            case Result.Done<String>(var name) -> {
                LOG.info("console account set up admin={} remote={}", name, request.remote());
                yield WebReply.redirect(Frame.SIGN_IN);
            }
            case Result.Refused<String>(var why, var words) ->
                setUpForm(request, Frame.status(why), token, Optional.of(Frame.sentence(words)));
        };
    }
}
