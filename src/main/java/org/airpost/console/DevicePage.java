package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.DeviceActions.FolderState;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.admin.DeviceActions.Whole;
import org.airpost.admin.Explain;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.device.Device;
import org.airpost.device.Wipe;
import org.airpost.eas.DeviceInformation.Field;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FilterType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.http.WebReply;
import org.airpost.telemetry.Exchange;
import org.airpost.telemetry.Exchanges;

/** One device: what is known of it, its folders, its last exchanges, and what can be done with it. */
final class DevicePage {

    private static final String PATH = "/admin/devices/{user}/{device}";
    private static final int LONGEST_BLOCK_DAYS = 3_650;

    private final Frame frame;
    private final DeviceActions devices;
    private final Exchanges exchanges;
    private final Explain explain;
    private final DeviceTrace trace;

    DevicePage(Frame frame, Parts parts) {
        this.frame = frame;
        this.devices = parts.devices();
        this.exchanges = parts.telemetry().exchanges();
        this.explain = parts.explain();
        this.trace = new DeviceTrace(frame, parts);
    }

    /** Does something with a device. */
    private interface Action {
        Result<Device> run(Visit visit, DeviceKey key);
    }

    List<Route> routes() {
        return Stream.concat(own().stream(), trace.routes(PATH).stream()).toList();
    }

    private List<Route> own() {
        return List.of(
                Route.get(PATH, Right.SEE, this::page),
                Route.get(PATH + "/exchanges/{exchange}", Right.SEE, this::exchange),
                action(
                        "allow",
                        Right.ADMIT,
                        "It may come in.",
                        (visit, key) -> devices.allow(visit.actor(), key, reason(visit))),
                action(
                        "block",
                        Right.ADMIT,
                        "It is blocked.",
                        (visit, key) -> days(visit.form().text("days"))
                                .map(time -> devices.block(visit.actor(), key, reason(visit), time))
                                .orElseGet(
                                        () -> Result.invalid("the days are a number from 1 to " + LONGEST_BLOCK_DAYS))),
                action(
                        "quarantine",
                        Right.ADMIT,
                        "It is in quarantine.",
                        (visit, key) -> devices.quarantine(visit.actor(), key, reason(visit))),
                action(
                        "undecide",
                        Right.ADMIT,
                        "The rules decide again.",
                        (visit, key) -> devices.undecide(visit.actor(), key)),
                action(
                        "rename",
                        Right.CARE,
                        "It has another name.",
                        (visit, key) -> devices.rename(
                                visit.actor(), key, visit.form().text("name").strip())),
                action(
                        "resync",
                        Right.CARE,
                        "It syncs from the beginning when it comes next.",
                        (visit, key) -> devices.resync(visit.actor(), key)),
                action(
                        "reset-folder",
                        Right.CARE,
                        "It syncs that folder from the beginning.",
                        (visit, key) -> devices.resetFolder(
                                visit.actor(), key, visit.form().text("folder"))),
                Route.post(
                        PATH + "/forget",
                        Right.CARE,
                        visit -> with(
                                visit,
                                key -> frame.did(
                                        visit,
                                        devices.forget(visit.actor(), key),
                                        "/admin/devices",
                                        "The device is forgotten."))),
                Route.get(
                        PATH + "/wipe-account",
                        Right.WIPE_ACCOUNT,
                        visit -> wipePage(visit, Wipe.Kind.ACCOUNT_ONLY, Optional.empty())),
                Route.post(PATH + "/wipe-account", Right.WIPE_ACCOUNT, visit -> wipe(visit, Wipe.Kind.ACCOUNT_ONLY)),
                Route.get(
                        PATH + "/wipe-all", Right.WIPE_ALL, visit -> wipePage(visit, Wipe.Kind.FULL, Optional.empty())),
                Route.post(PATH + "/wipe-all", Right.WIPE_ALL, visit -> wipe(visit, Wipe.Kind.FULL)),
                action(
                        "approve-wipe",
                        Right.WIPE_ALL,
                        "The wipe is approved.",
                        (visit, key) -> devices.approveWipe(visit.actor(), key)),
                action(
                        "cancel-wipe",
                        Right.WIPE_ACCOUNT,
                        "The wipe is cancelled.",
                        (visit, key) -> devices.cancelWipe(visit.actor(), key)));
    }

