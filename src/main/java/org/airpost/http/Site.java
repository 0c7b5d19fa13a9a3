package org.airpost.http;

import java.io.IOException;

/**
 * Answers web requests below one place of the server, such as {@code /metrics}. Blocks as it needs: it runs on a virtual
 * thread, under the limits of a request. What it throws is answered as for a phone: 503 if the store or a mail server is
 * away, 500 for a bug.
 */
public interface Site {

    /** The answer; the server adds the security headers that it does not set itself. */
    WebReply answer(WebRequest request) throws IOException;
}
