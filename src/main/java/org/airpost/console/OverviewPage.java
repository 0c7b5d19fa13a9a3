package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.text;

import com.google.gson.JsonObject;
import j2html.tags.DomContent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Links;
import org.airpost.eas.DeviceKey;
import org.airpost.http.WebReply;
import org.airpost.telemetry.Exchange;
import org.airpost.telemetry.Telemetry;

/** What goes on, in numbers that are counted anew every few seconds where scripts run. */
final class OverviewPage {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int BAD_ONES = 10;

    private final Frame frame;
    private final Telemetry telemetry;
    private final Parts parts;

    OverviewPage(Frame frame, Parts parts) {
        this.frame = frame;
        this.telemetry = parts.telemetry();
        this.parts = parts;
    }

    List<Route> routes() {
        return List.of(
                Route.get(Frame.HOME, Right.SEE, this::page), Route.get(Frame.HOME + "/live", Right.SEE, this::live));
    }

    /** A number with its name, and where more of it is told. */
    private record Figure(String name, String words, long value, String path) {}

    private List<Figure> figures(Visit visit) {
        var counts = telemetry.activity().last(HOUR);
        var figures = new ArrayList<Figure>();
        figures.add(new Figure(
                "waiting", "Phones waiting now", telemetry.exchanges().waitingCount(), ""));
        figures.add(new Figure("requests", "Requests, last hour", counts.allRequests(), ""));
        figures.add(new Figure("pushes", "Pushes, last hour", counts.pushes(), ""));
        figures.add(new Figure("pushDelay", "Push delay, ms", counts.pushDelay().toMillis(), ""));
        figures.add(new Figure("errors", "Errors, last hour", counts.allErrors(), ""));
        figures.add(
                new Figure("broken", "Broken messages", count(parts.mail().broken(visit.actor())), "/admin/broken"));
        figures.add(
                new Figure("queue", "Mails in the queue", count(parts.mail().queue(visit.actor())), "/admin/queue"));
        return figures;
    }

    private List<Figure> devices(Visit visit) {
        var figures = new ArrayList<Figure>();
        // All at once: the page asks again every few seconds, and there may be many devices.
        var counts = parts.devices().count(visit.actor()) instanceof Result.Done<Map<Standing, Integer>>(var all)
                ? all
                : Map.<Standing, Integer>of();
        for (var standing : Standing.values()) {
            figures.add(new Figure(
                    "device-" + standing.name(),
                    Frame.sentence(Frame.word(standing)).replace(".", ""),
                    counts.getOrDefault(standing, 0),
                    Links.withQuery("/admin/devices", Map.of("standing", standing.name()))));
        }
        return figures;
    }

    private static long count(Result<? extends List<?>> result) {
        return result.map(List::size) instanceof Result.Done<Integer>(var size) ? size : 0;
    }

    private WebReply page(Visit visit) {
        return frame.page(
                visit,
                "Overview",
                div(figures(figures(visit)), h2("Devices"), figures(devices(visit)))
                        .attr("data-live", Frame.HOME + "/live"),
                h2("Backends"),
                BackendsPage.table(telemetry.backends().list()),
                h2("Devices whose last request went wrong"),
                bad());
    }

    private static DomContent figures(List<Figure> figures) {
        return dl(each(
                        figures,
                        figure -> div(
                                dt(
                                        figure.path().isEmpty()
                                                ? text(figure.words())
                                                : a(figure.words()).withHref(figure.path())),
                                dd(Long.toString(figure.value())).attr("data-count", figure.name()))))
                .withClass("figures");
    }

    private DomContent bad() {
        var list = telemetry.exchanges().latest().stream()
                .filter(exchange -> !exchange.isGood() && !exchange.isWaiting())
                .filter(exchange -> key(exchange).isPresent())
                .sorted((one, other) -> other.at().compareTo(one.at()))
                .limit(BAD_ONES)
                .toList();
        return Listing.of("Devices whose last request went wrong", list)
                .times("Time", exchange -> Frame.second(exchange.at()))
                .column(
                        "Device",
                        "",
                        exchange -> key(exchange)
                                .<DomContent>map(key -> a(key.deviceId()).withHref(DevicesPage.path(key)))
                                .orElse(text("")))
                .texts("User", exchange -> key(exchange).map(DeviceKey::user).orElse(""))
                .texts("Command", Exchange::command)
                .texts("What came of it", Exchange::words)
                .orElse("None.");
    }

    private static Optional<DeviceKey> key(Exchange exchange) {
        var asked = exchange.asked();
        return asked.line().flatMap(line -> DevicesPage.key(asked.user(), line.deviceId()));
    }

    /** The same numbers, for the script that counts them anew. */
    private WebReply live(Visit visit) {
        var json = new JsonObject();
        figures(visit).forEach(figure -> json.addProperty(figure.name(), figure.value()));
        devices(visit).forEach(figure -> json.addProperty(figure.name(), figure.value()));
        return WebReply.json(200, json.toString());
    }
}
