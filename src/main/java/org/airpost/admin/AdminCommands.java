package org.airpost.admin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.BrokenMessages.Broken;

/** What can be asked: a request is a list of words, an answer a list of lines. */
public final class AdminCommands {

    private final BrokenMessages broken;
    private final Consumer<Broken> onRetry;
    private final QueuedMails queue;
    private final Map<String, Handler> handlers;

    /** Does what begins with a certain word. */
    @FunctionalInterface
    public interface Handler {

        /** The words after the first one. */
        Answer run(Actor actor, List<String> words);

        /** The same for words as {@link AdminWords} encodes them; what cannot be meant is refused with the reason. */
        static Handler decoding(Handler work) {
            return (actor, words) -> {
                try {
                    return work.run(actor, AdminWords.decode(words));
                } catch (IllegalArgumentException e) {
                    return Answer.refused(String.valueOf(e.getMessage()));
                }
            };
        }
    }

    /** The commands, with others by their first word. */
    public AdminCommands(
            BrokenMessages broken, Consumer<Broken> onRetry, QueuedMails queue, Map<String, Handler> handlers) {
        this.broken = broken;
        this.onRetry = onRetry;
        this.queue = queue;
        this.handlers = Map.copyOf(handlers);
    }

    /** The commands. {@code onRetry} is told of what is to be sent anew, so that waiting phones hear of it at once. */
    public AdminCommands(BrokenMessages broken, Consumer<Broken> onRetry, QueuedMails queue) {
        this(broken, onRetry, queue, Map.of());
    }

    /** Without a queue. */
    public AdminCommands(BrokenMessages broken, Consumer<Broken> onRetry) {
        this(broken, onRetry, QueuedMails.NONE);
    }

    /** An answer; {@code done} is false if it was not done, and the lines say why. */
    public record Answer(boolean done, List<String> lines) {

        public Answer {
            lines = List.copyOf(lines);
        }

        /** Not done, and why. */
        public static Answer refused(String why) {
            return new Answer(false, List.of(why));
        }

        /** What came of an operation, in lines. */
        static <T> Answer of(Result<T> result, Function<T, List<String>> lines) {
            return switch (result) {
                case Result.Done<T>(var value) -> new Answer(true, lines.apply(value));
                case Result.Refused<T>(var _, var words) -> refused(words);
            };
        }

        /** The same of one that gives lines. */
        static Answer of(Result<List<String>> result) {
            return of(result, lines -> lines);
        }
    }

    /** Does what is asked for. */
    public Answer run(Actor actor, List<String> words) {
        var handler = handlers.get(words.isEmpty() ? "" : words.getFirst());
        if (handler != null) {
            return handler.run(actor, words.subList(1, words.size()));
        }
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "broken" -> new Answer(true, table());
            case "retry" -> retry(words.subList(1, words.size()));
            case "queue" -> new Answer(true, queued());
            case "queue-retry" -> eachQueued(words.subList(1, words.size()), queue::retry);
            case "queue-return" -> eachQueued(words.subList(1, words.size()), queue::giveUp);
            default -> Answer.refused("not a request: " + String.join(" ", words));
        };
    }

    /** A line for each broken message: its parts between tabs. */
    private List<String> table() {
        return broken.list().stream()
                .map(one -> String.join(
                        "\t",
                        one.id(),
                        one.user(),
                        one.mailbox().replace('\t', ' '),
                        Long.toString(one.uid()),
                        one.received().toString(),
                        one.reason().replace('\t', ' ')))
                .toList();
    }

    /** A line for each queued mail: its parts between tabs. */
    private List<String> queued() {
        return queue.list().stream()
                .map(one -> String.join(
                        "\t",
                        one.id(),
                        one.user(),
                        one.since(),
                        one.next(),
                        Integer.toString(one.tries()),
                        Integer.toString(one.recipients()),
                        one.words().replace('\t', ' ')))
                .toList();
    }

    private Answer eachQueued(List<String> ids, Predicate<String> work) {
        var known = queue.list().stream().map(QueuedMails.Line::id).toList();
        var wanted = ids.equals(List.of("--all")) ? known : ids;
        if (!known.containsAll(wanted)) {
            return Answer.refused("not among the queued mails: "
                    + String.join(
                            " ",
                            wanted.stream().filter(id -> !known.contains(id)).toList()));
        }
        var busy = wanted.stream().filter(work.negate()).toList();
        return busy.isEmpty()
                ? new Answer(true, wanted)
                : Answer.refused("tried at this moment, or gone: " + String.join(" ", busy));
    }

    private Answer retry(List<String> ids) {
        if (ids.isEmpty()) {
            return Answer.refused("nothing to retry");
        }
        boolean all = ids.equals(List.of("--all"));
        Set<String> wanted = new HashSet<>(ids);
        var lines = new ArrayList<String>();
        for (var one : broken.list()) {
            if (all || wanted.remove(one.id())) {
                broken.retry(one);
                onRetry.accept(one);
                lines.add(one.id());
            }
        }
        if (!all && !wanted.isEmpty()) {
            return Answer.refused("not among the broken messages: " + String.join(" ", wanted));
        }
        return new Answer(true, lines);
    }
}
