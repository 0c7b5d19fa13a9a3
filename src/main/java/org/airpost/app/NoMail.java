package org.airpost.app;

import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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

/** The mail of a device that came in only to be told to wipe itself: there is none, and never will be. */
final class NoMail implements MailAccount {

    private static final Duration RETRY = Duration.ofSeconds(30);

    private static BackendUnavailableException closed() {
        return new BackendUnavailableException("a device that is to be wiped has no mail", RETRY);
    }

    @Override
    public List<Mailbox> mailboxes() {
        throw closed();
    }

    @Override
    public Refreshed refresh(String mailbox, FolderView known) {
        throw closed();
    }

    @Override
    public UidSet receivedSince(String mailbox, long uidValidity, LocalDate day) {
        throw closed();
    }

    @Override
    public UidSet withMessageId(String mailbox, long uidValidity, String messageId) {
        throw closed();
    }

    @Override
    public Searched search(List<String> mailboxes, MailQuery query, Duration limit) {
        throw closed();
    }

    @Override
    public Map<Long, Instant> received(String mailbox, long uidValidity, UidSet uids) {
        throw closed();
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
        throw closed();
    }

    @Override
    public Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections) {
        throw closed();
    }

    @Override
    public long read(String mailbox, long uidValidity, Section section, OutputStream out) {
        throw closed();
    }

    @Override
    public Outcome<UidSet> store(String mailbox, long uidValidity, UidSet uids, Set<String> add, Set<String> remove) {
        throw closed();
    }

    @Override
    public Outcome<Map<Long, Long>> move(String mailbox, long uidValidity, UidSet uids, String target) {
        throw closed();
    }

    @Override
    public Outcome<Map<Long, Long>> copy(String mailbox, long uidValidity, UidSet uids, String target) {
        throw closed();
    }

    @Override
    public Outcome<UidSet> expunge(String mailbox, long uidValidity, UidSet uids) {
        throw closed();
    }

    @Override
    public Outcome<Long> append(String mailbox, MessageSource message, Set<String> flags, Instant internalDate) {
        throw closed();
    }

    @Override
    public Outcome<String> create(String parent, String displayName) {
        throw closed();
    }

    @Override
    public Outcome<String> rename(String mailbox, String newParent, String newDisplayName) {
        throw closed();
    }

    @Override
    public Outcome<String> delete(String mailbox) {
        throw closed();
    }

    @Override
    public Watch watch(Set<String> mailboxes, Consumer<String> listener) {
        throw closed();
    }

    @Override
    public void close() {}
}
