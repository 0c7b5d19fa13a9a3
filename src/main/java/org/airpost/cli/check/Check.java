package org.airpost.cli.check;

import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import org.airpost.backend.found.Dns.Looked;
import org.airpost.command.Quarantine;
import org.airpost.eas.BodyType;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.PingResult;
import org.airpost.phone.SyncRequest;
import org.airpost.wbxml.page.Provision;

/**
 * Goes the way of a phone: DNS, connection, TLS, Autodiscover, OPTIONS, sign-in, Provision, FolderSync, Sync, a large
 * request, and a Ping that must be let alone. Each step tells a {@link Finding}; what cannot go on ends.
 */
public final class Check {

    private static final String DEVICE_TYPE = "AirpostCheck";
    private static final String PATH = "/Microsoft-Server-ActiveSync";

    /** Servers answer a little before the heartbeat ends (Airpost 3 s), so that no proxy with the same limit is first. */
    private static final Duration EARLY = Duration.ofSeconds(5);

    /**
     * What is checked, and how.
     *
     * @param server where phones connect; empty if Autodiscover is to say
     * @param user as a phone has it: mail address or login name
     * @param hold how long a Ping is to be held
     * @param largeBytes size of a request that must get through, as a mail with an attachment is
     * @param deviceId what the device is called
     */
    public record Settings(
            Optional<URI> server, String user, String password, Duration hold, int largeBytes, String deviceId) {

        @Override
        public String toString() {
            return "Settings[server=" + server + ", user=" + user + "]";
        }
    }

    private final Settings settings;
    private final Network network;
    private final SSLContext tls;
    private final TlsProbe probe;
    private final Consumer<Finding> told;
    private final List<Finding> findings = new ArrayList<>();

    /** A check that believes what the trust manager does, and has {@code tls} made of it. */
    public Check(
            Settings settings,
            Network network,
            SSLContext tls,
            X509TrustManager believed,
            InstantSource clock,
            Consumer<Finding> told) {
        this.settings = settings;
        this.network = network;
        this.tls = tls;
        this.probe = new TlsProbe(network, believed, clock);
        this.told = told;
    }

    /** Thrown where no later step makes sense; the finding was told. */
    private static final class EndException extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    /** Goes all steps that can be gone; what was found. */
    public List<Finding> run() {
        try (var client = network.client(tls)) {
            try {
                run(client);
            } catch (EndException e) {
                tell(Finding.note("end", "the steps after this were not tried"));
            } finally {
                client.shutdownNow();
            }
        }
        return List.copyOf(findings);
    }

    private void run(HttpClient client) {
        var web = new Web(client, settings.user(), settings.password());
        var server = server(web);
        if (server.getScheme().equals("https")) {
            all(probe.look(server.getHost(), port(server)));
        } else {
            tell(Finding.note("TLS", "none: phones need https, so this is good for trials on this machine alone"));
        }
        var version = signIn(web, server);
        try (var phone = Phone.sharing(
                client, server, settings.user(), settings.password(), version, settings.deviceId(), DEVICE_TYPE)) {
            provision(phone);
            folders(phone);
            var inbox = phone.hierarchy().ofType(FolderType.INBOX);
            if (inbox.isEmpty()) {
                end(Finding.bad(
                        "FolderSync", "there is no Inbox", "Look at the folders of this user at the IMAP server."));
            }
            if (Quarantine.isFolder(inbox.orElseThrow().id())) {
                tell(Finding.bad(
                        "quarantine",
                        "this device, %s, waits to be admitted, and what follows is not about the user's mailbox"
                                .formatted(settings.deviceId()),
                        "Admit it (airpost device allow USER/%s), or all checks (airpost rules add allow type=%s --place 1),"
                                        .formatted(settings.deviceId(), DEVICE_TYPE)
                                + " and check again."));
            }
            sync(phone, inbox.orElseThrow().id());
            large(web, server, version);
            ping(phone, inbox.orElseThrow().id());
            violations(phone);
        }
    }

    // Where the server is

