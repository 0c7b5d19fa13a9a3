package org.airpost.backend;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** An account that refuses whatever is asked of it; a test overrides what it needs. */
public class RefusingMail implements MailAccount {

    @Override
    public List<Mailbox> mailboxes() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Refreshed refresh(String mailbox, FolderView known) {
        throw new UnsupportedOperationException();
    }

    @Override
    public UidSet receivedSince(String mailbox, long uidValidity, LocalDate day) {
        throw new UnsupportedOperationException();
    }

    @Override
    public UidSet withMessageId(String mailbox, long uidValidity, String messageId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Searched search(List<String> mailboxes, MailQuery query, Duration limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<Long, Instant> received(String mailbox, long uidValidity, UidSet uids) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(String mailbox, long uidValidity, Section section, OutputStream out) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<UidSet> store(String mailbox, long uidValidity, UidSet uids, Set<String> add, Set<String> remove) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<Map<Long, Long>> move(String mailbox, long uidValidity, UidSet uids, String target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<Map<Long, Long>> copy(String mailbox, long uidValidity, UidSet uids, String target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<UidSet> expunge(String mailbox, long uidValidity, UidSet uids) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<Long> append(String mailbox, MessageSource message, Set<String> flags, Instant internalDate) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<String> create(String parent, String displayName) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<String> rename(String mailbox, String newParent, String newDisplayName) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome<String> delete(String mailbox) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Watch watch(Set<String> mailboxes, Consumer<String> listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
