package org.airpost.sync;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailQuery;
import org.airpost.backend.Mailbox;
import org.airpost.backend.MessageData;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Section;
import org.airpost.backend.UidSet;

/** An account whose calls fail, before or after their effect, or in the middle of which something else happens. */
final class FaultyMail implements MailAccount {

    private final Runnable beforeCreate;
    private MailAccount mail;
    private Optional<Fault> fault = Optional.empty();
    private boolean happened;
    volatile boolean down;

    /** Is told of messages that are about to be described. */
    volatile Consumer<List<Long>> describes = _ -> {};

    /** Calls while it was down. */
    final AtomicInteger refused = new AtomicInteger();

    FaultyMail(MailAccount mail) {
        this(mail, () -> {});
    }

    FaultyMail(MailAccount mail, Runnable beforeCreate) {
        this.mail = mail;
        this.beforeCreate = beforeCreate;
    }

    /** Goes on with another session of the same user. */
    void reconnect(MailAccount other) {
        mail.close();
        mail = other;
    }

    /** What happens at a call to come, the first one being number 1. */
    private record Fault(int call, How how, Runnable what) {}

    /** When it happens. */
    enum How {
        FAILS_BEFORE,
        FAILS_AFTER,
        MEANWHILE
    }

    /** Plans what happens at the call with this number. */
    void at(int call, How how, Runnable what) {
        fault = Optional.of(new Fault(call, how, what));
        happened = false;
    }

    /** Forgets the plan; true if it had come to pass. */
    boolean settle() {
        fault = Optional.empty();
        return happened;
    }

    private <T> T call(Supplier<T> work) {
        if (down) {
            refused.incrementAndGet();
            throw new BackendUnavailableException("down", Duration.ofSeconds(1));
        }
        if (fault.isEmpty()) {
            return work.get();
        }
        var planned = fault.get();
        fault = Optional.of(new Fault(planned.call() - 1, planned.how(), planned.what()));
        if (planned.call() != 1) {
            return work.get();
        }
        happened = true;
        fault = Optional.empty();
        switch (planned.how()) {
            case FAILS_BEFORE -> throw new BackendUnavailableException("lost before", Duration.ofSeconds(1));
            case MEANWHILE -> planned.what().run();
            case FAILS_AFTER -> {
                var _ = work.get();
                throw new BackendUnavailableException("lost after", Duration.ofSeconds(1));
            }
        }
        return work.get();
    }

    @Override
    public List<Mailbox> mailboxes() {
        return call(mail::mailboxes);
    }

    @Override
    public Refreshed refresh(String mailbox, FolderView known) {
        return call(() -> mail.refresh(mailbox, known));
    }

    @Override
    public UidSet receivedSince(String mailbox, long uidValidity, LocalDate day) {
        return call(() -> mail.receivedSince(mailbox, uidValidity, day));
    }

    @Override
    public UidSet withMessageId(String mailbox, long uidValidity, String messageId) {
        return call(() -> mail.withMessageId(mailbox, uidValidity, messageId));
    }

    @Override
    public Searched search(List<String> mailboxes, MailQuery query, Duration limit) {
        return call(() -> mail.search(mailboxes, query, limit));
    }

    @Override
    public Map<Long, Instant> received(String mailbox, long uidValidity, UidSet uids) {
        return call(() -> mail.received(mailbox, uidValidity, uids));
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
        describes.accept(uids);
        return call(() -> mail.describe(mailbox, uidValidity, uids));
    }

    @Override
    public Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections) {
        return call(() -> mail.read(mailbox, uidValidity, sections));
    }

    @Override
    public long read(String mailbox, long uidValidity, Section section, OutputStream out) {
        return call(() -> {
            try {
                return mail.read(mailbox, uidValidity, section, out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public Outcome<UidSet> store(String mailbox, long uidValidity, UidSet uids, Set<String> add, Set<String> remove) {
        return call(() -> mail.store(mailbox, uidValidity, uids, add, remove));
    }

    @Override
    public Outcome<Map<Long, Long>> move(String mailbox, long uidValidity, UidSet uids, String target) {
        return call(() -> mail.move(mailbox, uidValidity, uids, target));
    }

    @Override
    public Outcome<Map<Long, Long>> copy(String mailbox, long uidValidity, UidSet uids, String target) {
        return call(() -> mail.copy(mailbox, uidValidity, uids, target));
    }

    @Override
    public Outcome<UidSet> expunge(String mailbox, long uidValidity, UidSet uids) {
        return call(() -> mail.expunge(mailbox, uidValidity, uids));
    }

    @Override
    public Outcome<Long> append(String mailbox, MessageSource message, Set<String> flags, Instant internalDate) {
        return call(() -> mail.append(mailbox, message, flags, internalDate));
    }

    @Override
    public Outcome<String> create(String parent, String displayName) {
        return call(() -> {
            beforeCreate.run();
            return mail.create(parent, displayName);
        });
    }

    @Override
    public Outcome<String> rename(String mailbox, String newParent, String newDisplayName) {
        return call(() -> mail.rename(mailbox, newParent, newDisplayName));
    }

    @Override
    public Outcome<String> delete(String mailbox) {
        return call(() -> mail.delete(mailbox));
    }

    @Override
    public Watch watch(Set<String> mailboxes, Consumer<String> listener) {
        return call(() -> mail.watch(mailboxes, listener));
    }

    @Override
    public void close() {
        mail.close();
    }
}