    private URI server(Web web) {
        boolean isAddress = settings.user().contains("@");
        if (settings.server().isEmpty()) {
            var result = new Discovered(network.dns(), probe, web).find(settings.user());
            all(result.findings(), result.server().isEmpty());
            return withPath(result.server().orElseThrow());
        }
        var server = settings.server().get();
        name(server);
        if (isAddress && isName(server.getHost())) {
            elsewhere(server, new Discovered(network.dns(), probe, web).find(settings.user()));
        }
        return withPath(server);
    }

    /** Autodiscover is a comfort where the server is known: what is wrong there is said, and the check goes on. */
    private void elsewhere(URI server, Discovered.Result result) {
        result.findings().forEach(this::tell);
        result.server()
                .filter(other -> !other.getHost().equalsIgnoreCase(server.getHost()) || port(other) != port(server))
                .ifPresent(other -> tell(Finding.bad(
                        "autodiscover",
                        "phones are sent to %s:%d, not to %s:%d"
                                .formatted(other.getHost(), port(other), server.getHost(), port(server)),
                        "If that is an old server, point the CNAME record autodiscover.%s to this one; if it is this one by"
                                        .formatted(settings.user().replaceFirst(".*@", ""))
                                + " a name that phones do not reach, set autodiscover.url.")));
    }

    private void name(URI server) {
        var host = server.getHost();
        if (!isName(host)) {
            return;
        }
        switch (network.dns().addresses(host)) {
            case Looked.Found<List<InetAddress>>(var addresses) ->
                tell(Finding.good("DNS", "%s is %s".formatted(host, Discovered.addresses(addresses))));
            case Looked.None<List<InetAddress>> _ ->
                end(Finding.bad(
                        "DNS",
                        "there is no address for " + host,
                        "Make an A record (and AAAA) for %s that points to the machine of Airpost or of the proxy before it."
                                .formatted(host)));
            case Looked.Failed<List<InetAddress>>(var why) -> end(Discovered.noNameServer(why));
        }
    }

    /** True for what DNS is asked for: no literal address, and not this machine. */
    private static boolean isName(String host) {
        return !host.equals("localhost") && !host.startsWith("[") && !host.matches("[0-9.]+");
    }

    private static URI withPath(URI server) {
        var path = server.getPath();
        return path == null || path.isEmpty() || path.equals("/") ? server.resolve(PATH) : server;
    }

    private static int port(URI server) {
        return server.getPort() >= 0 ? server.getPort() : server.getScheme().equals("http") ? 80 : 443;
    }

    // Sign-in

    private ProtocolVersion signIn(Web web, URI server) {
        var stranger = web.ask("OPTIONS", server, false);
        if (stranger.status() == 401) {
            boolean basic =
                    stranger.header("WWW-Authenticate").toLowerCase(Locale.ROOT).contains("basic");
            tell(
                    basic
                            ? Finding.good("server", "it asks strangers for a password, as it should")
                            : Finding.bad(
                                    "server",
                                    "it refuses strangers without saying how to sign in (no WWW-Authenticate: Basic)",
                                    "Let the proxy pass that header on, and ask for no password of its own: without it"
                                            + " Outlook on phones silently takes IMAP instead."));
        } else {
            unexpected("server", server, stranger, true);
        }
        var offer = web.ask("OPTIONS", server, true);
        if (offer.status() == 401) {
            end(
                    offer.text().strip().equals("no credentials")
                            ? Finding.bad(
                                    "sign-in",
                                    "the user name and password do not arrive: something on the way takes the Authorization"
                                            + " header out",
                                    "Let the proxy pass it on (Apache: CGIPassAuth On or ProxyPass without AuthType; nginx: no"
                                            + " proxy_set_header Authorization \"\"), and ask for no password of its own.")
                            : Finding.bad(
                                    "sign-in",
                                    "the user name or the password is refused",
                                    "Try both in a mail program at the IMAP server. If the login name there is not what the"
                                            + " phone sends, set imap.userTemplate. With two-factor sign-in an app password"
                                            + " is needed."));
        }
        if (offer.status() != 200) {
            unexpected("sign-in", server, offer, false);
        }
        var versions = offer.header("MS-ASProtocolVersions");
        var best = Arrays.stream(ProtocolVersion.values())
                .filter(version -> Arrays.stream(versions.split(",", -1))
                        .anyMatch(text -> text.strip().equals(version.text())))
                .reduce((_, later) -> later);
        if (best.isEmpty()) {
            end(Finding.bad(
                    "OPTIONS",
                    versions.isEmpty()
                            ? "the answer has no MS-ASProtocolVersions: this is no ActiveSync server, or a proxy answers"
                                    + " OPTIONS itself"
                            : "no version in common: " + versions,
                    "Let the proxy pass OPTIONS and all MS-… headers on, to Airpost."));
        }
        tell(Finding.good("sign-in", "user and password are right"));
        tell(Finding.good("OPTIONS", "versions " + versions.replace(",", ", ")));
        return best.orElseThrow();
    }

