package org.airpost.app;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.airpost.backend.Directories;
import org.airpost.backend.HomeSubmission;
import org.airpost.command.Command;
import org.airpost.command.ConversationFinder;
import org.airpost.command.ConversationMover;
import org.airpost.command.Dispatcher;
import org.airpost.command.FindCommand;
import org.airpost.command.FolderCreate;
import org.airpost.command.FolderDelete;
import org.airpost.command.FolderSync;
import org.airpost.command.FolderUpdate;
import org.airpost.command.FolderWaits;
import org.airpost.command.GetAttachment;
import org.airpost.command.GetHierarchy;
import org.airpost.command.GetItemEstimateCommand;
import org.airpost.command.ItemOperationsCommand;
import org.airpost.command.MailboxSearch;
import org.airpost.command.MoveItems;
import org.airpost.command.Outbox;
import org.airpost.command.PeopleStore;
import org.airpost.command.PingCommand;
import org.airpost.command.ProvisionCommand;
import org.airpost.command.Quarantine;
import org.airpost.command.ReadAhead;
import org.airpost.command.Recipients;
import org.airpost.command.ResolveRecipientsCommand;
import org.airpost.command.SearchCommand;
import org.airpost.command.SearchStore;
import org.airpost.command.SeenPeople;
import org.airpost.command.SendMail;
import org.airpost.command.SettingsCommand;
import org.airpost.command.SmartForward;
import org.airpost.command.SmartReply;
import org.airpost.command.Sync;
import org.airpost.command.ValidateCertCommand;
import org.airpost.convert.Composer;
import org.airpost.convert.DraftMaker;
import org.airpost.convert.MailConverter;
import org.airpost.device.Wipes;
import org.airpost.eas.CommandName;
import org.airpost.store.Store;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.MoveJournal;

/** The commands of phones, and what they share. */
final class PhoneCommands {

    final Outbox outbox;
    final Sync sync;
    final PingCommand ping;
    final Quarantine quarantine;
    final Dispatcher dispatcher;

    PhoneCommands(
            Setup setup,
            Servers servers,
            HomeSubmission home,
            DeviceGate gate,
            Engine engine,
            Store store,
            InstantSource clock,
            SecureRandom random) {
        var devices = gate.devices;
        var conversations = engine.conversations;
        var views = engine.views;
        var folders = engine.folders;
        var ledgers = engine.ledgers;
        var hierarchy = engine.hierarchy;
        var moves = engine.moves;
        var always = engine.always;
        var news = engine.news;
        var broken = engine.broken;
        var waiters = engine.waiters;

        var converter = new MailConverter(
                setup.conversion(),
                (place, uid, received, why) -> broken.note(new BrokenMessages.Broken(
                        place.user(), place.folderId(), place.uidValidity(), uid, place.mailbox(), received, why)));
        var waits = new FolderWaits(engine.watchers, waiters, news, hierarchy, clock);
        var composer = new Composer(Clock.systemUTC(), random, setup.mostMailBytes(), setup.senders());
        this.outbox = new Outbox(composer, home, folders, ledgers, store, Clock.systemUTC(), setup.outbox());

        var seen = setup.findsSeenPeople() ? Optional.of(new SeenPeople(folders)) : Optional.<SeenPeople>empty();
        var recipients = seen.map(people -> new Recipients(people, store, clock));
        var directory = new Directories(
                Stream.concat(Stream.of(servers.directory()), seen.stream()).toList());

        var finder = new ConversationFinder(views, conversations, clock);
        Map<CommandName, Command> commands = new EnumMap<>(CommandName.class);
        var drafts = new DraftMaker(Clock.systemUTC(), random, setup.mostMailBytes());
        this.sync = new Sync(
                setup.sync(),
                folders,
                views,
                ledgers,
                moves,
                converter,
                ahead(setup.sync()),
                waits,
                outbox,
                drafts,
                recipients,
                clock);
        commands.put(CommandName.SYNC, sync);
        commands.put(CommandName.SEND_MAIL, new SendMail(outbox));
        commands.put(CommandName.SMART_FORWARD, new SmartForward(outbox));
        commands.put(CommandName.SMART_REPLY, new SmartReply(outbox));
        commands.put(CommandName.FOLDER_SYNC, new FolderSync(hierarchy, devices, recipients.isPresent()));
        commands.put(CommandName.FOLDER_CREATE, new FolderCreate(hierarchy));
        commands.put(CommandName.FOLDER_DELETE, new FolderDelete(hierarchy));
        commands.put(CommandName.FOLDER_UPDATE, new FolderUpdate(hierarchy));
        commands.put(
                CommandName.MOVE_ITEMS, new MoveItems(folders, views, ledgers, moves, new MoveJournal(store, clock)));
        commands.put(
                CommandName.GET_ITEM_ESTIMATE, new GetItemEstimateCommand(folders, ledgers, news, recipients, clock));
        commands.put(CommandName.SETTINGS, new SettingsCommand(devices, directory, servers.absences(), account -> {
            var known = new ArrayList<>(servers.contacts().apply(account));
            seen.ifPresent(mail -> known.addAll(mail.writtenTo(account)));
            return known;
        }));
        this.ping = new PingCommand(setup.ping(), folders, hierarchy, news, waits);
        commands.put(CommandName.PING, ping);
        commands.put(
                CommandName.ITEM_OPERATIONS,
                new ItemOperationsCommand(
                        folders,
                        views,
                        ledgers,
                        converter,
                        new ConversationMover(folders, views, moves, finder, always, clock)));
        Map<SearchStore.Name, SearchStore> stores = new EnumMap<>(SearchStore.Name.class);
        stores.put(SearchStore.Name.MAILBOX, new MailboxSearch(folders, ledgers, finder, converter, clock));
        stores.put(SearchStore.Name.GAL, new PeopleStore(directory));
        commands.put(CommandName.SEARCH, new SearchCommand(stores));
        commands.put(CommandName.FIND, new FindCommand(stores));
        commands.put(CommandName.GET_ATTACHMENT, new GetAttachment(folders, views, ledgers, converter));
        commands.put(CommandName.GET_HIERARCHY, new GetHierarchy(folders));
        commands.put(
                CommandName.RESOLVE_RECIPIENTS, new ResolveRecipientsCommand(directory, servers.calendars(), clock));
        commands.put(CommandName.VALIDATE_CERT, new ValidateCertCommand(setup.certificateCheck(clock)));
        commands.put(
                CommandName.PROVISION,
                new ProvisionCommand(devices, gate.provisioning, new Wipes(devices, gate.events, clock)));
        this.quarantine = new Quarantine(converter, waiters, setup.quarantine());
        this.dispatcher = new Dispatcher(commands, devices, gate.gate, gate.throttle, quarantine, gate.events);
    }

    /** Answers that are made ahead take a thirty-second of the heap at most, about. */
    private static ReadAhead ahead(Sync.Settings sync) {
        long phones =
                Runtime.getRuntime().maxMemory() / 32 / Math.max(1, sync.answerBytes() * ReadAhead.MEMORY_OF_BYTES);
        return new ReadAhead(
                Math.clamp(phones, 1, 256), 2 * Runtime.getRuntime().availableProcessors());
    }
}
