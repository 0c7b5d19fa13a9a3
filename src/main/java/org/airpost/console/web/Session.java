package org.airpost.console.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.http.WebRequest;

/** Somebody who has signed in, in one browser. */
public final class Session<P> {

    /** The name of the hidden field of each form. */
    public static final String FIELD = "csrf";

    private final String id;
    private final String csrf;
    private final P who;
    private final Instant since;
    private final AtomicReference<Optional<String>> message = new AtomicReference<>(Optional.empty());
    private volatile Instant used;

    Session(String id, String csrf, P who, Instant since) {
        this.id = id;
        this.csrf = csrf;
        this.who = who;
        this.since = since;
        this.used = since;
    }

    String id() {
        return id;
    }

    Instant since() {
        return since;
    }

    Instant used() {
        return used;
    }

    void use(Instant now) {
        used = now;
    }

    public P who() {
        return who;
    }

    /** The token that each form of this session carries. */
    public String csrf() {
        return csrf;
    }

    /** True if a request that changes something was made on a page of this session. */
    public boolean accepts(WebRequest post) {
        return isFromHere(post) && same(csrf, post.form().text(FIELD));
    }

    /** Keeps a sentence for the next page. */
    public void say(String text) {
        message.set(Optional.of(text));
    }

    /** The sentence that was kept, once. */
    public Optional<String> said() {
        return message.getAndSet(Optional.empty());
    }

    /** Browsers say whether another site's page made a request; what is none does not say it. Source: Fetch Metadata. */
    static boolean isFromHere(WebRequest post) {
        var site = post.header("sec-fetch-site");
        return site.isEmpty() || site.equals("same-origin");
    }

    /** Takes the same time wherever they differ. */
    static boolean same(String wanted, String given) {
        return MessageDigest.isEqual(wanted.getBytes(UTF_8), given.getBytes(UTF_8));
    }
}
