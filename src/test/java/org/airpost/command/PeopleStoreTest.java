package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.Directory;
import org.airpost.backend.Person;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PeopleStoreTest {

    private final List<String> asked = new ArrayList<>();
    private final Directory directory = (_, query) -> {
        asked.add(query.words());
        return new Directory.Found.Persons(
                List.of(new Person(Person.Source.DIRECTORY, "Ann", "ann@example.org")), false);
    };

    private SearchStore.Found search(String text) {
        var request = Requests.of(CommandName.SEARCH, ProtocolVersion.V14_1).bytes(new byte[0]);
        return new PeopleStore(directory)
                .search(new SearchQuestion(
                        request,
                        SearchQuestion.By.SEARCH,
                        text,
                        SearchQuestion.Criteria.NONE,
                        Optional.empty(),
                        false,
                        false,
                        "",
                        new BodyOptionsReader(),
                        Optional.empty()));
    }

    @Test
    void aTextLongerThanAnyNameIsNobodyAndAsksNobody() {
        assertThat(search("1".repeat(257)).results()).isEmpty();
        assertThat(asked).isEmpty();
        assertThat(search("1".repeat(256)).results()).hasSize(1);
    }
}
