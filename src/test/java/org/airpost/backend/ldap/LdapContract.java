package org.airpost.backend.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.Directory.Found;
import org.airpost.backend.Directory.Query;
import org.airpost.backend.Person;
import org.airpost.backend.Person.Field;
import org.airpost.backend.RefusingMail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people are found in a directory that holds {@link People}. */
@Timeout(60)
abstract class LdapContract {

    static final Account ACCOUNT = new Account(
            "alice",
            new Credentials("alice", "secret"),
            new RefusingMail() {},
            List.of("alice@example.org"),
            "alice@example.org");

    /** A directory with the service account, whose limits are short. */
    abstract LdapDirectory directory();

    static List<String> names(Found found) {
        return persons(found).persons().stream().map(Person::displayName).toList();
    }

    static Found.Persons persons(Found found) {
        assertThat(found).isInstanceOf(Found.Persons.class);
        return (Found.Persons) found;
    }

    private List<String> names(String words) {
        return names(directory().find(ACCOUNT, new Query(words, 100)));
    }

    @Test
    void peopleAreFoundByTheBeginningOfNamesAddressesAndNumbers() {
        assertThat(names("ann"))
                .as("first name, and no printer without address")
                .containsExactly("Ann Müller");
        assertThat(names("MÜLL")).as("last name, in any case").containsExactly("Ann Müller");
        assertThat(names("ann.muell")).as("second address").containsExactly("Ann Müller");
        assertThat(names("ba")).as("last name").containsExactly("Bob Baker");
        assertThat(names("bob bak")).as("two words").containsExactly("Bob Baker");
        assertThat(names("bob mül")).as("two words of two people").isEmpty();
        assertThat(names("+49 30")).as("phone number").containsExactly("Ann Müller");
        assertThat(names("lüdensch")).as("the middle of a word").isEmpty();
    }

    @Test
    void signsThatMeanSomethingInFiltersAreWords() {
        assertThat(names("*")).isEmpty();
        assertThat(names("ann)(uid=*")).isEmpty();
        assertThat(names("(|(uid=*)")).isEmpty();
        assertThat(names("\\2a")).isEmpty();
        assertThat(names("")).isEmpty();
        assertThat(names("  ")).isEmpty();
    }

    @Test
    void allThatIsKnownIsTold() {
        var ann = persons(directory().find(ACCOUNT, new Query("ann", 5, true, true)))
                .persons()
                .getFirst();
        assertThat(ann.from()).isEqualTo(Person.Source.DIRECTORY);
        assertThat(ann.addresses()).containsExactly("ann@example.org", "ann.mueller@example.org");
        assertThat(ann.get(Field.ALIAS)).hasValue("ann");
        assertThat(ann.get(Field.FIRST_NAME)).hasValue("Ann");
        assertThat(ann.get(Field.LAST_NAME)).hasValue("Müller");
        assertThat(ann.get(Field.PHONE)).hasValue("+49 30 1234-5");
        assertThat(ann.get(Field.HOME_PHONE)).hasValue("030 99");
        assertThat(ann.get(Field.MOBILE_PHONE)).hasValue("+49 170 77");
        assertThat(ann.get(Field.TITLE)).hasValue("Baker");
        assertThat(ann.get(Field.COMPANY)).hasValue("Example Ltd");
        assertThat(ann.get(Field.OFFICE)).hasValue("3.14");
        assertThat(ann.photo().map(Person.Photo::bytes).orElseThrow()).isEqualTo(People.PHOTO);
        assertThat(ann.certificates()).hasSize(1);
        assertThat(ann.certificates().getFirst().der()).isEqualTo(People.CERTIFICATE);
    }

    @Test
    void whatWasNotAskedForIsNotTold() {
        var ann = persons(directory().find(ACCOUNT, new Query("ann", 5)))
                .persons()
                .getFirst();
        assertThat(ann.photo()).isEqualTo(Optional.empty());
        assertThat(ann.certificates()).isEmpty();
    }

    @Test
    void noMoreAreToldThanWereAskedForAndThatThereAreMore() {
        var some = persons(directory().find(ACCOUNT, new Query("carol", 10)));
        assertThat(some.persons()).hasSize(10);
        assertThat(some.more()).isTrue();
        var all = persons(directory().find(ACCOUNT, new Query("carol", 30)));
        assertThat(all.persons()).hasSize(30);
        assertThat(all.more()).isFalse();
        assertThat(names(all)).isSorted();
    }
}
