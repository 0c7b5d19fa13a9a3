package org.airpost.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.airpost.http.Discovery.Redirect;
import org.airpost.http.DiscoveryAnswer.Problem;

/**
 * Tells phones the gateway's address, by the user's mail address. Three ways are in use: {@code autodiscover.xml} (POST,
 * with a password), {@code autodiscover.json} (GET, without one: what it says is no secret, and it says nothing of users),
 * and {@code config-v1.1.xml} of mail programs. Source: MS-ASCMD "Autodiscover"; MS-OXDSCLI; eas/http.md.
 */
final class Autodiscover {

    private static final String XML = "/autodiscover/autodiscover.xml";
    private static final String JSON = "/autodiscover/autodiscover.json";
    private static final Set<String> AUTOCONFIG =
            Set.of("/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml");

    private static final String ALLOW_XML = "GET, HEAD, POST";
    private static final String ALLOW = "GET, HEAD";
    private static final int MOST_BYTES = 32 << 10;

    /** A host, and a port perhaps. What else a phone may write there comes into no answer. */
    private static final Pattern HOST =
            Pattern.compile("([A-Za-z0-9.-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}\\])(:[0-9]{1,5})?");

    private static final Pattern ADDRESS =
            Pattern.compile("[^\\s@<>\"]{1,200}@([A-Za-z0-9.\\-\\u0080-\\uFFFF]{1,255})");

    private final Server server;
    private final Exchange exchange;
    private final Head head;

    Autodiscover(Server server, Exchange exchange, Head head) {
        this.server = server;
        this.exchange = exchange;
        this.head = head;
    }

    /** True for the addresses that are answered here, in any case of letters. */
    static boolean serves(String path) {
        var lower = plain(path);
        return lower.equals(XML) || lower.equals(JSON) || lower.startsWith(JSON + "/") || AUTOCONFIG.contains(lower);
    }

