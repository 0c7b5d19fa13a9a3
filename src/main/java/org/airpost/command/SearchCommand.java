package org.airpost.command;

import java.util.Map;
import java.util.Optional;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Search;

/**
 * Searches a mailbox or an address list. The status of the whole says that the request could be read, that of the store what
 * became of the search. Source: MS-ASCMD "Search", "Status (Search)".
 */
public final class SearchCommand implements Command {

    private final Map<SearchStore.Name, SearchStore> stores;

    /** A command for these stores; every other one answers that it cannot be searched. */
    public SearchCommand(Map<SearchStore.Name, SearchStore> stores) {
        this.stores = Map.copyOf(stores);
    }

    @Override
    public Answer run(Request request) {
        var name = SearchReader.name(request.document());
        try {
            var store = name.flatMap(known -> Optional.ofNullable(stores.get(known)))
                    .orElseThrow(() -> new StatusException(SearchStatus.INVALID_REQUEST, "no such store"));
            var question = SearchReader.read(request, name.orElseThrow());
            return answer(question, store.search(question));
        } catch (StatusException e) {
            if (e.status() instanceof SearchStatus status) {
                return Answer.document(out -> write(out, status, () -> {}));
            }
            throw e;
        }
    }

    private static Answer answer(SearchQuestion question, SearchStore.Found found) {
        return Answer.document(out -> write(out, found.status(), () -> {
            var results = found.results();
            results.forEach(result -> {
                out.start(Search.RESULT);
                result.writeAddress(out);
                out.start(Search.PROPERTIES);
                result.writeProperties(out);
                out.end().end();
            });
            // What is not there is one empty Result in a mailbox, and none elsewhere (R3847, R3850), and peers agree.
            if (results.isEmpty()) {
                out.empty(Search.RESULT);
            } else {
                int first = question.rangeOrDefault().first();
                out.text(Search.RANGE, "%d-%d".formatted(first, first + results.size() - 1));
            }
            out.text(Search.TOTAL, found.total());
        }));
    }

    private static void write(WbxmlWriter out, SearchStatus status, Runnable results) {
        out.start(Search.SEARCH)
                .text(Search.STATUS, SearchStatus.SUCCESS.code())
                .start(Search.RESPONSE)
                .start(Search.STORE)
                .text(Search.STATUS, status.code());
        results.run();
        out.end().end().end();
    }
}