    private Route action(String name, Right right, String said, Action action) {
        return Route.post(
                PATH + "/" + name,
                right,
                visit -> with(visit, key -> frame.did(visit, action.run(visit, key), DevicesPage.path(key), said)));
    }

    private static String reason(Visit visit) {
        return visit.form().text("reason").strip();
    }

    /** For how long; inside empty for ever, empty if that is no number. */
    private static Optional<Optional<Duration>> days(String text) {
        if (text.isBlank()) {
            return Optional.of(Optional.empty());
        }
        return text.matches("[1-9][0-9]{0,3}") && Integer.parseInt(text) <= LONGEST_BLOCK_DAYS
                ? Optional.of(Optional.of(Duration.ofDays(Long.parseLong(text))))
                : Optional.empty();
    }

    private interface Page {
        WebReply answer(DeviceKey key);
    }

    private WebReply with(Visit visit, Page page) {
        return DevicesPage.key(visit.at("user"), visit.at("device"))
                .map(page::answer)
                .orElseGet(() -> frame.refused(visit, Result.Why.NOT_FOUND, "there is no such device"));
    }

    // What is known

    private WebReply page(Visit visit) {
        return with(
                visit,
                key -> frame.show(
                        visit,
                        devices.device(visit.actor(), key),
                        whole -> frame.show(
                                visit,
                                devices.folders(visit.actor(), key),
                                folders -> frame.page(
                                        visit,
                                        whole.device().title(),
                                        state(key, whole),
                                        facts(whole),
                                        actions(visit, whole),
                                        h2("Folders"),
                                        folders(visit, key, folders),
                                        h2("Last exchanges"),
                                        exchanges(key),
                                        trace.section(visit, key),
                                        explained(visit, key),
                                        links(visit, key)))));
    }

    /** The same words as of {@code airpost explain}. */
    private DomContent explained(Visit visit, DeviceKey key) {
        return explain.explain(visit.actor(), key) instanceof Result.Done<List<String>>(var lines)
                ? details(summary("In words, with what can be done"), pre(String.join("\n", lines)))
                : text("");
    }

    /** What it does now, or why it does not get on. */
    private DomContent state(DeviceKey key, Whole whole) {
        var standing = whole.standing();
        var waiting = exchanges.waiting(key);
        var last = exchanges.of(key).stream().findFirst();
        var words = new ArrayList<String>();
        if (standing == Standing.QUARANTINED) {
            words.add("It waits for somebody to let it in: it sees one mail that explains it, and nothing else.");
        } else if (standing == Standing.BLOCKED) {
            words.add("It is not let in.");
        } else if (standing == Standing.ALLOWED && !whole.keepsPolicy()) {
            words.add(
                    "It does not keep the policy that is in force for it, as far as it has said; it is asked when it comes.");
        }
        waiting.ifPresent(
                held -> words.add("It waits for news, until %s UTC at most.".formatted(Frame.time(held.until()))));
        last.filter(exchange -> !exchange.isGood() && !exchange.isWaiting())
                .ifPresent(exchange -> words.add(
                        "Its last request, %s, went wrong: %s.".formatted(exchange.command(), exchange.words())));
        boolean isWell =
                standing == Standing.ALLOWED && last.map(Exchange::isGood).orElse(true);
        return words.isEmpty() ? text("") : p(String.join(" ", words)).withClass(isWell ? "note" : "warn");
    }

