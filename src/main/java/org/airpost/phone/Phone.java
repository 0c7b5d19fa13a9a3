package org.airpost.phone;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.CommandName;
import org.airpost.eas.FilterType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;

/**
 * An EAS client that behaves as a phone does, and strictly: what the server may not do is in {@link #violations()}.
 *
 * <pre>{@code
 * try (var phone = new Phone(server, "alice", password, ProtocolVersion.V16_1, "A1B2C3D4", "AirpostPhone", tls)) {
 *     phone.provision();
 *     phone.folderSync();
 *     var inbox = phone.hierarchy().ofType(FolderType.INBOX).orElseThrow();
 *     phone.syncAll(inbox.id(), SyncRequest.PLAIN.withWindowSize(100).withBody(BodyType.HTML, 32_768));
 *     phone.replica(inbox.id()).all().forEach(item -> System.out.println(item.subject()));
 * }
 * }</pre>
 *
 * <p>An EAS status is a value of the answer; anything else than an answer is a {@link PhoneException}. All calls block
 * and have a time limit. Commands of one collection, and those of the hierarchy, come one after the other; a Ping may
 * wait in another thread meanwhile. Source: MS-ASCMD, MS-ASHTTP.
 */
public final class Phone implements AutoCloseable {

    private static final int MOST_ROUNDS = 20_000;

    /** A Sync that was sent: to be repeated, byte for byte. */
    private record Sent(String collectionId, SyncRequest request, String key, byte[] document, boolean taken) {}

    private final Violations violations = new Violations();
    private final Map<String, Replica> replicas = new ConcurrentHashMap<>();
    private final Map<String, Sent> lastSync = new ConcurrentHashMap<>();
    private final Wire wire;
    private final Hierarchy hierarchy;
    private final SyncDialogue syncs;
    private final PingDialogue pings;
    private final FetchDialogue fetches;
    private final SendDialogue sends;
    private final SettingsDialogue settings;
    private final PeopleDialogue people;
    private final AwayDialogue away;
    private final ProvisionDialogue provisioning;

    /** A phone with a plain query. */
    public Phone(
            URI server,
            String user,
            String password,
            ProtocolVersion version,
            String deviceId,
            String deviceType,
            SSLContext tls) {
        this(server, user, password, version, deviceId, deviceType, tls, QueryForm.PLAIN);
    }

    /**
     * A phone.
     *
     * @param server address; without a path {@code /Microsoft-Server-ActiveSync} is meant
     * @param deviceId letters and digits; upper case hexadecimal of up to 32 digits goes as raw bytes in a base64 query
     */
    public Phone(
            URI server,
            String user,
            String password,
            ProtocolVersion version,
            String deviceId,
            String deviceType,
            SSLContext tls,
            QueryForm form) {
        this(Wire.client(tls), true, server, user, password, version, deviceId, deviceType, form);
    }

    private Phone(
            HttpClient client,
            boolean ownsClient,
            URI server,
            String user,
            String password,
            ProtocolVersion version,
            String deviceId,
            String deviceType,
            QueryForm form) {
        this.wire =
                new Wire(client, ownsClient, server, user, password, version, deviceId, deviceType, form, violations);
        this.hierarchy = new Hierarchy(wire, violations);
        this.syncs = new SyncDialogue(version, violations);
        this.pings = new PingDialogue(wire, violations);
        this.fetches = new FetchDialogue(wire, violations);
        this.sends = new SendDialogue(wire, violations);
        this.settings = new SettingsDialogue(wire, deviceType);
        this.people = new PeopleDialogue(wire);
        this.away = new AwayDialogue(wire);
        this.provisioning = new ProvisionDialogue(wire, violations, deviceType);
    }

    /** What several phones of one process may share; it is closed after all of them. */
    public static HttpClient client(SSLContext tls) {
        return Wire.client(tls);
    }

    /** A phone with a plain query that shares a client with others, for thousands of phones in one process. */
    public static Phone sharing(
            HttpClient client,
            URI server,
            String user,
            String password,
            ProtocolVersion version,
            String deviceId,
            String deviceType) {
        return new Phone(client, false, server, user, password, version, deviceId, deviceType, QueryForm.PLAIN);
    }

    /** What the server did wrong so far; a good server leaves it empty. */
    public List<Violation> violations() {
        return violations.all();
    }

    /** For a test that has seen what it wanted to see. */
    public void forgetViolations() {
        violations.clear();
    }

    public Hierarchy hierarchy() {
        return hierarchy;
    }

    /** The copy of a collection, an empty one if it was never synced. */
    public Replica replica(String collectionId) {
        return replicas.computeIfAbsent(collectionId, id -> new Replica(id, violations));
    }

