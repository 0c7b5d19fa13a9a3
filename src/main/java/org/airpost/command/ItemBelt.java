package org.airpost.command;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.convert.MailConverter;

/** Messages on their way to be items, batch after batch: the mail server works on the next while one is converted. */
final class ItemBelt {

    /** Messages converted at a time, between looks at the clock and at the bytes. */
    static final int BATCH = 32;

    private final Function<List<Long>, MailConverter.Fetched> fetch;
    private Optional<Fetching> ahead = Optional.empty();

    ItemBelt(Function<List<Long>, MailConverter.Fetched> fetch) {
        this.fetch = fetch;
    }

    /**
     * The items of a batch, without those that are gone.
     *
     * @param following the next batch, if one is wanted after so many bytes of this one; it should be asked for next
     */
    List<MailConverter.Item> next(List<Long> uids, LongFunction<List<Long>> following) {
        var now = ahead.filter(begun -> begun.uids().equals(uids)).orElseGet(() -> Fetching.of(uids, fetch));
        ahead = Optional.empty();
        var fetched = now.await();
        ahead = Optional.of(following.apply(fetched.approximateBytes()))
                .filter(next -> !next.isEmpty())
                .map(next -> Fetching.of(next, fetch).begin());
        return fetched.items();
    }

    /** Messages that are fetched: by the thread that waits for them, unless one of their own has begun before. */
    private record Fetching(List<Long> uids, FutureTask<MailConverter.Fetched> task) {

        static Fetching of(List<Long> uids, Function<List<Long>, MailConverter.Fetched> fetch) {
            return new Fetching(uids, new FutureTask<>(() -> fetch.apply(uids)));
        }

        Fetching begin() {
            Thread.ofVirtual().name("fetch-ahead").start(task);
            return this;
        }

        MailConverter.Fetched await() {
            task.run();
            try {
                return task.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BackendUnavailableException("interrupted", Duration.ofSeconds(1), e);
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case RuntimeException known -> throw known;
                    case Error error -> throw error;
                    case null, default -> throw new IllegalStateException(e);
                }
            }
        }
    }
}
