package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.p;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.airpost.admin.Actor;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.AdminAccounts.SignedIn;
import org.airpost.admin.Result;
import org.airpost.console.web.Links;
import org.airpost.console.web.LoginLimits;
import org.airpost.console.web.LoginToken;
import org.airpost.console.web.PathPattern;
import org.airpost.console.web.Session;
import org.airpost.console.web.Sessions;
import org.airpost.http.Site;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;

/**
 * The pages under {@code /admin}. Who has not signed in gets the sign-in page and nothing else. What is below is a table of
 * routes; each says what one must be allowed to do, and that is checked here, before the page is asked, and again by the
 * operation. A POST must carry the session's token.
 */
public final class ConsoleSite implements Site {

    /** The first segment of its addresses. */
    public static final String PLACE = "admin";

    private static final String COOKIE = "__Host-airpost-admin";
    private static final int MOST_SESSIONS = 10_000;

    private static final List<String> SIGN_IN = List.of(PLACE, "sign-in");
    private static final List<String> SIGN_OUT = List.of(PLACE, "sign-out");
    private static final PathPattern SET_UP = PathPattern.of("/admin/set-up/{token}");

    private final AdminAccounts accounts;
    private final Sessions<SignedIn> sessions;
    private final Door door;
    private final Frame frame;
    private final List<Route> routes;

    public ConsoleSite(Parts parts) {
        this.accounts = parts.accounts();
        this.sessions = new Sessions<>(
                new Sessions.Settings(
                        COOKIE, parts.settings().idle(), parts.settings().absolute(), MOST_SESSIONS),
                parts.clock(),
                parts.random());
        this.frame = new Frame();
        var limits = new LoginLimits(
                parts.settings().tries(),
                parts.settings().tries() * 3,
                parts.settings().window(),
                parts.clock());
        this.door = new Door(accounts, sessions, limits, new LoginToken(parts.random()), frame);
        this.routes = Stream.of(
                        new OverviewPage(frame, parts).routes(),
                        new DevicesPage(frame, parts.devices()).routes(),
                        new DevicePage(frame, parts).routes(),
                        new UserPage(frame, parts).routes(),
                        new QuarantinePage(frame, parts.devices()).routes(),
                        new PoliciesPage(frame, parts.policies()).routes(),
                        new RulesPage(frame, parts.rules()).routes(),
                        new BackendsPage(frame, parts.telemetry().backends()).routes(),
                        new BrokenPage(frame, parts.mail()).routes(),
                        new QueuePage(frame, parts.mail()).routes(),
                        new AuditPage(frame, parts.audit()).routes(),
                        new AccessPage(frame, parts.accounts(), parts.tokens()).routes())
                .flatMap(List::stream)
                .toList();
    }

    /** All addresses for those who have signed in. */
    List<Route> routes() {
        return routes;
    }

    @Override
    public WebReply answer(WebRequest request) {
        boolean reads = request.is("GET") || request.is("HEAD");
        if (!reads && !request.is("POST")) {
            return WebReply.text(405, "GET or POST is wanted here.").with("Allow", "GET, HEAD, POST");
        }
        if (request.path().equals(SIGN_IN)) {
            return reads ? door.signInPage(request) : door.signIn(request);
        }
        var setUp = SET_UP.match(request.path()).map(at -> at.getOrDefault("token", ""));
        if (setUp.isPresent()) {
            return reads ? door.setUpPage(request, setUp.get()) : door.setUp(request, setUp.get());
        }
        var session = sessions.of(request).filter(this::isCurrent);
        return session.map(open -> answer(request, open, reads)).orElseGet(() -> stranger(request, reads));
    }

    private boolean isCurrent(Session<SignedIn> session) {
        boolean current = accounts.isCurrent(session.who());
        if (!current) {
            sessions.end(session);
        }
        return current;
    }

    private WebReply stranger(WebRequest request, boolean reads) {
        if (!reads) {
            return frame.open(
                    403,
                    "Signed out",
                    p("Nothing was done: you are not signed in any more.").withClass("error"),
                    p(a("Sign in").withHref(Frame.SIGN_IN)));
        }
        if (request.header("accept").equals("application/json")) {
            return WebReply.json(403, "{}");
        }
        var wanted = Links.to(request.path().toArray(String[]::new));
        return WebReply.redirect(
                wanted.equals(Frame.HOME) ? Frame.SIGN_IN : Links.withQuery(Frame.SIGN_IN, Map.of("next", wanted)));
    }

    private WebReply answer(WebRequest request, Session<SignedIn> session, boolean reads) {
        var who = session.who();
        var actor = new Actor(who.name(), who.role(), request.remote());
        var nowhere = new Visit(request, session, actor, Map.of());
        if (!reads && !session.accepts(request)) {
            return frame.page(
                    nowhere,
                    403,
                    "Nothing was done",
                    p("The form was not one of this session: it was open since before you signed in, or another site has sent"
                                    + " it.")
                            .withClass("error"));
        }
        if (request.path().equals(SIGN_OUT)) {
            if (reads) {
                return WebReply.redirect(Frame.HOME);
            }
            sessions.end(session);
            return WebReply.redirect(Frame.SIGN_IN).withCookie(sessions.noCookie());
        }
        return routed(request, reads)
                .map(found -> actor.role().may(found.route().right())
                        ? found.route().page().answer(new Visit(request, session, actor, found.at()))
                        : frame.refused(nowhere, Result.Why.NOT_ALLOWED, "Your role does not allow this"))
                .orElseGet(() -> frame.refused(nowhere, Result.Why.NOT_FOUND, "There is no such page"));
    }

    private record Found(Route route, Map<String, String> at) {}

    private Optional<Found> routed(WebRequest request, boolean reads) {
        var method = reads ? "GET" : "POST";
        return routes.stream()
                .filter(route -> route.method().equals(method))
                .flatMap(route -> route.path().match(request.path()).map(at -> new Found(route, at)).stream())
                .findFirst();
    }
}
