package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend;
import org.airpost.backend.UidSet;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.command.CollectionAnswer.NewItem;
import org.airpost.command.CollectionAnswer.Response;
import org.airpost.command.SyncRequest.ClientCommand;
import org.airpost.convert.FileReference;
import org.airpost.convert.MailConverter;
import org.airpost.device.Device;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderSyncStatus;
import org.airpost.eas.FolderType;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.MailLimits;
import org.airpost.eas.PingStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.eas.SyncStatus;
import org.airpost.sync.CollectionOptions;
import org.airpost.sync.Folder;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.ServerId;
import org.airpost.sync.Waiters;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Ping;
import org.airpost.wbxml.page.Settings;

/**
 * What a device in quarantine sees: four folders, and in the Inbox one message that says why there is nothing else. It is made
 * here; the user's mailbox is not touched. Its keys and ids are none that a real folder ever has, so that a device that is
 * admitted, or put into quarantine, finds its keys unknown and starts over as after any other change of the folders. Nothing
 * is kept: the keys tell all. See docs/decisions/017.
 */
public final class Quarantine {

    private static final String FOLDERS_KEY = "q1";
    private static final String INBOX = "999000000000000001";
    private static final List<Folder> FOLDERS = List.of(
            new Folder(INBOX, "0", "Inbox", FolderType.INBOX, "INBOX", true),
            new Folder("999000000000000002", "0", "Drafts", FolderType.DRAFTS, "Drafts", true),
            new Folder("999000000000000003", "0", "Deleted Items", FolderType.DELETED_ITEMS, "Trash", true),
            new Folder("999000000000000004", "0", "Sent Items", FolderType.SENT_ITEMS, "Sent", true));

    private static final DateTimeFormatter DATE = DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

    private final MailConverter converter;
    private final Waiters waiters;
    private volatile Words words;

    /**
     * What users are told.
     *
     * @param text put under what Airpost says itself, such as whom to call; may be empty
     * @param longestWait of a request that is held
     */
    public record Words(String text, Duration longestWait) {}

    public Quarantine(MailConverter converter, Waiters waiters, Words words) {
        this.converter = converter;
        this.waiters = waiters;
        this.words = words;
    }

    /** Tells users something else; a device that has the message already keeps it. */
    public void change(Words other) {
        words = other;
    }

    /** The answer to a request of a device in quarantine; {@code command} is what others get. */
    Answer run(Request request, Device device, Command command) {
        waiters.supersede(request.device());
        return switch (request.line().command()) {
            case PROVISION -> command.run(request);
            case SETTINGS -> settings(request, command);
            case FOLDER_SYNC -> folderSync(request);
            case SYNC -> sync(request, device);
            case PING -> ping(request);
            case GET_ITEM_ESTIMATE -> estimate(request);
            case ITEM_OPERATIONS ->
                new ItemOperationsCommand(new Items(), (_, _, _) -> ItemOperationsStatus.ACCESS_DENIED)
                        .run(request.as(account(request, device)));
            default -> throw new StatusException(CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER, "in quarantine");
        };
    }

    /** A device may say what it is, since rules ask for that; its user's settings are out of reach. */
    private static Answer settings(Request request, Command command) {
        var in = request.document();
        in.root(Settings.SETTINGS);
        while (in.child()) {
            if (in.tag() != Settings.DEVICE_INFORMATION && in.tag() != Settings.USER_INFORMATION) {
                throw new StatusException(CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER, "in quarantine");
            }
            in.skip();
        }
        return command.run(request);
    }

    private static Answer folderSync(Request request) {
        var key = FolderSync.read(request.document());
        if (!key.equals("0") && !key.equals(FOLDERS_KEY)) {
            throw new StatusException(FolderSyncStatus.INVALID_SYNC_KEY, "SyncKey \"%s\" in quarantine".formatted(key));
        }
        var adds = key.equals("0") ? FOLDERS : List.<Folder>of();
        return Answer.document(
                out -> FolderSync.write(out, new Hierarchy.Result.Done(FOLDERS_KEY, adds, List.of(), List.of(), "")));
    }

    private static Answer estimate(Request request) {
        return GetItemEstimateCommand.answer(GetItemEstimateCommand.read(request.document()).stream()
                .map(asked -> GetItemEstimateCommand.Result.of(
                        asked.id(), isFolder(asked.id()), asked.id().equals(INBOX) && number(asked.syncKey()) == 1))
                .toList());
    }

    /** True for the folders of devices in quarantine alone, for who wonders whether a device is one. */
    public static boolean isFolder(String id) {
        return FOLDERS.stream().anyMatch(folder -> folder.id().equals(id));
    }

    // Sync

