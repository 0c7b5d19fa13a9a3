package org.airpost.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.http.Observer.Asked;
import org.airpost.http.Observer.Body;
import org.airpost.http.Observer.Told;

/**
 * What a phone asked and what it was answered, as far as it has come.
 *
 * @param status the status of the answer as a whole, or the first one in it that is no success
 */
public record Exchange(Asked asked, Outcome outcome, Optional<EasStatus> status) {

    /** How far it has come. */
    public sealed interface Outcome {

        /** It is held until something happens, or until then. */
        record Waits(Instant until) implements Outcome {}

        /** It was answered. */
        record Answered(Told told) implements Outcome {}

        /** The phone went away before its answer. */
        record Gone(Instant when) implements Outcome {}
    }

    /** A status of EAS, and what it says. */
    public record EasStatus(int code, String words) {}

    static Exchange waiting(Asked asked, Instant until) {
        return new Exchange(asked, new Outcome.Waits(until), Optional.empty());
    }

    static Exchange gone(Asked asked, Instant when) {
        return new Exchange(asked, new Outcome.Gone(when), Optional.empty());
    }

    static Exchange answered(Asked asked, Told told) {
        var status = asked.line().flatMap(line -> AnswerStatus.of(line.command(), told.body()));
        return new Exchange(asked, new Outcome.Answered(told), status);
    }

    /** The request's mark in the log. */
    public String id() {
        return asked.id();
    }

    /** When the request came. */
    public Instant at() {
        return asked.at();
    }

    /** Such as {@code Sync}. */
    public String command() {
        return asked.line().map(line -> line.command().text()).orElse("");
    }

    /** Such as {@code 16.1}. */
    public String version() {
        return asked.line().map(RequestLine::version).map(ProtocolVersion::text).orElse("");
    }

    /** The HTTP status; empty as long as there is none. */
    public Optional<Integer> httpStatus() {
        return told().map(Told::status);
    }

    /** From the request's coming to its answer, waiting included; empty as long as there is none. */
    public Optional<Duration> took() {
        return told().map(Told::took);
    }

    /** What it waited for news of that. */
    public Duration held() {
        return told().map(Told::held).orElse(Duration.ZERO);
    }

    /** True if it waits now. */
    public boolean isWaiting() {
        return outcome instanceof Outcome.Waits;
    }

    /** True if it was answered, and neither HTTP nor EAS calls that a failure. */
    public boolean isGood() {
        return outcome instanceof Outcome.Answered(var told)
                && told.status() == 200
                && status.stream()
                        .allMatch(it -> asked.line()
                                .filter(line -> AnswerStatus.isGood(line.command(), it.code()))
                                .isPresent());
    }

    private Optional<Told> told() {
        return outcome instanceof Outcome.Answered(var told) ? Optional.of(told) : Optional.empty();
    }

    /** Bytes of the request's body. */
    public long requestBytes() {
        return asked.body().size();
    }

    /** Bytes of the answer's body. */
    public long answerBytes() {
        return told().map(Told::bytes).orElse(0L);
    }

    /** The request as XML for people; of what says something of a person only the length. Decoded when it is asked for. */
    public String requestXml() {
        return Documents.xml(asked.body());
    }

    /** The answer, likewise. */
    public String answerXml() {
        return told().map(Told::body).map(Documents::xml).orElse("");
    }

    /** What became of it, in a sentence: {@code answered in 12 ms: HTTP 200, status 1, done}. */
    public String words() {
        return switch (outcome) {
            case Outcome.Waits(var until) ->
                "waits for news since %s, until %s at most".formatted(second(asked.at()), second(until));
            case Outcome.Gone(var when) -> "the phone went away at %s, before its answer".formatted(second(when));
            case Outcome.Answered(var told) ->
                "answered in %s%s: HTTP %d%s%s"
                        .formatted(
                                millis(told.took().minus(told.held())),
                                told.held().isZero() ? "" : " after waiting " + seconds(told.held()),
                                told.status(),
                                status.map(it -> ", status %d, %s".formatted(it.code(), it.words()))
                                        .orElse(""),
                                told.why().isEmpty() ? "" : ", " + told.why());
        };
    }

    private static String second(Instant moment) {
        return Instant.ofEpochSecond(moment.getEpochSecond()).toString();
    }

    private static String millis(Duration time) {
        return time.toMillis() + " ms";
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    /** The same with so many bytes of each body at most. */
    Exchange cut(int most) {
        var body = cut(asked.body(), most);
        var shorter = body.equals(asked.body())
                ? asked
                : new Asked(
                        asked.id(), asked.at(), asked.remote(), asked.user(), asked.line(), asked.userAgent(), body);
        return new Exchange(
                shorter,
                outcome instanceof Outcome.Answered(var told)
                        ? new Outcome.Answered(new Told(
                                told.status(),
                                told.why(),
                                cut(told.body(), most),
                                told.bytes(),
                                told.took(),
                                told.held()))
                        : outcome,
                status);
    }

    private static Body cut(Body body, int most) {
        return body.bytes().length <= most
                ? body
                : new Body(Arrays.copyOf(body.bytes(), most), body.size(), body.type());
    }

    /** Bytes of memory that it takes, about. */
    int weight() {
        return OVERHEAD
                + weight(asked.body())
                + told().map(Told::body).map(Exchange::weight).orElse(0);
    }

    /** Of the objects and texts around the bodies. */
    private static final int OVERHEAD = 600;

    private static int weight(Body body) {
        return body.bytes().length;
    }
}
