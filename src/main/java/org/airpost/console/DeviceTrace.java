package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.admin.TraceActions;
import org.airpost.console.web.Forms;
import org.airpost.eas.DeviceKey;
import org.airpost.http.WebReply;
import org.airpost.telemetry.Traces.Trace;

/** The trace of one device, as a part of its page: whether one runs, its beginning and end, and its file. */
final class DeviceTrace {

    private final Frame frame;
    private final DeviceActions devices;
    private final TraceActions traces;

    DeviceTrace(Frame frame, Parts parts) {
        this.frame = frame;
        this.devices = parts.devices();
        this.traces = parts.traces();
    }

    /** Below the address of a device. */
    List<Route> routes(String path) {
        return List.of(
                Route.get(path + "/trace", Right.CARE, visit -> of(visit, key -> file(visit, key))),
                Route.post(
                        path + "/trace/start",
                        Right.CARE,
                        visit -> of(
                                visit,
                                key -> frame.did(
                                        visit,
                                        traces.start(visit.actor(), key, TraceActions.USUAL),
                                        DevicesPage.path(key),
                                        "What it says is traced for an hour."))),
                Route.post(
                        path + "/trace/stop",
                        Right.CARE,
                        visit -> of(
                                visit,
                                key -> frame.did(
                                        visit,
                                        traces.stop(visit.actor(), key),
                                        DevicesPage.path(key),
                                        "The trace has ended."))));
    }

    private interface Page {
        WebReply answer(DeviceKey key);
    }

    /** Of a device that is known. */
    private WebReply of(Visit visit, Page page) {
        return DevicesPage.key(visit.at("user"), visit.at("device"))
                .map(key -> frame.show(visit, devices.device(visit.actor(), key), _ -> page.answer(key)))
                .orElseGet(() -> frame.refused(visit, Result.Why.NOT_FOUND, "there is no such device"));
    }

    private WebReply file(Visit visit, DeviceKey key) {
        return frame.show(
                visit,
                traces.text(visit.actor(), key),
                text -> WebReply.bytes("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8))
                        .with("Content-Disposition", "attachment; filename=\"%s.trace\"".formatted(key.deviceId())));
    }

    DomContent section(Visit visit, DeviceKey key) {
        return traces.of(visit.actor(), key) instanceof Result.Done<Optional<Trace>>(var trace)
                ? each(
                        h2("Trace"),
                        p(words(trace)).withClass(isRunning(trace) ? "note" : "faint"),
                        ways(visit, key, trace))
                : text("");
    }

    private static boolean isRunning(Optional<Trace> trace) {
        return trace.filter(Trace::isRunning).isPresent();
    }

    private static String words(Optional<Trace> trace) {
        return trace.map(one -> one.isRunning()
                        ? "A trace runs until %s UTC, if Airpost is not started anew before; %s so far."
                                .formatted(Frame.time(one.until()), exchanges(one))
                        : "The trace that began at %s UTC has ended; it has %s. A new one takes its place."
                                .formatted(Frame.time(one.since()), exchanges(one)))
                .orElse(
                        "A trace has each request and answer of this device as XML, subjects, addresses and texts left out,"
                                + " for somebody who helps.");
    }

    private static String exchanges(Trace trace) {
        return "%d exchange%s".formatted(trace.exchanges(), trace.exchanges() == 1 ? "" : "s");
    }

    private static DomContent ways(Visit visit, DeviceKey key, Optional<Trace> trace) {
        var path = DevicesPage.path(key) + "/trace";
        boolean runs = isRunning(trace);
        return iff(
                visit.may(Right.CARE),
                div(
                                Forms.post(
                                        visit.csrf(),
                                        path + (runs ? "/stop" : "/start"),
                                        Forms.button(runs ? "End the trace" : "Trace for an hour")
                                                .withClass("plain")),
                                iff(
                                        trace.isPresent(),
                                        a("Download the trace").withHref(path).withClasses("button", "plain")))
                        .withClass("actions"));
    }
}