    /** An answer that no ActiveSync server gives a phone here. */
    private void unexpected(String step, URI server, Web.Page page, boolean stranger) {
        end(
                switch (page.status()) {
                    case 0 ->
                        Finding.bad(
                                step,
                                "there is no answer: " + page.text(),
                                "Look at the log of Airpost and of the proxy before it.");
                    case 200 ->
                        stranger
                                ? Finding.bad(
                                        step,
                                        "strangers are let in: OPTIONS without a password is answered with 200"
                                                + (page.isHtml() ? " and a web page" : ""),
                                        "This is another server or a proxy that answers itself. Let " + PATH
                                                + " lead to Airpost, OPTIONS too.")
                                : Finding.bad(step, "a web page is answered", "Let " + PATH + " lead to Airpost.");
                    case 301, 302, 307, 308 ->
                        Finding.bad(
                                step,
                                "it sends on to " + page.header("Location"),
                                "Phones do not follow that: let %s itself answer at this name.".formatted(PATH));
                    case 400 ->
                        Finding.bad(
                                step,
                                "HTTP 400" + (page.text().contains("HTTPS") ? ", it wants HTTPS" : ""),
                                "Name https and the port with TLS.");
                    case 403, 405, 501 ->
                        Finding.bad(
                                step,
                                "the method OPTIONS is not let through (HTTP %d)".formatted(page.status()),
                                "Allow OPTIONS and POST for %s in the proxy or firewall.".formatted(PATH));
                    case 404 ->
                        Finding.bad(
                                step,
                                "there is no ActiveSync server at %s (HTTP 404%s)"
                                        .formatted(server, page.isHtml() ? ", a web page" : ""),
                                "Look whether the name and the port are those of Airpost; a proxy must pass %s on to it."
                                        .formatted(PATH));
                    case 502, 504 ->
                        Finding.bad(
                                step,
                                "the proxy does not reach Airpost (HTTP %d)".formatted(page.status()),
                                "Start Airpost (airpost serve), and compare the proxy's target with http.address and"
                                        + " http.port.");
                    case 503 -> away(step, page.text());
                    default ->
                        Finding.bad(
                                step,
                                "HTTP %d".formatted(page.status()),
                                "Look at the log of Airpost; if it says nothing, at that of the proxy.");
                });
    }

    private static Finding away(String step, String text) {
        var words = text.strip().toLowerCase(Locale.ROOT);
        if (words.contains("too many failed attempts")) {
            return Finding.bad(
                    step,
                    "too many wrong passwords were tried for this user",
                    "Wait for login.window (10 minutes), then try again with the right one.");
        }
        return Finding.bad(
                step,
                words.contains("mail server")
                        ? "Airpost answers, but does not reach the IMAP server (HTTP 503)"
                        : "it is busy or not ready (HTTP 503)",
                words.contains("mail server")
                        ? "Look whether the IMAP server runs, and at imap.host, imap.port, imap.security and imap.trust;"
                                + " Airpost's log says what it tried."
                        : "Wait a little; if it stays so, look at the log of Airpost and of the proxy.");
    }

    // As a phone

