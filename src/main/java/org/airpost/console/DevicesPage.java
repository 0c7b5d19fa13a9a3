package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.DeviceActions.Sort;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.device.Device;
import org.airpost.eas.DeviceInformation.Field;
import org.airpost.eas.DeviceKey;
import org.airpost.http.WebReply;

/** All devices: searched, filtered, sorted, page by page; and what is done with several of them at once. */
final class DevicesPage {

    private static final String PATH = "/admin/devices";
    private static final int LINES = 50;
    private static final int MOST_AT_ONCE = 1_000;

    private final Frame frame;
    private final DeviceActions devices;

    DevicesPage(Frame frame, DeviceActions devices) {
        this.frame = frame;
        this.devices = devices;
    }

    List<Route> routes() {
        return List.of(Route.get(PATH, Right.SEE, this::list), Route.post(PATH + "/bulk", Right.CARE, this::bulk));
    }

    private WebReply list(Visit visit) {
        var query = visit.query();
        var standing = standing(query.text("standing"));
        var sort = sort(query.text("sort"));
        int from = number(query.text("from"));
        var user = Optional.of(query.text("user").strip()).filter(name -> !name.isEmpty());
        var filter = new DeviceActions.Filter(query.text("q"), user, standing, Optional.empty());
        return frame.show(
                visit,
                devices.list(visit.actor(), filter, sort, from, LINES),
                listing -> frame.page(
                        visit,
                        "Devices",
                        filters(visit, standing, sort),
                        bulkForm(visit, listing.devices(), sort),
                        pages(visit, from, listing.devices().size(), listing.found())));
    }

    private static Optional<Standing> standing(String text) {
        return List.of(Standing.values()).stream()
                .filter(one -> one.name().equals(text))
                .findFirst();
    }

