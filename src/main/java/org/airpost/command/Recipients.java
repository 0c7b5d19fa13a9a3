package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.command.CollectionAnswer.NewItem;
import org.airpost.convert.MailConverter;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.StatusException;
import org.airpost.eas.SyncStatus;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.sync.Folder;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Contacts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recipient information cache: those to whom the user writes most, which a phone suggests while an address is typed. What
 * each device was told is kept in two generations like a ledger, and an answer is the difference. Key: {@code
 * recipients/<user>/<device>}. Source: MS-ASCMD R2037, R3273; MS-ASCNTC "Refreshing the Recipient Information Cache".
 */
public final class Recipients {

    private static final Logger LOG = LoggerFactory.getLogger(Recipients.class);
    private static final int FORMAT = 1;

    /** Recipients where the phone says nothing, and at most. */
    private static final int USUAL = 50;

    static final int MOST = 100;

    /** A device that asks for nothing new for so long starts over. */
    private static final Duration KEPT = Duration.ofDays(90);

    private final SeenPeople people;
    private final Store store;
    private final InstantSource clock;

    public Recipients(SeenPeople people, Store store, InstantSource clock) {
        this.people = people;
        this.store = store;
        this.clock = clock;
    }

    /** True for the collection that phones call by this name. Source: MS-ASCMD_R2037. */
    static boolean isIn(String collectionId) {
        return Folder.RECIPIENTS.id().equals(collectionId);
    }

    /** A recipient as a phone has it. */
    private record Recipient(String name, String address, int rank) {}

    /** What a device was told, and where that stands in the store. */
    private record Told(
            long version,
            long generation,
            long named,
            int maxItems,
            Map<Long, Recipient> state,
            Optional<Map<Long, Recipient>> next) {

        static Told start(Optional<Told> before) {
            long generation = before.map(told -> told.named + 1).orElse(1L);
            return new Told(
                    before.map(Told::version).orElse(Store.ABSENT),
                    generation,
                    generation,
                    USUAL,
                    Map.of(),
                    Optional.empty());
        }

        Optional<Told> at(String syncKey) {
            if (syncKey.equals(Long.toString(generation))) {
                return Optional.of(new Told(version, generation, named, maxItems, state, Optional.empty()));
            }
            return next.filter(_ -> syncKey.equals(Long.toString(named)))
                    .map(heard -> new Told(version, named, named, maxItems, heard, Optional.empty()));
        }

        Told answering(Map<Long, Recipient> after) {
            return new Told(version, generation, named + 1, maxItems, state, Optional.of(after));
        }

        Told with(int most) {
            return new Told(version, generation, named, most, state, next);
        }
    }

    /** The answer for the collection. */
    CollectionAnswer run(Request request, SyncRequest.Collection asked) {
        var id = asked.id();
        if (!asked.commands().isEmpty()) {
            throw new StatusException(SyncStatus.PROTOCOL_ERROR, "commands for the recipients (MS-ASCMD_R756)");
        }
        if (asked.hasConversationMode(request.version())) {
            return CollectionAnswer.failed(id, SyncStatus.PROTOCOL_ERROR, asked.syncKey()); // R2117
        }
        var stored = load(request.device());
        if (asked.syncKey().equals("0")) {
            var begun = most(Told.start(stored), asked);
            save(request.device(), begun);
            return CollectionAnswer.started(id, Long.toString(begun.named));
        }
        var known = stored.flatMap(told -> told.at(asked.syncKey())).map(told -> most(told, asked));
        if (known.isEmpty()) {
            return CollectionAnswer.failed(id, SyncStatus.INVALID_SYNC_KEY, "0");
        }
        var told = known.get();
        var after = new LinkedHashMap<>(told.state);
        var deletes = new ArrayList<String>();
        var changes = new ArrayList<NewItem>();
        var adds = new ArrayList<NewItem>();
        boolean more = asked.wantsChanges()
                && difference(wanted(request, told.maxItems), asked.windowSize(), after, deletes, changes, adds);
        if (deletes.isEmpty() && changes.isEmpty() && adds.isEmpty()) {
            if (!told.equals(stored.get())) {
                save(request.device(), told);
            }
            return CollectionAnswer.silent(id, asked.syncKey());
        }
        var answered = told.answering(after);
        save(request.device(), answered);
        return new CollectionAnswer(
                id,
                SyncStatus.SUCCESS,
                Long.toString(answered.named),
                false,
                more,
                deletes,
                List.of(),
                List.of(),
                changes,
                adds,
                List.of());
    }

    /** How many a Sync from this key would tell; empty if the key is not known, and -1 if there was no Sync before. */
    Optional<Integer> estimate(Request request, String syncKey) {
        var stored = load(request.device());
        if (stored.isEmpty() || syncKey.equals("0")) {
            return Optional.of(-1);
        }
        return stored.get().at(syncKey).map(told -> {
            var deletes = new ArrayList<String>();
            var items = new ArrayList<NewItem>();
            difference(
                    wanted(request, told.maxItems), MOST * 2, new LinkedHashMap<>(told.state), deletes, items, items);
            return deletes.size() + items.size();
        });
    }

    private static Told most(Told told, SyncRequest.Collection asked) {
        return asked.maxItems()
                .map(most -> told.with(Math.clamp(most, 0, MOST)))
                .orElse(told);
    }