    /** How long it has waited for answers in all: from the request until the last byte, without what it does with it. */
    public Duration waited() {
        return wire.waited();
    }

    /** The policy key that requests carry. */
    public Optional<Long> policyKey() {
        return wire.policyKey();
    }

    /** Sets the policy key that requests carry, as a phone has it that was here before. */
    public void policyKey(Optional<Long> key) {
        wire.policyKey(key);
    }

    /** Asks what the server offers. */
    public Offer options() {
        var headers = wire.options().headers();
        return new Offer(
                list(headers.firstValue("MS-ASProtocolVersions").orElse("")),
                list(headers.firstValue("MS-ASProtocolCommands").orElse("")),
                headers.firstValue("MS-Server-ActiveSync").orElse(""));
    }

    private static List<String> list(String header) {
        return Arrays.stream(header.split(",", -1))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** Gets the policy and acknowledges it, both phases. A remote wipe is reported, and neither done nor acknowledged. */
    public ProvisionResult provision() {
        return provisioning.run();
    }

    /** Brings the folder table up to date. */
    public FolderChanges folderSync() {
        return hierarchy.sync();
    }

    public FolderResult folderCreate(String parentId, String name, FolderType type) {
        return hierarchy.create(parentId, name, type);
    }

    public FolderResult folderUpdate(String id, String parentId, String name) {
        return hierarchy.update(id, parentId, name);
    }

    public FolderResult folderDelete(String id) {
        return hierarchy.delete(id);
    }

    /** One Sync of one collection with the key that its replica has. */
    public SyncAnswer sync(String collectionId, SyncRequest request) {
        var sent = prepare(collectionId, request);
        return take(sent, send(sent), false);
    }

    /**
     * Syncs until there is nothing more: the first Sync with key 0 if the collection needs it, then one after the other
     * while MoreAvailable. Commands go with the first that may carry them. The last answer; one that failed ends it.
     */
    public SyncAnswer syncAll(String collectionId, SyncRequest request) {
        var replica = replica(collectionId);
        if (replica.key().equals("0")) {
            var first = sync(collectionId, request.withCommands(List.of()));
            if (!first.succeeded()) {
                return first;
            }
        }
        var answer = sync(collectionId, request);
        for (int round = 0; answer.succeeded() && answer.moreAvailable(); round++) {
            if (round == MOST_ROUNDS) {
                throw new PhoneException(
                        200, "collection %s: MoreAvailable after %d answers".formatted(collectionId, round));
            }
            answer = sync(collectionId, request.withCommands(List.of()));
        }
        return answer;
    }

    /**
     * A Sync whose answer gets lost on the way: the server did its work, the phone learns nothing, and its key stays.
     * Gives what was lost, for a test to look at; it is not applied.
     */
    public SyncAnswer syncAndLoseTheAnswer(String collectionId, SyncRequest request) {
        var sent = prepare(collectionId, request);
        var lost = syncs.read(collectionId, send(sent));
        replica(collectionId).answerLost();
        return lost;
    }

    /** Sends the last Sync of a collection once more, byte for byte, and takes the answer. */
    public SyncAnswer repeatLastSync(String collectionId) {
        var sent = lastSync.get(collectionId);
        if (sent == null) {
            throw new IllegalStateException("collection %s was never synced".formatted(collectionId));
        }
        return take(sent, send(sent), sent.taken());
    }

    private Sent prepare(String collectionId, SyncRequest request) {
        var key = replica(collectionId).key();
        // The first Sync says no more than the key: neither window nor commands. Source: SK-01.
        var said = key.equals("0") ? SyncRequest.PLAIN : request;
        var sent = new Sent(collectionId, said, key, syncs.write(collectionId, key, said), false);
        lastSync.put(collectionId, sent);
        return sent;
    }

    private byte[] send(Sent sent) {
        var patience = sent.request().hold().orElse(Duration.ZERO).plus(Wire.PATIENCE);
        return wire.post(Wire.Post.of(CommandName.SYNC, sent.document()).patience(patience))
                .body();
    }

    private SyncAnswer take(Sent sent, byte[] body, boolean repeated) {
        var answer = syncs.read(sent.collectionId(), body);
        replica(sent.collectionId()).apply(sent.request(), sent.key(), answer, repeated);
        lastSync.put(
                sent.collectionId(), new Sent(sent.collectionId(), sent.request(), sent.key(), sent.document(), true));
        return answer;
    }

    /** Waits until something happens in one of the folders, or for as long as the heartbeat. */
    public PingResult ping(List<String> folderIds, Duration heartbeat) {
        return pings.ping(folderIds, heartbeat);
    }

    /** An empty Ping: the server goes by the parameters that it remembers. */
    public PingResult pingAgain() {
        return pings.again();
    }

    /** Moves items, and takes them from one replica into the other where that went well. */
    public List<MoveResult> moveItems(List<String> serverIds, String sourceFolder, String targetFolder) {
        var results = new MoveDialogue(wire, violations).move(serverIds, sourceFolder, targetFolder);
        for (var result : results) {
            if (result.succeeded()) {
                replica(sourceFolder)
                        .takeOut(result.sourceId())
                        .ifPresent(item -> result.destinationId()
                                .ifPresent(id -> replica(targetFolder).putIn(item.withServerId(id))));
            }
        }
        return results;
    }

    /** MoveItems whose answer gets lost: the replicas stay as they are. */
    public List<MoveResult> moveItemsAndLoseTheAnswer(
            List<String> serverIds, String sourceFolder, String targetFolder) {
        return new MoveDialogue(wire, violations).move(serverIds, sourceFolder, targetFolder);
    }

    public Estimate getItemEstimate(String collectionId, Optional<FilterType> filter) {
        return new EstimateDialogue(wire)
                .estimate(collectionId, replica(collectionId).key(), filter);
    }

    /** Searches the mailbox, in these folders and those below them, or in all if none is named. */
    public SearchAnswer search(String text, List<String> collectionIds, int first, int last, BodyOptions bodies) {
        return new SearchDialogue(wire, violations).search(text, collectionIds, first, last, bodies);
    }

    /** Finds mail by a query in KQL; the next ones by the same id and query. Part of 16.1. */
    public SearchAnswer find(String searchId, String query, Optional<String> collectionId, int first, int last) {
        return new SearchDialogue(wire, violations).find(searchId, query, collectionId, first, last);
    }

    /** Fetches an item as a whole. */
    public Fetched itemOperationsFetch(String collectionId, String serverId, BodyOptions options, boolean multiPart) {
        return fetches.item(collectionId, serverId, options, multiPart);
    }

    /** Fetches an attachment or a range of it. */
    public Fetched itemOperationsFetch(String fileReference, Optional<ByteRange> range, boolean multiPart) {
        return fetches.attachment(fileReference, range, multiPart);
    }

    /** Deletes for good what is in a folder; the status. */
    public int emptyFolderContents(String collectionId, boolean subfolders) {
        return fetches.emptyFolder(collectionId, subfolders);
    }

    /** Sends a message; the status, 1 if it was taken. */
    public int sendMail(String clientId, byte[] mime, boolean saveInSent) {
        return sends.send(CommandName.SEND_MAIL, clientId, mime, saveInSent, Optional.empty(), false);
    }

    /** Answers a message; the status, 1 if it was taken. With {@code replaceMime} the server adds nothing of its own. */
    public int smartReply(String clientId, byte[] mime, boolean saveInSent, Source source, boolean replaceMime) {
        return sends.send(CommandName.SMART_REPLY, clientId, mime, saveInSent, Optional.of(source), replaceMime);
    }

    /** Forwards a message; the status, 1 if it was taken. With {@code replaceMime} the server adds nothing of its own. */
    public int smartForward(String clientId, byte[] mime, boolean saveInSent, Source source, boolean replaceMime) {
        return sends.send(CommandName.SMART_FORWARD, clientId, mime, saveInSent, Optional.of(source), replaceMime);
    }

    /** Tells the server what this device is; the status. */
    public int settingsDeviceInformation() {
        return settings.sendDeviceInformation();
    }

    /** Asks who the user is. */
    public UserInformation settingsUserInformation() {
        return settings.userInformation();
    }

    /** Looks for people in the address list. */
    public PeopleFound searchPeople(String words) {
        return people.search(words);
    }

    /** Asks whether the user is away. */
    public Away away() {
        return away.get();
    }

    /** Says that the user is away, and what all are told; for a time if both ends of it are given. The status. */
    public int setAway(String text, Optional<Instant> from, Optional<Instant> until) {
        return away.set(text, from, until);
    }

    /** Says that the user is back; the status. */
    public int endAway() {
        return away.end();
    }

    /** Any document to any command, and whatever came back, any HTTP status included: for tests of odd requests. */
    public Reply exchange(CommandName command, byte[] document) {
        return wire.answer(Wire.Post.of(command, document));
    }

    /** How many items each collection synced so far holds. */
    public Map<String, Integer> counts() {
        var counts = new LinkedHashMap<String, Integer>();
        replicas.forEach((id, replica) -> counts.put(id, replica.items().size()));
        return counts;
    }

    @Override
    public void close() {
        wire.close();
    }
}
