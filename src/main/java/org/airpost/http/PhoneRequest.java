package org.airpost.http;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.backend.Account;
import org.airpost.command.Answer;
import org.airpost.command.Request;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.eas.RequestLines;
import org.airpost.eas.Spool;
import org.airpost.wbxml.MalformedRequestException;
import org.airpost.wbxml.page.ComposeMail;

/**
 * A request to the gateway's address, step by step: method, sign-in, request line, body, command. Nothing of a body is read
 * before its sender has signed in. Source: MS-ASHTTP "Request"; DESIGN §4.
 */
final class PhoneRequest {

    private static final String ALLOWED = "OPTIONS,POST";
    private static final Set<String> KNOWN_METHODS =
            Set.of("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "POST");

    /** No type at all is taken for WBXML, whose reader will see. */
    private static final Set<String> TYPES = Set.of("", Reply.WBXML, "application/vnd.ms-sync", "message/rfc822");

    /** How many times the largest body is read and thrown away, so that the phone comes to read why it was refused. */
    private static final int SKIP_FACTOR = 4;

    /** Bytes of a request to send a mail that are not the mail. */
    private static final long AROUND_MAIL = 16 << 10;

    private final Server server;
    private final Exchange exchange;
    private final Head head;

    PhoneRequest(Server server, Exchange exchange, Head head) {
        this.server = server;
        this.exchange = exchange;
        this.head = head;
    }

    /** What to reply; empty if the request is held. On a virtual thread. */
    Optional<Reply> answer() throws IOException, RefusedException {
        return switch (head.method()) {
            case "OPTIONS" -> {
                signIn();
                yield Optional.of(options());
            }
            case "POST" -> post(signIn());
            default -> throw wrongMethod();
        };
    }

    /** Source: HT-05. */
    private RefusedException wrongMethod() {
        return KNOWN_METHODS.contains(head.method())
                ? new RefusedException(
                        405,
                        "this is the address of an Exchange ActiveSync gateway; method " + head.method()
                                + " is not for it",
                        Map.of("Allow", ALLOWED))
                : new RefusedException(501, "method " + head.method() + " is not known");
    }

    /** Source: MS-ASHTTP "HTTP OPTIONS Response". */
    private Reply options() {
        return Reply.bare(
                200,
                Map.of(
                        "MS-ASProtocolVersions",
                        versions(),
                        "MS-ASProtocolCommands",
                        server.gateway().commands().get(),
                        "Public",
                        ALLOWED,
                        "Allow",
                        ALLOWED));
    }

    private String versions() {
        return server.gateway().quirks().offered(deviceType(), head.header("user-agent")).stream()
                .map(ProtocolVersion::text)
                .collect(Collectors.joining(","));
    }

    /** An OPTIONS need not say it; some do, in a query that names no command. */
    private String deviceType() {
        for (var parameter : head.query().split("&", -1)) {
            if (parameter.regionMatches(true, 0, "DeviceType=", 0, "DeviceType=".length())) {
                return parameter.substring("DeviceType=".length());
            }
        }
        return "";
    }

    private Account signIn() throws RefusedException {
        return new SignIn(server, exchange, head).as(device());
    }

    /** What the phone calls itself, before anything is known to be true of the request. */
    private String device() {
        try {
            return RequestLines.parse(head.query(), head.headers()) instanceof RequestLines.Parsed(var line)
                    ? line.deviceId().toString()
                    : "";
        } catch (MalformedRequestException e) {
            return ""; // said once the user is known
        }
    }

    private Optional<Reply> post(Account account) throws IOException, RefusedException {
        var line = requestLine();
        exchange.named(line);
        boolean gzip = isGzip();
        var type = contentType();
        var body = body(account, line, gzip);
        if (body.isEmpty()) {
            return Optional.of(Reply.of(tooLarge(line)));
        }
        Answer answer;
        exchange.asks(type, body.get());
        // Closed before a wait begins: a held request is to cost little.
        try (var spool = body.get()) {
            answer = server.gateway()
                    .dispatcher()
                    .apply(new Request(
                                    exchange.id(),
                                    line,
                                    account,
                                    type,
                                    spool,
                                    head.header("user-agent"),
                                    server.gateway()
                                            .clock()
                                            .instant()
                                            .plus(server.settings().answerTimeout()))
                            .from(exchange.remote()));
        }
        return exchange.settle(answer);
    }

    private RequestLine requestLine() throws RefusedException {
        return switch (RequestLines.parse(head.query(), head.headers())) {
            case RequestLines.Parsed(var line) -> line;
            case RequestLines.UnknownCommand(var name) ->
                throw new RefusedException(501, "command \"%s\" is not known".formatted(name));
            case RequestLines.UnknownVersion(var version) ->
                throw new RefusedException(
                        400, "protocol version \"%s\" is not among %s".formatted(version, ProtocolVersion.offered()));
        };
    }

    private boolean isGzip() throws RefusedException {
        var encoding = head.header("content-encoding").strip();
        if (encoding.equalsIgnoreCase("gzip") || encoding.equalsIgnoreCase("x-gzip")) {
            return true;
        }
        if (encoding.isEmpty() || encoding.equalsIgnoreCase("identity")) {
            return false;
        }
        throw new RefusedException(
                415, "Content-Encoding \"%s\" is not gzip".formatted(encoding), Map.of("Accept-Encoding", "gzip"));
    }

    private String contentType() throws RefusedException {
        var type = head.contentType();
        if (head.contentLength() != 0 && !TYPES.contains(type)) {
            throw new RefusedException(415, "Content-Type \"%s\" is not %s".formatted(type, Reply.WBXML));
        }
        var coding = head.header("transfer-encoding").strip();
        if (!coding.isEmpty() && !coding.equalsIgnoreCase("chunked")) {
            throw new RefusedException(501, "Transfer-Encoding \"%s\" is not chunked".formatted(coding));
        }
        return type;
    }

    /** The body; empty if it is a mail too large, which has an answer of its own. */
    private Optional<Spool> body(Account account, RequestLine line, boolean gzip) throws IOException, RefusedException {
        var settings = server.settings();
        long most = mostBytes(account, line);
        try {
            if (head.contentLength() > most) {
                throw new RefusedException(
                        413, "the body of %d bytes is larger than %d".formatted(head.contentLength(), most));
            }
            exchange.wantBody();
            return Optional.of(new BodyReader(most, settings.maxGzipRatio()).read(exchange.body(), gzip));
        } catch (RefusedException e) {
            if (e.status() != 413 || composeTag(line.command()).isEmpty()) {
                throw e;
            }
            exchange.refused(413, e.why() + "; answered as a mail too large");
            if (!exchange.awaitsContinue()) {
                BodyReader.skip(exchange.body(), settings.maxBodyBytes() * SKIP_FACTOR);
            }
            return Optional.empty();
        }
    }

    /** Of a mail that the mail server would not take, nothing is stored. */
    private long mostBytes(Account account, RequestLine line) {
        long request = server.settings().maxBodyBytes();
        long mail = server.gateway().mailBytes().applyAsLong(account);
        return composeTag(line.command()).isEmpty() || mail >= request - AROUND_MAIL ? request : mail + AROUND_MAIL;
    }

    /**
     * A phone repeats a mail refused with 413 for ever; a status makes it tell its user. 12.1 has no status for mail, and
     * would take any 200 for success, so there it is HTTP's for a lack of room. Source: SM-01, SM-16.
     */
    private static Answer tooLarge(RequestLine line) {
        return line.version().atLeast(ProtocolVersion.V14_0)
                ? Answer.document(out -> out.start(composeTag(line.command()).orElseThrow())
                        .text(ComposeMail.STATUS, CommonStatus.ATTACHMENT_IS_TOO_LARGE.code())
                        .end())
                : Answer.http(507);
    }

    private static Optional<ComposeMail> composeTag(CommandName command) {
        return switch (command) {
            case SEND_MAIL -> Optional.of(ComposeMail.SEND_MAIL);
            case SMART_REPLY -> Optional.of(ComposeMail.SMART_REPLY);
            case SMART_FORWARD -> Optional.of(ComposeMail.SMART_FORWARD);
            default -> Optional.empty();
        };
    }
}
