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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
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

    /** Messages whose headers are held at the same time, as each may have 256 KiB. */
    private static final int BATCH = 20;

    private static final int MOST_PEOPLE = 1_000;

    /** People counted in one look; of who comes after so many nothing is kept. */
    private static final int MOST_COUNTED = 5_000;

    /** Characters of a name that are kept. */
    private static final int LONGEST_NAME = 200;

    private static final long CACHE_BYTES = 64L << 20;

    /** Memory of one person without its name and address, about. */
    private static final int PERSON_BYTES = 300;

    /** As long as a search may take. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

    private final Folders folders;
    private final Cache<String, Seen> seen = Caffeine.newBuilder()
            .maximumWeight(CACHE_BYTES)
            .weigher((String user, Seen people) -> people.bytes())
            .expireAfterWrite(Duration.ofMinutes(15))
            .build();

    /** The looks that go on: one of a user, so there are no more of them than users with a request. */
    private final Map<String, CompletableFuture<Seen>> looks = new ConcurrentHashMap<>();

    public SeenPeople(Folders folders) {
        this.folders = folders;
    }

    /**
     * Whom a user has seen.
     *
     * @param writtenTo those to whom the user has written
     */
    private record Seen(List<Person> people, List<WrittenTo> writtenTo) {

        /** What it takes in memory, about. */
        int bytes() {
            return people.stream()
                    .mapToInt(person -> PERSON_BYTES
                            + 2
                                    * (person.displayName().length()
                                            + person.address().length()))
                    .sum();
        }
    }

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
        return of(account).writtenTo().stream().map(WrittenTo::address).toList();
    }

    /**
     * One to whom a user has written lately.
     *
     * @param written how many of the latest mails
     */
    record WrittenTo(String name, String address, int written) {}

    /** Those to whom a user has written lately, the most often first. */
    List<WrittenTo> recipients(Account account) {
        return of(account).writtenTo();
    }

    private Seen of(Account account) {
        var kept = Optional.ofNullable(seen.getIfPresent(account.user()));
        if (kept.isPresent()) {
            return kept.get();
        }
        var mine = new CompletableFuture<Seen>();
        var others = Optional.ofNullable(looks.putIfAbsent(account.user(), mine));
        if (others.isPresent()) {
            return awaited(others.get());
        }
        try {
            // Another look may have ended just now.
            var found = Optional.ofNullable(seen.getIfPresent(account.user())).orElseGet(() -> look(account));
            seen.put(account.user(), found);
            mine.complete(found);
            return found;
        } finally {
            looks.remove(account.user(), mine);
            mine.completeExceptionally(new BackendUnavailableException(
                    "the user's mail could not be looked at for people", Duration.ofSeconds(5)));
        }
    }

    private static Seen awaited(CompletableFuture<Seen> look) {
        try {
            return look.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendUnavailableException("interrupted", Duration.ofSeconds(5), e);
        } catch (ExecutionException | TimeoutException e) {
            throw new BackendUnavailableException(
                    "the look at the user's mail that goes on gives no people in time", Duration.ofSeconds(5), e);
        }
    }

    private Seen look(Account account) {
        Map<String, Count> counts = new LinkedHashMap<>();
        for (var folder : folders.list(account)) {
            if (folder.type() == FolderType.SENT_ITEMS) {
                latest(
                        account,
                        folder,
                        message -> named(message, Correspondents::recipients)
                                .forEach(one -> count(counts, one, count -> count.sent++)));
            } else if (folder.type() == FolderType.INBOX) {
                latest(
                        account,
                        folder,
                        message -> named(message, Correspondents::senders)
                                .forEach(one -> count(counts, one, count -> count.received++)));
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
                        .map(count -> new WrittenTo(count.first.name(), count.first.address(), count.sent))
                        .toList());
    }

    private static List<Correspondent> named(MessageData message, Function<byte[], List<Correspondent>> reader) {
        try {
            return reader.apply(message.header());
        } catch (RuntimeException e) {
            // One message must not hide all of the others, whatever its header holds.
            LOG.warn(
                    "people header unreadable uid={} problem={}",
                    message.uid(),
                    e.getClass().getName());
            return List.of();
        }
    }

    /** The newest come first, so the name is the one used last; one that is no name gives way to one that is. */
    private static void count(Map<String, Count> counts, Correspondent one, Consumer<Count> counter) {
        var key = one.address().toLowerCase(Locale.ROOT);
        var known = Optional.ofNullable(counts.get(key));
        if (known.isEmpty() && counts.size() >= MOST_COUNTED) {
            return;
        }
        var count = known.orElseGet(() -> new Count(cut(one)));
        if (known.isPresent()
                && count.first.name().equals(count.first.address())
                && !one.name().equals(one.address())) {
            count = new Count(cut(one));
            count.sent = known.get().sent;
            count.received = known.get().received;
        }
        counter.accept(count);
        counts.put(key, count);
    }

    private static Correspondent cut(Correspondent one) {
        var name = one.name();
        if (name.length() <= LONGEST_NAME) {
            return one;
        }
        int end = Character.isHighSurrogate(name.charAt(LONGEST_NAME - 1)) ? LONGEST_NAME - 1 : LONGEST_NAME;
        return new Correspondent(name.substring(0, end), one.address());
    }

    /** Reads the latest messages of a folder, the newest first. */
    private void latest(Account account, Folder folder, Consumer<MessageData> reader) {
        folders.view(account, folder).ifPresent(view -> {
            var uids = view.present().newest(LATEST);
            for (int i = 0; i < uids.size(); i += BATCH) {
                account.mail()
                        .describe(
                                folder.mailbox(), view.uidValidity(), uids.subList(i, Math.min(i + BATCH, uids.size())))
                        .forEach(reader);
            }
        });
    }
}
