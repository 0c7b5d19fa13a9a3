package org.airpost.console.me;

import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;

import java.time.Duration;
import java.util.Optional;
import org.airpost.backend.Accounts;
import org.airpost.backend.Credentials;
import org.airpost.backend.UserName;
import org.airpost.console.web.Forms;
import org.airpost.console.web.LoginLimits;
import org.airpost.console.web.LoginToken;
import org.airpost.console.web.Sessions;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;
import org.airpost.identity.AppPasswords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a user gets in: with the mail password, which the mail server is asked about. */
final class Door {

    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    private static final String WRONG = "The mail server does not know this name with this password.";

    private final Accounts accounts;
    private final Sessions<UserName> sessions;
    private final LoginLimits limits;
    private final LoginToken tokens;
    private final Frame frame;

    Door(Accounts accounts, Sessions<UserName> sessions, LoginLimits limits, LoginToken tokens, Frame frame) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.limits = limits;
        this.tokens = tokens;
        this.frame = frame;
    }

    WebReply page(WebRequest request) {
        return form(request, 200, Optional.empty(), "");
    }

    private WebReply form(WebRequest request, int status, Optional<String> problem, String name) {
        var issued = tokens.issue(request);
        return frame.open(
                        status,
                        "Sign in",
                        iff(problem, text -> p(text).withClass("error").attr("role", "alert")),
                        Forms.post(
                                issued.token(),
                                Frame.SIGN_IN,
                                Forms.field(
                                        "User name or mail address",
                                        "name",
                                        input().withType("text")
                                                .withValue(name)
                                                .attr("autocomplete", "username")
                                                .attr("autocapitalize", "none")
                                                .attr("required")
                                                .attr("autofocus"),
                                        ""),
                                Forms.field(
                                        "Mail password",
                                        "password",
                                        input().withType("password")
                                                .attr("autocomplete", "current-password")
                                                .attr("required"),
                                        "The one of your mailbox. App passwords are for devices and do not open this page."),
                                Forms.button("Sign in")))
                .withCookie(issued.cookie());
    }

    WebReply signIn(WebRequest request) {
        var fields = request.form();
        var name = fields.text("name").strip();
        var password = fields.text("password");
        if (!tokens.accepts(request)) {
            return form(
                    request, 403, Optional.of("The form was open for too long, or cookies are off. Try again."), name);
        }
        var wait = limits.tooMany(name, request.remote());
        if (wait.isPresent()) {
            return tooMany(request, wait.get());
        }
        var user = accounts.name(name);
        if (user.isEmpty() || password.isEmpty() || AppPasswords.isShapedSo(password)) {
            return form(request, 403, Optional.of(WRONG), name);
        }
        return switch (accounts.signIn(new Credentials(name, password))) {
            case Accounts.SignedIn.Accepted _ -> {
                limits.succeeded(name);
                // Whatever session this browser had is over, and the new one has an id that nobody has seen.
                sessions.of(request).ifPresent(sessions::end);
                var session = sessions.open(user.get());
                LOG.info("self-service sign-in user={} remote={}", user.get().canonical(), request.remote());
                yield WebReply.redirect(Frame.HOME).withCookie(sessions.cookie(session));
            }
            case Accounts.SignedIn.Refused _ -> form(request, 403, Optional.of(WRONG), name);
            case Accounts.SignedIn.Limited(var again) -> tooMany(request, again);
        };
    }

    private WebReply tooMany(WebRequest request, Duration wait) {
        LOG.warn("self-service sign-in refused remote={} why=\"too many tries\"", request.remote());
        long minutes = wait.plusSeconds(59).toMinutes();
        return frame.open(
                        429,
                        "Too many tries",
                        p("There were too many tries to sign in. Come back in %d minute%s."
                                        .formatted(minutes, minutes == 1 ? "" : "s"))
                                .withClass("error"))
                .with("Retry-After", Long.toString(wait.toSeconds() + 1));
    }
}