    private Answer sync(Request request, Device device) {
        if (request.isEmpty()) {
            throw new StatusException(SyncStatus.INCOMPLETE_REQUEST, "an empty Sync in quarantine");
        }
        // Drafts are not taken, so nothing of them is read.
        try (var spools = new DraftSpools(false, 0)) {
            var asked = SyncRequest.read(request.document(), spools);
            if (asked.partial()) {
                throw new StatusException(SyncStatus.INCOMPLETE_REQUEST, "a partial Sync in quarantine");
            }
            var said = asked.collections().stream()
                    .map(collection -> collection(request, device, collection))
                    .filter(answer -> !answer.silent())
                    .toList();
            if (!said.isEmpty()) {
                return Answer.document(out -> {
                    out.start(AirSync.SYNC).start(AirSync.COLLECTIONS);
                    said.forEach(answer -> answer.write(out, converter, request.version()));
                    out.end().end();
                });
            }
            return asked.heldFor()
                    .<Answer>map(wait -> hold(
                            request,
                            wait,
                            Answer.Empty::new,
                            () -> Answer.document(out -> out.start(AirSync.SYNC)
                                    .text(AirSync.STATUS, SyncStatus.FOLDER_HIERARCHY_CHANGED.code())
                                    .end())))
                    .orElseGet(Answer.Empty::new);
        }
    }

    /** Key q1: nothing was told; from q2 on the message was. A key with commands makes the next one. */
    private CollectionAnswer collection(Request request, Device device, SyncRequest.Collection asked) {
        if (!isFolder(asked.id())) {
            return CollectionAnswer.failed(asked.id(), SyncStatus.FOLDER_HIERARCHY_CHANGED, asked.syncKey());
        }
        if (asked.syncKey().equals("0")) {
            return CollectionAnswer.started(asked.id(), "q1");
        }
        long number = number(asked.syncKey());
        if (number < 1) {
            return CollectionAnswer.failed(asked.id(), SyncStatus.INVALID_SYNC_KEY, "0");
        }
        var options = asked.options().orElse(CollectionOptions.DEFAULT).body();
        boolean tells = number == 1 && asked.wantsChanges() && asked.id().equals(INBOX);
        var adds = tells ? item(request, device, options).stream().toList() : List.<NewItem>of();
        if (adds.isEmpty() && asked.commands().isEmpty()) {
            return CollectionAnswer.silent(asked.id(), asked.syncKey());
        }
        // q1 means that nothing was told: who has not heard of the message yet keeps that key.
        long next = adds.isEmpty() && number == 1 && asked.id().equals(INBOX) ? 1 : number + 1;
        return new CollectionAnswer(
                asked.id(),
                SyncStatus.SUCCESS,
                "q" + next,
                false,
                false,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                adds,
                responses(request, device, asked.commands(), options));
    }

    /** What it is told to do is not done; a new item it is told so, and what it changes or deletes of ours is its own. */
    private List<Response> responses(
            Request request, Device device, List<ClientCommand> commands, BodyOptions options) {
        var responses = new ArrayList<Response>();
        for (var command : commands) {
            switch (command) {
                case ClientCommand.Add(var clientId, var _, var _) ->
                    responses.add(Response.Added.failed(clientId, SyncStatus.CONVERSION_ERROR));
                case ClientCommand.Fetch(var serverId) -> {
                    var item = serverId.equals(id()) ? item(request, device, options) : Optional.<NewItem>empty();
                    responses.add(new Response.Fetched(
                            serverId, item.isPresent() ? SyncStatus.SUCCESS : SyncStatus.OBJECT_NOT_FOUND, item));
                }
                case ClientCommand.Change _, ClientCommand.Delete _ -> {}
            }
        }
        return responses;
    }

    private static String id() {
        return new ServerId(INBOX, 1).toString();
    }

    /** The number of a key of ours; 0 of any other. */
    private static long number(String key) {
        return key.matches("q[0-9]{1,15}") ? Long.parseLong(key.substring(1)) : 0;
    }

    // Waiting

    private Answer ping(Request request) {
        var asked = request.isEmpty() ? PingCommand.Parameters.NONE : PingCommand.read(request.document());
        if (asked.heartbeat().isEmpty() || asked.folderIds().isEmpty()) {
            throw new StatusException(PingStatus.MISSING_PARAMETERS, "a Ping in quarantine");
        }
        return asked.folderIds().stream().allMatch(Quarantine::isFolder)
                ? hold(
                        request,
                        asked.heartbeat().get(),
                        () -> ping(PingStatus.EXPIRED),
                        () -> ping(PingStatus.FOLDER_SYNC_REQUIRED))
                : ping(PingStatus.FOLDER_SYNC_REQUIRED);
    }

    private static Answer ping(PingStatus status) {
        return Answer.document(
                out -> out.start(Ping.PING).text(Ping.STATUS, status.code()).end());
    }

    private interface Ending {
        Answer answer();
    }

    /** Waits for an administrator: who admits the device ends what it waits in. */
    private Answer hold(Request request, Duration asked, Ending inTheEnd, Ending whenSuperseded) {
        var limit = asked.compareTo(words.longestWait()) < 0 ? asked : words.longestWait();
        var margin = Duration.ofSeconds(3);
        return new Answer.Held(
                limit.compareTo(margin) > 0 ? limit.minus(margin) : limit,
                new Held(request.device(), inTheEnd, whenSuperseded));
    }