    private static DomContent facts(Whole whole) {
        var device = whole.device();
        var facts = new LinkedHashMap<String, DomContent>();
        facts.put("State", DevicesPage.badge(whole.standing()));
        facts.put(
                "User",
                a(device.key().user())
                        .withHref(Links.to("admin", "users", device.key().user())));
        facts.put("Device", code(device.key().deviceId()));
        facts.put("Type", text(device.deviceType()));
        for (var field : Field.values()) {
            device.information().get(field).ifPresent(value -> facts.put(label(field), text(value)));
        }
        facts.putIfAbsent("User agent", text(device.userAgent()));
        facts.put(
                "Versions",
                text(device.versions().stream().map(ProtocolVersion::text).collect(Collectors.joining(", "))));
        facts.put("Address", text(device.address()));
        facts.put("First seen", text(Frame.time(device.firstSeen())));
        facts.put("Last seen", text(Frame.time(device.lastSeen())));
        facts.put("Decided by", text(decided(device)));
        facts.put("Policy", policy(whole));
        device.wipe().ifPresent(wipe -> facts.put("Wipe", text(words(wipe))));
        return dl(each(facts.entrySet(), fact -> each(dt(fact.getKey()), dd(fact.getValue()))))
                .withClass("facts");
    }

    private static String label(Field field) {
        return switch (field) {
            case MODEL -> "Model";
            case IMEI -> "IMEI";
            case FRIENDLY_NAME -> "Its own name";
            case OS -> "System";
            case OS_LANGUAGE -> "Language";
            case PHONE_NUMBER -> "Phone number";
            case USER_AGENT -> "User agent";
            case ENABLE_OUTBOUND_SMS -> "Sends text messages";
            case MOBILE_OPERATOR -> "Operator";
        };
    }

    private static String decided(Device device) {
        var admission = device.admission();
        var who = switch (admission.cause()) {
            case NOBODY -> "nobody yet";
            case ADMIN -> admission.by();
            case RULE -> "rule " + admission.by();
            case DEFAULT -> "the default of the rules";
            case ABUSE -> "Airpost, for too many requests";
            case WIPED -> "Airpost, since it was wiped";
        };
        return who
                + (admission.reason().isEmpty() ? "" : ": " + admission.reason())
                + admission.until().map(end -> ", until " + Frame.time(end)).orElse("");
    }

    private static DomContent policy(Whole whole) {
        var layers = whole.policy().layers();
        var said = whole.device().policy().said().map(Frame::word).orElse("nothing yet");
        return text("%s; it has said: %s; %s"
                .formatted(
                        layers.isEmpty() ? "of the configuration" : String.join(", ", layers),
                        said,
                        whole.keepsPolicy() ? "it keeps it" : "it does not keep it yet"));
    }

    private static String words(Wipe wipe) {
        var what = wipe.kind() == Wipe.Kind.FULL ? "everything" : "the account";
        var state = switch (wipe.state()) {
            case AWAITING_APPROVAL -> "waits for the approval of a second administrator";
            case PENDING -> "will be told when the device comes";
            case TOLD -> "was told to the device, which has not confirmed it";
            case DONE -> "was confirmed by the device";
        };
        return "%s, asked for by %s at %s; %s%s"
                .formatted(
                        what,
                        wipe.requestedBy(),
                        Frame.time(wipe.requested()),
                        state,
                        wipe.failures() > 0 ? "; it failed %d times".formatted(wipe.failures()) : "");
    }

    // What can be done

