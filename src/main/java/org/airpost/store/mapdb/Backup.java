package org.airpost.store.mapdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * A store in one file to be put away: a zip with {@code airpost.db} and {@code manifest.txt}, which has the format, the time,
 * the number of values and the SHA-256 of the other. Nothing is told to be good that was not read to its end.
 */
public final class Backup {

    private static final String FORMAT = "1";
    private static final String STORE = "airpost.db";
    private static final String MANIFEST = "manifest.txt";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private Backup() {}

    /**
     * What is in a backup.
     *
     * @param bytes of the store in it
     * @param values in the store
     */
    public record Contents(Instant taken, long bytes, long values) {}

    /**
     * What a restore has done.
     *
     * @param before where the store of before is now, if there was one
     */
    public record Restored(Contents contents, Optional<Path> before) {}

    /** Writes a backup of a store that is open, into a file that is not there yet. */
    public static Contents write(Store store, Path file, Instant now) {
        var target = file.toAbsolutePath();
        if (Files.exists(target)) {
            throw new StoreException(target + " is there already: a backup does not overwrite anything");
        }
        var image = target.resolveSibling(target.getFileName() + ".image");
        var part = target.resolveSibling(target.getFileName() + ".part");
        try {
            Files.deleteIfExists(image);
            long values = store.copyTo(image);
            var contents = new Contents(now, Files.size(image), values);
            Files.deleteIfExists(part);
            Files.createFile(part, Trees.mode("rw-------"));
            zip(image, part, contents);
            force(part);
            read(part, Optional.empty());
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            Trees.forceNames(target);
            return contents;
        } catch (IOException e) {
            throw new StoreException("cannot write the backup %s: %s".formatted(target, StoreException.why(e)), e);
        } finally {
            remove(image);
            remove(journal(image));
            remove(part);
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StoreException("cannot remove " + file, e);
        }
    }

