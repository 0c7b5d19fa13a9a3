package org.airpost.console.me;

import static j2html.TagCreator.a;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.Result;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.device.Device;
import org.airpost.device.Wipe;
import org.airpost.eas.DeviceKey;
import org.airpost.http.WebReply;

/** A user's devices. A device is always looked for among those of this user, whatever id was sent. */
final class DevicePages {

    private static final int MOST = 100;

    private final DeviceActions devices;
    private final PasswordActions passwords;
    private final Frame frame;

    DevicePages(DeviceActions devices, PasswordActions passwords, Frame frame) {
        this.devices = devices;
        this.passwords = passwords;
        this.frame = frame;
    }

    WebReply list(Me me) {
        var mine = switch (devices.list(
                me.actor(), DeviceActions.Filter.ofUser(me.user()), DeviceActions.Sort.LAST_SEEN, 0, MOST)) {
            case Result.Done<DeviceActions.Listing>(var listing) -> listing.devices();
            case Result.Refused<DeviceActions.Listing> _ -> List.<Device>of();
        };
        return frame.page(
                me,
                "My devices",
                PasswordPages.warning(passwords, me).orElse(text("")),
                mine.isEmpty()
                        ? p(
                                text("No device has signed in yet. "),
                                a("Set up a phone").withHref(Frame.SET_UP))
                        : listing(mine));
    }

    private static DomContent listing(List<Device> mine) {
        return table(Frame.heads("Device", "State", "Last seen", "First seen"), tbody(each(mine, DevicePages::row)))
                .withClasses("list", "stacks");
    }

    private static DomContent row(Device device) {
        return tr(
                td(a(device.title()).withHref(place(device))).attr("data-name", "Device"),
                td(badge(DeviceActions.standing(device))).attr("data-name", "State"),
                td(Frame.time(device.lastSeen())).withClass("when").attr("data-name", "Last seen"),
                td(Frame.time(device.firstSeen())).withClass("when").attr("data-name", "First seen"));
    }

    private static String place(Device device) {
        return Links.to("me", "devices", device.key().deviceId());
    }

    private static DomContent badge(Standing standing) {
        return switch (standing) {
            case ALLOWED -> span("gets mail").withClasses("badge", "ok");
            case BLOCKED -> span("shut out").withClasses("badge", "bad");
            case QUARANTINED -> span("waits for an administrator").withClasses("badge", "wait");
            case WIPE_TO_APPROVE, WIPE_PENDING -> span("is to be wiped").withClasses("badge", "wait");
            case WIPED -> span("wiped").withClasses("badge", "bad");
        };
    }

    WebReply one(Me me, String id) {
        return one(me, 200, id, Optional.empty());
    }

    private WebReply one(Me me, int status, String id, Optional<String> problem) {
        var key = key(me, id);
        if (key.isEmpty()
                || !(devices.device(me.actor(), key.get()) instanceof Result.Done<DeviceActions.Whole>(var whole))) {
            return frame.nothing(me);
        }
        var device = whole.device();
        return frame.page(
                me,
                status,
                device.title(),
                problem.<DomContent>map(words -> p(words).withClass("error").attr("role", "alert"))
                        .orElse(text("")),
                facts(device, whole.standing()),
                rename(me, device),
                stop(me, device, whole.standing()),
                wipe(me, device, whole.standing()));
    }

    private static DomContent facts(Device device, Standing standing) {
        var facts = dl(
                        dt("State"),
                        dd(badge(standing)),
                        dt("Kind"),
                        dd(device.deviceType().isEmpty() ? "not said" : device.deviceType()),
                        dt("Last seen"),
                        dd(Frame.time(device.lastSeen())),
                        dt("First seen"),
                        dd(Frame.time(device.firstSeen())),
                        dt("Device id"),
                        dd(device.key().deviceId()))
                .withClass("facts");
        var reason = device.admission().reason();
        return reason.isEmpty() || standing == Standing.ALLOWED ? facts : facts.with(dt("Reason"), dd(reason));
    }

