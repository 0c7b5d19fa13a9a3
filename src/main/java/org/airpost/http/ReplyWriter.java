package org.airpost.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes a reply to a connection. A small one goes out in one piece without blocking; a large one in chunks, waiting
 * while the phone does not take them, so at most some {@value #CHUNK} bytes of it are in memory.
 */
// A failed write closes the channel, and the last one of a reply tells so.
@SuppressWarnings("FutureReturnValueIgnored")
final class ReplyWriter {

    private static final int CHUNK = 32 << 10;
    private static final int ONE_PIECE = 64 << 10;

    /** Source: RFC 9110 §5.6.7. */
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final Connection connection;
    private final Channel channel;
    private final InstantSource clock;

    ReplyWriter(Connection connection, Channel channel, InstantSource clock) {
        this.connection = connection;
        this.channel = channel;
        this.clock = clock;
    }

    /**
     * Writes all of it and closes the reply.
     *
     * @param withBody false for HEAD: the length is told, the body left out
     * @return completes when the last byte was given to the socket
     */
    ChannelFuture write(Reply reply, boolean keepAlive, boolean withBody) throws IOException {
        try (reply) {
            long length = reply.length();
            if (!withBody) {
                return last(headed(full(reply, Unpooled.EMPTY_BUFFER), reply, length, keepAlive));
            }
            if (length <= ONE_PIECE) {
                return last(headed(full(reply, piece(reply, (int) length)), reply, length, keepAlive));
            }
            return pump(reply, length, keepAlive);
        }
    }

    private ChannelFuture pump(Reply reply, long length, boolean keepAlive) throws IOException {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()));
        channel.write(headed(head, reply, length, keepAlive));
        channel.write(new DefaultHttpContent(Unpooled.wrappedBuffer(reply.start())));
        for (var spool : reply.rest()) {
            try (var in = spool.open()) {
                for (long left = spool.size(); left > 0; ) {
                    int count = (int) Math.min(left, CHUNK);
                    connection.awaitWritable();
                    channel.writeAndFlush(
                            new DefaultHttpContent(read(in, channel.alloc().buffer(count), count)));
                    left -= count;
                }
            }
        }
        return last(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    /** Until here each chunk had a time of its own; a large answer as a whole has none, since a phone may have a thin line. */
    private ChannelFuture last(HttpObject piece) {
        connection.writing();
        return channel.writeAndFlush(piece);
    }

    private ByteBuf piece(Reply reply, int length) throws IOException {
        var buffer = channel.alloc().buffer(length).writeBytes(reply.start());
        for (var spool : reply.rest()) {
            try (var in = spool.open()) {
                read(in, buffer, (int) spool.size());
            } catch (IOException | RuntimeException e) {
                buffer.release();
                throw e;
            }
        }
        return buffer;
    }

    /** Exactly so many bytes; the buffer is released if they are not there. */
    private static ByteBuf read(InputStream in, ByteBuf to, int count) throws IOException {
        for (int left = count; left > 0; ) {
            int read = to.writeBytes(in, left);
            if (read < 0) {
                throw new IOException("a spool ended %d bytes early".formatted(left));
            }
            left -= read;
        }
        return to;
    }

    private static DefaultFullHttpResponse full(Reply reply, ByteBuf body) {
        return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), body);
    }

    private <R extends HttpResponse> R headed(R response, Reply reply, long length, boolean keepAlive) {
        var headers = response.headers();
        reply.headers().forEach(headers::set);
        reply.cookies().forEach(cookie -> headers.add(HttpHeaderNames.SET_COOKIE, cookie));
        headers.set(HttpHeaderNames.DATE, DATE.format(clock.instant()));
        headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        return response;
    }
}
