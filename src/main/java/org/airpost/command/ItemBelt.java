package org.airpost.command;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.convert.MailConverter;

/**
 * Messages on their way to be items, batch after batch: while one is converted the mail server works on the next two, on a
 * connection each, so that it need not wait for us between them.
 */
final class ItemBelt {

    /** Messages converted at a time, between looks at the clock and at the bytes. */
    static final int BATCH = 32;

    private static final int AHEAD = 2;

    private final Function<List<Long>, MailConverter.Fetched> fetch;
    private final Deque<Fetching> begun = new ArrayDeque<>();

    ItemBelt(Function<List<Long>, MailConverter.Fetched> fetch) {
        this.fetch = fetch;
    }

    /** Messages, and the items of those that are not gone. */
    record Batch(List<Long> uids, List<MailConverter.Item> items) {}

    /**
     * A batch.
     *
     * @param at index of its first message
     * @param batches gives that from an index on, empty if there is none; the next two are begun if they fit into the room
     * @param room bytes that are wanted besides those that were taken
     */
    Batch next(int at, IntFunction<List<Long>> batches, long room) {
        var first = begun.peek();
        var uids = batches.apply(at);
        if (first != null && !first.uids().equals(uids)) {
            begun.clear();
        }
        var now = begun.isEmpty() ? Fetching.of(uids, fetch) : begun.removeFirst();
        var fetched = now.await();
        long bytes = fetched.approximateBytes();
        int next = at + uids.size();
        for (int ahead = 1; ahead <= AHEAD && ahead * bytes < room; ahead++) {
            var batch = batches.apply(next);
            if (batch.isEmpty()) {
                break;
            }
            if (begun.size() < ahead) {
                begun.add(Fetching.of(batch, fetch).begin());
            }
            next += batch.size();
        }
        return new Batch(uids, fetched.items());
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
