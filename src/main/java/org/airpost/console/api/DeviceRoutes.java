package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.DeviceActions.FolderState;
import org.airpost.admin.DeviceActions.Sort;
import org.airpost.admin.DeviceActions.Standing;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.console.api.ApiRoute.Call;
import org.airpost.device.Device;
import org.airpost.device.Wipe;
import org.airpost.eas.DeviceInformation.Field;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.telemetry.Exchange;
import org.airpost.telemetry.Exchanges;

/** Devices, and what is done with them. */
final class DeviceRoutes {

    static final String ONE = "/devices/{user}/{device}";
    private static final int LINES = 100;
    private static final int MOST_LINES = 1_000;

    private static final Shape DEVICE = new Shape.Named(
            "Device",
            Shape.of(
                    field("user", Shape.Plain.STRING, "the user, as in the path"),
                    field("device", Shape.Plain.STRING, "the device's id"),
                    field("title", Shape.Plain.STRING, "what to call it"),
                    field("type", Shape.Plain.STRING, "what it says it is, such as iPhone"),
                    field("userAgent", Shape.Plain.STRING, "its User-Agent"),
                    field("standing", Shape.words(Standing.values()), "how it stands with it"),
                    field("reason", Shape.Plain.STRING, "why it was let in or not"),
                    field("decidedBy", Shape.Plain.STRING, "who decided that"),
                    field("until", Shape.Plain.TIME, "until when that holds").orAbsent(),
                    field("versions", new Shape.Many(Shape.Plain.STRING), "protocol versions that it has used"),
                    field("address", Shape.Plain.STRING, "where it came from last"),
                    field("firstSeen", Shape.Plain.TIME, "when it came first"),
                    field("lastSeen", Shape.Plain.TIME, "when it came last, within five minutes"),
                    field("information", new Shape.Table(Shape.Plain.STRING), "what it says of itself")));

    private static final Shape WHOLE = Shape.of(
            field("device", DEVICE, "the device"),
            field(
                    "policy",
                    new Shape.Many(Shape.Plain.STRING),
                    "the policies that are in force for it, the weakest first"),
            field("keepsPolicy", Shape.Plain.BOOLEAN, "whether it has said that it keeps them"));

    private static final Shape LIST = Shape.of(
            field("devices", new Shape.Many(DEVICE), "a page of them"),
            field("found", Shape.Plain.INTEGER, "how many fit in all"));

    private static final Shape FOLDERS = Shape.of(field(
            "folders",
            new Shape.Many(Shape.of(
                    field("id", Shape.Plain.STRING, "CollectionId"),
                    field("name", Shape.Plain.STRING, "its name"),
                    field("syncKey", Shape.Plain.STRING, "the one that the last answer named")
                            .orAbsent(),
                    field("items", Shape.Plain.INTEGER, "messages that the device has")
                            .orAbsent(),
                    field("owed", Shape.Plain.INTEGER, "messages that it is to be told once more")
                            .orAbsent())),
            "those that it was told of; without a syncKey it does not sync a folder"));

    private static final Shape EXCHANGES = Shape.of(field(
            "exchanges",
            new Shape.Many(Shape.of(
                    field("id", Shape.Plain.STRING, "the request's id, as in the log"),
                    field("at", Shape.Plain.TIME, "when it came"),
                    field("command", Shape.Plain.STRING, "the command, empty if it could not be read"),
                    field("version", Shape.Plain.STRING, "the protocol version"),
                    field("http", Shape.Plain.INTEGER, "the HTTP status").orAbsent(),
                    field("status", Shape.Plain.INTEGER, "the EAS status").orAbsent(),
                    field("good", Shape.Plain.BOOLEAN, "whether it went well"),
                    field("words", Shape.Plain.STRING, "what came of it"),
                    field("request", Shape.Plain.STRING, "as XML, subjects and texts left out"),
                    field("answer", Shape.Plain.STRING, "the same of the answer"))),
            "the last ones, newest first"));

    private static final Shape REASON = Shape.of(
            field("reason", Shape.Plain.STRING, "why, for the audit log").orAbsent());

    private final DeviceActions devices;
    private final Exchanges exchanges;

    DeviceRoutes(DeviceActions devices, Exchanges exchanges) {
        this.devices = devices;
        this.exchanges = exchanges;
    }

