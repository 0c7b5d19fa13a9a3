package org.airpost.console.me;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.URI;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.UserName;
import org.airpost.http.WebRequest;
import org.airpost.identity.AppleProfile;

/**
 * What a phone fetches by a link that a user has on another screen: the account as a profile, a certificate. A link is as good
 * as what it leads to, so it has 128 random bits and works for minutes; all of it is in memory alone.
 */
final class Offers {

    static final Duration GOOD_FOR = Duration.ofMinutes(10);
    private static final int MOST = 2_000;

    private final Optional<URI> server;
    private final Optional<X509Certificate> authority;
    private final SecureRandom random;
    private final Cache<String, Offer> open;

    Offers(Optional<URI> server, Optional<X509Certificate> authority, InstantSource clock, SecureRandom random) {
        this.server = server;
        this.authority = authority;
        this.random = random;
        this.open = Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(GOOD_FOR)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .build();
    }

    /** What a link leads to. */
    record Offer(String token, Account account, byte[] profile, Optional<byte[]> p12) {

        @Override
        public String toString() {
            return "Offer[" + account + "]";
        }
    }

    /** What is to be typed on a phone. */
    record Account(String server, String host, String address, String user) {}

    /** What this user types on a phone. */
    Account account(Me me) {
        var base = base(me.request());
        return new Account(base, base.replaceFirst("^https?://", ""), me.name().address(), signsInAs(me.name()));
    }

    /** As it was typed when the user signed in here: that surely works. */
    private static String signsInAs(UserName name) {
        return name.asSent();
    }

    private String base(WebRequest request) {
        return server.map(uri -> uri.getScheme() + "://" + uri.getRawAuthority())
                .orElseGet(() -> {
                    var host = request.header("host");
                    // Anybody can write there what they like; who does so, sees it.
                    var safe =
                            host.matches("[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\\[[0-9A-Fa-f:.]{2,45}\\](:[0-9]{1,5})?")
                                    ? host
                                    : "localhost";
                    return (request.secure() ? "https://" : "http://") + safe;
                });
    }

    /** Makes a link to the account, with what is to be in the profile. */
    Offer make(Me me, Optional<String> password, Optional<byte[]> p12) {
        var account = account(me);
        var profile = new AppleProfile(account.host(), account.address(), account.user(), password, p12, authority);
        var bytes = new byte[16];
        random.nextBytes(bytes);
        var token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        var offer = new Offer(token, account, profile.bytes(), p12);
        open.put(token, offer);
        return offer;
    }

    Optional<Offer> of(String token) {
        return Optional.ofNullable(open.getIfPresent(token));
    }
}
