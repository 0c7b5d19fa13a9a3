package org.airpost.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.EasDate;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Search;

/**
 * Reads a Search. What an address list is asked is text, what a mailbox is asked are elements; so the name of the store is
 * looked for first. Source: MS-ASCMD "Query (Search)", "Options (Search)".
 */
final class SearchReader {

    private static final int LONGEST_CONVERSATION_ID = 256;

    /** Texts in an Or. */
    private static final int MOST_TEXTS = 32;

    private final List<String> texts = new ArrayList<>();
    private final List<String> anyOf = new ArrayList<>();
    private final List<String> classes = new ArrayList<>();
    private final List<String> collectionIds = new ArrayList<>();
    private Optional<byte[]> conversationId = Optional.empty();
    private Optional<Instant> after = Optional.empty();
    private Optional<Instant> before = Optional.empty();
    private Optional<SearchRange> range = Optional.empty();
    private boolean deepTraversal;
    private boolean rebuildResults;
    private final BodyOptionsReader bodies = new BodyOptionsReader();
    private Optional<SearchQuestion.Pictures> pictures = Optional.empty();

    /** What is wrong with the question, once it has been read to its end. */
    private Optional<StatusException> wrong = Optional.empty();

    private int ands;

    /** The store that is asked; nothing if there is none of that name. A request without a name is malformed. */
    static Optional<SearchStore.Name> name(WbxmlReader in) {
        in.root(Search.SEARCH);
        Optional<String> name = Optional.empty();
        while (in.child()) {
            if (in.tag() != Search.STORE) {
                in.skip();
                continue;
            }
            while (in.child()) {
                if (in.tag() == Search.NAME) {
                    name = Optional.of(in.text().strip());
                } else {
                    in.skip();
                }
            }
        }
        var text = name.orElseThrow(() -> in.malformed("a Search without a Name"));
        return Arrays.stream(SearchStore.Name.values())
                .filter(known -> known.text().equalsIgnoreCase(text))
                .findFirst();
    }

    /** The question to that store; a {@link StatusException} if it cannot be answered. */
    static SearchQuestion read(Request request, SearchStore.Name store) {
        var reader = new SearchReader();
        reader.read(request.document(), store);
        if (reader.wrong.isPresent()) {
            throw reader.wrong.get();
        }
        return new SearchQuestion(
                request,
                SearchQuestion.By.SEARCH,
                String.join(" ", reader.texts),
                new SearchQuestion.Criteria(
                        reader.anyOf,
                        reader.classes,
                        reader.collectionIds,
                        reader.conversationId,
                        reader.after,
                        reader.before),
                reader.range,
                reader.deepTraversal,
                reader.rebuildResults,
                "",
                reader.bodies,
                reader.pictures);
    }

    private void read(WbxmlReader in, SearchStore.Name store) {
        in.root(Search.SEARCH);
        while (in.child()) {
            if (in.tag() != Search.STORE) {
                in.skip();
                continue;
            }
            while (in.child()) {
                switch (in.tag()) {
                    case Search.QUERY -> {
                        if (store == SearchStore.Name.GAL) {
                            texts.add(in.text());
                        } else {
                            query(in);
                        }
                    }
                    case Search.OPTIONS -> options(in);
                    default -> in.skip();
                }
            }
        }
    }

    /** The elements of a mailbox search stand in one And; elsewhere they are too complex. Source: R772, R3105, R923, R2032. */
    private void query(WbxmlReader in) {
        while (in.child()) {
            switch (in.tag()) {
                case Search.AND -> {
                    if (++ands > 1) {
                        wrong(SearchStatus.TOO_COMPLEX, "more than one And");
                    }
                    and(in);
                }
                case Search.OR -> or(in);
                // In the query itself, as MS-ASCON_R71 has it.
                case Search.CONVERSATION_ID -> conversationId(in);
                // Of document libraries; what is asked of one is answered without a look.
                case Search.EQUAL_TO -> in.skip();
                case Search.FREE_TEXT, Search.GREATER_THAN, Search.LESS_THAN, AirSync.CLASS, AirSync.COLLECTION_ID -> {
                    wrong(SearchStatus.TOO_COMPLEX, in.tag().tagName() + " outside of And");
                    in.skip();
                }
                default -> in.skip();
            }
        }
    }