    private static void force(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static void zip(Path image, Path target, Contents contents) throws IOException {
        var digest = sha256();
        try (var out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(target)))) {
            out.setLevel(Deflater.BEST_SPEED);
            out.putNextEntry(new ZipEntry(STORE));
            try (var in = new DigestInputStream(Files.newInputStream(image), digest)) {
                in.transferTo(out);
            }
            out.closeEntry();
            out.putNextEntry(new ZipEntry(MANIFEST));
            out.write("""
                    format=%s
                    taken=%s
                    bytes=%d
                    values=%d
                    sha256=%s
                    """.formatted(
                            FORMAT,
                            contents.taken(),
                            contents.bytes(),
                            contents.values(),
                            HexFormat.of().formatHex(digest.digest()))
                    .getBytes(UTF_8));
            out.closeEntry();
        }
    }

    /** Reads a backup to its end without changing anything; a StoreException says what is wrong with it. */
    public static Contents check(Path file) {
        try {
            var image = Files.createTempFile("airpost", ".check", Trees.mode("rw-------"));
            try {
                return read(file, Optional.of(image));
            } finally {
                Files.deleteIfExists(image);
            }
        } catch (IOException e) {
            throw new StoreException("cannot read the backup %s: %s".formatted(file, StoreException.why(e)), e);
        }
    }

    /** Reads a backup, and writes the store in it to a file and reads that, if one is named. */
    private static Contents read(Path file, Optional<Path> image) throws IOException {
        try (var zip = new ZipFile(file.toFile())) {
            var manifest = new Properties();
            try (var in = entry(zip, file, MANIFEST)) {
                manifest.load(in);
            }
            if (!FORMAT.equals(manifest.getProperty("format"))) {
                throw new StoreException("%s has format %s, this Airpost reads %s"
                        .formatted(file, manifest.getProperty("format"), FORMAT));
            }
            var digest = sha256();
            try (var in = new DigestInputStream(entry(zip, file, STORE), digest);
                    var out =
                            image.isPresent() ? Files.newOutputStream(image.get()) : OutputStream.nullOutputStream()) {
                in.transferTo(out);
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(manifest.getProperty("sha256"))) {
                throw new StoreException(file + " is damaged: the store in it is not the one that was put there");
            }
            var contents = new Contents(
                    Instant.parse(manifest.getProperty("taken")),
                    Long.parseLong(manifest.getProperty("bytes")),
                    Long.parseLong(manifest.getProperty("values")));
            if (image.isPresent()) {
                force(image.get());
                if (MapDbStore.check(image.get()) != contents.values()) {
                    throw new StoreException(file + " is damaged: values are missing");
                }
            }
            return contents;
        }
    }

    private static InputStream entry(ZipFile zip, Path file, String name) throws IOException {
        var entry = zip.getEntry(name);
        if (entry == null) {
            throw new StoreException("%s is no backup of Airpost: there is no %s in it".formatted(file, name));
        }
        return zip.getInputStream(entry);
    }

    /** What is done with the store of a backup before it is in its place: with a file that nobody has open. */
    public interface Preparation {
        void prepare(Path image) throws IOException;
    }

    /** The same with nothing to prepare. */
    public static Restored restore(Path file, Path storeFile, Instant now) {
        return restore(file, storeFile, now, _ -> {});
    }

    /**
     * Puts the store of a backup in the place of the present one, which is kept under another name. Nothing is touched before
     * the backup was read to its end and prepared, and nothing at all while a gateway has the store open; none can open it
     * from the preparation on. It belongs to whom the present one belongs.
     */
    public static Restored restore(Path file, Path storeFile, Instant now, Preparation preparation) {
        var store = storeFile.toAbsolutePath();
        var image = store.resolveSibling(store.getFileName() + ".restoring");
        try {
            Trees.prepareDirectory(store);
            refuseIfOpen(store);
            Files.deleteIfExists(image);
            Files.createFile(image, Trees.mode("rw-------"));
            var contents = read(file, Optional.of(image));
            if (!Files.exists(store)) {
                preparation.prepare(image);
                giveTo(image, directory(store));
                putInPlace(image, store);
                return new Restored(contents, Optional.empty());
            }
            // Reading took a while: a gateway may have been started meanwhile.
            try (var _ = lock(store)) {
                preparation.prepare(image);
                giveTo(image, store);
                var kept = keep(store, now);
                putInPlace(image, store);
                return new Restored(contents, Optional.of(kept));
            }
        } catch (IOException e) {
            throw new StoreException("cannot restore %s to %s: %s".formatted(file, store, StoreException.why(e)), e);
        } finally {
            remove(image);
            remove(journal(image));
        }
    }

    private static Path directory(Path store) {
        return Objects.requireNonNull(store.getParent(), "an absolute path has a directory");
    }

    /** Root often restores, and the gateway runs as somebody else, who must be able to open the store. */
    private static void giveTo(Path image, Path like) throws IOException {
        if (image.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getOwner(image).getName().equals("root")) {
            var theirs = Files.readAttributes(like, PosixFileAttributes.class);
            Files.getFileAttributeView(image, PosixFileAttributeView.class).setGroup(theirs.group());
            Files.setOwner(image, theirs.owner());
        }
    }

    /** A second name, so that there is a store at each moment: a gateway that finds none begins an empty one. */
    private static Path keep(Path store, Instant now) throws IOException {
        var kept = store.resolveSibling(store.getFileName() + ".before-" + STAMP.format(now));
        if (Files.exists(journal(store))) {
            link(journal(store), journal(kept));
        }
        link(store, kept);
        return kept;
    }

    private static void putInPlace(Path image, Path store) throws IOException {
        Files.deleteIfExists(journal(store));
        Files.move(image, store, StandardCopyOption.ATOMIC_MOVE);
        Trees.forceNames(store);
    }

    private static void link(Path file, Path as) throws IOException {
        try {
            Files.createLink(as, file);
        } catch (UnsupportedOperationException e) {
            Files.copy(file, as);
        }
    }

    private static Path journal(Path store) {
        return store.resolveSibling(store.getFileName() + ".journal");
    }

    private static void refuseIfOpen(Path store) throws IOException {
        if (Files.exists(store)) {
            lock(store).close();
        }
    }

    /** The store, locked as by a gateway until it is closed. */
    private static FileChannel lock(Path store) throws IOException {
        var channel = FileChannel.open(store, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new StoreException("a gateway has the store open, stop it first: " + store);
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new StoreException("this process has the store open: " + store, e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
