package org.airpost.admin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.airpost.sync.BrokenMessages.Broken;

/** What can be asked: a request is a list of words, an answer a list of lines. */
public final class AdminCommands {

    private final MailActions mail;
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

    /** The commands: those about mail, and others by their first word. */
    public AdminCommands(MailActions mail, Map<String, Handler> handlers) {
        this.mail = mail;
        this.handlers = Map.copyOf(handlers);
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
        var rest = words.isEmpty() ? words : words.subList(1, words.size());
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "broken" -> Answer.of(mail.broken(actor), AdminCommands::table);
            case "retry" -> with(mail.broken(actor), all -> retry(actor, all, rest));
            case "queue" -> Answer.of(mail.queue(actor), AdminCommands::queued);
            case "queue-retry" ->
                with(mail.queue(actor), all -> eachQueued(all, rest, id -> mail.retryQueued(actor, id)));
            case "queue-return" ->
                with(mail.queue(actor), all -> eachQueued(all, rest, id -> mail.returnQueued(actor, id)));
            default -> Answer.refused("not a request: " + String.join(" ", words));
        };
    }

    private static <T> Answer with(Result<List<T>> listed, Function<List<T>, Answer> work) {
        return switch (listed) {
            case Result.Done<List<T>>(var all) -> work.apply(all);
            case Result.Refused<List<T>>(var _, var words) -> Answer.refused(words);
        };
    }

    /** A line for each broken message: its parts between tabs. */
    private static List<String> table(List<Broken> broken) {
        return broken.stream()
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
    private static List<String> queued(List<QueuedMails.Line> queue) {
        return queue.stream()
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

    private static Answer eachQueued(
            List<QueuedMails.Line> queue, List<String> ids, Function<String, Result<String>> work) {
        var known = queue.stream().map(QueuedMails.Line::id).toList();
        var wanted = ids.equals(List.of("--all")) ? known : ids;
        if (!known.containsAll(wanted)) {
            return Answer.refused("not among the queued mails: "
                    + String.join(
                            " ",
                            wanted.stream().filter(id -> !known.contains(id)).toList()));
        }
        var busy = wanted.stream().filter(id -> !work.apply(id).isDone()).toList();
        return busy.isEmpty()
                ? new Answer(true, wanted)
                : Answer.refused("tried at this moment, or gone: " + String.join(" ", busy));
    }

    private Answer retry(Actor actor, List<Broken> broken, List<String> ids) {
        if (ids.isEmpty()) {
            return Answer.refused("nothing to retry");
        }
        boolean all = ids.equals(List.of("--all"));
        Set<String> wanted = new HashSet<>(ids);
        var lines = new ArrayList<String>();
        for (var one : broken) {
            if ((all || wanted.remove(one.id())) && mail.retry(actor, one).isDone()) {
                lines.add(one.id());
            }
        }
        if (!all && !wanted.isEmpty()) {
            return Answer.refused("not among the broken messages: " + String.join(" ", wanted));
        }
        return new Answer(true, lines);
    }
}