    private void and(WbxmlReader in) {
        while (in.child()) {
            switch (in.tag()) {
                case Search.AND -> {
                    wrong(SearchStatus.TOO_COMPLEX, "And within And");
                    in.skip();
                }
                case Search.OR -> or(in);
                case Search.FREE_TEXT -> texts.add(in.text());
                case Search.CONVERSATION_ID -> conversationId(in);
                case Search.GREATER_THAN -> after = later(after, bound(in));
                case Search.LESS_THAN -> before = earlier(before, bound(in));
                case AirSync.CLASS -> classes.add(in.text().strip());
                case AirSync.COLLECTION_ID -> collectionIds.add(in.text().strip());
                default -> in.skip();
            }
        }
    }

    /** Texts of which one is enough. */
    private void or(WbxmlReader in) {
        if (!anyOf.isEmpty()) {
            wrong(SearchStatus.TOO_COMPLEX, "more than one Or");
        }
        while (in.child()) {
            if (in.tag() == Search.FREE_TEXT && anyOf.size() == MOST_TEXTS) {
                wrong(SearchStatus.TOO_COMPLEX, "more than %d texts in an Or".formatted(MOST_TEXTS));
                in.skip();
            } else if (in.tag() == Search.FREE_TEXT) {
                anyOf.add(in.text());
            } else {
                wrong(SearchStatus.TOO_COMPLEX, in.tag().tagName() + " within Or");
                in.skip();
            }
        }
    }

    /** DateReceived, and before or after which time. Source: R3141, R3218. */
    private Optional<Instant> bound(WbxmlReader in) {
        boolean isReceived = false;
        Optional<Instant> time = Optional.empty();
        while (in.child()) {
            Tag tag = in.tag();
            if (tag == Email.DATE_RECEIVED) {
                isReceived = true;
                in.skip();
            } else if (tag == Search.VALUE) {
                time = EasDate.parse(in.text());
            } else {
                in.skip();
            }
        }
        if (!isReceived || time.isEmpty()) {
            wrong(SearchStatus.INVALID_REQUEST, "a bound that is not DateReceived with a date");
        }
        return time;
    }

    private static Optional<Instant> later(Optional<Instant> one, Optional<Instant> other) {
        return one.isPresent() && other.isPresent() && one.get().isAfter(other.get()) ? one : other.or(() -> one);
    }

    private static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
        return one.isPresent() && other.isPresent() && one.get().isBefore(other.get()) ? one : other.or(() -> one);
    }

    private void conversationId(WbxmlReader in) {
        if (conversationId.isPresent()) {
            wrong(SearchStatus.INVALID_REQUEST, "more than one ConversationId");
        }
        try (var bytes = in.bytes()) {
            var id = bytes.readNBytes(LONGEST_CONVERSATION_ID + 1);
            if (id.length > LONGEST_CONVERSATION_ID) {
                throw in.malformed("a ConversationId of more than %d bytes".formatted(LONGEST_CONVERSATION_ID));
            }
            conversationId = Optional.of(id);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void options(WbxmlReader in) {
        while (in.child()) {
            if (bodies.take(in)) {
                continue;
            }
            switch (in.tag()) {
                case Search.RANGE -> {
                    range = SearchRange.parse(in.text());
                    if (range.isEmpty()) {
                        wrong(SearchStatus.INVALID_REQUEST, "a Range that is none");
                    }
                }
                case Search.DEEP_TRAVERSAL -> deepTraversal = in.flag();
                case Search.REBUILD_RESULTS -> rebuildResults = in.flag();
                case Search.PICTURE -> pictures = Optional.of(pictures(in));
                // UserName and Password are for document libraries, and not even read.
                default -> in.skip();
            }
        }
    }

    private static SearchQuestion.Pictures pictures(WbxmlReader in) {
        Optional<Long> maxSize = Optional.empty();
        Optional<Long> maxPictures = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case Search.MAX_SIZE -> maxSize = Optional.of(in.number(0, 0xFFFF_FFFFL));
                case Search.MAX_PICTURES -> maxPictures = Optional.of(in.number(0, 0xFFFF_FFFFL));
                default -> in.skip();
            }
        }
        return new SearchQuestion.Pictures(maxSize, maxPictures);
    }

    private void wrong(SearchStatus status, String why) {
        if (wrong.isEmpty()) {
            wrong = Optional.of(new StatusException(status, why));
        }
    }
}