    private static Sort sort(String text) {
        return List.of(Sort.values()).stream()
                .filter(one -> one.name().equals(text))
                .findFirst()
                .orElse(Sort.LAST_SEEN);
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,7}") ? Integer.parseInt(text) : 0;
    }

    private static DomContent filters(Visit visit, Optional<Standing> standing, Sort sort) {
        var choices = new LinkedHashMap<String, String>();
        choices.put("", "any");
        for (var one : Standing.values()) {
            choices.put(one.name(), Frame.word(one));
        }
        return Forms.get(
                        PATH,
                        Forms.hidden("sort", sort.name()),
                        Forms.field(
                                "Search",
                                "q",
                                input().withType("search")
                                        .withValue(visit.query().text("q"))
                                        .attr("placeholder", "user, device, model, system"),
                                ""),
                        Forms.field(
                                "User",
                                "user",
                                input().withType("text").withValue(visit.query().text("user")),
                                ""),
                        Forms.choiceField(
                                "State", "standing", standing.map(Enum::name).orElse(""), choices),
                        Forms.button("Show"))
                .withClass("filter");
    }

    private DomContent bulkForm(Visit visit, List<Device> list, Sort sort) {
        boolean may = visit.may(Right.CARE);
        var table = Listing.of("Devices", list);
        if (may) {
            table.column(
                    input().withType("checkbox")
                            .attr("data-all", "device")
                            .attr("hidden")
                            .attr("aria-label", "all"),
                    "",
                    "",
                    device -> input().withType("checkbox")
                            .withName("device")
                            .withValue(device.key().path())
                            .attr("aria-label", "select " + device.title()));
        }
        table.column("Device", "", DevicesPage::link)
                .column(
                        head(visit, "User", Sort.USER, sort),
                        "User",
                        "",
                        device -> text(device.key().user()))
                .column(head(visit, "Type", Sort.TYPE, sort), "Type", "", device -> text(device.deviceType()))
                .texts("Model", device -> device.information().get(Field.MODEL).orElse(""))
                .texts("System", device -> device.information().get(Field.OS).orElse(""))
                .texts("Version", device -> newest(device))
                .column(
                        head(visit, "State", Sort.STANDING, sort),
                        "State",
                        "",
                        device -> badge(DeviceActions.standing(device)))
                .column(
                        head(visit, "Last seen", Sort.LAST_SEEN, sort),
                        "Last seen",
                        "when",
                        device -> text(Frame.time(device.lastSeen())))
                .column(
                        head(visit, "First seen", Sort.FIRST_SEEN, sort),
                        "First seen",
                        "when",
                        device -> text(Frame.time(device.firstSeen())));
        var content = table.orElse("No device fits.");
        return may && !list.isEmpty() ? Forms.post(visit.csrf(), PATH + "/bulk", content, bulkActions()) : content;
    }

    private static String newest(Device device) {
        return device.versions().stream()
                .reduce((one, other) -> other)
                .map(version -> version.text())
                .orElse("");
    }

    private static DomContent bulkActions() {
        var actions = new LinkedHashMap<String, String>();
        actions.put("resync", "sync from the beginning");
        actions.put("allow", "allow");
        actions.put("quarantine", "quarantine");
        actions.put("block", "block");
        actions.put("forget", "forget");
        return div(
                        Forms.choiceField("With those selected", "action", "resync", actions),
                        Forms.field("Reason", "reason", input().withType("text").attr("maxlength", "200"), ""),
                        Forms.button("Do it"))
                .withClass("actions");
    }

    private static DomContent head(Visit visit, String words, Sort sort, Sort current) {
        var fields = fields(visit);
        fields.put("sort", sort.name());
        var link = a(words).withHref(Links.withQuery(PATH, fields));
        return sort == current ? span(link, text(" ↓")) : link;
    }

    private static Map<String, String> fields(Visit visit) {
        var fields = new LinkedHashMap<String, String>();
        for (var name : List.of("q", "user", "standing", "sort")) {
            fields.put(name, visit.query().text(name));
        }
        return fields;
    }

    private static DomContent pages(Visit visit, int from, int shown, int found) {
        var before = fields(visit);
        before.put("from", Integer.toString(Math.max(0, from - LINES)));
        var after = fields(visit);
        after.put("from", Integer.toString(from + LINES));
        return div(
                        span(found == 0 ? "" : "%d to %d of %d".formatted(from + 1, from + shown, found)),
                        iff(from > 0, a("Previous").withHref(Links.withQuery(PATH, before))),
                        iff(from + shown < found, a("Next").withHref(Links.withQuery(PATH, after))))
                .withClass("pages");
    }

    static DomContent link(Device device) {
        return a(device.title()).withHref(path(device.key()));
    }

    static String path(DeviceKey key) {
        return Links.to("admin", "devices", key.user(), key.deviceId());
    }

    static DomContent badge(Standing standing) {
        return span(Frame.word(standing))
                .withClasses(
                        "badge",
                        switch (standing) {
                            case ALLOWED -> "ok";
                            case BLOCKED, WIPED -> "bad";
                            case QUARANTINED, WIPE_TO_APPROVE, WIPE_PENDING -> "wait";
                        });
    }

    private WebReply bulk(Visit visit) {
        var form = visit.form();
        var selected = form.all("device");
        var action = form.text("action");
        if (selected.isEmpty()) {
            return frame.refused(visit, Result.Why.INVALID, "no device was selected");
        }
        if (selected.size() > MOST_AT_ONCE) {
            return frame.refused(visit, Result.Why.INVALID, "more than %d devices at once".formatted(MOST_AT_ONCE));
        }
        var problems = new ArrayList<String>();
        for (var one : selected) {
            Result<Device> result = key(one).map(key -> does(visit, action, key, form.text("reason")))
                    .orElseGet(() -> Result.notFound("device " + one));
            if (result instanceof Result.Refused<Device>(var _, var words)) {
                problems.add("%s: %s".formatted(one, words));
            }
        }
        int done = selected.size() - problems.size();
        if (problems.isEmpty()) {
            visit.session().say("%s: done with %d device%s.".formatted(action, done, done == 1 ? "" : "s"));
            return WebReply.redirect(PATH);
        }
        return frame.page(
                visit,
                409,
                "Not all was done",
                p("%s: done with %d, not with %d:".formatted(action, done, problems.size()))
                        .withClass("error"),
                each(problems, problem -> p(problem)),
                p(a("Devices").withHref(PATH)));
    }

    private Result<Device> does(Visit visit, String action, DeviceKey key, String reason) {
        var actor = visit.actor();
        return switch (action) {
            case "allow" -> devices.allow(actor, key, reason);
            case "block" -> devices.block(actor, key, reason, Optional.empty());
            case "quarantine" -> devices.quarantine(actor, key, reason);
            case "resync" -> devices.resync(actor, key);
            case "forget" -> devices.forget(actor, key);
            default -> Result.invalid("there is no action " + action);
        };
    }

    /** The device of a path as {@link DeviceKey#path} writes it. */
    private static Optional<DeviceKey> key(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? Optional.empty() : key(path.substring(0, slash), path.substring(slash + 1));
    }

    /** A device's key, if it can be one. */
    static Optional<DeviceKey> key(String user, String deviceId) {
        try {
            return Optional.of(new DeviceKey(user, deviceId));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no device has such a name
        }
    }
}
