package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Submission;
import org.airpost.backend.Submission.RefusedRecipient;
import org.airpost.backend.Submission.Submitted;
import org.airpost.convert.Outgoing;
import org.airpost.eas.StatusException;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mails that the submission server did not take yet, and phones no longer hold: in files of their own, with a record each in
 * the store. They are tried again with growing pauses, and given back to their user as a bounce in the end. No password is
 * stored: a mail is tried while its user is signed in, as a phone that is switched on always is. See docs/decisions/010.
 */
public final class MailQueue {

    private static final Logger log = LoggerFactory.getLogger(MailQueue.class);

    private static final String PREFIX = "queue/";
    private static final int MOST = 10_000;
    private static final int AT_ONCE = 8;
    private static final Duration ROOM_WAIT = Duration.ofSeconds(10);
    private static final int CONFLICTS = 10;

    /** So long a copy that could not be kept is tried again. */
    private static final Duration COPY_IS_TRIED = Duration.ofDays(1);

    private static final List<Duration> PAUSES = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5),
            Duration.ofMinutes(10),
            Duration.ofMinutes(20),
            Duration.ofMinutes(40),
            Duration.ofHours(1));

    /** No file is younger whose record is still to come. */
    private static final Duration WRITTEN = Duration.ofHours(1);

    private final Path directory;
    private final Duration lifetime;
    private final Outbox.Queue settings;
    private final Submission submission;
    private final SentCopies copies;
    private final Notices notices;
    private final Store store;
    private final Clock clock;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final Semaphore permits = new Semaphore(AT_ONCE);
    private final ReentrantLock room = new ReentrantLock();

    /** What is being taken over and may have no record yet; under the lock of the room. */
    private final Map<String, Share> coming = new HashMap<>();

    private volatile Instant nextSweep = Instant.EPOCH;

    MailQueue(
            Outbox.Queue settings,
            Submission submission,
            SentCopies copies,
            Notices notices,
            Store store,
            Clock clock) {
        this.directory = settings.directory();
        this.lifetime = settings.lifetime();
        this.settings = settings;
        this.submission = submission;
        this.copies = copies;
        this.notices = notices;
        this.store = store;
        this.clock = clock;
    }

    /** When the server took a mail, and for whom it did not. */
    public record HandedOver(Instant since, List<RefusedRecipient> unreached) {

        public HandedOver {
            unreached = List.copyOf(unreached);
        }

        private String text() {
            return since.toEpochMilli() + " " + SentJournal.text(unreached);
        }

        private static HandedOver of(String text) {
            var fields = text.split(" ", 2);
            return new HandedOver(
                    Instant.ofEpochMilli(Long.parseLong(fields[0])),
                    fields.length > 1 ? SentJournal.recipients(fields[1]) : List.of());
        }
    }

    /** What a mail takes of the queue. */
    private record Share(String user, long bytes) {}

    /**
     * A mail in the queue.
     *
     * @param id short, to be typed; the same for each repeat of a mail
     * @param uncertain the server may have taken it: it looks for the copy first
     * @param tries how often it was tried from here
     * @param words of the server, the last time
     * @param bytes of the mail
     * @param handedOver if the server has taken it: then it is never submitted again
     */
    public record Queued(
            String id,
            String user,
            Instant since,
            Instant next,
            int tries,
            boolean uncertain,
            boolean save,
            String from,
            List<String> recipients,
            String messageId,
            String words,
            long bytes,
            Optional<HandedOver> handedOver,
            long version) {

        public Queued {
            recipients = List.copyOf(recipients);
        }

        private byte[] encoded() {
            Map<String, String> fields = new TreeMap<>();
            fields.put("user", user);
            fields.put("since", Long.toString(since.toEpochMilli()));
            fields.put("next", Long.toString(next.toEpochMilli()));
            fields.put("tries", Integer.toString(tries));
            fields.put("uncertain", Boolean.toString(uncertain));
            fields.put("save", Boolean.toString(save));
            fields.put("from", from);
            fields.put("recipients", String.join("\n", recipients));
            fields.put("messageId", messageId);
            fields.put("words", words);
            fields.put("bytes", Long.toString(bytes));
            handedOver.ifPresent(h -> fields.put("handedOver", h.text()));
            return fields.entrySet().stream()
                    .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue(), UTF_8))
                    .collect(Collectors.joining("&"))
                    .getBytes(UTF_8);
        }

        private static Queued of(Store.Entry entry) {
            var fields = Arrays.stream(new String(entry.versioned().value(), UTF_8).split("&", -1))
                    .map(f -> f.split("=", 2))
                    .collect(Collectors.toMap(f -> f[0], f -> URLDecoder.decode(f[1], UTF_8)));
            return new Queued(
                    entry.key().substring(PREFIX.length()),
                    fields.getOrDefault("user", ""),
                    Instant.ofEpochMilli(Long.parseLong(fields.getOrDefault("since", "0"))),
                    Instant.ofEpochMilli(Long.parseLong(fields.getOrDefault("next", "0"))),
                    Integer.parseInt(fields.getOrDefault("tries", "0")),
                    Boolean.parseBoolean(fields.getOrDefault("uncertain", "true")),
                    Boolean.parseBoolean(fields.getOrDefault("save", "true")),
                    fields.getOrDefault("from", ""),
                    List.of(fields.getOrDefault("recipients", "").split("\n", -1)),
                    fields.getOrDefault("messageId", ""),
                    fields.getOrDefault("words", ""),
                    Long.parseLong(fields.getOrDefault("bytes", "0")),
                    Optional.ofNullable(fields.get("handedOver")).map(HandedOver::of),
                    entry.versioned().version());
        }

        private Queued with(Instant moment, int count, boolean maybeTaken, String said) {
            return new Queued(
                    id,
                    user,
                    since,
                    moment,
                    count,
                    maybeTaken,
                    save,
                    from,
                    recipients,
                    messageId,
                    said,
                    bytes,
                    handedOver,
                    version);
        }

        private Queued with(long newVersion) {
            return with(since, handedOver, newVersion);
        }

        private Queued with(HandedOver taken) {
            return with(since, Optional.of(taken), version);
        }

        private Queued givenUp() {
            return with(Instant.EPOCH, handedOver, version);
        }

        private Queued with(Instant begun, Optional<HandedOver> taken, long newVersion) {
            return new Queued(
                    id,
                    user,
                    begun,
                    next,
                    tries,
                    uncertain,
                    save,
                    from,
                    recipients,
                    messageId,
                    words,
                    bytes,
                    taken,
                    newVersion);
        }
    }

    /** The id of a mail that a journal knows by this key: a repeat finds it by that. */
    static String id(String key, String messageId) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest((key + " " + messageId).getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** True if a mail with this id was taken over, and waits. */
    boolean holds(String id) {
        return store.get(PREFIX + id).isPresent() && Files.exists(file(id));
    }

    /**
     * Takes a mail over: when this returns, it is on the disk. After a StoreException it may be, too. An IOException if there
     * is no room for it.
     */
    void add(String id, Account account, Outgoing outgoing, boolean save, boolean uncertain, String words)
            throws IOException {
        long size = outgoing.kept().size();
        takeRoom(id, new Share(account.user(), size));
        try {
            var now = clock.instant();
            Files.deleteIfExists(file(id)); // left by a crash, if it is there
            write(outgoing.kept(), file(id));
            var queued = new Queued(
                    id,
                    account.user(),
                    now,
                    now.plus(PAUSES.getFirst()),
                    0,
                    uncertain,
                    save,
                    outgoing.from(),
                    outgoing.recipients(),
                    outgoing.messageId(),
                    oneLine(words),
                    size,
                    Optional.empty(),
                    Store.ABSENT);
            try {
                put(queued);
            } catch (StoreException e) {
                // The write that failed may have been done.
                if (store.get(PREFIX + id).isEmpty()) {
                    Files.deleteIfExists(file(id));
                    throw e;
                }
            }
        } finally {
            giveRoom(id);
        }
        log.info("queued id={} user={} bytes={}", id, account.user(), size);
    }

    private void takeRoom(String id, Share share) throws IOException {
        lockRoom(); // held while the records are read: two that look at the same time would both find the last place
        try {
            var shares = new HashMap<>(coming);
            list().forEach(queued -> shares.put(queued.id, new Share(queued.user, queued.bytes)));
            var ofUser = shares.values().stream()
                    .filter(other -> other.user.equals(share.user))
                    .toList();
            if (shares.size() >= MOST || bytes(shares.values()) + share.bytes > settings.bytes()) {
                throw new IOException("the queue is full mails=" + shares.size());
            }
            if (ofUser.size() >= settings.mails() || bytes(ofUser) + share.bytes > settings.userBytes()) {
                throw new IOException("the queue is full for this user mails=" + ofUser.size());
            }
            coming.put(id, share);
        } finally {
            room.unlock();
        }
    }

    private void lockRoom() throws IOException {
        try {
            if (room.tryLock(ROOM_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IOException("waited for the queue in vain");
    }

    private void giveRoom(String id) {
        room.lock(); // nobody holds it for longer than the store takes to read
        try {
            coming.remove(id);
        } finally {
            room.unlock();
        }
    }

    private static long bytes(Collection<Share> shares) {
        return shares.stream().mapToLong(Share::bytes).sum();
    }

    private void write(MessageSource message, Path file) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        try (var in = message.open();
                var channel = FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            in.transferTo(Channels.newOutputStream(channel));
            channel.force(true);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        try (var parent = FileChannel.open(directory)) {
            parent.force(true); // the name, too
        }
    }

    private Path file(String id) {
        return directory.resolve(id + ".eml");
    }

    private Optional<Queued> read(String id) {
        return store.get(PREFIX + id).map(found -> Queued.of(new Store.Entry(PREFIX + id, found)));
    }

    private Queued put(Queued queued) {
        var version = store.put(PREFIX + queued.id, queued.encoded(), queued.version);
        return queued.with(
                version.orElseThrow(() -> new StoreException("another one works on the queued mail " + queued.id)));
    }

    /** What waits, in the order of ids. */
    public List<Queued> list() {
        return store.scan(PREFIX, "", MOST).stream().map(Queued::of).toList();
    }

    /** Tries a mail at the next occasion, whenever it was to be tried; false if it is tried at this moment. */
    public boolean retry(Queued queued) {
        return set(queued.with(clock.instant(), queued.tries, queued.uncertain, queued.words));
    }

    /**
     * Gives a mail back to its user, undelivered, as soon as he is signed in; false if it is tried at this moment. One that
     * the server has taken leaves the queue.
     */
    public boolean giveUp(Queued queued) {
        return set(queued.with(clock.instant(), queued.tries, queued.uncertain, "given up by the administrator")
                .givenUp());
    }

    private boolean set(Queued queued) {
        return !underWay.contains(queued.id)
                && store.put(PREFIX + queued.id, queued.encoded(), queued.version)
                        .isPresent();
    }

    /**
     * Begins to try what is due of users that are signed in; does not wait for the end. What is older than twice its lifetime
     * is removed although nobody signed in.
     */
    public void work(Function<String, Optional<Account>> signedIn) {
        var now = clock.instant();
        if (!now.isBefore(nextSweep)) {
            nextSweep = now.plus(WRITTEN);
            sweep(now);
        }
        for (var queued : list()) {
            if (queued.next.isAfter(now) || underWay.contains(queued.id)) {
                continue;
            }
            var account = signedIn.apply(queued.user);
            if (account.isEmpty() && isForgotten(queued, now)) {
                forget(queued);
                continue;
            }
            if (account.isEmpty() || !permits.tryAcquire()) {
                continue;
            }
            underWay.add(queued.id);
            Thread.ofVirtual().name("queued " + queued.id).start(() -> {
                try {
                    attempt(account.get(), queued.id);
                } finally {
                    underWay.remove(queued.id);
                    permits.release();
                }
            });
        }
    }

    private boolean isForgotten(Queued queued, Instant now) {
        // What was given up waits from that moment on.
        var since = queued.since.equals(Instant.EPOCH) ? queued.next : queued.since;
        return since.plus(lifetime).plus(lifetime).isBefore(now);
    }

    private void forget(Queued queued) {
        try {
            if (store.delete(PREFIX + queued.id, queued.version)) {
                log.warn(
                        "queued mail removed undelivered, its user did not sign in id={} user={}",
                        queued.id,
                        queued.user);
                Files.deleteIfExists(file(queued.id));
            }
        } catch (IOException e) {
            log.warn("queued mail's file not removed id={} problem=\"{}\"", queued.id, e.toString()); // the sweep will
        }
    }

    /** Removes files without a record: a process ended between the two. */
    private void sweep(Instant now) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var files = Files.newDirectoryStream(directory, "*.eml")) {
            for (var file : files) {
                var name = file.getFileName().toString();
                var id = name.substring(0, name.length() - ".eml".length());
                boolean isOld = Files.getLastModifiedTime(file)
                        .toInstant()
                        .plus(WRITTEN)
                        .isBefore(now);
                if (isOld && store.get(PREFIX + id).isEmpty() && Files.deleteIfExists(file)) {
                    log.warn("file of no queued mail removed id={}", id);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            log.warn("queue not swept directory={} problem=\"{}\"", directory, e.toString());
        }
    }

    /** Mails that are tried at the moment. */
    public int underWay() {
        return underWay.size();
    }

    private void attempt(Account account, String id) {
        try {
            // What was listed may be older than the end of the last attempt.
            var queued = read(id).filter(now -> !now.next.isAfter(clock.instant()));
            if (queued.isPresent()) {
                deliver(account, queued.get());
            }
        } catch (BackendUnavailableException
                | StatusException
                | StoreException
                | IOException
                | UncheckedIOException e) {
            log.warn("queued mail not tried id={} user={} problem=\"{}\"", id, account.user(), e.toString());
        } catch (RuntimeException e) {
            log.error("queued mail failed id={}: report this as a bug", id, e);
        }
    }

    private void deliver(Account account, Queued first) throws IOException {
        var kept = mail(first);
        if (first.handedOver.isPresent()) {
            complete(account, first, first.handedOver.get(), kept, true);
            return;
        }
        if (first.uncertain && copies.hold(account, first.messageId)) {
            remove(first, "taken before, as its copy shows");
            return;
        }
        if (first.since.plus(lifetime).isBefore(clock.instant())
                && (first.tries > 0 || first.since.equals(Instant.EPOCH))) {
            bounce(
                    account,
                    first,
                    kept,
                    first.recipients.stream()
                            .map(r -> new RefusedRecipient(r, first.words))
                            .toList());
            return;
        }
        var current = new ArrayList<>(List.of(first));
        var result = submission.submit(
                account.credentials(), first.from, first.recipients, Outgoing.withoutBcc(kept), () -> {
                    if (!first.uncertain) {
                        current.add(put(first.with(first.next, first.tries, true, first.words)));
                    }
                });
        var now = current.getLast();
        switch (result) {
            case Submitted.Taken(var refused) -> taken(account, now, kept, refused);
            case Submitted.NoRecipient(var refused) -> bounce(account, now, kept, refused);
            case Submitted.Rejected(var _, var words) ->
                bounce(
                        account,
                        now,
                        kept,
                        now.recipients.stream()
                                .map(r -> new RefusedRecipient(r, words))
                                .toList());
            case Submitted.Deferred(var words) -> again(now, first.uncertain, words);
            case Submitted.Unknown(var words) -> again(now, true, words);
        }
    }

    /** From here on it is not submitted again, whatever goes wrong. */
    private void taken(Account account, Queued queued, MessageSource kept, List<RefusedRecipient> refused)
            throws IOException {
        var handedOver = new HandedOver(clock.instant(), refused);
        var now = queued.with(handedOver);
        try {
            now = write(now, handedOver);
        } catch (StoreException e) {
            // The next attempt would find the copy in Sent by its Message-ID.
            log.warn("sent but not noted id={} user={}", queued.id, queued.user, e);
        }
        complete(account, now, handedOver, kept, false);
    }

    /** Also over what an administrator has written meanwhile. */
    private Queued write(Queued queued, HandedOver handedOver) {
        var now = queued.with(handedOver);
        for (int i = 0; i < CONFLICTS; i++) {
            var version = store.put(PREFIX + now.id, now.encoded(), now.version);
            if (version.isPresent()) {
                return now.with(version.getAsLong());
            }
            now = read(now.id)
                    .orElseThrow(() -> new StoreException("no queued mail " + queued.id))
                    .with(handedOver);
        }
        throw new StoreException("others work on the queued mail " + queued.id);
    }

    /** What is left to do when the server has a mail: for a day it is tried again. */
    private void complete(Account account, Queued queued, HandedOver handedOver, MessageSource kept, boolean again)
            throws IOException {
        boolean isKept = !queued.save
                || isDone(
                        "keep a copy",
                        queued,
                        () -> copies.keep(account, kept, queued.messageId, again)
                                .ifPresent(why -> log.warn("no copy kept id={} why=\"{}\"", queued.id, why)));
        boolean isTold = handedOver.unreached.isEmpty()
                || isDone("tell of refused recipients", queued, () -> {
                    if (!notices.partly(account, queued.messageId, handedOver.unreached, kept)) {
                        log.warn("could not tell of refused recipients id={}", queued.id);
                    }
                });
        boolean isOld = queued.since.equals(Instant.EPOCH)
                || !handedOver.since.plus(COPY_IS_TRIED).isAfter(clock.instant());
        if (isOld || (isKept && isTold)) {
            remove(queued, "sent");
        } else {
            write(queued.with(clock.instant().plus(pause(queued)), queued.tries + 1, true, "sent"), handedOver);
        }
    }

    /** Something that may fail for now. */
    private interface Step {
        void run() throws IOException;
    }

    private static boolean isDone(String what, Queued queued, Step step) {
        try {
            step.run();
            return true;
        } catch (BackendUnavailableException
                | StatusException
                | StoreException
                | IOException
                | UncheckedIOException e) {
            log.warn("could not {} id={} user={}", what, queued.id, queued.user, e);
            return false;
        }
    }

    private void bounce(Account account, Queued queued, MessageSource kept, List<RefusedRecipient> refused)
            throws IOException {
        var sentence =
                "Your message was not sent. It was tried %d times, and these are the last words of the mail server:"
                        .formatted(queued.tries + 1);
        if (notices.bounce(account, queued.messageId, refused, kept, sentence)) {
            remove(queued, "bounced");
        } else {
            again(queued, queued.uncertain, queued.words);
        }
    }

    private void again(Queued queued, boolean uncertain, String words) {
        put(queued.with(clock.instant().plus(pause(queued)), queued.tries + 1, uncertain, oneLine(words)));
        log.info("queued mail not taken id={} user={} tries={}", queued.id, queued.user, queued.tries + 1);
    }

    private static Duration pause(Queued queued) {
        return PAUSES.get(Math.min(queued.tries, PAUSES.size() - 1));
    }

    /** Also what an administrator has written meanwhile. */
    private void remove(Queued queued, String why) throws IOException {
        var version = queued.version;
        for (int i = 0; !store.delete(PREFIX + queued.id, version); i++) {
            if (i == CONFLICTS) {
                throw new StoreException("others work on the queued mail " + queued.id);
            }
            version = read(queued.id).map(Queued::version).orElse(version);
        }
        Files.deleteIfExists(file(queued.id));
        log.info("queued mail gone id={} user={} why=\"{}\"", queued.id, queued.user, why);
    }

    private MessageSource mail(Queued queued) throws IOException {
        var file = file(queued.id);
        long size = Files.size(file);
        return new MessageSource() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }
        };
    }

    private static String oneLine(String words) {
        var line = words.replaceAll("\\s+", " ").strip();
        return line.substring(0, Math.min(500, line.length()));
    }
}
