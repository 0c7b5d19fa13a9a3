package org.airpost.admin;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who did what to whom: entries under {@code audit/<time>/<n>} in the store, which nobody can change. They go when they have
 * been kept for long enough, and the oldest when there are too many. Safe for many threads, and for several gateways.
 */
public final class Audit {

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

    private static final int FORMAT = 1;
    private static final String PREFIX = "audit/";
    private static final int PAGE = 500;

    /** Entries in one millisecond; more are put into the next. */
    private static final int AT_ONCE = 10_000;

    /** Entries looked at for one page, so that a filter that fits nothing ends. */
    private static final int MOST_LOOKED_AT = 20_000;

    private static final int LONGEST = 1_000;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Store store;
    private volatile Settings settings;
    private final InstantSource clock;

    /**
     * What is kept.
     *
     * @param keep how long, whole days at least
     * @param most entries
     */
    public record Settings(Duration keep, int most) {

        /** 400 days, 100,000 entries. */
        public static final Settings USUAL = new Settings(Duration.ofDays(400), 100_000);
    }

    public Audit(Store store, Settings settings, InstantSource clock) {
        this.store = store;
        this.settings = settings;
        this.clock = clock;
    }

    /** Takes over other bounds; entries that are there stay as long as they were to. */
    public void change(Settings other) {
        settings = other;
    }

    /**
     * Whom or what something was done to; empty texts where there is none.
     *
     * @param user canonical name
     * @param thing a policy, a rule, an app password …
     */
    public record Subject(String user, String deviceId, String thing) {

        /** The gateway as a whole. */
        public static final Subject NONE = new Subject("", "", "");

        public static Subject ofUser(String user) {
            return new Subject(user, "", "");
        }

        public static Subject ofDevice(String user, String deviceId) {
            return new Subject(user, deviceId, "");
        }

        public static Subject ofThing(String thing) {
            return new Subject("", "", thing);
        }
    }

    /**
     * One entry.
     *
     * @param id its place, for {@link #page}; later ones are greater
     * @param action such as {@code device.block}: subject, dot, verb
     * @param done false if it was refused
     * @param words why, or what came of it; never a password or the content of a mail
     */
    public record Entry(
            String id,
            Instant time,
            String actor,
            Role role,
            String from,
            String action,
            Subject subject,
            boolean done,
            String words) {}