    private void provision(Phone phone) {
        var result = calling("Provision", phone::provision);
        if (result.wipe()) {
            end(Finding.bad(
                    "Provision",
                    "the server asks this device to wipe itself; nothing was done",
                    "Take the wipe back in the server's list of devices."));
        }
        if (!result.succeeded()) {
            end(Finding.bad(
                    "Provision",
                    "status %d%s, policy status %d"
                            .formatted(result.status(), meaning(result.status()), result.policyStatus()),
                    "Look whether this user or device is allowed to sync at all."));
        }
        boolean password = "1".equals(result.policy().get(Provision.DEVICE_PASSWORD_ENABLED));
        var length = result.policy().getOrDefault(Provision.MIN_DEVICE_PASSWORD_LENGTH, "");
        tell(Finding.good(
                "Provision",
                !password
                        ? "the policy asks nothing of the phone"
                        : "phones must be locked with a PIN or password"
                                + (length.isEmpty() ? "" : " of %s characters or more".formatted(length))));
        if (password) {
            tell(Finding.note(
                    "Provision",
                    "a phone without one shows no mail until its user has set it (policy.requirePassword); the Gmail app"
                            + " may refuse the account"));
        }
    }

    private void folders(Phone phone) {
        int status = calling("FolderSync", () -> phone.folderSync().status());
        if (status != 1) {
            end(Finding.bad(
                    "FolderSync",
                    "status %d%s".formatted(status, meaning(status)),
                    "Airpost's log says why; often the IMAP server refuses LIST to this user."));
        }
        tell(Finding.good(
                "FolderSync", "%d folders".formatted(phone.hierarchy().folders().size())));
    }

    private void sync(Phone phone, String inbox) {
        var request = SyncRequest.PLAIN.withWindowSize(1).withBody(BodyType.PLAIN_TEXT, 256);
        var answer = calling("Sync", () -> {
            var first = phone.sync(inbox, SyncRequest.PLAIN);
            return first.succeeded() ? phone.sync(inbox, request) : first;
        });
        if (!answer.succeeded()) {
            int status = answer.topStatus() == 1 ? answer.status() : answer.topStatus();
            end(Finding.bad(
                    "Sync",
                    "status %d%s".formatted(status, meaning(status)),
                    "Airpost's log says why, under this user's name."));
        }
        tell(Finding.good(
                "Sync",
                phone.replica(inbox).all().isEmpty()
                        ? "the Inbox is empty"
                        : "the newest mail of the Inbox came through"));
    }

    /** No command takes it for anything: it is no WBXML. What matters is who refuses it. */
    private void large(Web web, URI server, ProtocolVersion version) {
        var address = URI.create("%s?Cmd=GetItemEstimate&User=check&DeviceId=%s&DeviceType=%s"
                .formatted(server, settings.deviceId(), DEVICE_TYPE));
        var page = web.ask(
                "POST", address, true, Optional.of("application/vnd.ms-sync.wbxml"), new byte[settings.largeBytes()]);
        var size = "%.0f MB".formatted(settings.largeBytes() / 1e6);
        if (page.status() == 413 || (page.status() == 0 && version.atLeast(ProtocolVersion.V12_1))) {
            tell(Finding.bad(
                    "large mail",
                    "a request of %s is refused (%s)".formatted(size, page.status() == 0 ? page.text() : "HTTP 413"),
                    "Let the proxy take large requests and not collect them first (nginx: client_max_body_size 0;"
                            + " proxy_request_buffering off;), or raise http.maxBodyBytes: else mails with attachments stay"
                            + " in the phone's outbox."));
        } else if (page.status() == 408 || page.status() >= 500) {
            tell(Finding.bad(
                    "large mail",
                    "a request of %s is answered with HTTP %d".formatted(size, page.status()),
                    "Let the proxy pass large requests on as they come and wait for them (nginx:"
                            + " proxy_request_buffering off; proxy_send_timeout 300s;), and look whether its disk is full:"
                            + " else mails with attachments stay in the phone's outbox."));
        } else {
            tell(Finding.good("large mail", "a request of %s gets through".formatted(size)));
        }
    }