    private static DomContent rename(Me me, Device device) {
        return div(
                        h2("Name"),
                        Forms.post(
                                me.session().csrf(),
                                action(device, "rename"),
                                Forms.field(
                                        "Name",
                                        "name",
                                        input().withType("text")
                                                .withValue(device.name())
                                                .attr("maxlength", "64")
                                                .attr("autocomplete", "off"),
                                        "So that you know it again."),
                                Forms.button("Rename")))
                .withClass("narrow");
    }

    private static String action(Device device, String verb) {
        return Links.to("me", "devices", device.key().deviceId(), verb);
    }

    private static DomContent stop(Me me, Device device, Standing standing) {
        return switch (standing) {
            case ALLOWED, QUARANTINED ->
                div(
                        h2("Shut it out"),
                        p(
                                "It gets no more mail from now on, also with the right password. What it has already stays on it. An"
                                        + " administrator can let it in again."),
                        Forms.post(me.session().csrf(), action(device, "block"), Forms.danger("Shut it out")));
            case BLOCKED, WIPE_TO_APPROVE, WIPE_PENDING, WIPED -> text("");
        };
    }

    private static DomContent wipe(Me me, Device device, Standing standing) {
        if (standing == Standing.WIPE_PENDING || standing == Standing.WIPE_TO_APPROVE) {
            return div(
                    h2("Wipe"),
                    p("It is told to wipe itself when it comes the next time."),
                    Forms.post(me.session().csrf(), action(device, "cancel-wipe"), Forms.button("Take the wipe back")));
        }
        return div(
                h2("Wipe it"),
                p("When it comes the next time, it is told to remove this account with all its mail, if it can: "
                        + "phones with protocol 16.1. Or to remove everything on it, as when it was new."),
                Forms.post(
                        me.session().csrf(),
                        action(device, "wipe"),
                        div(
                                        input().withType("radio")
                                                .withName("kind")
                                                .withId("account")
                                                .withValue("account")
                                                .attr("checked"),
                                        label("This account only").attr("for", "account"))
                                .withClass("check"),
                        div(
                                        input().withType("radio")
                                                .withName("kind")
                                                .withId("all")
                                                .withValue("all"),
                                        label("Everything on the device").attr("for", "all"))
                                .withClass("check"),
                        div(
                                        input().withType("checkbox")
                                                .withName("sure")
                                                .withId("sure")
                                                .withValue("yes")
                                                .attr("required"),
                                        label("I am sure: what is on it and nowhere else is lost")
                                                .attr("for", "sure"))
                                .withClass("check"),
                        Forms.danger("Wipe it")));
    }

    /** Of this user, always. */
    private static Optional<DeviceKey> key(Me me, String id) {
        return id.matches("[A-Za-z0-9._-]{1,64}") ? Optional.of(new DeviceKey(me.user(), id)) : Optional.empty();
    }

    WebReply action(Me me, String id, String verb) {
        var key = key(me, id);
        if (key.isEmpty() || !devices.device(me.actor(), key.get()).isDone()) {
            return frame.nothing(me);
        }
        var form = me.request().form();
        var next = Links.to("me", "devices", id);
        return switch (verb) {
            case "rename" ->
                frame.after(me, devices.rename(me.actor(), key.get(), form.text("name")), "It has a new name.", next);
            case "block" ->
                frame.after(
                        me,
                        devices.block(me.actor(), key.get(), "shut out by its user", Optional.empty()),
                        "The device is shut out.",
                        next);
            case "wipe" ->
                form.text("sure").equals("yes")
                        ? frame.after(
                                me,
                                devices.wipe(
                                        me.actor(),
                                        key.get(),
                                        form.text("kind").equals("all") ? Wipe.Kind.FULL : Wipe.Kind.ACCOUNT_ONLY,
                                        "asked for by its user"),
                                "The device is told to wipe itself when it comes the next time.",
                                next)
                        : one(me, 400, id, Optional.of("Tick that you are sure."));
            case "cancel-wipe" ->
                frame.after(me, devices.cancelWipe(me.actor(), key.get()), "The wipe is taken back.", next);
            default -> frame.nothing(me);
        };
    }
}
