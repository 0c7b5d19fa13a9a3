package org.airpost.http;

import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.airpost.command.Answer;
import org.airpost.command.Request;

/**
 * What the server hands requests to.
 *
 * @param authenticator checks credentials
 * @param dispatcher runs the command of a request and gives its answer; blocks as it needs
 * @param commands the value of MS-ASProtocolCommands: names of the commands that work, separated by commas
 * @param mailBytes bytes that a mail to be sent may have, as far as is known now
 * @param ready what {@code /readyz} says; must not block for long
 * @param discovery what Autodiscover tells phones
 * @param clock for deadlines of requests
 * @param random spreads Retry-After and the end of held requests; used by several threads
 */
public record Gateway(
        Authenticator authenticator,
        Function<Request, Answer> dispatcher,
        Supplier<String> commands,
        LongSupplier mailBytes,
        BooleanSupplier ready,
        Discovery discovery,
        InstantSource clock,
        RandomGenerator random) {

    /** With no other limit for mails than that for requests. */
    public Gateway(
            Authenticator authenticator,
            Function<Request, Answer> dispatcher,
            Supplier<String> commands,
            BooleanSupplier ready,
            Discovery discovery,
            InstantSource clock,
            RandomGenerator random) {
        this(authenticator, dispatcher, commands, () -> Long.MAX_VALUE, ready, discovery, clock, random);
    }
}
