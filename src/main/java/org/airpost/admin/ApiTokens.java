package org.airpost.admin;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.airpost.admin.Audit.Subject;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * Tokens of programs that use the JSON API, under {@code admin/token/<id>} in the store. A token is {@code airpost_<id>_<secret>};
 * kept is a hash of the secret, which is random, so that a slow one is not needed. One that an admin has made in the console is
 * good as long as they are an admin; one of the command line is nobody's. Safe for many threads.
 */
public final class ApiTokens {

    private static final String PREFIX = "admin/token/";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}";
    private static final String START = "airpost";
    private static final int FORMAT = 2;

    /** Has no maker. */
    private static final int FIRST_FORMAT = 1;

    private static final int ID_BYTES = 6;
    private static final int SECRET_BYTES = 24;
    private static final int MOST = 1_000;

    private final Store store;
    private final Audit audit;
    private final AdminAccounts accounts;
    private final InstantSource clock;
    private final SecureRandom random;

    public ApiTokens(Store store, Audit audit, AdminAccounts accounts, InstantSource clock, SecureRandom random) {
        this.store = store;
        this.audit = audit;
        this.accounts = accounts;
        this.clock = clock;
        this.random = random;
    }

    /**
     * A token without its secret.
     *
     * @param maker the admin who has made it in the console; empty for one of the command line, or of before this was kept
     * @param accepted false if its maker is no admin any more
     */
    public record Known(
            String id, String name, Role role, Optional<String> maker, Instant made, Instant until, boolean accepted) {}

    public Result<List<Known>> list(Actor actor) {
        return actor.role().may(Role.Right.AUDIT)
                ? new Result.Done<>(store.scan(PREFIX, "", MOST).stream()
                        .map(entry -> known(read(entry.key(), entry.versioned().value())))
                        .toList())
                : Result.notAllowed(actor);
    }

    /** Makes a token for so long; gives it, this once. */
    public Result<String> add(Actor actor, String name, Role role, Duration life) {
        return noted(actor, "token.add", name + " " + role, () -> {
            if (!name.matches(NAME)) {
                return Result.invalid("a name has 1 to 64 letters, digits, blanks and . _ @ -");
            }
            if (role == Role.USER || role == Role.NOBODY) {
                return Result.invalid("a role is admin, helpdesk or auditor");
            }
            var maker = actor.isOfSocket()
                    ? Optional.<Maker>empty()
                    : accounts.adminSince(actor.name()).map(since -> new Maker(actor.name(), since));
            if (maker.isEmpty() && !actor.isOfSocket()) {
                return Result.notAllowed(actor); // removed in this moment
            }
            var id = HexFormat.of().formatHex(random(ID_BYTES));
            var secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random(SECRET_BYTES));
            var now = clock.instant();
            var until = now.plus(life);
            var token = new Stored(id, name, role, maker, now, until, AdminAccounts.hash(secret));
            if (store.put(PREFIX + id, write(token), Store.ABSENT, Optional.of(until))
                    .isEmpty()) {
                throw new StoreException("token %s is there already".formatted(id));
            }
            return new Result.Done<>(String.join("_", START, id, secret));
        });
    }

    public Result<String> remove(Actor actor, String id) {
        return noted(actor, "token.remove", id, () -> {
            var stored = id.matches("[0-9a-f]{12}") ? store.get(PREFIX + id) : Optional.<Store.Versioned>empty();
            return stored.isPresent() && store.delete(PREFIX + id, stored.get().version())
                    ? new Result.Done<>(id)
                    : Result.notFound("token " + id);
        });
    }

    private Result<String> noted(Actor actor, String action, String thing, Supplier<Result<String>> work) {
        Result<String> result = actor.role().may(Role.Right.RULE) ? work.get() : Result.notAllowed(actor);
        var why = result instanceof Result.Refused<String>(var _, var words) ? words : "";
        audit.note(actor, action, Subject.ofThing(thing), result.isDone(), why);
        return result;
    }

    /**
     * Whose token this is. One whose maker is no admin any more is removed, and the audit log says so, that once.
     *
     * @param from the address that it comes from
     */
    public Optional<Actor> actor(String token, String from) {
        var parts = token.split("_", 3);
        if (parts.length != 3 || !parts[0].equals(START) || !parts[1].matches("[0-9a-f]{12}")) {
            return Optional.empty();
        }
        var kept = store.get(PREFIX + parts[1]);
        var known = kept.map(versioned -> read(PREFIX + parts[1], versioned.value()))
                .filter(stored -> MessageDigest.isEqual(stored.hash(), AdminAccounts.hash(parts[2])))
                .filter(stored -> clock.instant().isBefore(stored.until()));
        if (kept.isEmpty() || known.isEmpty()) {
            return Optional.empty();
        }
        var actor = new Actor("token:" + known.get().name(), known.get().role(), from);
        if (isAccepted(known.get())) {
            return Optional.of(actor);
        }
        if (store.delete(PREFIX + parts[1], kept.get().version())) {
            var maker = known.get().maker().map(Maker::name).orElse("");
            audit.note(
                    actor,
                    "token.refused",
                    Subject.ofThing(parts[1]),
                    false,
                    "made by %s, who is no admin any more: removed".formatted(maker));
        }
        return Optional.empty();
    }

    private boolean isAccepted(Stored token) {
        return token.maker()
                .map(maker -> accounts.adminSince(maker.name())
                        .filter(maker.since()::equals)
                        .isPresent())
                .orElse(true);
    }

    private Known known(Stored token) {
        return new Known(
                token.id(),
                token.name(),
                token.role(),
                token.maker().map(Maker::name),
                token.made(),
                token.until(),
                isAccepted(token));
    }

    private byte[] random(int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /**
     * Who has made a token.
     *
     * @param since when their account was made, which tells it from another one of that name
     */
    private record Maker(String name, Instant since) {}

    private record Stored(
            String id, String name, Role role, Optional<Maker> maker, Instant made, Instant until, byte[] hash) {}

    private static byte[] write(Stored token) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(token.id());
            out.writeUTF(token.name());
            out.writeUTF(token.role().name());
            out.writeLong(token.made().toEpochMilli());
            out.writeLong(token.until().toEpochMilli());
            out.writeUTF(token.maker().map(Maker::name).orElse(""));
            out.writeLong(
                    token.maker().map(maker -> maker.since().toEpochMilli()).orElse(0L));
            out.writeByte(token.hash().length);
            out.write(token.hash());
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    private static Stored read(String key, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT && format != FIRST_FORMAT) {
                throw new StoreException("record %s has format %d, this Airpost reads %d: use the version that wrote it"
                        .formatted(key, format, FORMAT));
            }
            var id = in.readUTF();
            var name = in.readUTF();
            var role = Role.valueOf(in.readUTF());
            var made = Instant.ofEpochMilli(in.readLong());
            var until = Instant.ofEpochMilli(in.readLong());
            var maker = format == FIRST_FORMAT ? Optional.<Maker>empty() : maker(in);
            var hash = new byte[in.readUnsignedByte()];
            in.readFully(hash);
            return new Stored(id, name, role, maker, made, until, hash);
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException("record " + key + " is damaged", e);
        }
    }

    private static Optional<Maker> maker(DataInputStream in) throws IOException {
        var maker = new Maker(in.readUTF(), Instant.ofEpochMilli(in.readLong()));
        return Optional.of(maker).filter(one -> !one.name().isEmpty());
    }
}
