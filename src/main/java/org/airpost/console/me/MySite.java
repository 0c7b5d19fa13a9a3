package org.airpost.console.me;

import static j2html.TagCreator.p;

import java.net.URI;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.PasswordActions;
import org.airpost.backend.Accounts;
import org.airpost.backend.UserName;
import org.airpost.console.web.LoginLimits;
import org.airpost.console.web.LoginToken;
import org.airpost.console.web.Session;
import org.airpost.console.web.Sessions;
import org.airpost.http.Site;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;

/** Finds the page of a request. What changes something is a POST with the session's token. */
public final class MySite implements Site {

    /** The first segment of its addresses. */
    public static final String PLACE = "me";

    /** Half an hour is enough here, and who knows a mail password that was changed since has no longer. */
    private static final Sessions.Settings SESSIONS =
            new Sessions.Settings("__Host-airpost-me", Duration.ofMinutes(20), Duration.ofMinutes(30), 20_000);

    private static final String TAKE = "take";
    private static final int TRIES_PER_NAME = 20;
    private static final int TRIES_PER_ADDRESS = 100;
    private static final Duration TRIES_WINDOW = Duration.ofMinutes(10);

    private final Frame frame = new Frame();
    private final Sessions<UserName> sessions;
    private final Door door;
    private final DevicePages devices;
    private final PasswordPages passwords;
    private final CertificatePages certificates;
    private final SetUpPages setUp;

    /**
     * The pages.
     *
     * @param server where phones reach the gateway; if it is not known, as the browser does
     * @param authority of the server's certificate, if it is one that phones do not know
     */
    public record Parts(
            Accounts accounts,
            DeviceActions devices,
            PasswordActions passwords,
            CertificateActions certificates,
            Optional<URI> server,
            Optional<X509Certificate> authority) {}

    public MySite(Parts parts, InstantSource clock, SecureRandom random) {
        this.sessions = new Sessions<>(SESSIONS, clock, random);
        this.door = new Door(
                parts.accounts(),
                sessions,
                new LoginLimits(TRIES_PER_NAME, TRIES_PER_ADDRESS, TRIES_WINDOW, clock),
                new LoginToken(random),
                frame);
        var offers = new Offers(parts.server(), parts.authority(), clock, random);
        this.devices = new DevicePages(parts.devices(), parts.passwords(), frame);
        this.passwords = new PasswordPages(parts.passwords(), offers, frame);
        this.certificates = new CertificatePages(parts.certificates(), parts.passwords(), offers, frame);
        this.setUp = new SetUpPages(parts.passwords(), parts.certificates(), offers, frame);
    }

    /** Of these pages only what a device fetches by a link that was made for it. */
    public Site forDevices() {
        return request -> request.path().size() > 1 && request.path().get(1).equals(TAKE)
                ? answer(request)
                : WebReply.text(404, "There is nothing here.");
    }

    @Override
    public WebReply answer(WebRequest request) {
        var path = request.path().subList(1, request.path().size());
        boolean reads = request.is("GET") || request.is("HEAD");
        if (!reads && !request.is("POST")) {
            return WebReply.text(405, "This address takes GET and POST.").with("Allow", "GET, HEAD, POST");
        }
        if (path.equals(List.of("sign-in"))) {
            return reads ? door.page(request) : door.signIn(request);
        }
        if (!path.isEmpty() && path.getFirst().equals(TAKE)) {
            return reads ? setUp.take(request, path.subList(1, path.size())) : frame.nothing();
        }
        var session = sessions.of(request);
        if (session.isEmpty()) {
            return WebReply.redirect(Frame.SIGN_IN);
        }
        var me = new Me(session.get(), request);
        if (reads) {
            return page(me, path);
        }
        if (!session.get().accepts(request)) {
            return frame.page(
                    me,
                    403,
                    "That did not come from here",
                    p("The page was open for too long, or another site sent this. Nothing was done.")
                            .withClass("error"));
        }
        return path.equals(List.of("sign-out")) ? signOut(session.get()) : action(me, path);
    }

    private WebReply page(Me me, List<String> path) {
        var rest = path.isEmpty() ? path : path.subList(1, path.size());
        return switch (path.isEmpty() ? "" : path.getFirst()) {
            case "" -> devices.list(me);
            case "devices" -> rest.size() == 1 ? devices.one(me, rest.getFirst()) : frame.nothing(me);
            case "passwords" -> rest.isEmpty() ? passwords.list(me) : frame.nothing(me);
            case "certificates" -> rest.isEmpty() ? certificates.list(me) : frame.nothing(me);
            case "mail-password" -> rest.isEmpty() ? passwords.vault(me) : frame.nothing(me);
            case "set-up" -> rest.isEmpty() ? setUp.page(me) : frame.nothing(me);
            default -> frame.nothing(me);
        };
    }

    private WebReply action(Me me, List<String> path) {
        var rest = path.isEmpty() ? path : path.subList(1, path.size());
        return switch (path.isEmpty() ? "" : path.getFirst()) {
            case "devices" -> rest.size() == 2 ? devices.action(me, rest.get(0), rest.get(1)) : frame.nothing(me);
            case "passwords" ->
                switch (rest.size()) {
                    case 0 -> passwords.make(me);
                    case 2 -> passwords.revoke(me, rest.get(0), rest.get(1));
                    default -> frame.nothing(me);
                };
            case "certificates" ->
                switch (rest.size()) {
                    case 0 -> certificates.make(me);
                    case 2 -> certificates.revoke(me, rest.get(0), rest.get(1));
                    default -> frame.nothing(me);
                };
            case "mail-password" -> rest.size() == 1 ? passwords.vault(me, rest.getFirst()) : frame.nothing(me);
            case "set-up" -> rest.isEmpty() ? setUp.offer(me) : frame.nothing(me);
            default -> frame.nothing(me);
        };
    }

    private WebReply signOut(Session<UserName> session) {
        sessions.end(session);
        return WebReply.redirect(Frame.SIGN_IN).withCookie(sessions.noCookie());
    }
}
