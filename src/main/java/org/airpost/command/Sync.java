package org.airpost.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.convert.DraftMaker;
import org.airpost.convert.MailConverter;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.eas.SyncStatus;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Moves;
import org.airpost.sync.Views;
import org.airpost.wbxml.page.AirSync;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Syncs collections, both ways; held when there is nothing to say and the phone asked to wait. Source: MS-ASCMD "Sync".
 *
 * <p>The last request of each device is remembered in memory alone: an empty request that finds nothing is answered with
 * Status 13, and the phone sends all of it again (SC-26). So is one that comes after an answer with new keys: only the
 * phone knows whether it has them, and with the wrong ones it would lose mail or get it again and again.
 */
public final class Sync implements Command {

    private static final Logger LOG = LoggerFactory.getLogger(Sync.class);
    private static final int REMEMBERED = 100_000;

    private volatile Settings settings;
    private final Folders folders;
    private final MailConverter converter;
    private final FolderWaits waits;
    private final CollectionSync collections;
    private final Optional<Recipients> recipients;
    private final Drafts drafts;
    private final InstantSource clock;
    private final Cache<DeviceKey, Remembered> remembered =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    /**
     * The last request of a device.
     *
     * @param moved collections that it was answered with another key: whether that answer arrived only the phone knows
     */
    private record Remembered(SyncRequest request, Set<String> moved) {}

    /**
     * Bounds of an answer.
     *
     * @param answerBytes bytes of items after which an answer is cut and MoreAvailable said
     */
    public record Settings(long answerBytes, Duration leastWait, Duration greatestWait) {}

    /** Syncs of mail alone. */
    public Sync(
            Settings settings,
            Folders folders,
            Views views,
            Ledgers ledgers,
            Moves moves,
            MailConverter converter,
            ReadAhead readAhead,
            FolderWaits waits,
            Outbox outbox,
            DraftMaker maker,
            InstantSource clock) {
        this(
                settings,
                folders,
                views,
                ledgers,
                moves,
                converter,
                readAhead,
                waits,
                outbox,
                maker,
                Optional.empty(),
                clock);
    }

    public Sync(
            Settings settings,
            Folders folders,
            Views views,
            Ledgers ledgers,
            Moves moves,
            MailConverter converter,
            ReadAhead readAhead,
            FolderWaits waits,
            Outbox outbox,
            DraftMaker maker,
            Optional<Recipients> recipients,
            InstantSource clock) {
        this.settings = settings;
        this.recipients = recipients;
        this.folders = folders;
        this.converter = converter;
        this.waits = waits;
        this.drafts = new Drafts(outbox, maker, folders, views, clock);
        this.collections = new CollectionSync(folders, views, ledgers, moves, converter, readAhead, drafts, clock);
        this.clock = clock;
    }

    /** Takes over other bounds; who waits already goes on by those of before. */
    public void change(Settings other) {
        settings = other;
    }

    @Override
    public Answer run(Request request) {
        try (var spools = drafts.spools(request.version())) {
            return run(request, spools);
        } catch (StatusException e) {
            if (e.status() == SyncStatus.TOO_MANY_COLLECTIONS) {
                return refused(SyncStatus.TOO_MANY_COLLECTIONS, SyncRequest.MOST_COLLECTIONS);
            }
            throw e;
        }
    }

    private Answer run(Request request, DraftSpools spools) {
        waits.supersede(request.device());
        var asked = asked(request, spools);
        var outOfBounds = asked.heldFor().flatMap(wait -> limit(request, wait));
        if (outOfBounds.isPresent()) {
            return outOfBounds.get();
        }
        remembered.put(request.device(), new Remembered(asked.withoutCommands(), Set.of()));
        var answers = sync(request, asked, () -> false);
        remember(request, asked, answers);
        return said(request, answers)
                .or(() -> asked.heldFor().map(wait -> hold(request, asked, wait)))
                .orElseGet(Answer.Empty::new);
    }

    private void remember(Request request, SyncRequest asked, List<CollectionAnswer> answers) {
        var moved = answers.stream()
                .filter(answer -> !answer.silent())
                .map(CollectionAnswer::collectionId)
                .collect(Collectors.toUnmodifiableSet());
        remembered.put(request.device(), new Remembered(asked.withoutCommands(), moved));
    }