    /** Which entries are wanted; what is empty is not asked about. Texts are compared whole, an action by its beginning. */
    public record Filter(
            Optional<String> user,
            Optional<String> deviceId,
            Optional<String> actor,
            Optional<String> action,
            Optional<Instant> since,
            Optional<Instant> before) {

        public static final Filter ALL = new Filter(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        public static Filter ofDevice(String user, String deviceId) {
            return new Filter(
                    Optional.of(user),
                    Optional.of(deviceId),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        private boolean takes(Entry entry) {
            return user.map(entry.subject().user()::equalsIgnoreCase).orElse(true)
                    && deviceId.map(entry.subject().deviceId()::equals).orElse(true)
                    && actor.map(entry.actor()::equals).orElse(true)
                    && action.map(entry.action()::startsWith).orElse(true)
                    && since.map(from -> !entry.time().isBefore(from)).orElse(true)
                    && before.map(entry.time()::isBefore).orElse(true);
        }
    }

    /**
     * Entries, newest first.
     *
     * @param next where the next page begins, if there may be one
     */
    public record Page(List<Entry> entries, Optional<String> next) {

        public Page {
            entries = List.copyOf(entries);
        }
    }

    /** Writes an entry. It is on the disk when this returns. */
    public void note(Actor actor, String action, Subject subject, boolean done, String words) {
        var time = clock.instant();
        var bytes = bytes(actor, action, subject, done, cut(words));
        var expiry = Optional.of(time.plus(settings.keep()));
        for (int n = 0; n < AT_ONCE; n++) {
            if (store.put(key(time, n), bytes, Store.ABSENT, expiry).isPresent()) {
                return;
            }
        }
        throw new StoreException("more than %d audit entries in a millisecond".formatted(AT_ONCE));
    }

    /** The newest entries before a place, for those who may see them: an auditor and an admin all, a user their own. */
    public Result<Page> page(Actor actor, Filter filter, Optional<String> before, int limit) {
        boolean isOwn = filter.user().map(actor::isUser).orElse(false);
        return actor.role().may(Role.Right.AUDIT) || isOwn
                ? new Result.Done<>(read(filter, before, Math.clamp(limit, 1, PAGE)))
                : Result.notAllowed(actor);
    }

    private Page read(Filter filter, Optional<String> before, int limit) {
        var found = new ArrayList<Entry>();
        var upTo = before.map(id -> id.substring(0, Math.min(10, id.length())))
                .flatMap(Audit::day)
                .or(() -> filter.before().map(moment -> LocalDate.ofInstant(moment, ZoneOffset.UTC)))
                .orElse(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        // Nothing is older or newer than that, whatever somebody asks for: a day with nothing costs a look, too.
        var today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        var first = LocalDate.ofInstant(clock.instant().minus(settings.keep()), ZoneOffset.UTC);
        var since = filter.since().map(moment -> LocalDate.ofInstant(moment, ZoneOffset.UTC));
        var oldest = since.filter(first::isBefore).orElse(first);
        upTo = upTo.isAfter(today.plusDays(1)) ? today.plusDays(1) : upTo;
        int lookedAt = 0;
        for (var day = upTo; !day.isBefore(oldest); day = day.minusDays(1)) {
            var ofDay = ofDay(day);
            for (var entry : ofDay.reversed()) {
                if (before.filter(id -> entry.id().compareTo(id) >= 0).isPresent()) {
                    continue;
                }
                lookedAt++;
                if (filter.takes(entry)) {
                    found.add(entry);
                }
                if (found.size() == limit || lookedAt == MOST_LOOKED_AT) {
                    return new Page(found, Optional.of(entry.id()));
                }
            }
        }
        return new Page(found, Optional.empty());
    }

    private static Optional<LocalDate> day(String text) {
        try {
            return Optional.of(LocalDate.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private List<Entry> ofDay(LocalDate day) {
        var entries = new ArrayList<Entry>();
        var prefix = PREFIX + day;
        for (var page = store.scan(prefix, "", PAGE);
                !page.isEmpty();
                page = store.scan(prefix, page.getLast().key(), PAGE)) {
            page.forEach(one -> entry(one.key(), one.versioned().value()).ifPresent(entries::add));
        }
        return entries;
    }

    /**
     * Removes the oldest entries while there are too many; called now and then. Those of users and devices go first: any user
     * can make as many as they like, and what administrators did must not go by that.
     */
    public void tidy() {
        int count = 0;
        for (var page = store.scan(PREFIX, "", PAGE);
                !page.isEmpty();
                page = store.scan(PREFIX, page.getLast().key(), PAGE)) {
            count += page.size();
        }
        int over = count - settings.most();
        if (over > 0) {
            over -= removeOldest(over, Audit::isOfUserOrDevice);
            removeOldest(over, _ -> true);
        }
    }

    private static boolean isOfUserOrDevice(Store.Entry stored) {
        return entry(stored.key(), stored.versioned().value())
                .filter(one -> one.role() == Role.USER || one.role() == Role.NOBODY)
                .isPresent();
    }

    /** Removes so many at most; gives how many. */
    private int removeOldest(int most, Predicate<Store.Entry> which) {
        int removed = 0;
        for (var page = store.scan(PREFIX, "", PAGE);
                !page.isEmpty() && removed < most;
                page = store.scan(PREFIX, page.getLast().key(), PAGE)) {
            for (var one : page) {
                if (removed < most && which.test(one)) {
                    store.delete(one.key(), one.versioned().version());
                    removed++;
                }
            }
        }
        return removed;
    }

    private static String key(Instant time, int n) {
        return "%s%s/%04d".formatted(PREFIX, TIME.format(time), n);
    }

    private static String cut(String words) {
        return words.substring(0, Math.min(words.length(), LONGEST));
    }

    private static byte[] bytes(Actor actor, String action, Subject subject, boolean done, String words) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(actor.name());
            out.writeUTF(actor.role().name());
            out.writeUTF(actor.from());
            out.writeUTF(action);
            out.writeUTF(subject.user());
            out.writeUTF(subject.deviceId());
            out.writeUTF(subject.thing());
            out.writeBoolean(done);
            out.writeUTF(words);
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    /** One that cannot be read is said in the log and left out: the others are worth reading. */
    private static Optional<Entry> entry(String key, byte[] value) {
        try (var in = new DataInputStream(new ByteArrayInputStream(value))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new IOException("format " + format);
            }
            var id = key.substring(PREFIX.length());
            return Optional.of(new Entry(
                    id,
                    Instant.parse(id.substring(0, id.indexOf('/'))),
                    in.readUTF(),
                    Role.valueOf(in.readUTF()),
                    in.readUTF(),
                    in.readUTF(),
                    new Subject(in.readUTF(), in.readUTF(), in.readUTF()),
                    in.readBoolean(),
                    in.readUTF()));
        } catch (IOException | RuntimeException e) {
            LOG.warn("audit entry not readable key={} reason={}", key, e.toString());
            return Optional.empty();
        }
    }
}
