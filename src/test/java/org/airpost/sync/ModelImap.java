package org.airpost.sync;

import static org.awaitility.Awaitility.await;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Outcome;
import org.airpost.backend.Security;
import org.airpost.backend.imap.CuttingProxy;
import org.airpost.backend.imap.Dovecot;
import org.airpost.backend.imap.GreenMailServer;
import org.airpost.backend.imap.ImapBackend;
import org.airpost.backend.imap.ImapServer;
import org.airpost.backend.imap.ImapSettings;

/** A user of their own on a real IMAP server; the gateway reaches it through a proxy that cuts. */
final class ModelImap implements ModelServer {

    private static final AtomicInteger USERS = new AtomicInteger();

    private final ImapServer server;
    private final boolean restarts;
    private final InstantSource clock;
    private final CuttingProxy proxy;
    private final CuttingProxy uncut;
    private final Credentials credentials;
    private final MailAccount other;
    private long lastCreated;

    /**
     * @param restarts whether the server may be started again
     */
    ModelImap(ImapServer server, boolean restarts, InstantSource clock) {
        this.server = server;
        this.restarts = restarts;
        this.clock = clock;
        this.credentials = new Credentials("model" + USERS.incrementAndGet(), "secret");
        this.proxy = CuttingProxy.before(server.port());
        this.uncut = CuttingProxy.before(server.port());
        server.addUser(credentials.user(), credentials.password());
        this.other = patient(signIn(uncut.port()));
        for (String name : List.of("Drafts", "Sent", "Trash", "Junk")) {
            other.create("", name); // refused where the server has made it
        }
        lastCreated = Instant.now().getEpochSecond();
    }

    private MailAccount signIn(int port) {
        var settings = ImapSettings.of("127.0.0.1", port, Security.PLAIN)
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(20))
                .withConnections(4, 100, Duration.ofDays(1));
        var backend = new ImapBackend(settings, clock);
        // A server that was just started again may close a connection before it greets.
        var answer = new AtomicReference<SignIn>();
        await().dontCatchUncaughtExceptions()
                .ignoreException(BackendUnavailableException.class)
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    answer.set(backend.signIn(credentials));
                    return true;
                });
        if (answer.get() instanceof SignIn.Accepted(var there)) {
            return server instanceof GreenMailServer ? renamingAtTheTopAlone(there) : there;
        }
        throw new AssertionError("the server refuses " + credentials.user());
    }

    /**
     * GreenMail does not move a mailbox below another: it gives it a name with the path in it, lists that, and does not
     * open it any more.
     */
    private static MailAccount renamingAtTheTopAlone(MailAccount account) {
        return (MailAccount) Proxy.newProxyInstance(
                MailAccount.class.getClassLoader(), new Class<?>[] {MailAccount.class}, (_, method, arguments) -> {
                    if (method.getName().equals("rename")
                            && (((String) arguments[0]).contains(".") || !arguments[1].equals(""))) {
                        return Outcome.refused(Outcome.Refusal.NO_PERMISSION, "not on GreenMail");
                    }
                    try {
                        return method.invoke(account, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Dovecot fails in a session that has a mailbox selected which is no more: what fails is done again, in another one. */
    private static MailAccount patient(MailAccount account) {
        return (MailAccount) Proxy.newProxyInstance(
                MailAccount.class.getClassLoader(), new Class<?>[] {MailAccount.class}, (_, method, arguments) -> {
                    for (boolean again = false; ; again = true) {
                        try {
                            return method.invoke(account, arguments);
                        } catch (InvocationTargetException e) {
                            if (again || !(e.getCause() instanceof BackendUnavailableException)) {
                                throw e.getCause();
                            }
                        }
                    }
                });
    }

    @Override
    public MailAccount gateway() {
        return signIn(proxy.port());
    }

    @Override
    public MailAccount other() {
        return other;
    }

    /** Puts another mailbox with the same messages in its place; INBOX and what has others below it stay. */
    @Override
    public void renumber(String mailbox) {
        var boxes = other.mailboxes();
        var box = boxes.stream().filter(one -> one.name().equals(mailbox)).findFirst();
        if (mailbox.equals("INBOX")
                || box.isEmpty()
                || boxes.stream().anyMatch(one -> one.parent().equals(Optional.of(mailbox)))) {
            return;
        }
        beforeCreate();
        // A server may refuse any of it; then the messages are elsewhere, and that is a change too.
        if (other.create("", "Fresh") instanceof Outcome.Done<String>(var fresh)
                && other.refresh(mailbox, FolderView.UNKNOWN) instanceof Refreshed.Current(var view)
                && other.move(mailbox, view.uidValidity(), view.present(), fresh)
                        .isDone()
                && other.delete(mailbox).isDone()) {
            other.rename(fresh, box.get().parent().orElse(""), box.get().displayName());
        }
    }

    /** Where UIDVALIDITY is the second of creation, two mailboxes of one second could not be told apart. */
    @Override
    public void beforeCreate() {
        if (!(server instanceof Dovecot)) {
            // GreenMail's threads end in exceptions when a connection is cut.
            await().dontCatchUncaughtExceptions()
                    .pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> Instant.now().getEpochSecond() > lastCreated);
            lastCreated = Instant.now().getEpochSecond();
        }
    }

    @Override
    public void cutAfter(int bytes, boolean toServer) {
        proxy.cutAfter(bytes, toServer);
    }

    @Override
    public boolean settle() {
        return proxy.settle();
    }

    @Override
    public void restart() {
        if (restarts) {
            server.restart();
        }
    }

    @Override
    public void close() {
        other.close();
        proxy.close();
        uncut.close();
    }
}
