package org.airpost.console.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Predicate;
import org.airpost.http.WebRequest;

/**
 * Who is signed in, in memory: a restart signs everybody out. The id is 256 random bits, new at each sign-in, and only in a
 * cookie that scripts cannot read and other sites cannot send. Safe for many threads.
 */
public final class Sessions<P> {

    private static final int ID_BYTES = 32;
    private static final int TOKEN_BYTES = 16;
    private static final String PREFIX = "__Host-";

    private final Settings settings;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Cache<String, Session<P>> open;

    /**
     * Limits.
     *
     * @param cookie begins with {@code __Host-}, so that no other host and no plain connection can set it (RFC 6265bis §4.1.3)
     * @param idle a session ends after so long without a request
     * @param absolute and after so long in any case
     * @param most sessions at a time; with one more, one that is not used ends
     */
    public record Settings(String cookie, Duration idle, Duration absolute, int most) {

        public Settings {
            if (!cookie.startsWith(PREFIX)) {
                throw new IllegalArgumentException("the cookie %s does not begin with %s".formatted(cookie, PREFIX));
            }
        }
    }

    public Sessions(Settings settings, InstantSource clock, SecureRandom random) {
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        this.open = Caffeine.newBuilder().maximumSize(settings.most()).build();
    }

    /** Begins a session, under an id that nobody has known before. */
    public Session<P> open(P who) {
        var session = new Session<>(random(random, ID_BYTES), random(random, TOKEN_BYTES), who, clock.instant());
        open.put(session.id(), session);
        return session;
    }

    /** The session that a request belongs to; that counts as use. */
    public Optional<Session<P>> of(WebRequest request) {
        return request.cookie(settings.cookie()).flatMap(id -> {
            var session = Optional.ofNullable(open.getIfPresent(id));
            var now = clock.instant();
            if (session.isPresent() && isOver(session.get(), now)) {
                open.invalidate(id);
                return Optional.empty();
            }
            session.ifPresent(found -> found.use(now));
            return session;
        });
    }

    private boolean isOver(Session<P> session, Instant now) {
        return now.isAfter(session.used().plus(settings.idle()))
                || now.isAfter(session.since().plus(settings.absolute()));
    }

    /** The value of Set-Cookie that begins a session. */
    public String cookie(Session<P> session) {
        return cookie(settings.cookie(), session.id());
    }

    /** The value of Set-Cookie that removes it from the browser. */
    public String noCookie() {
        return cookie(settings.cookie(), "") + "; Max-Age=0";
    }

    static String cookie(String name, String value) {
        return name + "=" + value + "; Path=/; Secure; HttpOnly; SameSite=Strict";
    }

    /** Ends one. */
    public void end(Session<P> session) {
        open.invalidate(session.id());
    }

    /** Ends those of somebody: their password was changed, or what they may. */
    public void endAll(Predicate<P> whose) {
        open.asMap().values().removeIf(session -> whose.test(session.who()));
    }

    /** Sessions that are open, those that are over and not yet removed among them. */
    public long count() {
        return open.estimatedSize();
    }

    static String random(SecureRandom random, int bytes) {
        var value = new byte[bytes];
        random.nextBytes(value);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
    }
}
