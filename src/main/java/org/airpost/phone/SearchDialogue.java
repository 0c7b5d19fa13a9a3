package org.airpost.phone;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.CommandName;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;
import org.airpost.wbxml.page.Find;
import org.airpost.wbxml.page.Search;

/** Search and Find in the mailbox. Source: MS-ASCMD "Search", "Find". */
final class SearchDialogue {

    private final Wire wire;
    private final Violations violations;

    SearchDialogue(Wire wire, Violations violations) {
        this.wire = wire;
        this.violations = violations;
    }

    SearchAnswer search(String text, List<String> collectionIds, int first, int last, BodyOptions bodies) {
        var reply = wire.post(Wire.Post.of(CommandName.SEARCH, Wire.document(out -> {
            out.start(Search.SEARCH)
                    .start(Search.STORE)
                    .text(Search.NAME, "Mailbox")
                    .start(Search.QUERY)
                    .start(Search.AND)
                    .text(AirSync.CLASS, "Email");
            collectionIds.forEach(id -> out.text(AirSync.COLLECTION_ID, id));
            out.text(Search.FREE_TEXT, text).end().end();
            out.start(Search.OPTIONS);
            if (first == 0) {
                out.empty(Search.REBUILD_RESULTS);
            }
            out.empty(Search.DEEP_TRAVERSAL).text(Search.RANGE, first + "-" + last);
            OptionsWriter.write(out, bodies);
            out.end().end().end();
        })));
        var reading = new Reading();
        Wire.read(CommandName.SEARCH, reply.body(), in -> {
            in.root(Search.SEARCH);
            reading.element(in);
        });
        return reading.answer();
    }

    SearchAnswer find(String searchId, String query, Optional<String> collectionId, int first, int last) {
        var reply = wire.post(Wire.Post.of(CommandName.FIND, Wire.document(out -> {
            out.start(Find.FIND)
                    .text(Find.SEARCH_ID, searchId)
                    .start(Find.EXECUTE_SEARCH)
                    .start(Find.MAIL_BOX_SEARCH_CRITERION)
                    .start(Find.QUERY)
                    .text(AirSync.CLASS, "Email");
            collectionId.ifPresent(id -> out.text(AirSync.COLLECTION_ID, id));
            out.text(Find.FREE_TEXT, query).end();
            out.start(Find.OPTIONS)
                    .text(Find.RANGE, first + "-" + last)
                    .empty(Find.DEEP_TRAVERSAL)
                    .end();
            out.end().end().end();
        })));
        var reading = new Reading();
        Wire.read(CommandName.FIND, reply.body(), in -> {
            in.root(Find.FIND);
            reading.element(in);
        });
        return reading.answer();
    }

    /** An answer while it is read: the two have the same form, but for the element that holds the results. */
    private final class Reading {

        private int status;
        private final List<SearchAnswer.Hit> hits = new ArrayList<>();
        private Optional<String> range = Optional.empty();
        private int total = -1;

        SearchAnswer answer() {
            return new SearchAnswer(status, hits, range, total);
        }

        void element(WbxmlReader in) {
            while (in.child()) {
                Tag tag = in.tag();
                if (tag == Search.RESPONSE || tag == Search.STORE || tag == Find.RESPONSE) {
                    element(in);
                } else if (tag == Search.STATUS || tag == Find.STATUS) {
                    status = (int) in.number(0, 10_000);
                } else if (tag == Search.RANGE || tag == Find.RANGE) {
                    range = Optional.of(in.text());
                } else if (tag == Search.TOTAL || tag == Find.TOTAL) {
                    total = (int) in.number(0, Integer.MAX_VALUE);
                } else if (tag == Search.RESULT || tag == Find.RESULT) {
                    result(in);
                } else {
                    in.skip();
                }
            }
        }

        private void result(WbxmlReader in) {
            var id = "";
            var collectionId = "";
            var preview = "";
            Optional<Item> item = Optional.empty();
            while (in.child()) {
                Tag tag = in.tag();
                if (tag == Search.LONG_ID || tag == AirSync.SERVER_ID) {
                    id = in.text();
                } else if (tag == AirSync.COLLECTION_ID) {
                    collectionId = in.text();
                } else if (tag == Search.PROPERTIES) {
                    item = Optional.of(Item.of(id, ItemReader.read(in, violations, "Search")));
                } else if (tag == Find.PROPERTIES) {
                    var found = new HashMap<Tag, String>();
                    while (in.child()) {
                        switch (in.tag()) {
                            case Email property -> found.put(property, in.text());
                            case Email2 property -> found.put(property, in.text());
                            case Find property when property == Find.PREVIEW -> preview = in.text();
                            default -> in.skip();
                        }
                    }
                    item = Optional.of(Item.of(id, data(found)));
                } else {
                    in.skip();
                }
            }
            // One empty Result says that there is none.
            if (item.isPresent()) {
                hits.add(new SearchAnswer.Hit(id, collectionId, item.get(), preview));
            }
        }

        private static ItemData data(Map<Tag, String> properties) {
            return new ItemData(
                    properties,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
    }
}
