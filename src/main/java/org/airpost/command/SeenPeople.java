package org.airpost.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.MessageData;
import org.airpost.backend.Person;
import org.airpost.convert.Correspondents;
import org.airpost.convert.Correspondents.Correspondent;
import org.airpost.eas.FolderType;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * People with whom a user has exchanged mail lately, by the headers of the latest messages of Sent and Inbox. Those to whom
 * they have written most come first. What was found is kept in memory for some minutes, and never told to another user.
 */
public final class SeenPeople implements Directory {

    private static final Logger LOG = LoggerFactory.getLogger(SeenPeople.class);

    /** Messages of a folder that are looked at. */
    private static final int LATEST = 200;

    private static final int MOST_PEOPLE = 1_000;

    private final Folders folders;
    private final Cache<String, Seen> seen = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofMinutes(15))
            .build();

    public SeenPeople(Folders folders) {
        this.folders = folders;
    }

    /**
     * Whom a user has seen.
     *
     * @param writtenTo addresses to which the user has written
     */
    private record Seen(List<Person> people, List<String> writtenTo) {}

    private static final class Count {
        private final Correspondent first;
        private int sent;
        private int received;

        private Count(Correspondent first) {
            this.first = first;
        }
    }

    @Override
    public Found find(Account account, Query query) {
        var matching = of(account).people().stream()
                .filter(person -> person.matches(query.words()))
                .limit(query.most() + 1L)
                .toList();
        return new Found.Persons(
                matching.subList(0, Math.min(matching.size(), query.most())), matching.size() > query.most());
    }

    /** Addresses to which a user has written lately. */
    public List<String> writtenTo(Account account) {
        return of(account).writtenTo();
    }

    private Seen of(Account account) {
        var kept = Optional.ofNullable(seen.getIfPresent(account.user()));
        // Two requests at the same time look twice rather than that one waits for the other.
        return kept.orElseGet(() -> {
            var found = look(account);
            seen.put(account.user(), found);
            return found;
        });
    }

    private Seen look(Account account) {
        Map<String, Count> counts = new LinkedHashMap<>();
        for (var folder : folders.list(account)) {
            if (folder.type() == FolderType.SENT_ITEMS) {
                latest(account, folder)
                        .forEach(message -> named(message, Correspondents::recipients)
                                .forEach(one -> count(counts, one).sent++));
            } else if (folder.type() == FolderType.INBOX) {
                latest(account, folder)
                        .forEach(message -> named(message, Correspondents::senders)
                                .forEach(one -> count(counts, one).received++));
            }
        }
        account.addresses().forEach(own -> counts.remove(own.toLowerCase(Locale.ROOT)));
        var best = new ArrayList<>(counts.values());
        best.sort(Comparator.<Count>comparingInt(count -> -count.sent).thenComparingInt(count -> -count.received));
        var few = best.subList(0, Math.min(best.size(), MOST_PEOPLE));
        return new Seen(
                few.stream()
                        .map(count -> new Person(Person.Source.MAIL, count.first.name(), count.first.address()))
                        .toList(),
                few.stream()
                        .filter(count -> count.sent > 0)
                        .map(count -> count.first.address())
                        .toList());
    }

    private static List<Correspondent> named(MessageData message, Function<byte[], List<Correspondent>> reader) {
        try {
            return reader.apply(message.header());
        } catch (RuntimeException e) {
            // One message must not hide all of the others, whatever its header holds.
            LOG.warn("people header unreadable uid={} problem={}", message.uid(), e.getClass().getName());
            return List.of();
        }
    }

    /** The newest come first, so the name is the one used last; one that is no name gives way to one that is. */
    private static Count count(Map<String, Count> counts, Correspondent one) {
        return counts.compute(one.address().toLowerCase(Locale.ROOT), (_, known) -> {
            if (known == null) {
                return new Count(one);
            }
            if (known.first.name().equals(known.first.address()) && !one.name().equals(one.address())) {
                var named = new Count(one);
                named.sent = known.sent;
                named.received = known.received;
                return named;
            }
            return known;
        });
    }

    private List<MessageData> latest(Account account, Folder folder) {
        return folders.view(account, folder)
                .filter(view -> !view.present().isEmpty())
                .map(view -> account.mail()
                        .describe(
                                folder.mailbox(),
                                view.uidValidity(),
                                view.present().newest(LATEST)))
                .orElse(List.of());
    }
}