    /** Source: CLIENTS §1.1: a proxy that cuts a waiting Ping costs the phone's battery, and push comes late. */
    private void ping(Phone phone, String inbox) {
        var hold = settings.hold();
        long start = System.nanoTime();
        PingResult result;
        try {
            result = phone.ping(List.of(inbox), hold);
            if (result.status() == 5 && result.heartbeat().isPresent()) {
                hold = result.heartbeat().get();
                start = System.nanoTime();
                result = phone.ping(List.of(inbox), hold);
            }
        } catch (PhoneException e) {
            cut(Duration.ofNanos(System.nanoTime() - start), hold, e);
            return;
        }
        var took = result.took();
        if (result.status() == 2) {
            tell(Finding.note(
                    "Ping",
                    "new mail came after %s, and the phone heard of it; how long it may wait is not known"
                            .formatted(words(took))));
        } else if (result.status() != 1) {
            tell(Finding.bad(
                    "Ping", "status %d".formatted(result.status()), "Airpost's log says why, under this user's name."));
        } else if (took.compareTo(hold.minus(EARLY)) < 0) {
            tell(
                    Finding.bad(
                            "Ping",
                            "it was answered after %s instead of %s".formatted(words(took), words(hold)),
                            "Something between answers in the server's place: let the proxy wait (nginx: proxy_read_timeout 3660s)."));
        } else {
            tell(Finding.good(
                    "Ping", "it was let alone for %s, so push works for that long at least".formatted(words(took))));
        }
    }

    private void cut(Duration after, Duration hold, PhoneException e) {
        if (e.httpStatus() == 503) {
            tell(away("Ping", String.valueOf(e.getMessage())));
            return;
        }
        tell(Finding.bad(
                "Ping",
                "a waiting phone is cut off after %s of %s (%s)"
                        .formatted(
                                words(after),
                                words(hold),
                                e.httpStatus() == 0 ? "the connection was closed" : "HTTP " + e.httpStatus()),
                "Let the proxy or firewall wait an hour for an answer (nginx: proxy_read_timeout 3660s; HAProxy: timeout"
                        + " server 3660s and timeout client 3660s; Apache: ProxyTimeout 3660), or set"
                        + " ping.greatestHeartbeat below its limit."));
    }

    private static String words(Duration time) {
        return time.toSeconds() < 10 ? "%.1f s".formatted(time.toMillis() / 1e3) : time.toSeconds() + " s";
    }

    /** What the strict phone has noted. */
    private void violations(Phone phone) {
        var all = phone.violations();
        boolean framed = all.stream().anyMatch(violation -> violation.toString().contains("no Content-Length"));
        if (framed) {
            tell(Finding.bad(
                    "answers",
                    "they come without a Content-Length: a proxy collects and rewrites them",
                    "Let the proxy pass answers on as they are (nginx: proxy_buffering off; no gzip and no sub_filter for"
                            + " this path): phones show no progress and older ones fail."));
        }
        all.stream()
                .map(Object::toString)
                .filter(violation -> !violation.contains("no Content-Length"))
                .distinct()
                .forEach(violation -> tell(Finding.note("answers", "the server breaks " + violation)));
    }

    private interface Call<T> {
        T call();
    }

    private <T> T calling(String step, Call<T> call) {
        try {
            return call.call();
        } catch (PhoneException e) {
            end(failed(step, e));
            throw e;
        }
    }

    private static Finding failed(String step, PhoneException e) {
        return switch (e.httpStatus()) {
            case 503 -> away(step, "the mail server");
            case 403 ->
                Finding.bad(
                        step,
                        "this user or device is not allowed (HTTP 403)",
                        "Allow it in the server's list of devices; if it is a proxy that says so, allow POST there.");
            case 413 ->
                Finding.bad(
                        step, "the request is refused as too large", "Raise the limit of the proxy before Airpost.");
            default ->
                Finding.bad(
                        step, String.valueOf(e.getMessage()), "Look at the log of Airpost and of the proxy before it.");
        };
    }

    private static String meaning(int status) {
        return Arrays.stream(CommonStatus.values())
                .filter(common -> common.code() == status && status > 100)
                .findFirst()
                .map(common -> " (" + common.meaning() + ")")
                .orElse("");
    }

    // What is told

    private void tell(Finding finding) {
        findings.add(finding);
        told.accept(finding);
    }

    private void end(Finding finding) {
        tell(finding);
        throw new EndException();
    }

    private void all(List<Finding> some) {
        all(some, some.stream().anyMatch(finding -> finding.verdict() == Finding.Verdict.BAD));
    }

    private void all(List<Finding> some, boolean isEnd) {
        some.forEach(this::tell);
        if (isEnd) {
            throw new EndException();
        }
    }
}
