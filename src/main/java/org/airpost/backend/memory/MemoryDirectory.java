package org.airpost.backend.memory;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.Person;

/** A directory inside the process. */
public final class MemoryDirectory implements Directory {

    private final List<Person> persons = new CopyOnWriteArrayList<>();
    private volatile Optional<Found> answer = Optional.empty();

    /** Adds somebody. */
    public MemoryDirectory add(Person person) {
        persons.add(person);
        return this;
    }

    /** Answers so to everything. */
    public void answers(Found found) {
        answer = Optional.of(found);
    }

    /** Does as it should, from now on. */
    public void works() {
        answer = Optional.empty();
    }

    @Override
    public Found find(Account account, Query query) {
        return answer.orElseGet(() -> {
            var found = persons.stream()
                    .filter(person -> person.matches(query.words()))
                    .map(person -> new Person(
                            person.from(),
                            person.addresses(),
                            person.values(),
                            person.photo().filter(_ -> query.photos()),
                            query.certificates() ? person.certificates() : List.of()))
                    .toList();
            return new Found.Persons(
                    found.subList(0, Math.min(found.size(), query.most())), found.size() > query.most());
        });
    }
}
