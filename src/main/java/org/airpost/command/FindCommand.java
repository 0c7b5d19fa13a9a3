package org.airpost.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.FindStatus;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.MalformedRequestException;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Find;
import org.airpost.wbxml.page.ItemOperations;

/** Finds mail or people, and gives little of each. Part of 16.1. Source: MS-ASCMD "Find", "Status (Find)". */
public final class FindCommand implements Command {

    private static final int LONGEST_SEARCH_ID = 256;

    private final Map<SearchStore.Name, SearchStore> stores;

    /** A command for these stores; every other one answers that it cannot be searched. */
    public FindCommand(Map<SearchStore.Name, SearchStore> stores) {
        this.stores = Map.copyOf(stores);
    }

    private record Asked(SearchStore.Name store, SearchQuestion question) {}

    @Override
    public Answer run(Request request) {
        Asked asked;
        try {
            asked = readEither(request);
        } catch (StatusException e) {
            return Answer.document(out -> out.start(Find.FIND)
                    .text(Find.STATUS, status(e.status()).code())
                    .end());
        }
        try {
            var store = Optional.ofNullable(stores.get(asked.store()))
                    .orElseThrow(() -> new StatusException(FindStatus.INVALID_REQUEST, "no such store"));
            var found = store.search(asked.question());
            return Answer.document(
                    out -> write(out, asked, status(found.status()), () -> results(out, asked.question(), found)));
        } catch (StatusException e) {
            if (e.status() instanceof FindStatus || e.status() instanceof SearchStatus) {
                return Answer.document(out -> write(out, asked, status(e.status()), () -> {}));
            }
            throw e;
        }
    }

    /** What Find has a word for. Results that come with a warning are a success. */
    private static Status status(Status status) {
        return status instanceof SearchStatus search
                ? switch (search) {
                    case SUCCESS, END_OF_RANGE -> FindStatus.SUCCESS;
                    case FOLDER_SYNC_REQUIRED -> FindStatus.FOLDER_SYNC_REQUIRED;
                    default -> FindStatus.INVALID_REQUEST;
                }
                : status;
    }

    private static void write(WbxmlWriter out, Asked asked, Status status, Runnable results) {
        out.start(Find.FIND)
                .text(Find.STATUS, FindStatus.SUCCESS.code())
                .start(Find.RESPONSE)
                .text(ItemOperations.STORE, asked.store().text())
                .text(Find.STATUS, status.code());
        results.run();
        out.end().end();
    }

    private static void results(WbxmlWriter out, SearchQuestion question, SearchStore.Found found) {
        found.results().forEach(result -> {
            out.start(Find.RESULT);
            result.writeAddress(out);
            out.start(Find.PROPERTIES);
            result.writeProperties(out);
            out.end().end();
        });
        if (!found.results().isEmpty()) {
            int first = question.rangeOrDefault().first();
            out.text(
                    Find.RANGE, "%d-%d".formatted(first, first + found.results().size() - 1));
        }
        out.text(Find.TOTAL, found.total());
    }

    /** The query of an address list is text, of which some phones make a FreeText as they do for a mailbox. */
    private static Asked readEither(Request request) {
        try {
            return read(request, true);
        } catch (MalformedRequestException e) {
            return read(request, false);
        }
    }

    private static Asked read(Request request, boolean peopleByText) {
        var in = request.document();
        in.root(Find.FIND);
        var searchId = "";
        Optional<SearchStore.Name> store = Optional.empty();
        var criterion = new Criterion();
        while (in.child()) {
            switch (in.tag()) {
                case Find.SEARCH_ID -> searchId = in.text().strip();
                case Find.EXECUTE_SEARCH -> {
                    while (in.child()) {
                        switch (in.tag()) {
                            case Find.MAIL_BOX_SEARCH_CRITERION -> {
                                store = Optional.of(SearchStore.Name.MAILBOX);
                                criterion.read(in, false);
                            }
                            case Find.GAL_SEARCH_CRITERION -> {
                                store = Optional.of(SearchStore.Name.GAL);
                                criterion.read(in, peopleByText);
                            }
                            default -> in.skip();
                        }
                    }
                }
                default -> in.skip();
            }
        }
        if (searchId.length() > LONGEST_SEARCH_ID) {
            throw new StatusException(
                    FindStatus.INVALID_REQUEST, "a SearchId of %d characters".formatted(searchId.length()));
        }
        if (searchId.isEmpty() || store.isEmpty() || criterion.text.isBlank() || criterion.isWrong) {
            throw new StatusException(
                    FindStatus.INVALID_REQUEST, "no SearchId, no criterion, no text, or a range or class that is none");
        }
        return new Asked(store.get(), criterion.question(request, searchId));
    }

    /** A MailBoxSearchCriterion or GALSearchCriterion. */
    private static final class Criterion {
        private String text = "";
        private final List<String> classes = new ArrayList<>();
        private final List<String> collectionIds = new ArrayList<>();
        private Optional<SearchRange> range = Optional.empty();
        private boolean deepTraversal;
        private Optional<SearchQuestion.Pictures> pictures = Optional.empty();
        private boolean isWrong;

        SearchQuestion question(Request request, String searchId) {
            return new SearchQuestion(
                    request,
                    SearchQuestion.By.FIND,
                    text,
                    new SearchQuestion.Criteria(
                            List.of(), classes, collectionIds, Optional.empty(), Optional.empty(), Optional.empty()),
                    range,
                    deepTraversal,
                    false,
                    searchId,
                    new BodyOptionsReader(),
                    pictures);
        }

        void read(WbxmlReader in, boolean isText) {
            while (in.child()) {
                switch (in.tag()) {
                    case Find.QUERY -> {
                        if (isText) {
                            text = in.text();
                        } else {
                            query(in);
                        }
                    }
                    case Find.OPTIONS -> options(in);
                    default -> in.skip();
                }
            }
        }

        private void query(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Find.FREE_TEXT -> text = in.text();
                    case AirSync.CLASS -> classes.add(in.text().strip());
                    case AirSync.COLLECTION_ID -> collectionIds.add(in.text().strip());
                    default -> in.skip();
                }
            }
        }

        private void options(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Find.RANGE -> {
                        range = SearchRange.parse(in.text());
                        isWrong |= range.isEmpty();
                    }
                    case Find.DEEP_TRAVERSAL -> deepTraversal = in.flag();
                    case Find.PICTURE -> pictures = Optional.of(pictures(in));
                    default -> in.skip();
                }
            }
        }

        private static SearchQuestion.Pictures pictures(WbxmlReader in) {
            Optional<Long> maxSize = Optional.empty();
            Optional<Long> maxPictures = Optional.empty();
            while (in.child()) {
                switch (in.tag()) {
                    case Find.MAX_SIZE -> maxSize = Optional.of(in.number(0, 0xFFFF_FFFFL));
                    case Find.MAX_PICTURES -> maxPictures = Optional.of(in.number(0, 0xFFFF_FFFFL));
                    default -> in.skip();
                }
            }
            return new SearchQuestion.Pictures(maxSize, maxPictures);
        }
    }
}
