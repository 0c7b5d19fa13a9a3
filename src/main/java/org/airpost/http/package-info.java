/**
 * The server that phones speak to: TLS, HTTP/1.1, sign-in, limits, and requests that are held until something happens. Web
 * pages are served by it, too: a {@link org.airpost.http.Site} has what is below the first segment of its path.
 *
 * <p>A connection's event loop only moves bytes. Each request runs on a virtual thread of its own, in plain blocking code:
 * it signs in from the headers, reads the body into a spool, runs the command and writes the answer. A held request has no
 * thread: it is a record on its connection, ended by its waiter, its time, the phone's leaving or the server's end. Netty's
 * types stay in this room, and nothing here knows what a command does.
 *
 * <p>Start reading at {@link org.airpost.http.Server}, then {@code Connection} (what happens on the event loop) and {@code
 * Exchange} (one request from head to answer). Certificates are made and read in {@link org.airpost.http.Certificates}.
 */
@NullMarked
package org.airpost.http;

import org.jspecify.annotations.NullMarked;
