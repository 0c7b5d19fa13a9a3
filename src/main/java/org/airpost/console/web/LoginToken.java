package org.airpost.console.web;

import java.security.SecureRandom;
import org.airpost.http.WebRequest;

/**
 * The token of a form that is shown before anybody has signed in: the same random value in the form and in a cookie, which
 * another site can neither read nor set. It says nothing of who signs in, and becomes no session.
 */
public final class LoginToken {

    private static final String COOKIE = "__Host-airpost-form";
    private static final int BYTES = 16;

    private final SecureRandom random;

    public LoginToken(SecureRandom random) {
        this.random = random;
    }

    /** A token for the hidden field, and the value of Set-Cookie that goes with it. */
    public record Issued(String token, String cookie) {}

    /** One for the form that answers this request: that of the browser's cookie, so that two tabs do not hinder each other. */
    public Issued issue(WebRequest request) {
        var token = request.cookie(COOKIE)
                .filter(value -> value.matches("[A-Za-z0-9_-]{22}"))
                .orElseGet(() -> Sessions.random(random, BYTES));
        return new Issued(token, Sessions.cookie(COOKIE, token));
    }

    /** True if a form was sent from a page that we gave to this browser. */
    public boolean accepts(WebRequest post) {
        return Session.isFromHere(post)
                && post.cookie(COOKIE)
                        .filter(value -> !value.isEmpty())
                        .map(value -> Session.same(value, post.form().text(Session.FIELD)))
                        .orElse(false);
    }
}
