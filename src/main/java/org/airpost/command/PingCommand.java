package org.airpost.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PingStatus;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.News;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Ping;

/**
 * Waits for changes in folders. Its parameters are remembered in memory alone: a Ping that leaves them out and finds
 * nothing is answered with Status 3, and the phone sends them again (PG-02). Source: MS-ASCMD "Ping".
 */
public final class PingCommand implements Command {

    private static final int REMEMBERED = 100_000;

    /** Characters of a ServerId. Source: MS-ASCMD "ServerId (FolderSync)". */
    private static final int LONGEST_ID = 64;

    private volatile Settings settings;
    private final Folders folders;
    private final Hierarchy hierarchy;
    private final News news;
    private final FolderWaits waits;
    private final Cache<DeviceKey, Parameters> remembered =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    /** Bounds of the heartbeat (MS-ASCMD_R5690, R5691) and of the number of folders. */
    public record Settings(Duration leastHeartbeat, Duration greatestHeartbeat, int mostFolders) {}

    record Parameters(Optional<Duration> heartbeat, List<String> folderIds) {

        static final Parameters NONE = new Parameters(Optional.empty(), List.of());
    }

    public PingCommand(Settings settings, Folders folders, Hierarchy hierarchy, News news, FolderWaits waits) {
        this.settings = settings;
        this.folders = folders;
        this.hierarchy = hierarchy;
        this.news = news;
        this.waits = waits;
    }

    /** Takes over other bounds; who waits already goes on by those of before. */
    public void change(Settings other) {
        settings = other;
    }

    @Override
    public Answer run(Request request) {
        waits.supersede(request.device());
        var asked = request.isEmpty() ? Parameters.NONE : read(request.document());
        var before = Optional.ofNullable(remembered.getIfPresent(request.device()));
        var heartbeat = asked.heartbeat().or(() -> before.flatMap(Parameters::heartbeat));
        var ids =
                asked.folderIds().isEmpty() ? before.map(Parameters::folderIds).orElse(List.of()) : asked.folderIds();
        if (heartbeat.isEmpty() || ids.isEmpty()) {
            throw new StatusException(
                    PingStatus.MISSING_PARAMETERS, "heartbeat %s, %d folders".formatted(heartbeat, ids.size()));
        }
        var bound = bound(heartbeat.get());
        if (!bound.equals(heartbeat.get())) {
            return answer(PingStatus.HEARTBEAT_OUT_OF_BOUNDS, bound);
        }
        if (ids.size() > settings.mostFolders()) {
            return Answer.document(out -> out.start(Ping.PING)
                    .text(Ping.STATUS, PingStatus.TOO_MANY_FOLDERS.code())
                    .text(Ping.MAX_FOLDERS, settings.mostFolders())
                    .end());
        }
        remembered.put(request.device(), new Parameters(heartbeat, ids));
        return watch(request, ids, heartbeat.get());
    }

    private Answer watch(Request request, List<String> ids, Duration heartbeat) {
        var watched = new ArrayList<Folder>();
        for (var id : ids) {
            if (Recipients.isIn(id) && hierarchy.isTold(request.device(), id)) {
                continue; // whom somebody writes to is no reason to wake their phone
            }
            var folder = folders.find(request.account(), id);
            if (folder.isEmpty() || !hierarchy.isTold(request.device(), id)) {
                return answer(PingStatus.FOLDER_SYNC_REQUIRED);
            }
            if (folder.get().selectable()) {
                watched.add(folder.get());
            }
        }
        var withNews = new ArrayList<Folder>();
        for (var folder : watched) {
            if (folders.view(request.account(), folder).isEmpty()) {
                return answer(PingStatus.FOLDER_SYNC_REQUIRED);
            }
            if (news.in(request.device(), request.version(), request.account(), folder)) {
                withNews.add(folder);
            }
        }
        if (!withNews.isEmpty()) {
            return changes(withNews);
        }
        return waits.hold(
                request,
                watched,
                heartbeat,
                ending -> Optional.of(
                        switch (ending) {
                            case FolderWaits.Ending.News(var found, var _) -> changes(found);
                            case FolderWaits.Ending.HierarchyChanged() -> answer(PingStatus.FOLDER_SYNC_REQUIRED);
                            case FolderWaits.Ending.Nothing() -> answer(PingStatus.EXPIRED);
                        }));
    }

    private Duration bound(Duration heartbeat) {
        if (heartbeat.compareTo(settings.leastHeartbeat()) < 0) {
            return settings.leastHeartbeat();
        }
        return heartbeat.compareTo(settings.greatestHeartbeat()) > 0 ? settings.greatestHeartbeat() : heartbeat;
    }

    private static Answer answer(PingStatus status) {
        return Answer.document(
                out -> out.start(Ping.PING).text(Ping.STATUS, status.code()).end());
    }

    private static Answer answer(PingStatus status, Duration heartbeat) {
        return Answer.document(out -> out.start(Ping.PING)
                .text(Ping.STATUS, status.code())
                .text(Ping.HEARTBEAT_INTERVAL, heartbeat.toSeconds())
                .end());
    }

    private static Answer changes(List<Folder> found) {
        return Answer.document(out -> {
            out.start(Ping.PING).text(Ping.STATUS, PingStatus.CHANGES.code()).start(Ping.FOLDERS);
            found.forEach(folder -> out.text(Ping.FOLDER, folder.id()));
            out.end().end();
        });
    }

    static Parameters read(WbxmlReader in) {
        Optional<Duration> heartbeat = Optional.empty();
        var ids = new LinkedHashSet<String>();
        in.root(Ping.PING);
        while (in.child()) {
            switch (in.tag()) {
                case Ping.HEARTBEAT_INTERVAL ->
                    heartbeat = Optional.of(Duration.ofSeconds(in.number(0, Integer.MAX_VALUE)));
                case Ping.FOLDERS -> {
                    while (in.child()) {
                        readFolder(in).ifPresent(ids::add);
                    }
                }
                default -> in.skip();
            }
        }
        return new Parameters(heartbeat, List.copyOf(ids));
    }

    private static Optional<String> readFolder(WbxmlReader in) {
        Optional<String> id = Optional.empty();
        while (in.child()) {
            if (in.tag() == Ping.ID) {
                var text = in.text();
                if (text.length() > LONGEST_ID) {
                    // What a Ping says is remembered, of many devices.
                    throw new StatusException(PingStatus.SYNTAX_ERROR, "an Id of %d".formatted(text.length()));
                }
                id = Optional.of(text);
            } else {
                in.skip();
            }
        }
        return id;
    }
}
