package org.airpost.backend.carddav;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.Directory.Found;
import org.airpost.backend.Directory.Query;
import org.airpost.backend.Person;
import org.airpost.backend.Person.Field;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** People of address books on Debian's Radicale. */
@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class RadicaleTest {

    private Radicale server;
    private CardDavDirectory directory;

    @BeforeAll
    void start() {
        Radicale.assumeInstalled();
        server = Radicale.start();
        directory =
                new CardDavDirectory(new CardDavSettings(server.url(), new Trust.Platform(), Duration.ofSeconds(10)));
        server.book("friends");
        server.book("family");
        server.calendar("dates");
        server.card("friends/1.vcf", """
                BEGIN:VCARD
                VERSION:3.0
                UID:1
                FN:Zoë Zander
                N:Zander;Zoë;;;
                NICKNAME:zoz
                ORG:Zoo Ltd;Lions
                TITLE:Keeper
                EMAIL;TYPE=HOME:zoe@home.example
                EMAIL;TYPE=WORK,PREF:zoe@zoo.example
                TEL;TYPE=CELL:+49 170 5555
                TEL;TYPE=WORK,VOICE:030-123 45
                TEL;TYPE=HOME:030 99
                PHOTO;ENCODING=b;TYPE=JPEG:/9gBAgM=
                END:VCARD
                """);
        server.card("family/2.vcf", """
                BEGIN:VCARD
                VERSION:4.0
                UID:2
                FN:Zacharias Zander
                EMAIL:zach@home.example
                END:VCARD
                """);
        server.card("family/3.vcf", """
                BEGIN:VCARD
                VERSION:3.0
                UID:3
                FN:Zora without address
                N:;Zora;;;
                END:VCARD
                """);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            directory.close();
            server.close();
        }
    }

    private static Account account(String user, String password) {
        return new Account(
                user,
                new Credentials(user, password),
                new RefusingMail() {},
                List.of(user + "@example.org"),
                user + "@example.org");
    }

    private List<String> names(String words) {
        return persons(directory.find(account("anna", "secret"), new Query(words, 10))).stream()
                .map(Person::displayName)
                .toList();
    }

    private static List<Person> persons(Found found) {
        assertThat(found).isInstanceOf(Found.Persons.class);
        return ((Found.Persons) found).persons();
    }

    @Test
    void peopleOfAllBooksAreFound() {
        assertThat(names("zander")).containsExactly("Zacharias Zander", "Zoë Zander");
        assertThat(names("zoë")).containsExactly("Zoë Zander");
        assertThat(names("zander zach")).containsExactly("Zacharias Zander");
        assertThat(names("zoe@zoo")).containsExactly("Zoë Zander");
        assertThat(names("zoz")).containsExactly("Zoë Zander");
        assertThat(names("030123")).as("a number written otherwise").containsExactly("Zoë Zander");
        assertThat(names("ander")).as("the middle of a word").isEmpty();
        assertThat(names("zora")).as("nobody to write to").isEmpty();
        assertThat(names("<&\"']]>")).isEmpty();
        assertThat(names(" ")).isEmpty();
    }

    @Test
    void allThatIsKnownIsTold() {
        var zoe = persons(directory.find(account("anna", "secret"), new Query("zoz", 10, true, true)))
                .getFirst();
        assertThat(zoe.from()).isEqualTo(Person.Source.ADDRESS_BOOK);
        assertThat(zoe.addresses())
                .as("the preferred one first")
                .containsExactly("zoe@zoo.example", "zoe@home.example");
        assertThat(zoe.get(Field.FIRST_NAME)).hasValue("Zoë");
        assertThat(zoe.get(Field.LAST_NAME)).hasValue("Zander");
        assertThat(zoe.get(Field.COMPANY)).hasValue("Zoo Ltd");
        assertThat(zoe.get(Field.TITLE)).hasValue("Keeper");
        assertThat(zoe.get(Field.MOBILE_PHONE)).hasValue("+49 170 5555");
        assertThat(zoe.get(Field.PHONE)).hasValue("030-123 45");
        assertThat(zoe.get(Field.HOME_PHONE)).hasValue("030 99");
        assertThat(zoe.photo().map(Person.Photo::bytes).orElseThrow())
                .containsExactly((byte) 0xFF, (byte) 0xD8, 1, 2, 3);
    }

    @Test
    void allAddressesAreKnownForAbsences() {
        assertThat(directory.addresses(account("anna", "secret")))
                .containsExactlyInAnyOrder("zoe@zoo.example", "zoe@home.example", "zach@home.example");
    }

    @Test
    void aUserWithoutBooksKnowsNobodyAndAWrongPasswordIsAnAbsence() {
        assertThat(persons(directory.find(account("emil", "secret"), new Query("zander", 10))))
                .isEmpty();
        assertThat(directory.find(account("otto", "wrong"), new Query("zander", 10)))
                .isInstanceOf(Found.Unavailable.class);
    }

    @Test
    void aServerThatIsAwayIsUnavailable() {
        try (var own = Radicale.start();
                var theirs = new CardDavDirectory(
                        new CardDavSettings(own.url(), new Trust.Platform(), Duration.ofSeconds(10)))) {
            own.book("friends");
            assertThat(persons(theirs.find(account("anna", "secret"), new Query("zander", 10))))
                    .isEmpty();
            own.kill();
            assertThat(theirs.find(account("anna", "secret"), new Query("zander", 10)))
                    .isInstanceOf(Found.Unavailable.class);
        }
    }
}
