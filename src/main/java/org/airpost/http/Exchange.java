package org.airpost.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.command.Answer;
import org.airpost.command.Answer.Ending;
import org.airpost.device.ClientQuirks.Quirk;
import org.airpost.eas.RequestLine;
import org.airpost.eas.Spool;
import org.airpost.http.Observer.Asked;
import org.airpost.http.Observer.Body;
import org.airpost.store.StoreException;
import org.airpost.wbxml.MalformedRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from its head to its answer. Begins on the event loop, does everything that may block on a virtual thread,
 * and while it is held it is nothing but this object.
 */
final class Exchange implements HeldRequest.Host {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final Duration STORE_RETRY = Duration.ofSeconds(30);
    private static final Observer.Afterwards NOBODY = (_, _) -> {};

    /** A mail of 12.1, which is no document. */
    private static final String MAIL = "message/rfc822";

    private final Server server;
    private final Connection connection;
    private final ReplyWriter writer;
    private final BodyStream body;
    private final String id;
    private final String remote;
    private final long began = System.nanoTime();
    private final boolean activeSync;
    private final Optional<Site> site;
    private final boolean gzip;
    private final boolean keepAlive;
    private final boolean withBody;
    private final long contentLength;
    private boolean awaitsContinue;
    private String user = "";
    private String device = "";
    private String command = "";
    private String refusal = "";

    /** What is seen of the request, as far as it is known. */
    private volatile Asked asked;

    /** These belong to whoever goes on with the request; one hands it over to the next. */
    private long parkedAt;

    private long heldNanos;
    private OptionalLong heard = OptionalLong.empty();
    private volatile BooleanSupplier holds = () -> true;

    Exchange(Server server, Connection connection, Channel channel, BodyStream body, Head head, String remote) {
        this.server = server;
        this.connection = connection;
        this.writer = new ReplyWriter(connection, channel, server.gateway().clock());
        this.body = body;
        this.id = server.nextId();
        this.remote = remote;
        this.activeSync = head.isActiveSync() && server.gateway().servesPhones();
        this.site = activeSync ? Optional.empty() : SiteRequest.site(server, head.path());
        this.gzip = head.acceptsGzip();
        this.keepAlive = head.keepAlive();
        this.withBody = !head.method().equals("HEAD");
        this.contentLength = head.contentLength();
        this.awaitsContinue = head.expectsContinue();
        this.asked = new Asked(
                id,
                server.gateway().clock().instant(),
                remote,
                "",
                Optional.empty(),
                head.header("user-agent"),
                Body.NONE);
    }

    String id() {
        return id;
    }

    BodyStream body() {
        return body;
    }

    /** Where the request comes from, as the proxies say that are believed. */
    String remote() {
        return remote;
    }

    /** Begins: answers at once what needs no blocking, else goes on with a virtual thread. Event loop. */
    void begin(HttpRequest request, Head head) {
        if (request.decoderResult().isFailure()) {
            refuseUnreadable(request.decoderResult().cause());
        } else if (!activeSync && site.isEmpty() && !isAutodiscover(head)) {
            body.discard();
            send(server.pages().page(head.method(), head.path()), false);
        } else if (server.load().tryEnter()) {
            Thread.ofVirtual().name("request-" + id).start(() -> run(head));
        } else {
            body.discard();
            server.overloaded();
            send(busy("the server has too many requests under way", Duration.ofSeconds(10)), false);
        }
    }

    private boolean isAutodiscover(Head head) {
        return server.gateway().servesPhones() && Autodiscover.serves(head.path());
    }

    private void refuseUnreadable(Throwable cause) {
        int status = switch (cause) {
            case TooLongHttpLineException _ -> 414;
            case TooLongHttpHeaderException _ -> 431;
            default -> 400;
        };
        refused(status, "the request cannot be read: " + LogText.of(String.valueOf(cause.getMessage())));
        send(Reply.text(status, "The request cannot be read.", Map.of()), true);
    }

    private void run(Head head) {
        guarded(() -> {
            if (site.isPresent()) {
                return Optional.of(new SiteRequest(server, this, connection, head).answer(site.get()));
            }
            return activeSync
                    ? new PhoneRequest(server, this, head).answer()
                    : new Autodiscover(server, this, head).answer();
        });
        body.discard();
    }

    /** Holds, or gives what to reply. On a virtual thread. */
    Optional<Reply> settle(Answer answer) {
        if (answer instanceof Answer.Held) {
            var request = new HeldRequest(this);
            connection.hold(request);
            return request.settle(answer).map(Reply::of);
        }
        return Optional.of(Reply.of(answer));
    }

