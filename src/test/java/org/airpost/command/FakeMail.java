package org.airpost.command;

import java.io.OutputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.airpost.backend.FolderView;
import org.airpost.backend.Mailbox;
import org.airpost.backend.MessageData;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Section;
import org.airpost.backend.UidSet;

/** A mail server that knows mailboxes and deletes, and does nothing else. */
final class FakeMail extends RefusingMail {

    final List<String> done = new ArrayList<>();
    final List<Mailbox> mailboxes = new ArrayList<>();
    Optional<Outcome.Refusal> refuses = Optional.empty();

    void add(String parent, String name) {
        add(parent, name, Optional.empty());
    }

    void add(String parent, String name, Optional<Mailbox.Role> role) {
        mailboxes.add(new Mailbox(
                parent.isEmpty() ? name : parent + "/" + name,
                Optional.of(parent).filter(p -> !p.isEmpty()),
                name,
                role,
                true,
                Optional.empty()));
    }

    @Override
    public List<Mailbox> mailboxes() {
        return mailboxes;
    }

    @Override
    public Outcome<UidSet> expunge(String mailbox, long uidValidity, UidSet uids) {
        done.add("expunge %s %d %s".formatted(mailbox, uidValidity, uids.toImap()));
        return refuses.<Outcome<UidSet>>map(why -> Outcome.refused(why, "no")).orElseGet(() -> Outcome.done(uids));
    }

    @Override
    public Outcome<String> delete(String mailbox) {
        done.add("delete " + mailbox);
        return refuses.<Outcome<String>>map(why -> Outcome.refused(why, "no")).orElseGet(() -> Outcome.done(mailbox));
    }

    @Override
    public Refreshed refresh(String mailbox, FolderView known) {
        throw new AssertionError("not for this test");
    }

    @Override
    public UidSet receivedSince(String mailbox, long uidValidity, LocalDate day) {
        throw new AssertionError("not for this test");
    }

    @Override
    public UidSet withMessageId(String mailbox, long uidValidity, String messageId) {
        throw new AssertionError("not for this test");
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections) {
        throw new AssertionError("not for this test");
    }

    @Override
    public long read(String mailbox, long uidValidity, Section section, OutputStream out) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Outcome<UidSet> store(String mailbox, long uidValidity, UidSet uids, Set<String> add, Set<String> remove) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Outcome<Map<Long, Long>> move(String mailbox, long uidValidity, UidSet uids, String target) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Outcome<Map<Long, Long>> copy(String mailbox, long uidValidity, UidSet uids, String target) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Outcome<Long> append(String mailbox, MessageSource message, Set<String> flags, Instant internalDate) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Outcome<String> create(String parent, String displayName) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Outcome<String> rename(String mailbox, String newParent, String newDisplayName) {
        throw new AssertionError("not for this test");
    }

    @Override
    public Watch watch(Set<String> mailboxes, Consumer<String> listener) {
        throw new AssertionError("not for this test");
    }
}
