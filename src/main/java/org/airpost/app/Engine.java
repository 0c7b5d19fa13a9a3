package org.airpost.app;

import java.time.InstantSource;
import org.airpost.command.ConversationReader;
import org.airpost.device.Policies;
import org.airpost.store.Store;
import org.airpost.sync.AlwaysMoved;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.Conversations;
import org.airpost.sync.Folders;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Moves;
import org.airpost.sync.News;
import org.airpost.sync.Views;
import org.airpost.sync.Waiters;
import org.airpost.sync.Watchers;

/** What there is and what each device was told of it: the objects of {@code sync}, of which there is one each. */
final class Engine {

    final Conversations conversations;
    final Views views;
    final Folders folders;
    final Ledgers ledgers;
    final Hierarchy hierarchy;
    final Moves moves;
    final AlwaysMoved always;
    final Watchers watchers;
    final Waiters waiters;
    final News news;
    final BrokenMessages broken;

    Engine(Store store, Policies policies, InstantSource clock) {
        var reader = new ConversationReader();
        this.conversations = new Conversations(store, clock, reader.fields(), reader::number);
        this.views = new Views(store, clock, conversations);
        this.folders = new Folders(store, views);
        this.ledgers = new Ledgers(store);
        this.hierarchy = new Hierarchy(store, folders, ledgers);
        this.moves = new Moves(store, clock);
        this.always = new AlwaysMoved(store, moves, folders, reader, clock);
        views.look(always);
        this.watchers = new Watchers(views, clock);
        views.notes().listen(watchers::poke);
        this.waiters = new Waiters();
        this.news =
                new News(ledgers, views, user -> policies.of(user).document().limits());
        this.broken = new BrokenMessages(store, ledgers, clock);
    }
}
