package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.admin.TraceActions;
import org.airpost.console.api.ApiRoute.Call;
import org.airpost.eas.DeviceKey;
import org.airpost.telemetry.Traces.Trace;

/** Traces of devices: which there are, their beginning and end, and their text. */
final class TraceRoutes {

    private static final String ONE = DeviceRoutes.ONE + "/trace";

    private static final Shape TRACE = new Shape.Named(
            "Trace",
            Shape.of(
                    field("user", Shape.Plain.STRING, "the user"),
                    field("device", Shape.Plain.STRING, "the device's id"),
                    field("running", Shape.Plain.BOOLEAN, "whether it runs"),
                    field("since", Shape.Plain.TIME, "when it began"),
                    field("until", Shape.Plain.TIME, "when it ends, or was to end"),
                    field("exchanges", Shape.Plain.INTEGER, "requests that are in it"),
                    field("bytes", Shape.Plain.INTEGER, "how long its text is")));

    private static final Shape LIST = Shape.of(
            field("traces", new Shape.Many(TRACE), "those that run and those that are kept, the newest first"));

    private static final Shape TEXT = Shape.of(
            field("text", Shape.Plain.STRING, "as airpost trace export writes it, and airpost trace replay takes it"));

    private final TraceActions traces;

    TraceRoutes(TraceActions traces) {
        this.traces = traces;
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get(
                        "/traces",
                        Right.SEE,
                        "All traces.",
                        LIST,
                        call -> traces.list(call.actor())
                                .map(all -> Json.object()
                                        .with("traces", Json.list(all, TraceRoutes::trace))
                                        .done())),
                ApiRoute.get(
                        ONE,
                        Right.SEE,
                        "The trace of a device.",
                        TRACE,
                        call -> DeviceRoutes.with(call, key -> one(call, key))),
                ApiRoute.post(
                                ONE + "/start",
                                Right.CARE,
                                "Begins a trace in the place of the last one, also of a device that has not come yet.",
                                TRACE,
                                call -> DeviceRoutes.with(call, key -> start(call, key)))
                        .taking(Shape.of(
                                field("minutes", Shape.Plain.INTEGER, "for so long, a day at most; an hour without")
                                        .orAbsent())),
                ApiRoute.post(
                        ONE + "/stop",
                        Right.CARE,
                        "Ends a trace; its text stays.",
                        TRACE,
                        call -> DeviceRoutes.with(
                                call, key -> traces.stop(call.actor(), key).map(TraceRoutes::trace))),
                ApiRoute.get(
                        ONE + "/text",
                        Right.CARE,
                        "What is in a trace so far; subjects, addresses and texts are left out.",
                        TEXT,
                        call -> DeviceRoutes.with(
                                call,
                                key -> traces.text(call.actor(), key)
                                        .map(text ->
                                                Json.object().with("text", text).done()))));
    }

    private Result<JsonObject> one(Call call, DeviceKey key) {
        return switch (traces.of(call.actor(), key)) {
            case Result.Done<Optional<Trace>>(var found) ->
                found.<Result<JsonObject>>map(its -> new Result.Done<>(trace(its)))
                        .orElseGet(() -> Result.notFound("trace of " + key.path()));
            case Result.Refused<Optional<Trace>>(var why, var words) -> new Result.Refused<>(why, words);
        };
    }

    private Result<JsonObject> start(Call call, DeviceKey key) {
        long minutes = call.number("minutes").orElse(TraceActions.USUAL.toMinutes());
        return minutes < 1 || minutes > TraceActions.LONGEST.toMinutes()
                ? Result.invalid("the minutes are a number from 1 to %d".formatted(TraceActions.LONGEST.toMinutes()))
                : traces.start(call.actor(), key, Duration.ofMinutes(minutes)).map(TraceRoutes::trace);
    }

    private static JsonObject trace(Trace trace) {
        return Json.object()
                .with("user", trace.device().user())
                .with("device", trace.device().deviceId())
                .with("running", trace.isRunning())
                .with("since", trace.since())
                .with("until", trace.until())
                .with("exchanges", trace.exchanges())
                .with("bytes", trace.bytes())
                .done();
    }
}