    /** Does something with a device. */
    private interface Action {
        Result<Device> run(Call call, DeviceKey key);
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get("/devices", Right.SEE, "Devices, page by page.", LIST, this::list)
                        .asking(
                                field("q", Shape.Plain.STRING, "a word in user, id, name, type or model"),
                                field("user", Shape.Plain.STRING, "of this user alone"),
                                field("standing", Shape.words(Standing.values()), "that stand so"),
                                field("sort", Shape.words(Sort.values()), "by what they are sorted"),
                                field("from", Shape.Plain.INTEGER, "the first one of the page, from 0"),
                                field(
                                        "limit",
                                        Shape.Plain.INTEGER,
                                        "how many; %d, %d at most".formatted(LINES, MOST_LINES))),
                ApiRoute.get(
                        ONE,
                        Right.SEE,
                        "One device.",
                        WHOLE,
                        call -> with(
                                call, key -> devices.device(call.actor(), key).map(DeviceRoutes::whole))),
                ApiRoute.get(
                        ONE + "/folders",
                        Right.SEE,
                        "Its folders, and what it was told of them.",
                        FOLDERS,
                        call -> with(
                                call, key -> devices.folders(call.actor(), key).map(DeviceRoutes::folders))),
                ApiRoute.get(
                        ONE + "/exchanges",
                        Right.SEE,
                        "Its last requests and answers.",
                        EXCHANGES,
                        call -> with(call, key -> new Result.Done<>(exchanges(exchanges.of(key))))),
                action(
                                "allow",
                                Right.ADMIT,
                                "Lets it in, also after a wipe.",
                                (call, key) -> devices.allow(call.actor(), key, call.text("reason")))
                        .taking(REASON),
                action("block", Right.ADMIT, "Keeps it out.", this::block)
                        .taking(Shape.of(
                                field("reason", Shape.Plain.STRING, "why").orAbsent(),
                                field("days", Shape.Plain.INTEGER, "for so long; for ever without")
                                        .orAbsent())),
                action(
                                "quarantine",
                                Right.ADMIT,
                                "Lets it see one explaining mail alone.",
                                (call, key) -> devices.quarantine(call.actor(), key, call.text("reason")))
                        .taking(REASON),
                action(
                        "undecide",
                        Right.ADMIT,
                        "Lets the rules decide again.",
                        (call, key) -> devices.undecide(call.actor(), key)),
                action(
                                "rename",
                                Right.CARE,
                                "Gives it a name.",
                                (call, key) -> devices.rename(call.actor(), key, call.text("name")))
                        .taking(Shape.of(field("name", Shape.Plain.STRING, "the name"))),
                action(
                        "resync",
                        Right.CARE,
                        "Has it sync from the beginning.",
                        (call, key) -> devices.resync(call.actor(), key)),
                action(
                                "reset-folder",
                                Right.CARE,
                                "Has it sync one folder from the beginning.",
                                (call, key) -> devices.resetFolder(call.actor(), key, call.text("folder")))
                        .taking(Shape.of(field("folder", Shape.Plain.STRING, "the folder's id"))),
                action(
                                "wipe-account",
                                Right.WIPE_ACCOUNT,
                                "Takes the account off the device.",
                                (call, key) ->
                                        devices.wipe(call.actor(), key, Wipe.Kind.ACCOUNT_ONLY, call.text("reason")))
                        .taking(REASON),
                action(
                                "wipe-all",
                                Right.WIPE_ALL,
                                "Takes everything off the device.",
                                (call, key) -> devices.wipe(call.actor(), key, Wipe.Kind.FULL, call.text("reason")))
                        .taking(REASON),
                action(
                        "approve-wipe",
                        Right.WIPE_ALL,
                        "Agrees to a wipe that another one asked for.",
                        (call, key) -> devices.approveWipe(call.actor(), key)),
                action(
                        "cancel-wipe",
                        Right.WIPE_ACCOUNT,
                        "Cancels a wipe that is not done.",
                        (call, key) -> devices.cancelWipe(call.actor(), key)),
                ApiRoute.delete(
                        ONE,
                        Right.CARE,
                        "Forgets it.",
                        DEVICE,
                        call -> with(
                                call, key -> devices.forget(call.actor(), key).map(DeviceRoutes::device))));
    }

    private ApiRoute action(String name, Right right, String summary, Action action) {
        return ApiRoute.post(
                ONE + "/" + name,
                right,
                summary,
                DEVICE,
                call -> with(call, key -> action.run(call, key).map(DeviceRoutes::device)));
    }

    interface OfDevice {
        Result<? extends JsonElement> run(DeviceKey key);
    }

    /** Does something with the device that the path names. */
    static Result<? extends JsonElement> with(Call call, OfDevice work) {
        DeviceKey key;
        try {
            key = new DeviceKey(call.at("user"), call.at("device"));
        } catch (IllegalArgumentException e) {
            return Result.<JsonElement>notFound("device %s of %s".formatted(call.at("device"), call.at("user")));
        }
        return work.run(key);
    }

    private Result<? extends JsonElement> list(Call call) {
        var query = call.query();
        var standing = one(Standing.values(), query.text("standing"));
        var sort = one(Sort.values(), query.text("sort"));
        var numbers = List.of(query.text("from"), query.text("limit"));
        boolean odd = (query.has("standing") && standing.isEmpty())
                || (query.has("sort") && sort.isEmpty())
                || !numbers.stream().allMatch(number -> number.matches("[0-9]{0,7}"));
        if (odd) {
            return Result.<JsonElement>invalid("a field of the query is not one of those that are described");
        }
        int from = numbers.getFirst().isEmpty() ? 0 : Integer.parseInt(numbers.getFirst());
        int limit = numbers.getLast().isEmpty() ? LINES : Integer.parseInt(numbers.getLast());
        var filter = new DeviceActions.Filter(query.text("q"), query.first("user"), standing, Optional.empty());
        return devices.list(call.actor(), filter, sort.orElse(Sort.USER), from, Math.clamp(limit, 1, MOST_LINES))
                .map(listing -> Json.object()
                        .with("devices", Json.list(listing.devices(), DeviceRoutes::device))
                        .with("found", listing.found())
                        .done());
    }

    private static <E extends Enum<E>> Optional<E> one(E[] values, String word) {
        return Arrays.stream(values)
                .filter(value -> Json.word(value).equals(word))
                .findFirst();
    }

    private Result<Device> block(Call call, DeviceKey key) {
        var days = call.number("days");
        if (days.isPresent() && (days.get() < 1 || days.get() > 3_650)) {
            return Result.invalid("the days are a number from 1 to 3650");
        }
        return devices.block(call.actor(), key, call.text("reason"), days.map(Duration::ofDays));
    }

    static JsonObject device(Device device) {
        var admission = device.admission();
        var information = new JsonObject();
        for (var field : Field.values()) {
            device.information().get(field).ifPresent(value -> information.addProperty(Json.word(field), value));
        }
        return Json.object()
                .with("user", device.key().user())
                .with("device", device.key().deviceId())
                .with("title", device.title())
                .with("type", device.deviceType())
                .with("userAgent", device.userAgent())
                .with("standing", DeviceActions.standing(device))
                .with("reason", admission.reason())
                .with("decidedBy", admission.by())
                .withTime("until", admission.until())
                .with(
                        "versions",
                        Json.texts(device.versions().stream()
                                .map(ProtocolVersion::text)
                                .toList()))
                .with("address", device.address())
                .with("firstSeen", device.firstSeen())
                .with("lastSeen", device.lastSeen())
                .with("information", information)
                .done();
    }

    private static JsonObject whole(DeviceActions.Whole whole) {
        return Json.object()
                .with("device", device(whole.device()))
                .with("policy", Json.texts(whole.policy().layers()))
                .with("keepsPolicy", whole.keepsPolicy())
                .done();
    }

    private static JsonObject folders(List<FolderState> folders) {
        return Json.object()
                .with("folders", Json.list(folders, DeviceRoutes::folder))
                .done();
    }

    private static JsonObject folder(FolderState folder) {
        var json = Json.object().with("id", folder.id()).with("name", folder.name());
        folder.state()
                .ifPresent(state -> json.with("syncKey", state.syncKey())
                        .with("items", state.items())
                        .with("owed", state.owed()));
        return json.done();
    }

    private static JsonObject exchanges(List<Exchange> all) {
        return Json.object()
                .with("exchanges", Json.list(all, DeviceRoutes::exchange))
                .done();
    }

    private static JsonObject exchange(Exchange one) {
        var json = Json.object()
                .with("id", one.id())
                .with("at", one.at())
                .with("command", one.command())
                .with("version", one.version())
                .with("good", one.isGood())
                .with("words", one.words())
                .with("request", one.requestXml())
                .with("answer", one.answerXml());
        one.httpStatus().ifPresent(status -> json.with("http", status));
        one.status().ifPresent(status -> json.with("status", status.code()));
        return json.done();
    }
}
