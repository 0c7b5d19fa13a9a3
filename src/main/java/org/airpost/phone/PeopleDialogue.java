package org.airpost.phone;

import java.util.ArrayList;
import org.airpost.eas.CommandName;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Gal;
import org.airpost.wbxml.page.Search;

/** Search in the address list. */
final class PeopleDialogue {

    private final Wire wire;

    PeopleDialogue(Wire wire) {
        this.wire = wire;
    }

    PeopleFound search(String words) {
        var reply = wire.post(Wire.Post.of(
                CommandName.SEARCH,
                Wire.document(out -> out.start(Search.SEARCH)
                        .start(Search.STORE)
                        .text(Search.NAME, "GAL")
                        .text(Search.QUERY, words)
                        .start(Search.OPTIONS)
                        .text(Search.RANGE, "0-99")
                        .end()
                        .end()
                        .end())));
        var reading = new Reading();
        Wire.read(CommandName.SEARCH, reply.body(), in -> {
            in.root(Search.SEARCH);
            reading.whole(in);
        });
        return new PeopleFound(reading.status, reading.people, reading.total);
    }

    /** An answer while it is read. */
    private static final class Reading {

        private int status;
        private int total;
        private final ArrayList<PeopleFound.Person> people = new ArrayList<>();

        private void whole(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    // That of the store comes after that of the whole, and counts if the whole is good.
                    case Search.STATUS -> {
                        int found = (int) in.number(0, 10_000);
                        status = status > 1 ? status : found;
                    }
                    case Search.RESPONSE, Search.STORE, Search.RESULT -> whole(in);
                    case Search.PROPERTIES -> person(in);
                    case Search.TOTAL -> total = (int) in.number(0, 1_000_000);
                    default -> in.skip();
                }
            }
        }

        private void person(WbxmlReader in) {
            var name = "";
            var address = "";
            var phone = "";
            var title = "";
            while (in.child()) {
                switch (in.tag()) {
                    case Gal.DISPLAY_NAME -> name = in.text();
                    case Gal.EMAIL_ADDRESS -> address = in.text();
                    case Gal.PHONE -> phone = in.text();
                    case Gal.TITLE -> title = in.text();
                    default -> in.skip();
                }
            }
            people.add(new PeopleFound.Person(name, address, phone, title));
        }
    }
}
