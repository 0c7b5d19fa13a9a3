package org.airpost.console;

import static j2html.TagCreator.div;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.DeviceActions.Sort;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.device.Device;
import org.airpost.eas.DeviceInformation.Field;
import org.airpost.http.WebReply;

/** Devices that wait for somebody to let them in, and wipes that wait for a second administrator. */
final class QuarantinePage {

    private static final String PATH = "/admin/quarantine";
    private static final int MOST = 200;

    private final Frame frame;
    private final DeviceActions devices;

    QuarantinePage(Frame frame, DeviceActions devices) {
        this.frame = frame;
        this.devices = devices;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, Right.SEE, this::list),
                Route.post(PATH + "/approve", Right.ADMIT, visit -> decide(visit, true)),
                Route.post(PATH + "/refuse", Right.ADMIT, visit -> decide(visit, false)));
    }

    private WebReply list(Visit visit) {
        var filter =
                new DeviceActions.Filter("", Optional.empty(), Optional.of(Standing.QUARANTINED), Optional.empty());
        return frame.show(
                visit,
                devices.list(visit.actor(), filter, Sort.FIRST_SEEN, 0, MOST),
                listing -> frame.page(
                        visit,
                        "Quarantine",
                        p(
                                "These devices see one mail that explains why there is nothing else, until somebody decides."),
                        iff(
                                listing.found() > MOST,
                                p("The latest %d of %d.".formatted(MOST, listing.found()))
                                        .withClass("warn")),
                        Listing.of("Devices in quarantine", listing.devices())
                                .column("Device", "", DevicesPage::link)
                                .texts("User", device -> device.key().user())
                                .texts("Type", Device::deviceType)
                                .texts(
                                        "Model",
                                        device -> device.information()
                                                .get(Field.MODEL)
                                                .orElse(""))
                                .texts(
                                        "System",
                                        device -> device.information()
                                                .get(Field.OS)
                                                .orElse(""))
                                .texts("Address", Device::address)
                                .texts("Why", device -> device.admission().reason())
                                .times("First seen", device -> Frame.time(device.firstSeen()))
                                .column("Decide", "", device -> visit.may(Right.ADMIT) ? form(visit, device) : text(""))
                                .orElse("No device waits.")));
    }

    private static DomContent form(Visit visit, Device device) {
        return div(Forms.post(
                        visit.csrf(),
                        PATH + "/approve",
                        Forms.notByEnter(),
                        Forms.hidden("user", device.key().user()),
                        Forms.hidden("device", device.key().deviceId()),
                        input().withType("text")
                                .withName("reason")
                                .attr("placeholder", "reason")
                                .attr("size", "14")
                                .attr("maxlength", "200")
                                .attr("aria-label", "reason for " + device.title()),
                        Forms.button("Approve"),
                        Forms.danger("Refuse").attr("formaction", PATH + "/refuse"))
                .withClass("actions"));
    }

    private WebReply decide(Visit visit, boolean approves) {
        var form = visit.form();
        var reason = form.text("reason").strip();
        return DevicesPage.key(form.text("user"), form.text("device"))
                .map(key -> approves
                        ? frame.did(visit, devices.allow(visit.actor(), key, reason), PATH, "The device may come in.")
                        : frame.did(
                                visit,
                                devices.block(visit.actor(), key, reason, Optional.empty()),
                                PATH,
                                "The device is blocked."))
                .orElseGet(() -> frame.refused(visit, Result.Why.NOT_FOUND, "there is no such device"));
    }
}
