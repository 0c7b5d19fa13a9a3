package org.airpost.command;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.FilterType;
import org.airpost.eas.GetItemEstimateStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.sync.News;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.GetItemEstimate;

/** Tells how many items a Sync would bring; changes nothing. Source: MS-ASCMD "GetItemEstimate". */
public final class GetItemEstimateCommand implements Command {

    private static final int MOST = 1_000;

    private final Folders folders;
    private final Ledgers ledgers;
    private final News news;
    private final Optional<Recipients> recipients;
    private final InstantSource clock;

    /** Estimates of mail alone. */
    public GetItemEstimateCommand(Folders folders, Ledgers ledgers, News news, InstantSource clock) {
        this(folders, ledgers, news, Optional.empty(), clock);
    }

    public GetItemEstimateCommand(
            Folders folders, Ledgers ledgers, News news, Optional<Recipients> recipients, InstantSource clock) {
        this.recipients = recipients;
        this.clock = clock;
        this.folders = folders;
        this.ledgers = ledgers;
        this.news = news;
    }

    record Asked(
            String id,
            String syncKey,
            Optional<FilterType> filter,
            Optional<Boolean> conversationMode,
            boolean hasMaxItems) {}

    record Result(String id, Status status, int estimate) {

        /** Of a folder that has one message to tell, or none. */
        static Result of(String id, boolean isFolder, boolean hasMessage) {
            return new Result(
                    id,
                    isFolder ? GetItemEstimateStatus.SUCCESS : GetItemEstimateStatus.INVALID_COLLECTION,
                    hasMessage ? 1 : 0);
        }
    }

    @Override
    public Answer run(Request request) {
        return answer(read(request.document()).stream()
                .map(asked -> estimate(request, asked))
                .toList());
    }

    static Answer answer(List<Result> results) {
        return Answer.document(out -> {
            out.start(GetItemEstimate.GET_ITEM_ESTIMATE);
            for (var result : results) {
                out.start(GetItemEstimate.RESPONSE)
                        .text(GetItemEstimate.STATUS, result.status().code())
                        .start(GetItemEstimate.COLLECTION)
                        .text(GetItemEstimate.COLLECTION_ID, result.id());
                if (result.status() == GetItemEstimateStatus.SUCCESS) {
                    out.text(GetItemEstimate.ESTIMATE, result.estimate());
                }
                out.end().end();
            }
            out.end();
        });
    }

    private Result estimate(Request request, Asked asked) {
        var cache =
                recipients.filter(_ -> request.version().atLeast(ProtocolVersion.V14_0) && Recipients.isIn(asked.id()));
        if (asked.hasMaxItems() && cache.isEmpty() && request.version().atLeast(ProtocolVersion.V14_0)) {
            return new Result(asked.id(), GetItemEstimateStatus.INVALID_COLLECTION, 0); // MS-ASCMD_R3269
        }
        if (cache.isPresent()) {
            return ofRecipients(request, asked, cache.get());
        }
        var mode = asked.conversationMode().filter(_ -> request.version().atLeast(ProtocolVersion.V14_0));
        if (mode.isPresent()
                && folders.find(request.account(), asked.id())
                        .filter(found -> !found.holdsMail())
                        .isPresent()) {
            return new Result(asked.id(), CommonStatus.INVALID_XML, 0); // MS-ASCMD_R2100
        }
        var folder = folders.find(request.account(), asked.id()).filter(Folder::selectable);
        var view = folder.flatMap(found -> folders.view(request.account(), found));
        if (folder.isEmpty() || view.isEmpty()) {
            return new Result(asked.id(), GetItemEstimateStatus.INVALID_COLLECTION, 0);
        }
        var loaded = ledgers.load(request.device(), asked.id());
        if (loaded.isEmpty() || asked.syncKey().equals("0")) {
            return new Result(asked.id(), GetItemEstimateStatus.NOT_PRIMED, 0);
        }
        var at = loaded.get().record().at(asked.syncKey());
        if (at.isEmpty() || at.get().uidValidity() != view.get().uidValidity()) {
            return new Result(asked.id(), GetItemEstimateStatus.INVALID_SYNC_KEY, 0);
        }
        var options = at.get().options();
        var record = at.get()
                .with(options.with(asked.filter().orElse(options.filter()))
                        .withConversations(mode.orElse(options.conversations())));
        return new Result(
                asked.id(),
                GetItemEstimateStatus.SUCCESS,
                news.estimate(
                        record,
                        request.version(),
                        request.account(),
                        folder.get(),
                        Duration.between(clock.instant(), request.deadline())));
    }

    private static Result ofRecipients(Request request, Asked asked, Recipients recipients) {
        if (asked.conversationMode().isPresent()) {
            return new Result(asked.id(), CommonStatus.INVALID_XML, 0); // MS-ASCMD_R2100
        }
        return recipients
                .estimate(request, asked.syncKey())
                .map(count -> count < 0
                        ? new Result(asked.id(), GetItemEstimateStatus.NOT_PRIMED, 0)
                        : new Result(asked.id(), GetItemEstimateStatus.SUCCESS, count))
                .orElseGet(() -> new Result(asked.id(), GetItemEstimateStatus.INVALID_SYNC_KEY, 0));
    }

    /** Reads the children in any order: versions differ (GE-03). */
    static List<Asked> read(WbxmlReader in) {
        var asked = new ArrayList<Asked>();
        in.root(GetItemEstimate.GET_ITEM_ESTIMATE);
        while (in.child()) {
            if (in.tag() != GetItemEstimate.COLLECTIONS) {
                in.skip();
                continue;
            }
            while (in.child()) {
                asked.add(readCollection(in));
                if (asked.size() > MOST) {
                    throw new StatusException(
                            CommonStatus.INVALID_XML, "more than %d collections (HT-09)".formatted(MOST));
                }
            }
        }
        return asked;
    }

    private static Asked readCollection(WbxmlReader in) {
        var id = "";
        var syncKey = "";
        Optional<FilterType> filter = Optional.empty();
        Optional<Boolean> conversationMode = Optional.empty();
        boolean hasMaxItems = false;
        while (in.child()) {
            switch (in.tag()) {
                case GetItemEstimate.COLLECTION_ID -> id = in.text();
                case AirSync.SYNC_KEY -> syncKey = in.text();
                case AirSync.FILTER_TYPE -> filter = Optional.of(filter(in));
                case AirSync.CONVERSATION_MODE -> conversationMode = Optional.of(in.flag());
                case AirSync.OPTIONS -> {
                    while (in.child()) {
                        if (in.tag() == AirSync.FILTER_TYPE) {
                            filter = Optional.of(filter(in));
                        } else if (in.tag() == AirSync.MAX_ITEMS) {
                            hasMaxItems = true;
                            in.skip();
                        } else {
                            in.skip();
                        }
                    }
                }
                default -> in.skip();
            }
        }
        return new Asked(id, syncKey, filter, conversationMode, hasMaxItems);
    }

    private static FilterType filter(WbxmlReader in) {
        long code = in.number(0, 1_000);
        return FilterType.ofCode(code)
                .orElseThrow(
                        () -> new StatusException(CommonStatus.INVALID_XML, "FilterType %d (SV-05)".formatted(code)));
    }
}