    @Override
    public void parked(HeldRequest request, Duration limit) {
        parkedAt = System.nanoTime();
        observer().held(asked, server.gateway().clock().instant().plus(limit));
        connection.limit(request, limit);
    }

    @Override
    public void ended(HeldRequest request, Ending how) {
        heldNanos += System.nanoTime() - parkedAt;
        server.load().enter();
        Thread.ofVirtual().name("request-" + id).start(() -> guarded(() -> finished(request, how)));
    }

    /** What a device waited for is not for one that may not come any more. */
    private Optional<Reply> finished(HeldRequest request, Ending how) throws RefusedException {
        boolean good;
        try {
            good = holds.getAsBoolean();
        } catch (RuntimeException e) {
            request.gone();
            throw e;
        }
        if (!good) {
            request.gone();
            throw new RefusedException(
                    401,
                    "what user \"%s\" signed in with was revoked".formatted(user),
                    Map.of("WWW-Authenticate", BasicAuth.CHALLENGE));
        }
        heard = how == Ending.WOKEN ? request.heard() : OptionalLong.empty();
        return request.finish(how).map(Reply::of);
    }

    @Override
    public void gone() {
        observer().gone(asked);
    }

    private Observer observer() {
        return server.gateway().observer();
    }

    @Override
    public boolean isStopping() {
        return server.isStopping();
    }

    /** What may end with a reply, or with the request being held. */
    private interface Work {
        Optional<Reply> run() throws IOException, RefusedException;
    }

    /** The one place where exceptions become answers. On a virtual thread. */
    private void guarded(Work work) {
        try {
            work.run().ifPresent(reply -> send(reply, false));
        } catch (RefusedException e) {
            refused(e.status(), e.why());
            send(Reply.text(e.status(), e.why(), e.headers()), false);
        } catch (MalformedRequestException e) {
            var why = LogText.of(String.valueOf(e.getMessage()));
            refused(400, why);
            send(Reply.text(400, why, Map.of()), false);
        } catch (BackendUnavailableException e) {
            LOG.warn(
                    "request refused id={} user={} status=503 why=\"{}\"",
                    id,
                    LogText.of(user),
                    LogText.of(String.valueOf(e.getMessage())));
            send(busy("the mail server cannot be reached now", e.retryAfter()), false);
        } catch (StoreException e) {
            LOG.warn("request refused id={} user={} status=503 why=\"the store failed\"", id, LogText.of(user), e);
            send(busy("the server cannot read or write its own data now", STORE_RETRY), false);
        } catch (BrokenRequestException e) {
            broken(e);
        } catch (IOException e) {
            LOG.warn("request refused id={} user={} status=503 why=\"a local file failed\"", id, LogText.of(user), e);
            send(busy("the server cannot read or write its own data now", STORE_RETRY), false);
        } catch (RuntimeException | Error e) {
            LOG.error("request failed id={} user={} cmd={} status=500", id, LogText.of(user), command, e);
            send(Reply.text(500, "The server failed; its log says why under " + id + ".", Map.of()), false);
        } finally {
            server.load().leave();
        }
    }

    private void broken(BrokenRequestException e) {
        switch (e.kind()) {
            case GONE -> {
                LOG.debug("request abandoned id={} why=\"{}\"", id, e.getMessage());
                gone();
                connection.close();
            }
            case SLOW -> {
                refused(408, String.valueOf(e.getMessage()));
                send(Reply.text(408, "The request did not come in time.", Map.of()), true);
            }
            case MALFORMED -> {
                refused(400, String.valueOf(e.getMessage()));
                send(Reply.text(400, "The request cannot be read.", Map.of()), true);
            }
        }
    }

    /** Says in the log what was refused, and why. */
    void refused(int status, String why) {
        refusal = why;
        LOG.info(
                "request refused id={} remote={} user={} device={} cmd={} status={} why=\"{}\"",
                id,
                remote,
                LogText.of(user),
                device,
                command,
                status,
                why);
    }

