package org.airpost.command;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Directory;
import org.airpost.backend.Directory.Found.Persons;
import org.airpost.backend.Person;
import org.airpost.backend.Person.Field;
import org.airpost.command.SearchQuestion.By;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Gal;

/** People, for Search and Find. Source: MS-ASCMD "Search", the table of the GAL; "Find". */
public final class PeopleStore implements SearchStore {

    /** People looked for at least, so that it can be told how many there are in all. */
    private static final int COUNTED = 100;

    /** Nobody has a name that is longer. Source: MS-ASCMD, ResolveRecipients.xsd, for the text of a recipient. */
    private static final int LONGEST_TEXT = 256;

    /** Values in the order in which they are written. */
    private static final List<Map.Entry<Field, Gal>> VALUES = List.of(
            entry(Field.DISPLAY_NAME, Gal.DISPLAY_NAME),
            entry(Field.PHONE, Gal.PHONE),
            entry(Field.OFFICE, Gal.OFFICE),
            entry(Field.TITLE, Gal.TITLE),
            entry(Field.COMPANY, Gal.COMPANY),
            entry(Field.ALIAS, Gal.ALIAS),
            entry(Field.FIRST_NAME, Gal.FIRST_NAME),
            entry(Field.LAST_NAME, Gal.LAST_NAME),
            entry(Field.HOME_PHONE, Gal.HOME_PHONE),
            entry(Field.MOBILE_PHONE, Gal.MOBILE_PHONE));

    private final Directory directory;

    public PeopleStore(Directory directory) {
        this.directory = directory;
    }

    @Override
    public Found search(SearchQuestion question) {
        var range = question.rangeOrDefault();
        if (range.first() > SearchRange.DEFAULT.last()) {
            throw new StatusException(SearchStatus.END_OF_RANGE, "people past the first hundred");
        }
        boolean cut = range.last() > SearchRange.DEFAULT.last();
        int last = Math.min(range.last(), SearchRange.DEFAULT.last());
        // Pictures are a part of 14.1 and later. Source: MS-ASCMD_R6971.
        var pictures = question.pictures()
                .filter(_ -> question.request().version().atLeast(ProtocolVersion.V14_1))
                .map(asked -> new Photos(asked.maxSizeBytes(), asked.maxPictures()));
        int most = pictures.isPresent() ? last + 1 : Math.max(last + 1, COUNTED);
        var query = new Directory.Query(question.text(), most, pictures.isPresent(), false);
        var found = question.text().length() > LONGEST_TEXT
                ? new Persons(List.of(), false)
                : persons(directory.find(question.request().account(), query), question.by());

        var results = new ArrayList<Result>();
        var persons = found.persons();
        for (int i = range.first(); i < Math.min(persons.size(), last + 1); i++) {
            var person = persons.get(i);
            var photo = pictures.map(photos -> photos.next(person));
            results.add(out -> write(out, person, photo));
        }
        int total = persons.size() + (found.more() ? 1 : 0);
        return cut && total > last + 1
                ? new Found(SearchStatus.END_OF_RANGE, results, total)
                : new Found(results, total);
    }

    private static Persons persons(Directory.Found found, By by) {
        return switch (found) {
            case Persons persons -> persons;
            case Directory.Found.Unavailable(var words) -> throw away(by, SearchStatus.CONNECTION_FAILED, words);
            case Directory.Found.TimedOut(var words) -> throw away(by, SearchStatus.TIMED_OUT, words);
        };
    }

    /** Find has no status of its own for a store that is away. */
    private static StatusException away(By by, SearchStatus status, String words) {
        return switch (by) {
            case SEARCH -> new StatusException(status, words);
            case FIND -> new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, words);
        };
    }

    private static void write(WbxmlWriter out, Person person, Optional<Photos.Given> photo) {
        VALUES.forEach(value -> person.get(value.getKey()).ifPresent(text -> out.text(value.getValue(), text)));
        out.text(Gal.EMAIL_ADDRESS, person.address());
        photo.ifPresent(given -> {
            out.start(Gal.PICTURE).text(Gal.STATUS, given.status().code());
            given.photo().ifPresent(bytes -> out.opaque(Gal.DATA, bytes));
            out.end();
        });
    }
}