    private final class Held implements Answer.Waiter, Waiters.Waiting {
        private final DeviceKey device;
        private final Ending inTheEnd;
        private final Ending whenSuperseded;
        private volatile Runnable wake = () -> {};
        private volatile boolean superseded;

        Held(DeviceKey device, Ending inTheEnd, Ending whenSuperseded) {
            this.device = device;
            this.inTheEnd = inTheEnd;
            this.whenSuperseded = whenSuperseded;
        }

        @Override
        public void start(Runnable wakeUp) {
            wake = wakeUp;
            waiters.enter(device, this);
            if (superseded) {
                wakeUp.run();
            }
        }

        @Override
        public Answer finish(Answer.Ending how) {
            waiters.leave(device, this);
            return superseded ? whenSuperseded.answer() : inTheEnd.answer();
        }

        @Override
        public void cancel() {
            waiters.leave(device, this);
        }

        @Override
        public void supersede() {
            superseded = true;
            wake.run();
        }
    }

    // The message

    private Optional<NewItem> item(Request request, Device device, BodyOptions options) {
        var account = account(request, device);
        var place = new MailConverter.Place(account.user(), account.mail(), "INBOX", uidValidity(account), INBOX);
        return converter.items(place, List.of(1L), options, request.version()).stream()
                .findFirst()
                .map(item -> new NewItem(id(), item, item.flags()));
    }

    private static long uidValidity(Account account) {
        return switch (account.mail().refresh("INBOX", FolderView.UNKNOWN)) {
            case Refreshed.Current(var view) -> view.uidValidity();
            case Refreshed.Gone() -> 0;
        };
    }

    /** The user with a mailbox of this moment, in which the message is. */
    private Account account(Request request, Device device) {
        var since = device.admission().since().isBefore(device.firstSeen())
                ? device.firstSeen()
                : device.admission().since();
        var mail = new MemoryMail(() -> since).user("quarantine", "none");
        mail.deliver("quarantine", "INBOX", message(request.account(), device, since), Set.of());
        var user = request.account();
        return switch (mail.signIn(new Credentials("quarantine", "none"))) {
            case MailBackend.SignIn.Accepted(var opened) ->
                new Account(user.user(), user.credentials(), opened, user.addresses(), user.displayName());
            case MailBackend.SignIn.Refused(var why) -> throw new IllegalStateException(why);
        };
    }

    private byte[] message(Account account, Device device, Instant since) {
        var domain = account.address().substring(account.address().lastIndexOf('@') + 1);
        var text = new StringBuilder()
                .append("This device may not have your mail yet: an administrator has to admit it first.\n\n")
                .append("Your mailbox is as it was. When the device is admitted, your mail appears here by itself.\n\n")
                .append("Device: ")
                .append(clean(device.title()))
                .append("\nID: ")
                .append(device.key().deviceId())
                .append('\n');
        device.information()
                .get(DeviceInformation.Field.OS)
                .ifPresent(os -> text.append("System: ").append(clean(os)).append('\n'));
        if (!device.admission().reason().isEmpty()) {
            text.append("Reason: ").append(clean(device.admission().reason())).append('\n');
        }
        if (!words.text().isEmpty()) {
            text.append('\n').append(words.text()).append('\n');
        }
        return """
                From: "Airpost" <postmaster@%s>
                To: <%s>
                Subject: This device has to be admitted
                Date: %s
                Message-ID: <quarantine.%s.%d@%s>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                %s""".formatted(
                        domain,
                        account.address(),
                        DATE.format(since),
                        device.key().deviceId(),
                        since.toEpochMilli(),
                        domain,
                        text)
                .replace("\n", "\r\n")
                .getBytes(UTF_8);
    }

    /** What a device says is one line of text. */
    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").strip();
    }

    /** The one message, for who fetches it. */
    private final class Items implements MailItems {
        @Override
        public Optional<Located> locate(Account account, DeviceKey key, String collectionId) {
            return FOLDERS.stream()
                    .filter(folder -> folder.id().equals(collectionId))
                    .findFirst()
                    .flatMap(folder -> switch (account.mail().refresh(folder.mailbox(), FolderView.UNKNOWN)) {
                        case Refreshed.Current(var view) -> Optional.of(new Located(folder, view));
                        case Refreshed.Gone() -> Optional.empty();
                    });
        }

        @Override
        public void removed(Account account, DeviceKey key, Folder folder, UidSet uids) {
            // It was the mailbox of this moment.
        }

        @Override
        public Optional<MailConverter.Item> item(
                MailConverter.Place place, long uid, BodyOptions options, ProtocolVersion version, MailLimits limits) {
            return converter.items(place, List.of(uid), options, version).stream()
                    .findFirst();
        }

        @Override
        public Optional<MailConverter.Attachment> attachment(
                DeviceKey key, MailConverter.Place place, FileReference reference, MailLimits limits) {
            return Optional.empty();
        }
    }
}