    /** Writes a reply; any thread for one in one piece, a virtual thread for a large one. */
    private void send(Reply reply, boolean last) {
        boolean keep = !last && keepAlive && connection.mayGoOn() && bodyCanBeSkipped();
        int status = reply.status();
        var afterwards = activeSync ? observed(reply) : NOBODY;
        try {
            var decorated = activeSync ? decorate(reply) : reply;
            writer.write(decorated, keep, withBody).addListener(result -> {
                connection.written(result, keep);
                afterwards.written(result.isSuccess(), sinceHeard());
            });
        } catch (IOException e) {
            afterwards.written(false, Optional.empty());
            LOG.debug("answer broken off id={} why=\"{}\"", id, String.valueOf(e.getMessage()));
            reply.close();
            connection.close();
        } catch (RejectedExecutionException e) {
            afterwards.written(false, Optional.empty());
            LOG.debug("answer broken off id={} why=\"the server has stopped\"", id);
            reply.close();
        } catch (RuntimeException e) {
            afterwards.written(false, Optional.empty());
            LOG.error("answer failed id={} status={}", id, status, e);
            reply.close();
            connection.close();
        }
        if (activeSync) {
            LOG.debug(
                    "request id={} user={} device={} cmd={} status={} ms={}",
                    id,
                    LogText.of(user),
                    device,
                    command,
                    status,
                    (System.nanoTime() - began) / 1_000_000);
        }
    }

    private Observer.Afterwards observed(Reply reply) {
        var took = Duration.ofNanos(System.nanoTime() - began);
        var type = reply.headers().getOrDefault(Reply.CONTENT_TYPE, "");
        var body = switch (type) {
            // Of an answer in parts the first is the document.
            case Reply.WBXML, Reply.MULTI_PART ->
                reply.rest().isEmpty() ? Body.NONE : start(reply.rest().getFirst(), type);
            default -> new Body(new byte[0], reply.length(), type);
        };
        return observer()
                .answered(
                        asked,
                        new Observer.Told(
                                reply.status(), refusal, body, reply.length(), took, Duration.ofNanos(heldNanos)));
    }

    private boolean hasTroubleWithGzip() {
        return server.gateway()
                .quirks()
                .has(Quirk.NO_GZIP, asked.line().map(RequestLine::deviceType).orElse(""), asked.userAgent());
    }

    private Optional<Duration> sinceHeard() {
        return heard.isPresent()
                ? Optional.of(Duration.ofNanos(System.nanoTime() - heard.getAsLong()))
                : Optional.empty();
    }

    /** What the observer wants to see of a body. */
    private Body start(Spool spool, String type) {
        int wanted = (int) Math.min(spool.size(), observer().bodyBytes(asked));
        try (var in = spool.open()) {
            return new Body(in.readNBytes(wanted), spool.size(), type);
        } catch (IOException e) {
            LOG.debug("body not seen id={} why=\"{}\"", id, String.valueOf(e.getMessage()));
            return new Body(new byte[0], spool.size(), type);
        }
    }

    private Reply decorate(Reply reply) throws IOException {
        var headers = new HashMap<>(reply.headers());
        headers.putIfAbsent("MS-Server-ActiveSync", Server.VERSION);
        headers.putIfAbsent("Cache-Control", "private");
        var all = new Reply(reply.status(), headers, reply.cookies(), reply.start(), reply.rest());
        return (gzip && !hasTroubleWithGzip() ? all.compressed() : all).atRest();
    }

    /** True if the connection can be used again: the rest of the body is short, and surely comes or surely does not. */
    private boolean bodyCanBeSkipped() {
        return body.isWhole()
                || (!awaitsContinue && contentLength >= 0 && contentLength - body.received() <= Connection.DRAIN);
    }

    /** Lets the phone send its body, if it waits for that. */
    void wantBody() {
        if (awaitsContinue) {
            awaitsContinue = false;
            connection.sendContinue();
        }
    }

    /** True if the phone has not sent its body and waits for a word. */
    boolean awaitsContinue() {
        return awaitsContinue;
    }

    /** Who sends this, and what tells whether they still may. */
    void signedIn(Account account, BooleanSupplier stillHolds) {
        user = account.user();
        asked = new Asked(id, asked.at(), remote, user, asked.line(), asked.userAgent(), asked.body());
        holds = stillHolds;
    }

    /** The certificate that the device has shown. */
    Optional<X509Certificate> certificate() {
        return connection.certificate();
    }

    /** What this is, for the log. */
    void named(RequestLine line) {
        device = line.deviceId();
        command = line.command().text();
        asked = new Asked(id, asked.at(), remote, user, Optional.of(line), asked.userAgent(), asked.body());
    }

    /** What it asks, for who wants to see it. */
    void asks(String type, Spool spool) {
        var body = type.equals(MAIL) ? new Body(new byte[0], spool.size(), type) : start(spool, type);
        asked = new Asked(id, asked.at(), remote, user, asked.line(), asked.userAgent(), body);
    }

    private Reply busy(String why, Duration retryAfter) {
        return Reply.text(503, why, Map.of("Retry-After", server.retryAfter(retryAfter)));
    }
}