    /** Those that the phone is to have, the heaviest first. */
    private Map<Long, Recipient> wanted(Request request, int most) {
        var wanted = new LinkedHashMap<Long, Recipient>();
        people.recipients(request.account()).stream()
                .limit(most)
                .forEach(one ->
                        wanted.put(number(one.address()), new Recipient(one.name(), one.address(), one.written())));
        return wanted;
    }

    /** Takes from the difference what fits, and applies it; true if there is more. */
    private static boolean difference(
            Map<Long, Recipient> wanted,
            int room,
            Map<Long, Recipient> after,
            List<String> deletes,
            List<NewItem> changes,
            List<NewItem> adds) {
        var gone = after.keySet().stream().filter(id -> !wanted.containsKey(id)).toList();
        int left = room;
        for (long id : gone) {
            if (left-- <= 0) {
                return true;
            }
            after.remove(id);
            deletes.add(serverId(id));
        }
        for (var entry : wanted.entrySet()) {
            var before = Optional.ofNullable(after.get(entry.getKey()));
            if (before.equals(Optional.of(entry.getValue()))) {
                continue;
            }
            if (left-- <= 0) {
                return true;
            }
            after.put(entry.getKey(), entry.getValue());
            (before.isPresent() ? changes : adds)
                    .add(new NewItem(serverId(entry.getKey()), new Item(entry.getValue()), Set.of()));
        }
        return false;
    }

    private static String serverId(long number) {
        return Folder.RECIPIENTS.id() + ":" + number;
    }

    /** The same for an address on all devices and at all times. */
    private static long number(String address) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            return ByteBuffer.wrap(sha.digest(address.toLowerCase(Locale.ROOT).getBytes(UTF_8)))
                            .getLong()
                    >>> 8;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** A recipient as it is written: these elements and no others (MS-ASCNTC_R514); Exchange has no Alias either (R1010). */
    private record Item(Recipient recipient) implements MailConverter.Item {

        @Override
        public long uid() {
            return number(recipient.address);
        }

        @Override
        public Instant received() {
            return Instant.EPOCH;
        }

        @Override
        public Set<String> flags() {
            return Set.of();
        }

        @Override
        public boolean isPlaceholder() {
            return false;
        }

        @Override
        public long approximateBytes() {
            return 100L + recipient.name.length() + recipient.address.length();
        }

        @Override
        public void write(WbxmlWriter out, Set<String> flags) {
            out.text(Contacts.EMAIL1_ADDRESS, recipient.address)
                    .text(Contacts.FILE_AS, recipient.name)
                    .text(Contacts.WEIGHTED_RANK, recipient.rank);
        }

        @Override
        public void write(WbxmlWriter out, Set<String> flags, MailConverter.Parts parts) {
            write(out, flags);
        }

        @Override
        public void writeFound(WbxmlWriter out, Set<String> flags) {
            write(out, flags);
        }
    }

    // The record

    private Optional<Told> load(DeviceKey device) {
        return store.get(key(device)).map(stored -> decode(device, stored));
    }

    private void save(DeviceKey device, Told told) {
        if (store.put(
                        key(device),
                        encode(told),
                        told.version,
                        Optional.of(clock.instant().plus(KEPT)))
                .isEmpty()) {
            throw new StoreException("recipients of %s were written by another request".formatted(device.path()));
        }
    }

    private static byte[] encode(Told told) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeLong(told.generation);
            out.writeLong(told.named);
            out.writeInt(told.maxItems);
            write(told.state, out);
            out.writeBoolean(told.next.isPresent());
            if (told.next.isPresent()) {
                write(told.next.get(), out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(Map<Long, Recipient> recipients, DataOutputStream out) throws IOException {
        out.writeInt(recipients.size());
        for (var entry : recipients.entrySet()) {
            out.writeLong(entry.getKey());
            out.writeUTF(entry.getValue().name);
            out.writeUTF(entry.getValue().address);
            out.writeInt(entry.getValue().rank);
        }
    }

    /** What cannot be read knows no key, so that the phone starts over, and never gives one of before again. */
    private static Told decode(DeviceKey device, Store.Versioned stored) {
        try (var in = new DataInputStream(new ByteArrayInputStream(stored.value()))) {
            int format = in.readByte();
            if (format != FORMAT) {
                throw new IOException("format " + format);
            }
            long generation = in.readLong();
            long named = in.readLong();
            int maxItems = in.readInt();
            var state = read(in);
            var next = in.readBoolean() ? Optional.of(read(in)) : Optional.<Map<Long, Recipient>>empty();
            return new Told(stored.version(), generation, named, maxItems, state, next);
        } catch (IOException e) {
            LOG.warn(
                    "recipients not readable, the device starts over device={} reason={}",
                    device.path(),
                    e.getMessage());
            long generation = 1_000_000_000_000L + stored.version();
            return new Told(stored.version(), generation, generation, USUAL, Map.of(), Optional.empty());
        }
    }

    private static Map<Long, Recipient> read(DataInputStream in) throws IOException {
        var recipients = new LinkedHashMap<Long, Recipient>();
        for (int left = in.readInt(); left > 0; left--) {
            recipients.put(in.readLong(), new Recipient(in.readUTF(), in.readUTF(), in.readInt()));
        }
        return recipients;
    }

    private static String key(DeviceKey device) {
        return "recipients/" + device.path();
    }
}
