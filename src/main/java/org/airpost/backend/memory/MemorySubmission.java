package org.airpost.backend.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Submission;

/**
 * Takes mail and delivers it to the INBOX of users of the same {@link MemoryMail}, found by address or by its local part.
 * Keeps what was sent, the latest 1,000.
 */
public final class MemorySubmission implements Submission {

    private static final int KEPT = 1_000;

    private final MemoryMail mail;
    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private final Set<String> refused = java.util.concurrent.ConcurrentHashMap.newKeySet();
    private final AtomicReference<Optional<Submitted>> next = new AtomicReference<>(Optional.empty());

    public MemorySubmission(MemoryMail mail) {
        this.mail = mail;
    }

    /** A message that was taken. */
    public record Sent(String user, String from, List<String> recipients, byte[] message) {}

    /** What was taken, oldest first. */
    public List<Sent> sent() {
        return List.copyOf(sent);
    }

    /** The next submission ends so. After Unknown the message was taken all the same; otherwise nothing is delivered. */
    public void next(Submitted result) {
        next.set(Optional.of(result));
    }

    /** Recipients with this address are refused from now on. */
    public void refuse(String address) {
        refused.add(address);
    }

    @Override
    public Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message) {
        var result = next.getAndSet(Optional.empty());
        if (result.isPresent() && !(result.get() instanceof Submitted.Unknown)) {
            return result.get();
        }
        var no = new ArrayList<RefusedRecipient>();
        var yes = new ArrayList<String>();
        for (var recipient : recipients) {
            if (refused.contains(recipient)) {
                no.add(new RefusedRecipient(recipient, "550 5.1.1 no such user"));
            } else {
                yes.add(recipient);
            }
        }
        if (yes.isEmpty()) {
            return new Submitted.NoRecipient(no);
        }
        byte[] bytes;
        try (var in = message.open()) {
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (sent.size() >= KEPT) {
            sent.removeFirst();
        }
        sent.add(new Sent(credentials.user(), from, List.copyOf(yes), bytes));
        for (var recipient : yes) {
            var local = recipient.replaceFirst("@.*", "");
            if (mail.has(recipient)) {
                mail.deliver(recipient, MemoryStore.INBOX, bytes, Set.of());
            } else if (mail.has(local)) {
                mail.deliver(local, MemoryStore.INBOX, bytes, Set.of());
            }
        }
        return result.orElseGet(() -> new Submitted.Taken(no));
    }
}
