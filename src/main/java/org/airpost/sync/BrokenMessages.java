package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.backend.UidSet;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that phones got a placeholder for, since they could not be converted or read. An administrator lists them and has
 * them sent anew once the reason is gone. At most {@value #MOST} are kept for a user, each for 90 days. Key: {@code
 * broken/<user>/<folder>/<UIDVALIDITY>/<UID>}.
 */
public final class BrokenMessages {

    /** Messages of one user that are kept; of what breaks beyond that only the log tells. */
    static final int MOST = 200;

    private static final Logger LOG = LoggerFactory.getLogger(BrokenMessages.class);
    private static final int FORMAT = 1;
    private static final int PAGE = 500;
    private static final int LONGEST_TEXT = 500;
    private static final Duration KEPT = Duration.ofDays(90);
    private static final String PREFIX = "broken/";

    private final Store store;
    private final Ledgers ledgers;
    private final InstantSource clock;
    private final AtomicLong count = new AtomicLong();

    public BrokenMessages(Store store, Ledgers ledgers, InstantSource clock) {
        this.store = store;
        this.ledgers = ledgers;
        this.clock = clock;
    }

    /**
     * A message that is broken.
     *
     * @param mailbox the folder's name when it was met
     * @param received INTERNALDATE
     * @param reason in a few words, nothing of its content
     */
    public record Broken(
            String user, String folderId, long uidValidity, long uid, String mailbox, Instant received, String reason) {

        /** By this an administrator names it. */
        public String id() {
            return user + "/" + folderId + ":" + uid;
        }

        private String key() {
            return PREFIX + user + "/" + folderId + "/" + uidValidity + "/" + uid;
        }
    }

    /** Broken messages met since the start, each as often as it was met. */
    public long count() {
        return count.get();
    }

    /** Notes a broken message. That this cannot be written is no reason to keep the phone waiting. */
    public void note(Broken met) {
        count.incrementAndGet();
        var broken = new Broken(
                met.user(),
                met.folderId(),
                met.uidValidity(),
                met.uid(),
                cut(met.mailbox()),
                met.received(),
                cut(met.reason()));
        try {
            var stored = store.get(broken.key());
            boolean isNew = stored.isEmpty();
            if (isNew && store.scan(PREFIX + broken.user() + "/", "", MOST).size() >= MOST) {
                LOG.warn("broken messages of user={} are more than {}: the rest is not listed", broken.user(), MOST);
                return;
            }
            if (isNew) {
                store.put(
                        broken.key(),
                        encode(broken),
                        Store.ABSENT,
                        Optional.of(clock.instant().plus(KEPT)));
            }
        } catch (StoreException e) {
            LOG.warn("broken message not listed user={} reason={}", broken.user(), e.getMessage());
        }
    }

    /** All that are known, by user and folder. */
    public List<Broken> list() {
        var all = new ArrayList<Broken>();
        var page = store.scan(PREFIX, "", PAGE);
        while (!page.isEmpty()) {
            page.forEach(entry -> decode(entry).ifPresent(all::add));
            page = store.scan(PREFIX, page.getLast().key(), PAGE);
        }
        return all;
    }

    /** Has a message sent anew to all devices of its user that have it; it is listed no more, unless it breaks again. */
    public void retry(Broken broken) {
        for (var device : ledgers.devicesWith(broken.user(), broken.folderId())) {
            ledgers.again(device, broken.folderId(), broken.uidValidity(), UidSet.of(broken.uid()));
        }
        store.get(broken.key()).ifPresent(stored -> store.delete(broken.key(), stored.version()));
        LOG.info("broken retry user={} folder={} uid={}", broken.user(), broken.folderId(), broken.uid());
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
    }

    private static byte[] encode(Broken broken) {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeUTF(broken.mailbox());
            out.writeLong(broken.received().toEpochMilli());
            out.writeUTF(broken.reason());
        });
    }

    private static Optional<Broken> decode(Store.Entry entry) {
        var parts = entry.key().split("/", -1);
        try (var in =
                new DataInputStream(new ByteArrayInputStream(entry.versioned().value()))) {
            if (in.readByte() != FORMAT || parts.length != 5) {
                return Optional.empty();
            }
            return Optional.of(new Broken(
                    parts[1],
                    parts[2],
                    Long.parseLong(parts[3]),
                    Long.parseLong(parts[4]),
                    in.readUTF(),
                    Instant.ofEpochMilli(in.readLong()),
                    in.readUTF()));
        } catch (IOException | NumberFormatException e) {
            LOG.warn("broken message not readable key={} reason={}", entry.key(), e.getMessage());
            return Optional.empty();
        }
    }
}