    private static DomContent actions(Visit visit, Whole whole) {
        var device = whole.device();
        var path = DevicesPage.path(device.key());
        boolean admits = visit.may(Right.ADMIT);
        boolean cares = visit.may(Right.CARE);
        var wipe = device.wipe().map(Wipe::state);
        boolean canCancel = wipe.filter(state -> state != Wipe.State.DONE).isPresent();
        return div(
                iff(
                        admits,
                        Forms.post(
                                        visit.csrf(),
                                        path + "/block",
                                        Forms.notByEnter(),
                                        Forms.field(
                                                "Reason",
                                                "reason",
                                                input().withType("text").attr("maxlength", "200"),
                                                ""),
                                        Forms.field(
                                                "Days",
                                                "days",
                                                input().withType("number")
                                                        .attr("min", "1")
                                                        .attr("max", LONGEST_BLOCK_DAYS)
                                                        .attr("placeholder", "for ever"),
                                                ""),
                                        Forms.button("Allow").attr("formaction", path + "/allow"),
                                        Forms.button("Quarantine")
                                                .withClass("plain")
                                                .attr("formaction", path + "/quarantine"),
                                        Forms.danger("Block"))
                                .withClass("actions")),
                iff(
                        cares,
                        Forms.post(
                                        visit.csrf(),
                                        path + "/rename",
                                        Forms.field(
                                                "Name",
                                                "name",
                                                input().withType("text").withValue(device.name()),
                                                ""),
                                        Forms.button("Rename").withClass("plain"))
                                .withClass("actions")),
                div(
                                iff(admits, button(visit, path + "/undecide", "Let the rules decide")),
                                iff(cares, button(visit, path + "/resync", "Sync from the beginning")),
                                iff(cares, button(visit, path + "/forget", "Forget")),
                                iff(
                                        wipe.filter(state -> state == Wipe.State.AWAITING_APPROVAL)
                                                        .isPresent()
                                                && visit.may(Right.WIPE_ALL),
                                        button(visit, path + "/approve-wipe", "Approve the wipe")),
                                iff(
                                        canCancel && visit.may(Right.WIPE_ACCOUNT),
                                        button(visit, path + "/cancel-wipe", "Cancel the wipe")),
                                iff(
                                        visit.may(Right.WIPE_ACCOUNT),
                                        a("Wipe the account …")
                                                .withHref(path + "/wipe-account")
                                                .withClasses("button", "plain")),
                                iff(
                                        visit.may(Right.WIPE_ALL),
                                        a("Wipe everything …")
                                                .withHref(path + "/wipe-all")
                                                .withClasses("button", "plain")))
                        .withClass("actions"));
    }

    private static DomContent button(Visit visit, String path, String words) {
        return Forms.post(visit.csrf(), path, Forms.button(words).withClass("plain"));
    }

    private WebReply wipePage(Visit visit, Wipe.Kind kind, Optional<String> problem) {
        return with(
                visit,
                key -> frame.show(
                        visit,
                        devices.device(visit.actor(), key),
                        whole -> frame.page(
                                visit,
                                problem.isPresent() ? 400 : 200,
                                kind == Wipe.Kind.FULL ? "Wipe everything" : "Wipe the account",
                                iff(
                                        problem,
                                        words -> p(words).withClass("error").attr("role", "alert")),
                                p(kind == Wipe.Kind.FULL
                                                ? "The device will lose everything that is on it: mail, photos, private data."
                                                : "The device will lose the mail of this account, and nothing else. Phones that speak"
                                                        + " 16.1 can do that.")
                                        .withClass("warn"),
                                p("%s of %s".formatted(whole.device().title(), key.user())),
                                Forms.post(
                                        visit.csrf(),
                                        DevicesPage.path(key)
                                                + (kind == Wipe.Kind.FULL ? "/wipe-all" : "/wipe-account"),
                                        Forms.field(
                                                "Reason",
                                                "reason",
                                                input().withType("text").attr("maxlength", "200"),
                                                ""),
                                        Forms.field(
                                                "Device",
                                                "confirm",
                                                input().withType("text")
                                                        .attr("autocomplete", "off")
                                                        .attr("required"),
                                                "Type %s, so that it is the right one.".formatted(key.deviceId())),
                                        Forms.danger("Wipe")),
                                p(a("Back").withHref(DevicesPage.path(key))))));
    }

    private WebReply wipe(Visit visit, Wipe.Kind kind) {
        return with(
                visit,
                key -> visit.form().text("confirm").strip().equals(key.deviceId())
                        ? frame.did(
                                visit,
                                devices.wipe(visit.actor(), key, kind, reason(visit)),
                                DevicesPage.path(key),
                                "The wipe is asked for.")
                        : wipePage(visit, kind, Optional.of("Nothing was done: that is not the device's id.")));
    }

    // Folders and exchanges