    private SyncRequest asked(Request request, DraftSpools spools) {
        var before = Optional.ofNullable(remembered.getIfPresent(request.device()));
        if (request.isEmpty()) {
            return before.filter(last -> last.moved().isEmpty())
                    .map(Remembered::request)
                    .orElseThrow(() ->
                            new StatusException(SyncStatus.INCOMPLETE_REQUEST, "an empty Sync, and none to repeat"));
        }
        var asked = SyncRequest.read(request.document(), spools);
        if (!asked.partial()) {
            return asked;
        }
        return before.filter(last -> asked.names(last.moved()))
                .map(last -> asked.over(last.request()))
                .orElseThrow(() ->
                        new StatusException(SyncStatus.INCOMPLETE_REQUEST, "a partial Sync, and none to complete it"));
    }

    /** Status 14 with the Limit, in minutes for the Wait of 12.1 and in seconds else (SC-20, SC-21). */
    private Optional<Answer> limit(Request request, Duration wait) {
        var bound = wait.compareTo(settings.leastWait()) < 0
                ? settings.leastWait()
                : wait.compareTo(settings.greatestWait()) > 0 ? settings.greatestWait() : wait;
        if (bound.equals(wait)) {
            return Optional.empty();
        }
        long limit = request.version() == ProtocolVersion.V12_1 ? bound.toMinutes() : bound.toSeconds();
        return Optional.of(refused(SyncStatus.INVALID_WAIT, limit));
    }

    /** Source: MS-ASCMD_R3223: statuses 14 and 15 come with the bound. */
    private static Answer refused(SyncStatus status, long limit) {
        return Answer.document(out -> out.start(AirSync.SYNC)
                .text(AirSync.STATUS, status.code())
                .text(AirSync.LIMIT, limit)
                .end());
    }

    /**
     * All collections in the phone's order. A backend that fails for some of them gives Status 16 there, and 503 if nothing
     * could be served at all (SC-33).
     */
    private List<CollectionAnswer> sync(Request request, SyncRequest asked, BooleanSupplier isSuperseded) {
        var budget = new CollectionSync.Budget(asked.windowSize(), settings.answerBytes(), request.deadline());
        var answers = new ArrayList<CollectionAnswer>();
        Optional<BackendUnavailableException> failure = Optional.empty();
        int served = 0;
        for (var collection : asked.collections()) {
            try {
                answers.add(
                        hasRecipients(request) && Recipients.isIn(collection.id())
                                ? recipients.get().run(request, collection)
                                : collections.run(request, collection, budget, isSuperseded));
                served++;
            } catch (BackendUnavailableException e) {
                LOG.warn(
                        "collection not served request={} collection={} reason={}",
                        request.id(),
                        collection.id(),
                        e.getMessage());
                failure = Optional.of(e);
                answers.add(CollectionAnswer.failed(collection.id(), SyncStatus.RETRY, collection.syncKey()));
            }
        }
        if (failure.isPresent() && served == 0) {
            throw failure.get();
        }
        return answers;
    }

    private boolean hasRecipients(Request request) {
        return recipients.isPresent() && request.version().atLeast(ProtocolVersion.V14_0);
    }

    /** The document, unless there is nothing to say. */
    private Optional<Answer> said(Request request, List<CollectionAnswer> answers) {
        var said = answers.stream().filter(answer -> !answer.silent()).toList();
        if (said.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Answer.document(out -> {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS);
            said.forEach(answer -> answer.write(out, converter, request.version()));
            out.end().end();
        }));
    }

    private Answer hold(Request request, SyncRequest asked, Duration wait) {
        var watched = new ArrayList<Folder>();
        // One that wants no changes has no answer to give, and a folder without mail has no events.
        asked.collections().stream()
                .filter(SyncRequest.Collection::wantsChanges)
                .forEach(collection -> folders.find(request.account(), collection.id())
                        .filter(Folder::selectable)
                        .ifPresent(watched::add));
        var again = asked.withoutCommands();
        // The deadline of the request has long passed when there is news.
        var time = Duration.between(clock.instant(), request.deadline());
        return waits.hold(request, watched, wait, ending -> switch (ending) {
            case FolderWaits.Ending.News(var _, var isSuperseded) -> {
                var answers = sync(request.until(clock.instant().plus(time)), again, isSuperseded);
                remember(request, again, answers);
                yield said(request, answers);
            }
            case FolderWaits.Ending.HierarchyChanged() ->
                Optional.of(Answer.document(out -> out.start(AirSync.SYNC)
                        .text(AirSync.STATUS, SyncStatus.FOLDER_HIERARCHY_CHANGED.code())
                        .end()));
            case FolderWaits.Ending.Nothing() -> Optional.of(new Answer.Empty());
        });
    }
}
