package org.airpost.backend.memory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Mailbox;
import org.airpost.backend.MessageData;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;

/**
 * A mail server inside the process. A new user has INBOX, Drafts, Sent, Trash and Junk with their roles. User names are
 * compared in lower case; the delimiter is {@code /}.
 */
public final class MemoryMail implements MailBackend {

    private static final Duration RETRY = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final Map<String, MemoryStore> users = new ConcurrentHashMap<>();
    private final Map<String, String> passwords = new ConcurrentHashMap<>();
    private final AtomicLong uidValidities = new AtomicLong(1_000);
    private final AtomicInteger signIns = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final Set<String> slow = ConcurrentHashMap.newKeySet();
    private volatile boolean down;
    private volatile Optional<Outcome.Refusal> refusal = Optional.empty();

    public MemoryMail(InstantSource clock) {
        this.clock = clock;
    }

    /** Adds a user, or gives one another password. */
    public MemoryMail user(String user, String password) {
        passwords.put(key(user), password);
        users.computeIfAbsent(key(user), name -> new MemoryStore(uidValidities));
        return this;
    }

    @Override
    public SignIn signIn(Credentials credentials) {
        signIns.incrementAndGet();
        reachable("sign in");
        var known = passwords.get(key(credentials.user()));
        if (known == null || !known.equals(credentials.password())) {
            return new SignIn.Refused("authentication failed");
        }
        return new SignIn.Accepted(new MemoryAccount(store(credentials.user()), this));
    }

    /** How often somebody has tried to sign in. */
    public int signIns() {
        return signIns.get();
    }

    /** True if the server has this user. */
    public boolean has(String user) {
        return users.containsKey(key(user));
    }

    /** Delivers a message as another program would; its UID. Bare line feeds become CRLF. */
    public long deliver(String user, String mailbox, byte[] message, Set<String> flags) {
        return store(user).append(mailbox, message, flags, clock.instant()).orElseThrow(() -> unknown(mailbox));
    }

    /** Sets exactly these flags as another program would. */
    public void setFlags(String user, String mailbox, long uid, Set<String> flags) {
        store(user).replaceFlags(mailbox, uid, flags);
    }

    /** Removes a message as another program would. */
    public void expunge(String user, String mailbox, long uid) {
        store(user).expunge(mailbox, UidSet.of(uid));
    }

    /** Gives a mailbox another UIDVALIDITY and its messages new UIDs, as a restored server would. */
    public void renumber(String user, String mailbox) {
        store(user).renumber(mailbox);
    }

    /** Makes a mailbox as another program would. */
    public void create(String user, String mailbox, Optional<Mailbox.Role> role) {
        store(user).create(mailbox, role);
    }

    /** Deletes a mailbox, and those below it, as another program would. */
    public void delete(String user, String mailbox) {
        if (!store(user).delete(mailbox)) {
            throw unknown(mailbox);
        }
    }

    /** What a mailbox holds now. */
    public FolderView view(String user, String mailbox) {
        return store(user).view(mailbox).orElseThrow(() -> unknown(mailbox));
    }

    /** The messages of a mailbox as they are described to the gateway, ascending. */
    public List<MessageData> messages(String user, String mailbox) {
        return store(user).describe(mailbox, view(user, mailbox).present().ascending());
    }

    /** The bytes of a message. */
    public Optional<byte[]> bytes(String user, String mailbox, long uid) {
        return store(user).message(mailbox, uid).map(MemoryStore.Message::bytes);
    }

    /** Away, or there again. While it is away, every call is a BackendUnavailableException. */
    public void down(boolean isDown) {
        down = isDown;
        if (!isDown) {
            users.values().forEach(MemoryStore::changedAll);
        }
    }

    /** Searches of this mailbox never come to an end within their time from now on. */
    public void slow(String mailbox) {
        slow.add(mailbox);
    }

    boolean isSlow(String mailbox) {
        return slow.contains(mailbox);
    }

    /** The next so many calls of any account or sign-in are a BackendUnavailableException and do nothing. */
    public void failNext(int calls) {
        failures.set(calls);
    }

    /** From now on no message is taken, for this reason; empty for as before. */
    public void refuse(Optional<Outcome.Refusal> why) {
        refusal = why;
    }

    Optional<Outcome.Refusal> refusal() {
        return refusal;
    }

    /** Throws if the server is away or this call is to fail. */
    void reachable(String what) {
        if (down || failures.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            throw new BackendUnavailableException("memory: " + what + ": the server is away", RETRY);
        }
    }

    private MemoryStore store(String user) {
        var store = users.get(key(user));
        if (store == null) {
            throw new IllegalArgumentException("no user " + user);
        }
        return store;
    }

    private static IllegalArgumentException unknown(String mailbox) {
        return new IllegalArgumentException("no mailbox " + mailbox);
    }

    private static String key(String user) {
        return user.toLowerCase(Locale.ROOT);
    }
}