    private static DomContent folders(Visit visit, DeviceKey key, List<FolderState> folders) {
        boolean cares = visit.may(Right.CARE);
        return Listing.of("Folders", folders)
                .texts("Folder", FolderState::name)
                .texts("ID", FolderState::id)
                .texts("Synced", folder -> folder.state().isPresent() ? "yes" : "no")
                .numbers(
                        "Messages",
                        folder -> folder.state()
                                .map(state -> Integer.toString(state.items()))
                                .orElse(""))
                .numbers(
                        "To be told again",
                        folder -> folder.state()
                                .map(state -> Integer.toString(state.owed()))
                                .orElse(""))
                .texts(
                        "Since",
                        folder -> folder.state()
                                .map(state -> since(state.options().filter()))
                                .orElse(""))
                .numbers(
                        "Sync key",
                        folder -> folder.state().map(state -> state.syncKey()).orElse(""))
                .column(
                        "Action",
                        "",
                        folder -> iff(
                                cares && folder.state().isPresent(),
                                Forms.post(
                                        visit.csrf(),
                                        DevicesPage.path(key) + "/reset-folder",
                                        Forms.hidden("folder", folder.id()),
                                        Forms.button("Reset").withClass("plain"))))
                .orElse("It has not asked for its folders.");
    }

    private static String since(FilterType filter) {
        return filter.reach().map(reach -> "%d days".formatted(reach.toDays())).orElse("all");
    }

    private DomContent exchanges(DeviceKey key) {
        return Listing.of("Last exchanges", exchanges.of(key))
                .times("Time", exchange -> Frame.second(exchange.at()))
                .column(
                        "Command",
                        "",
                        exchange -> a(exchange.command().isEmpty() ? "unreadable" : exchange.command())
                                .withHref(DevicesPage.path(key) + Links.to("exchanges", exchange.id())))
                .texts("Version", Exchange::version)
                .column("Result", "", DevicePage::badge)
                .texts("What came of it", Exchange::words)
                .numbers("Request", exchange -> Long.toString(exchange.requestBytes()))
                .numbers("Answer", exchange -> Long.toString(exchange.answerBytes()))
                .orElse("None since Airpost was started.");
    }

    private static DomContent badge(Exchange exchange) {
        if (exchange.isWaiting()) {
            return span("waits").withClasses("badge", "wait");
        }
        return span(exchange.isGood() ? "good" : "bad").withClasses("badge", exchange.isGood() ? "ok" : "bad");
    }

    private WebReply exchange(Visit visit) {
        return with(
                visit,
                key -> exchanges
                        .of(key, visit.at("exchange"))
                        .map(exchange -> frame.page(
                                visit,
                                exchange.command().isEmpty() ? "Exchange" : exchange.command(),
                                dl(
                                                dt("Device"),
                                                dd(a(key.deviceId()).withHref(DevicesPage.path(key))),
                                                dt("Time"),
                                                dd(Frame.second(exchange.at())),
                                                dt("Version"),
                                                dd(exchange.version()),
                                                dt("From"),
                                                dd(exchange.asked().remote()),
                                                dt("Result"),
                                                dd(badge(exchange), text(" " + exchange.words())),
                                                dt("Status"),
                                                dd(exchange.status()
                                                        .map(status ->
                                                                "%d, %s".formatted(status.code(), status.words()))
                                                        .orElse("none")))
                                        .withClass("facts"),
                                p("Subjects, addresses and texts are left out.").withClass("faint"),
                                h2("Request, %d bytes".formatted(exchange.requestBytes())),
                                pre(exchange.requestXml()).attr("tabindex", "0"),
                                h2("Answer, %d bytes".formatted(exchange.answerBytes())),
                                pre(exchange.answerXml()).attr("tabindex", "0")))
                        .orElseGet(() ->
                                frame.refused(visit, Result.Why.NOT_FOUND, "this exchange is not kept any more")));
    }

    private static DomContent links(Visit visit, DeviceKey key) {
        var fields = new LinkedHashMap<>(Map.of("user", key.user(), "device", key.deviceId()));
        return div(
                        a("All devices of " + key.user())
                                .withHref(Links.withQuery("/admin/devices", Map.of("user", key.user()))),
                        iff(
                                visit.may(Right.AUDIT),
                                a("What was done with this device").withHref(Links.withQuery("/admin/audit", fields))))
                .withClass("pages");
    }
}
