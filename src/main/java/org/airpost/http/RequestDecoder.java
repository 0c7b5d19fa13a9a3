package org.airpost.http;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** Netty's decoder within our bounds, and without the doubt of two lengths that request smuggling lives on. */
final class RequestDecoder extends HttpRequestDecoder {

    private static final int CHUNK = 16 << 10;

    RequestDecoder(int maxHeadBytes) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(maxHeadBytes)
                .setMaxHeaderSize(maxHeadBytes)
                .setMaxChunkSize(CHUNK)
                .setAllowDuplicateContentLengths(false)
                .setValidateHeaders(true));
    }

    /** Source: RFC 9112 §6.1, which lets a server refuse such a message. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException(
                "both %s and %s".formatted(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderNames.TRANSFER_ENCODING));
    }
}
