package org.airpost.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.airpost.command.Answer.Ending;
import org.airpost.http.BrokenRequestException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: takes what the decoder gives, runs one {@link Exchange} at a time, and reads from the socket only when
 * all that came was taken, but then always, so that a phone that leaves is noticed. Requests sent ahead wait their turn, in
 * order, {@value #PIPELINED} of them at most. Fields belong to the event loop where nothing else is said.
 */
// What comes of a close or a write is told by channelInactive and exceptionCaught.
@SuppressWarnings("FutureReturnValueIgnored")
final class Connection extends ChannelInboundHandlerAdapter {

    /** Bytes of a body that nobody wants which are read to keep the connection, or to let the phone read its answer. */
    static final int DRAIN = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int PIPELINED = 16;
    private static final Duration DRAIN_TIME = Duration.ofSeconds(3);

    private final Server server;
    private final Channel channel;
    private final Deque<HttpObject> inbox = new ArrayDeque<>(2);
    private Optional<Exchange> current = Optional.empty();
    private Optional<HeldRequest> held = Optional.empty();
    private Optional<Future<?>> timer = Optional.empty();
    private InetSocketAddress peer;
    private int headsWaiting;
    /** Nothing more is taken from this phone. Any thread may ask. */
    private volatile boolean deaf;

    private boolean receiving;
    private boolean answered;
    private boolean keepAlive = true;
    private long drainFrom;

    private final ReentrantLock writability = new ReentrantLock();
    private final Condition writable = writability.newCondition();

    Connection(Server server, Channel channel) {
        this.server = server;
        this.channel = channel;
        this.peer = channel.remoteAddress() instanceof InetSocketAddress address
                ? address
                : InetSocketAddress.createUnresolved("unknown", 0);
    }

    /** Who has opened the connection, as far as is known. */
    InetSocketAddress peer() {
        return peer;
    }

    /** The certificate that the other side has shown and whose key it has proved; only one of our own authority is taken. */
    Optional<X509Certificate> certificate() {
        var tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return Optional.empty();
        }
        try {
            var chain = tls.engine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own ? Optional.of(own) : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // it has none, or was not asked for one
        }
    }

    /** A proxy says that it has opened the connection for somebody. */
    void comesFrom(InetSocketAddress source) {
        peer = source;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        arm(server.settings().readTimeout(), channel::close);
        channel.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (deaf || !(message instanceof HttpObject object)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (object instanceof HttpRequest && ++headsWaiting > PIPELINED) {
            LOG.info("connection closed remote={} why=\"more than {} requests sent ahead\"", remote(), PIPELINED);
            deaf = true;
            ReferenceCountUtil.release(message);
            return;
        }
        inbox.add(object);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        pump();
    }

    /** Moves on as far as it goes with what has come, then asks for more if all of it was taken. */
    private void pump() {
        boolean room = true;
        while (!inbox.isEmpty() && room && channel.isActive()) {
            if (current.isEmpty()) {
                var object = inbox.remove();
                if (object instanceof HttpRequest head) {
                    headsWaiting--;
                    begin(head);
                } else {
                    ReferenceCountUtil.release(object); // the rest of a request that could not be read
                }
            } else if (receiving) {
                room = take(current.get().body(), inbox.remove());
            } else {
                return; // the next request waits for its turn
            }
        }
        if (room && inbox.isEmpty() && channel.isActive()) {
            channel.read();
        }
    }

    private void begin(HttpRequest head) {
        answered = false;
        var body = new BodyStream(
                () -> channel.eventLoop().execute(this::pump),
                System.nanoTime() + server.settings().readTimeout().toNanos());
        var parsed = Head.of(head);
        var remote = server.settings().proxies().client(peer, parsed.header(Head.FORWARDED_FOR));
        var exchange = new Exchange(server, this, channel, body, parsed, remote);
        current = Optional.of(exchange);
        disarm();
        receiving = head.decoderResult().isSuccess();
        if (!receiving) {
            deaf = true;
        }
        exchange.begin(head, parsed);
    }

    private boolean take(BodyStream body, HttpObject object) {
        if (!(object instanceof HttpContent content)) {
            throw new IllegalStateException("a body is followed by " + object.getClass());
        }
        boolean room = body.offer(content.content());
        if (content.decoderResult().isFailure()) {
            deaf = true;
            receiving = false;
            keepAlive = false;
            body.fail(
                    Kind.MALFORMED,
                    "the body's framing is broken: "
                            + LogText.of(content.decoderResult().toString()));
            if (answered) {
                next();
            }
        } else if (content instanceof LastHttpContent) {
            receiving = false;
            body.end();
            if (answered) {
                next();
            }
        } else if (answered && body.received() - drainFrom > DRAIN) {
            channel.close();
        }
        return room;
    }

    /** Tells the phone to send its body. Any thread. */
    void sendContinue() {
        channel.writeAndFlush(
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }

    /** True if nothing speaks against another request on this connection. Any thread. */
    boolean mayGoOn() {
        return !deaf && !server.isStopping();
    }

    /** The answer is about to be written in one piece, or its last piece is: from now on it may take its time. Any thread. */
    void writing() {
        if (channel.eventLoop().inEventLoop()) {
            limitWrite(); // at once: the write may be done before a task of the loop comes to its turn
        } else {
            channel.eventLoop().execute(this::limitWrite);
        }
    }

    private void limitWrite() {
        arm(server.settings().writeTimeout(), channel::close);
    }

    /** The answer was given to the socket; {@code keep} is what it said about the connection. */
    void written(Future<?> result, boolean keep) {
        if (!result.isSuccess()) {
            channel.close();
            return;
        }
        answered = true;
        held = Optional.empty();
        keepAlive &= keep;
        if (receiving) {
            current.ifPresent(exchange -> {
                exchange.body().discard();
                drainFrom = exchange.body().received();
            });
            arm(DRAIN_TIME, channel::close);
            pump();
        } else {
            next();
        }
    }

    private void next() {
        current = Optional.empty();
        if (!keepAlive || server.isStopping() || (deaf && inbox.isEmpty())) {
            channel.close();
            return;
        }
        arm(server.settings().idleTimeout(), channel::close);
        channel.eventLoop().execute(this::pump);
    }

    /** Waits until the phone takes more bytes, or throws. On a virtual thread. */
    void awaitWritable() throws IOException {
        if (channel.isWritable()) {
            return;
        }
        writability.lock();
        try {
            long left = server.settings().writeTimeout().toNanos();
            while (!channel.isWritable()) {
                if (!channel.isActive()) {
                    throw new BrokenRequestException(Kind.GONE, "the phone went away during its answer");
                }
                if (left <= 0) {
                    throw new BrokenRequestException(Kind.GONE, "the phone does not take its answer");
                }
                left = writable.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokenRequestException(Kind.GONE, "interrupted");
        } finally {
            writability.unlock();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        signalWritability();
    }

    private void signalWritability() {
        writability.lock();
        try {
            writable.signalAll();
        } finally {
            writability.unlock();
        }
    }

    /** The request is about to be held: it is to hear when the phone goes, or the server. Any thread. */
    void hold(HeldRequest request) {
        channel.eventLoop().execute(() -> {
            if (channel.isActive()) {
                held = Optional.of(request);
            } else {
                request.gone();
            }
        });
    }

    /** A wait has begun that may last so long. Any thread, after {@link #hold}. */
    void limit(HeldRequest request, Duration limit) {
        channel.eventLoop().execute(() -> {
            if (server.isStopping()) {
                request.end(Ending.SHUTDOWN);
            } else {
                arm(limit, () -> request.end(Ending.EXPIRED));
            }
        });
    }

    /** The server stops: closes if idle, else ends a held request after a while. Any thread. */
    void shutDown(Duration after) {
        channel.eventLoop().execute(() -> {
            if (current.isEmpty()) {
                channel.close();
            } else {
                channel.eventLoop()
                        .schedule(
                                () -> held.ifPresent(request -> request.end(Ending.SHUTDOWN)),
                                after.toMillis(),
                                TimeUnit.MILLISECONDS);
            }
        });
    }

    /** Any thread. */
    void close() {
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        disarm();
        inbox.forEach(ReferenceCountUtil::release);
        inbox.clear();
        current.ifPresent(exchange -> exchange.body().fail(Kind.GONE, "the phone went away"));
        held.ifPresent(HeldRequest::gone);
        held = Optional.empty();
        signalWritability();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("connection closed remote={} why=\"{}\"", remote(), LogText.of(cause.toString()));
        } else {
            LOG.error("connection closed remote={} why=\"a bug\"", remote(), cause);
        }
        channel.close();
    }

    String remote() {
        return peer.toString();
    }

    /** Sets the one timer of this connection, in place of what it was set to. */
    private void arm(Duration after, Runnable then) {
        disarm();
        if (channel.isActive()) {
            timer = Optional.of(channel.eventLoop().schedule(then, after.toNanos(), TimeUnit.NANOSECONDS));
        }
    }

    private void disarm() {
        timer.ifPresent(running -> running.cancel(false));
        timer = Optional.empty();
    }
}
