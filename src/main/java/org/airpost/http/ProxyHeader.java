package org.airpost.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.ProtocolDetectionState;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first thing on a connection: takes a header of the PROXY protocol, version 1 or 2, if there is one, and goes away. From
 * a peer that is not a known proxy the header is refused, with a word in the log, because a proxy that an administrator has
 * forgotten to name would fail without a reason else.
 */
// Nothing follows from how closing went.
@SuppressWarnings("FutureReturnValueIgnored")
final class ProxyHeader extends ByteToMessageDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    private final boolean trusted;
    private final Consumer<InetSocketAddress> source;

    /** What the header names as the source of the connection goes to the consumer; nothing if it names none. */
    ProxyHeader(boolean trusted, Consumer<InetSocketAddress> source) {
        this.trusted = trusted;
        this.source = source;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        var state = HAProxyMessageDecoder.detectProtocol(in).state();
        if (state == ProtocolDetectionState.DETECTED && !trusted) {
            LOG.warn(
                    "connection closed remote={} why=\"it begins with a PROXY header, and http.proxies does not name it\"",
                    context.channel().remoteAddress());
            in.skipBytes(in.readableBytes());
            context.close();
        } else if (state == ProtocolDetectionState.DETECTED) {
            context.pipeline()
                    .addAfter(context.name(), "proxy-source", new Source())
                    .addAfter(context.name(), "proxy-header", new HAProxyMessageDecoder())
                    .remove(this);
        } else if (state == ProtocolDetectionState.INVALID) {
            context.pipeline().remove(this);
        }
    }

    /** Takes the decoded header; the decoder goes away by itself. */
    private final class Source extends SimpleChannelInboundHandler<HAProxyMessage> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
            var protocol = header.proxiedProtocol();
            boolean isTcp = protocol == HAProxyProxiedProtocol.TCP4 || protocol == HAProxyProxiedProtocol.TCP6;
            // LOCAL is the proxy itself, looking whether the gateway is alive.
            if (header.command() == HAProxyCommand.PROXY && isTcp) {
                source.accept(
                        new InetSocketAddress(InetAddress.ofLiteral(header.sourceAddress()), header.sourcePort()));
            }
            context.pipeline().remove(this);
            context.read();
        }
    }
}