    private static String plain(String path) {
        var lower = path.toLowerCase(Locale.ROOT).replace("//", "/");
        return lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** What to reply. On a virtual thread. */
    Optional<Reply> answer() throws IOException, RefusedException {
        var path = plain(head.path());
        boolean reads = head.method().equals("GET") || head.method().equals("HEAD");
        if (path.equals(XML)) {
            if (!reads && !head.method().equals("POST")) {
                throw wrongMethod(ALLOW_XML);
            }
            return Optional.of(reads ? asked() : posted());
        }
        if (!reads) {
            throw wrongMethod(ALLOW);
        }
        return Optional.of(AUTOCONFIG.contains(path) ? autoconfig() : json(path));
    }

    private RefusedException wrongMethod(String allowed) {
        return new RefusedException(
                405, "method %s is not for Autodiscover".formatted(head.method()), Map.of("Allow", allowed));
    }

    // autodiscover.xml

    /**
     * Some look by GET and without a password whether they are sent elsewhere; others ask so for the answer itself. Source:
     * MS-OXDSCLI "HTTP GET".
     */
    private Reply asked() throws RefusedException {
        if (head.header("authorization").isEmpty()) {
            var name = hostName().replaceFirst("^autodiscover\\.", "");
            switch (discovery().redirect(name)) {
                case Redirect.ToServer(var other) -> {
                    return moved(at(other, XML));
                }
                case Redirect.ToDomain(var domain) -> {
                    return moved("https://autodiscover." + domain + XML);
                }
                case Redirect.None _ -> {}
            }
        }
        var account = new SignIn(server, exchange, head).as("");
        return mobileSync(account.displayName(), account.address(), account.address());
    }

    private Reply posted() throws IOException, RefusedException {
        var account = new SignIn(server, exchange, head).as("");
        DiscoveryRequest request;
        if (head.contentLength() > MOST_BYTES) {
            throw new RefusedException(413, "an Autodiscover request of %d bytes".formatted(head.contentLength()));
        }
        exchange.wantBody();
        boolean gzip = head.header("content-encoding").strip().equalsIgnoreCase("gzip");
        try (var spool = new BodyReader(MOST_BYTES, server.settings().maxGzipRatio()).read(exchange.body(), gzip);
                var in = spool.open()) {
            request = DiscoveryRequest.read(in);
        } catch (DiscoveryRequest.UnreadableException e) {
            return error(Problem.INVALID_REQUEST, "Invalid Request: " + LogText.of(String.valueOf(e.getMessage())));
        }
        var address = request.address().isEmpty() ? account.address() : request.address();
        if (domain(address).isEmpty()) {
            return error(Problem.UNKNOWN_ADDRESS, "The email address cannot be found: it has no domain.");
        }
        return switch (request.schema()) {
            case DiscoveryRequest.MOBILE_SYNC -> mobileSync(account.displayName(), account.address(), address);
            case DiscoveryRequest.OUTLOOK -> outlook(address);
            default ->
                error(
                        Problem.NO_PROVIDER,
                        "Provider is not available. This server answers " + DiscoveryRequest.MOBILE_SYNC + ".");
        };
    }

    /** Where {@code asked} is served. The account's own address is the one to go on with. Source: MS-ASCMD R2228. */
    private Reply mobileSync(String name, String own, String asked) {
        return switch (redirect(asked)) {
            case Redirect.None _ -> DiscoveryAnswer.mobileSync(name, own, activeSync(here()));
            case Redirect.ToServer(var other) -> DiscoveryAnswer.mobileSync(name, asked, activeSync(other));
            case Redirect.ToDomain(var domain) ->
                DiscoveryAnswer.mobileSyncRedirect(name, asked, local(asked) + "@" + domain);
        };
    }

    /** Outlook's own protocols are not here: it is told what to do instead. */
    private Reply outlook(String address) {
        return switch (redirect(address)) {
            case Redirect.None _ ->
                error(
                        Problem.NO_PROVIDER,
                        "Provider is not available: this server speaks Exchange ActiveSync, not MAPI or EWS. In Outlook add"
                                + " the account by hand as Exchange ActiveSync, with the server " + here().getHost()
                                + ", or as IMAP at your mail server.");
            case Redirect.ToServer(var other) ->
                DiscoveryAnswer.outlookRedirect("redirectUrl", "RedirectUrl", at(other, XML));
            case Redirect.ToDomain(var domain) ->
                DiscoveryAnswer.outlookRedirect("redirectAddr", "RedirectAddr", local(address) + "@" + domain);
        };
    }

    private Reply error(Problem error, String message) {
        return DiscoveryAnswer.error(
                error,
                message,
                server.gateway().clock().instant(),
                server.gateway().random().nextLong(1L << 32));
    }

    // autodiscover.json

    /** Source: what Outlook and Outlook mobile ask, and what Exchange answers them; eas/http.md. */
    private Reply json(String path) {
        var query = query();
        var address =
                inPath(path).or(() -> Optional.ofNullable(query.get("email"))).orElse("");
        var protocol = query.getOrDefault("protocol", "");
        if (protocol.isEmpty()) {
            return refusal("MandatoryParameterMissing", "The mandatory parameter 'Protocol' is missing.");
        }
        if (domain(address).isEmpty()) {
            return refusal("InvalidUserId", "Wanted is Email=user@domain.");
        }
        var asked = switch (protocol.toLowerCase(Locale.ROOT)) {
            case "activesync" -> "ActiveSync";
            case "autodiscoverv1" -> "AutodiscoverV1";
            default -> "";
        };
        if (asked.isEmpty()) {
            return refusal(
                    "InvalidProtocol",
                    "The protocol '%s' is not served here; ActiveSync and AutodiscoverV1 are."
                            .formatted(LogText.of(protocol)));
        }
        return switch (redirect(address)) {
            case Redirect.None _ -> found(asked, here());
            case Redirect.ToServer(var other) -> found(asked, other);
            case Redirect.ToDomain(var domain) ->
                moved("https://autodiscover.%s%s?Email=%s&Protocol=%s"
                        .formatted(domain, JSON, URLEncoder.encode(local(address) + "@" + domain, UTF_8), asked));
        };
    }

    private static Reply found(String protocol, URI at) {
        return DiscoveryAnswer.json(
                200, "Protocol", protocol, "Url", protocol.equals("ActiveSync") ? activeSync(at) : at(at, XML));
    }

    private static Reply refusal(String code, String message) {
        return DiscoveryAnswer.json(400, "ErrorCode", code, "ErrorMessage", message);
    }

    /** {@code autodiscover.json/v1.0/anna@example.org}. */
    private Optional<String> inPath(String path) {
        return path.matches(Pattern.quote(JSON) + "/v1\\.[0-9]/.+")
                ? Optional.of(decode(head.path().substring(head.path().lastIndexOf('/') + 1)))
                : Optional.empty();
    }

    // config-v1.1.xml

    private Reply autoconfig() throws RefusedException {
        var address = query().getOrDefault("emailaddress", "");
        var asked = domain(address).orElseGet(() -> hostName().replaceFirst("^autoconfig\\.", ""));
        return switch (discovery().redirect(asked)) {
            case Redirect.None _ -> autoconfig(asked, here());
            case Redirect.ToServer(var other) -> autoconfig(asked, other);
            case Redirect.ToDomain(var domain) ->
                moved("https://autoconfig.%s/mail/config-v1.1.xml?emailaddress=%s"
                        .formatted(domain, URLEncoder.encode(local(address) + "@" + domain, UTF_8)));
        };
    }

    private static Reply autoconfig(String domain, URI at) {
        return DiscoveryAnswer.autoconfig(domain, at.getHost(), at.getPort() < 0 ? 443 : at.getPort(), activeSync(at));
    }

    // Addresses

    private Discovery discovery() {
        return server.gateway().discovery();
    }

    private Redirect redirect(String address) {
        return domain(address).map(discovery()::redirect).orElse(new Redirect.None());
    }

    /** This server, as the phone may call it: by the name that it asked by, if none is configured. */
    private URI here() {
        return discovery().address().orElseGet(() -> {
            var host = head.header("host").strip();
            var usual = URI.create("https://localhost");
            if (!HOST.matcher(host).matches()) {
                return usual;
            }
            var uri = URI.create("https://" + host.replaceFirst(":443$", ""));
            return uri.getHost() == null ? usual : uri;
        });
    }

    /** The name that the phone asked by, in lower case and without a port. */
    private String hostName() {
        return head.header("host").strip().replaceFirst(":[0-9]+$", "").toLowerCase(Locale.ROOT);
    }

    private static String activeSync(URI server) {
        return at(server, "/Microsoft-Server-ActiveSync");
    }

    private static String at(URI server, String path) {
        return "%s://%s%s".formatted(server.getScheme(), server.getRawAuthority(), path);
    }

    private static Reply moved(String where) {
        return Reply.bare(302, Map.of("Location", where, "Cache-Control", "private"));
    }

    /** The domain of an address, in lower case; empty if it is none. */
    private static Optional<String> domain(String address) {
        var match = ADDRESS.matcher(address);
        return match.matches() ? Optional.of(match.group(1).toLowerCase(Locale.ROOT)) : Optional.empty();
    }

    private static String local(String address) {
        return address.substring(0, Math.max(0, address.lastIndexOf('@')));
    }

    /** Names in lower case; of several with one name the first. */
    private Map<String, String> query() {
        var values = new HashMap<String, String>();
        for (var pair : head.query().split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.putIfAbsent(
                        pair.substring(0, equals).toLowerCase(Locale.ROOT), decode(pair.substring(equals + 1)));
            }
        }
        return values;
    }

    private static String decode(String text) {
        try {
            // A plus in an address is a plus: phones do not write it as %2B.
            return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
