package org.airpost.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.eas.DeviceKey;
import org.airpost.store.memory.MemoryStore;

/** Ann, her phone, her mailbox, and a clock that stands until it is moved. */
final class Fixtures {

    static final DeviceKey PHONE = new DeviceKey("ann", "ab12");

    Instant now = Instant.parse("2026-03-01T12:00:00Z");
    final InstantSource clock = () -> now;
    final MemoryMail mail = new MemoryMail(clock).user("ann", "secret");
    final FaultyMail faulty;
    final Account account;
    final FaultyStore store = new FaultyStore(new MemoryStore(clock));
    final Views views = new Views(store, clock);
    final Folders folders = new Folders(store, views);
    final Ledgers ledgers = new Ledgers(store);
    final Hierarchy hierarchy = new Hierarchy(store, folders, ledgers);

    Fixtures() {
        var credentials = new Credentials("ann", "secret");
        if (!(mail.signIn(credentials) instanceof SignIn.Accepted(var there))) {
            throw new AssertionError("the memory server refuses Ann");
        }
        faulty = new FaultyMail(there);
        account = new Account("ann", credentials, faulty, List.of("ann@example.org"), "Ann");
    }

    Folder inbox() {
        return folders.list(account).stream()
                .filter(folder -> folder.mailbox().equals("INBOX"))
                .findFirst()
                .orElseThrow();
    }

    long deliver(String mailbox) {
        return mail.deliver("ann", mailbox, "Subject: hi\r\n\r\nhi\r\n".getBytes(UTF_8), Set.of());
    }
}
