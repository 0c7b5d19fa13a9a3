package org.airpost.sync;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Submission;
import org.airpost.command.Answer;
import org.airpost.command.Command;
import org.airpost.command.ConversationReader;
import org.airpost.command.FolderCreate;
import org.airpost.command.FolderDelete;
import org.airpost.command.FolderSync;
import org.airpost.command.FolderUpdate;
import org.airpost.command.FolderWaits;
import org.airpost.command.GetItemEstimateCommand;
import org.airpost.command.MoveItems;
import org.airpost.command.Outbox;
import org.airpost.command.PingCommand;
import org.airpost.command.ReadAhead;
import org.airpost.command.Request;
import org.airpost.command.SendMail;
import org.airpost.command.SmartForward;
import org.airpost.command.SmartReply;
import org.airpost.command.Sync;
import org.airpost.convert.Composer;
import org.airpost.convert.DraftMaker;
import org.airpost.convert.MailConverter;
import org.airpost.device.Devices;
import org.airpost.eas.CommandName;
import org.airpost.eas.StatusException;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/** The engine as {@code app.Gateway} puts it together, without HTTP. Another one over the same store is a restart. */
final class ModelEngine {

    final Views views;
    final Folders folders;
    final Ledgers ledgers;
    final News news;
    final Hierarchy hierarchy;
    final Watchers watchers;
    final Waiters waiters;
    private final Map<CommandName, Command> commands = new EnumMap<>(CommandName.class);

    ModelEngine(Store store, Clock clock, Submission submission, long answerBytes) {
        this(store, clock, submission, answerBytes, new SplittableRandom(7));
    }

    /** The same; another engine must not draw the same numbers again. */
    ModelEngine(Store store, Clock clock, Submission submission, long answerBytes, RandomGenerator random) {
        // Not by the way: a seed has to give the same each time.
        this(store, clock, submission, answerBytes, random, Runnable::run);
    }

    /** The same; what is read ahead is read there. */
    ModelEngine(
            Store store,
            Clock clock,
            Submission submission,
            long answerBytes,
            RandomGenerator random,
            Executor readsAhead) {
        var reader = new ConversationReader();
        views = new Views(store, clock, new Conversations(store, clock, reader.fields(), reader::number));
        folders = new Folders(store, views);
        ledgers = new Ledgers(store);
        hierarchy = new Hierarchy(store, folders, ledgers);
        news = new News(ledgers, views);
        watchers = new Watchers(views, clock);
        waiters = new Waiters();
        var moves = new Moves(store, clock);
        var devices = new Devices(store, clock);
        var converter = new MailConverter(MailConverter.Settings.DEFAULT);
        var waits = new FolderWaits(watchers, waiters, news, hierarchy, clock);
        var settings = new Sync.Settings(answerBytes, Duration.ofSeconds(60), Duration.ofMinutes(59));
        var composer = new Composer(clock, random, 1 << 20);
        var outbox = new Outbox(
                composer,
                submission,
                folders,
                ledgers,
                store,
                clock,
                new Outbox.Settings(Outbox.SavesSent.NO, 1 << 20));
        var ahead = new ReadAhead(10, 1, readsAhead);
        var drafts = new DraftMaker(clock, random, 1 << 20);
        commands.put(
                CommandName.SYNC,
                new Sync(settings, folders, views, ledgers, moves, converter, ahead, waits, outbox, drafts, clock));
        commands.put(CommandName.SEND_MAIL, new SendMail(outbox));
        commands.put(CommandName.SMART_FORWARD, new SmartForward(outbox));
        commands.put(CommandName.SMART_REPLY, new SmartReply(outbox));
        commands.put(CommandName.FOLDER_SYNC, new FolderSync(hierarchy, devices));
        commands.put(CommandName.FOLDER_CREATE, new FolderCreate(hierarchy));
        commands.put(CommandName.FOLDER_DELETE, new FolderDelete(hierarchy));
        commands.put(CommandName.FOLDER_UPDATE, new FolderUpdate(hierarchy));
        commands.put(
                CommandName.MOVE_ITEMS, new MoveItems(folders, views, ledgers, moves, new MoveJournal(store, clock)));
        commands.put(CommandName.GET_ITEM_ESTIMATE, new GetItemEstimateCommand(folders, ledgers, news, clock));
        commands.put(
                CommandName.PING,
                new PingCommand(
                        new PingCommand.Settings(Duration.ofSeconds(60), Duration.ofMinutes(59), 200),
                        folders,
                        hierarchy,
                        news,
                        waits));
    }

    /** An answer as the dispatcher would see it. */
    sealed interface Outcome {

        record Answered(Answer answer) implements Outcome {}

        record Refused(int status) implements Outcome {}

        /** HTTP 503. */
        record Unavailable(String words) implements Outcome {}
    }

    Outcome run(Request request) {
        var command = commands.get(request.line().command());
        if (command == null) {
            throw new AssertionError("no command " + request.line().command());
        }
        try {
            return new Outcome.Answered(command.run(request));
        } catch (StatusException e) {
            return new Outcome.Refused(e.status().code());
        } catch (BackendUnavailableException | StoreException e) {
            return new Outcome.Unavailable(e.toString());
        }
    }
}
