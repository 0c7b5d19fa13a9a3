package org.airpost.admin;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.Audit.Subject;
import org.airpost.admin.Role.Right;
import org.airpost.eas.DeviceKey;
import org.airpost.store.StoreException;
import org.airpost.telemetry.Traces;
import org.airpost.telemetry.Traces.Trace;

/** Traces of devices: whoever helps users may make them. What is in one says nothing of a person but the device itself. */
public final class TraceActions {

    /** How long a trace runs if nobody says otherwise. */
    public static final Duration USUAL = Duration.ofHours(1);

    /** How long it runs at most. */
    public static final Duration LONGEST = Duration.ofDays(1);

    private final Optional<Traces> traces;
    private final Audit audit;

    /** Without traces there is no place for them: all but {@link #list} is refused. */
    public TraceActions(Optional<Traces> traces, Audit audit) {
        this.traces = traces;
        this.audit = audit;
    }

    /** The traces that run and those whose files are here, the newest first. */
    public Result<List<Trace>> list(Actor actor) {
        return actor.role().may(Right.SEE)
                ? new Result.Done<>(traces.map(Traces::list).orElse(List.of()))
                : Result.notAllowed(actor);
    }

    /** The trace of a device, one that runs or the last one. */
    public Result<Optional<Trace>> of(Actor actor, DeviceKey device) {
        return actor.role().may(Right.SEE)
                ? new Result.Done<>(traces.flatMap(all -> all.find(device)))
                : Result.notAllowed(actor);
    }

    /** Begins a trace, in the place of the device's last one; for a day at most. */
    public Result<Trace> start(Actor actor, DeviceKey device, Duration time) {
        return noted(actor, "trace.start", device, "for %d min".formatted(time.toMinutes()), () -> {
            if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
                return Result.invalid("a trace is for a day at most");
            }
            if (traces.isEmpty()) {
                return noPlace();
            }
            try {
                return new Result.Done<>(traces.get().start(device, time.truncatedTo(ChronoUnit.MILLIS)));
            } catch (IllegalStateException e) {
                return Result.conflict(String.valueOf(e.getMessage()));
            }
        });
    }

    /** Ends a trace; its file stays. */
    public Result<Trace> stop(Actor actor, DeviceKey device) {
        return noted(actor, "trace.stop", device, "", () -> {
            if (traces.isEmpty() || !traces.get().stop(device)) {
                return Result.notFound("trace of %s that runs".formatted(device.path()));
            }
            return traces.get()
                    .find(device)
                    .<Result<Trace>>map(Result.Done::new)
                    .orElseGet(() -> Result.notFound("trace of " + device.path()));
        });
    }

    /** The text of a trace as far as it is written. */
    public Result<String> text(Actor actor, DeviceKey device) {
        return noted(actor, "trace.read", device, "", () -> {
            var text = traces.isPresent() ? traces.get().text(device) : Optional.<String>empty();
            return text.<Result<String>>map(Result.Done::new)
                    .orElseGet(() -> Result.notFound("trace of " + device.path()));
        });
    }

    private static <T> Result<T> noPlace() {
        return Result.conflict("this gateway has no place for traces: its store is in memory");
    }

    private interface Work<T> {
        Result<T> run() throws IOException;
    }

    private <T> Result<T> noted(Actor actor, String action, DeviceKey device, String words, Work<T> work) {
        Result<T> result;
        try {
            result = actor.role().may(Right.CARE) ? work.run() : Result.notAllowed(actor);
        } catch (IOException e) {
            throw new StoreException("trace of %s: %s".formatted(device.path(), e), e);
        }
        var said = result instanceof Result.Refused<T>(var _, var why) ? why : words;
        audit.note(actor, action, Subject.ofDevice(device.user(), device.deviceId()), result.isDone(), said);
        return result;
    }
}
