package org.airpost.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server for phones. Listens from {@link #start} to {@link #stop}.
 *
 * <p>Source: MS-ASHTTP; DESIGN §4, §7, §10.
 */
// Closing a refused connection or a broken start has no outcome that changes anything.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Server {

    /** What MS-Server-ActiveSync says. */
    static final String VERSION = "16.1";

    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final int BACKLOG = 4_096;
    private static final Duration TLS_CHECK = Duration.ofMinutes(1);
    private static final Duration MOST_SPREAD = Duration.ofSeconds(10);
    private static final Duration COMPLAIN = Duration.ofSeconds(10);

    private volatile HttpSettings settings;
    private final Optional<TlsContext> tls;
    private final Gateway gateway;
    private final Pages pages;
    private final Load load;
    private final EventLoopGroup acceptor;
    private final EventLoopGroup loops;
    private final Channel listener;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong complained = new AtomicLong(System.nanoTime() - COMPLAIN.toNanos());
    private final String idPrefix;
    private final ReentrantLock closing = new ReentrantLock();
    private final Condition someClosed = closing.newCondition();
    private volatile boolean stopping;

    private Server(HttpSettings settings, Optional<TlsContext> tls, Gateway gateway) {
        this.settings = settings;
        this.tls = tls;
        this.gateway = gateway;
        this.pages =
                new Pages(() -> stopping ? Readiness.STOPPING : gateway.ready().get());
        this.load = new Load(settings.maxUnderWay());
        this.idPrefix = Integer.toString(gateway.random().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36);
        this.acceptor = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        this.loops = new MultiThreadIoEventLoopGroup(settings.eventLoops(), NioIoHandler.newFactory());
        try {
            this.listener = listen();
        } catch (RuntimeException e) {
            acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** A server that speaks TLS; it looks each minute whether the certificate has changed. */
    public static Server start(HttpSettings settings, TlsContext tls, Gateway gateway) {
        var server = new Server(settings, Optional.of(tls), gateway);
        server.acceptor.scheduleAtFixedRate(
                () -> Thread.ofVirtual().name("tls-reload").start(tls::reload),
                TLS_CHECK.toSeconds(),
                TLS_CHECK.toSeconds(),
                TimeUnit.SECONDS);
        return server;
    }

    /** A server without TLS, for a place behind a proxy that ends TLS, on the same machine. */
    public static Server start(HttpSettings settings, Gateway gateway) {
        return new Server(settings, Optional.empty(), gateway);
    }

    private Channel listen() {
        // What binding throws is a BindException with the address in it, unchecked by Netty.
        var bound = new ServerBootstrap()
                .group(acceptor, loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                })
                .bind(settings.address())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UncheckedIOException(
                    "cannot listen on %s: %s"
                            .formatted(settings.address(), bound.cause().getMessage()),
                    new IOException(bound.cause()));
        }
        return bound.channel();
    }

    private void accept(SocketChannel channel) {
        channel.closeFuture().addListener(_ -> open.decrementAndGet());
        if (open.incrementAndGet() > settings.maxConnections()) {
            complain("connections", settings.maxConnections());
            channel.close();
            return;
        }
        var pipeline = channel.pipeline();
        var connection = new Connection(this, channel);
        pipeline.addLast(new ProxyHeader(settings.proxies().trusts(connection.peer()), connection::comesFrom));
        tls.ifPresent(context -> {
            var handler = context.current().newHandler(channel.alloc());
            handler.setHandshakeTimeoutMillis(settings.readTimeout().toMillis());
            pipeline.addLast(handler);
        });
        connections.add(connection);
        channel.closeFuture().addListener(_ -> closed(connection));
        pipeline.addLast(new RequestDecoder(settings.maxHeadBytes()), new HttpResponseEncoder(), connection);
    }

    /** The port that it listens on. */
    public int port() {
        return listener.localAddress() instanceof InetSocketAddress address ? address.getPort() : -1;
    }

    /**
     * Takes over other bounds and proxies, for what comes from now on: requests that are held or under way go on by those of
     * before. Address, event loops and the size of heads stay as they are.
     */
    public void change(HttpSettings other) {
        settings = other;
        load.most(other.maxUnderWay());
    }

    /** Connections that are open. */
    public int connections() {
        return connections.size();
    }

    /** Requests under way, those that are held left out. */
    public int requestsUnderWay() {
        return load.underWay();
    }

    /**
     * Stops: takes no more connections, ends held requests one by one over a part of the time, waits for requests under
     * way, and closes what is left when the time is over. Blocks until all is closed.
     */
    public void stop(Duration grace) {
        long deadline = System.nanoTime() + grace.toNanos();
        stopping = true;
        listener.close().awaitUninterruptibly();
        var half = grace.dividedBy(2);
        long spreadMillis = (half.compareTo(MOST_SPREAD) < 0 ? half : MOST_SPREAD).toMillis();
        for (var connection : connections) {
            connection.shutDown(Duration.ofMillis(gateway.random().nextLong(spreadMillis + 1)));
        }
        if (!awaitClosed(deadline)) {
            LOG.warn("stop closes connections=\"{}\" that were still at work", connections.size());
            connections.forEach(Connection::close);
        }
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        acceptor.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    private boolean awaitClosed(long deadline) {
        closing.lock();
        try {
            while (!connections.isEmpty()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                someClosed.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            closing.unlock();
        }
    }

    private void closed(Connection connection) {
        connections.remove(connection);
        if (stopping) {
            closing.lock();
            try {
                someClosed.signalAll();
            } finally {
                closing.unlock();
            }
        }
    }

    HttpSettings settings() {
        return settings;
    }

    Gateway gateway() {
        return gateway;
    }

    Pages pages() {
        return pages;
    }

    boolean isTls() {
        return tls.isPresent();
    }

    Load load() {
        return load;
    }

    boolean isStopping() {
        return stopping;
    }

    /** A short text that no other request of this process has, and hardly one of another. */
    String nextId() {
        return idPrefix + "-" + Long.toString(requests.incrementAndGet(), 36);
    }

    /** The value of a Retry-After header: the time and up to half of it more, so that phones do not come all at once. */
    String retryAfter(Duration about) {
        long seconds = Math.max(1, about.toSeconds());
        return Long.toString(seconds + gateway.random().nextLong(seconds / 2 + 2));
    }

    /** Says now and then that requests are refused for their number. */
    void overloaded() {
        complain("requests under way", settings.maxUnderWay());
    }

    private void complain(String what, int most) {
        long now = System.nanoTime();
        long last = complained.get();
        if (now - last >= COMPLAIN.toNanos() && complained.compareAndSet(last, now)) {
            LOG.warn("overload what=\"{}\" most={}: some are refused; raise the limit or add a machine", what, most);
        }
    }
}
