package org.airpost.http;

import java.time.InstantSource;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.airpost.backend.Account;
import org.airpost.command.Answer;
import org.airpost.command.Request;
import org.airpost.device.ClientQuirks;

/**
 * What the server hands requests to.
 *
 * @param authenticator checks credentials
 * @param dispatcher runs the command of a request and gives its answer; blocks as it needs
 * @param commands the value of MS-ASProtocolCommands: names of the commands that work, separated by commas
 * @param mailBytes bytes that a mail of this user may have, as far as is known now
 * @param ready what {@code /readyz} says; must not block
 * @param discovery what Autodiscover tells phones
 * @param quirks what certain clients need
 * @param observer is told what becomes of requests
 * @param clock for deadlines of requests
 * @param random spreads Retry-After and the end of held requests; used by several threads
 * @param servesPhones false if there is nothing here but sites
 * @param sites what answers other requests, by the first segment of the path; {@code ""} is the root page
 */
public record Gateway(
        Authenticator authenticator,
        Function<Request, Answer> dispatcher,
        Supplier<String> commands,
        ToLongFunction<Account> mailBytes,
        Supplier<Readiness> ready,
        Discovery discovery,
        ClientQuirks quirks,
        Observer observer,
        InstantSource clock,
        RandomGenerator random,
        boolean servesPhones,
        Map<String, Site> sites) {

    public Gateway {
        sites = Map.copyOf(sites);
    }

    /** Without sites. */
    public Gateway(
            Authenticator authenticator,
            Function<Request, Answer> dispatcher,
            Supplier<String> commands,
            ToLongFunction<Account> mailBytes,
            Supplier<Readiness> ready,
            Discovery discovery,
            ClientQuirks quirks,
            Observer observer,
            InstantSource clock,
            RandomGenerator random) {
        this(
                authenticator,
                dispatcher,
                commands,
                mailBytes,
                ready,
                discovery,
                quirks,
                observer,
                clock,
                random,
                true,
                Map.of());
    }

    /** The same with no other limit for mails than that for requests. */
    public Gateway(
            Authenticator authenticator,
            Function<Request, Answer> dispatcher,
            Supplier<String> commands,
            BooleanSupplier ready,
            Discovery discovery,
            InstantSource clock,
            RandomGenerator random) {
        this(
                authenticator,
                dispatcher,
                commands,
                _ -> Long.MAX_VALUE,
                () -> Readiness.of(ready.getAsBoolean()),
                discovery,
                ClientQuirks.builtIn(),
                Observer.NONE,
                clock,
                random);
    }

    /** The same with other quirks and watched by another one. */
    public Gateway with(ClientQuirks otherQuirks, Observer otherObserver) {
        return new Gateway(
                authenticator,
                dispatcher,
                commands,
                mailBytes,
                ready,
                discovery,
                otherQuirks,
                otherObserver,
                clock,
                random,
                servesPhones,
                sites);
    }

    /** For a server that has sites alone and is not there for phones. */
    public static Gateway ofSites(
            Map<String, Site> sites, Supplier<Readiness> ready, InstantSource clock, RandomGenerator random) {
        return new Gateway(
                _ -> new Authenticator.Result.Refused(),
                _ -> new Answer.Http(404, Map.of()),
                () -> "",
                _ -> 0,
                ready,
                Discovery.AS_ASKED,
                ClientQuirks.builtIn(),
                Observer.NONE,
                clock,
                random,
                false,
                sites);
    }

    /** The same with sites. */
    public Gateway with(Map<String, Site> more) {
        return new Gateway(
                authenticator,
                dispatcher,
                commands,
                mailBytes,
                ready,
                discovery,
                quirks,
                observer,
                clock,
                random,
                servesPhones,
                more);
    }
}
