package org.airpost.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.airpost.eas.DeviceKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All exchanges of some devices, each in a file of its own, for as long as an administrator wants them: documents whole, but
 * redacted before they are written. A restart ends what runs, and leaves the files. A file has a bound, and so has what waits
 * to be written; what does not fit is counted in the file. Safe for many threads.
 */
public final class Traces implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Traces.class);

    private static final int MOST_RUNNING = 20;
    private static final int WAITING_TO_BE_WRITTEN = 1_000;
    private static final String SUFFIX = ".trace";
    private static final int LONGEST_NAME = 150;
    private static final Duration STEP = Duration.ofMillis(200);

    private final Path directory;
    private final long mostBytes;
    private final InstantSource clock;
    private final ConcurrentHashMap<DeviceKey, Running> running = new ConcurrentHashMap<>();

    /**
     * What is told of a trace.
     *
     * @param until when it ends, or ended
     * @param bytes of the file
     */
    public record Trace(
            DeviceKey device, Instant since, Instant until, boolean isRunning, long exchanges, long bytes) {}

    /** Files in a directory, which is made with the first one; each at most so large. */
    public Traces(Path directory, long mostBytes, InstantSource clock) {
        this.directory = directory;
        this.mostBytes = mostBytes;
        this.clock = clock;
    }

    /**
     * Begins, in place of the file of before.
     *
     * @throws IllegalStateException if too many run already
     */
    public Trace start(DeviceKey device, Duration time) throws IOException {
        stop(device);
        if (running.size() >= MOST_RUNNING) {
            throw new IllegalStateException("%d traces run already: stop one of them".formatted(MOST_RUNNING));
        }
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        var now = clock.instant();
        var file = file(device);
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        var begun = new Running(device, now, now.plus(time), file);
        begun.open();
        running.put(device, begun);
        Thread.ofVirtual().name("trace").start(begun::write);
        LOG.info("trace started user={} device={} until={}", device.user(), device.deviceId(), begun.until);
        return begun.trace(true);
    }

    /** Ends the trace of a device, and waits until it is written; false if none runs. */
    public boolean stop(DeviceKey device) {
        var ended = Optional.ofNullable(running.remove(device));
        ended.ifPresent(Running::end);
        return ended.isPresent();
    }

    /** The traces that run, and those of before whose files are here. */
    public List<Trace> list() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .flatMap(file -> TraceFile.head(file).stream())
                    .map(this::present)
                    .sorted(Comparator.comparing(Trace::since).reversed())
                    .toList();
        } catch (IOException e) {
            LOG.warn("traces not listed directory={} reason={}", directory, e.toString());
            return List.of();
        }
    }

    private Trace present(Trace ended) {
        return Optional.ofNullable(running.get(ended.device()))
                .map(now -> now.trace(true))
                .orElse(ended);
    }

    /** The trace of a device, one that runs or the last one. */
    public Optional<Trace> find(DeviceKey device) {
        return Optional.ofNullable(running.get(device))
                .map(now -> now.trace(true))
                .or(() -> TraceFile.head(file(device))
                        .filter(ended -> ended.device().equals(device)));
    }

    /** The file of a device's trace as it is now: text, of which every line can be shown. */
    public Optional<String> text(DeviceKey device) throws IOException {
        Optional.ofNullable(running.get(device)).ifPresent(Running::settle);
        var file = file(device);
        return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    }

    /** True if what this device says is traced. */
    boolean follows(DeviceKey device) {
        return !running.isEmpty() && running.containsKey(device);
    }

    /** Traces an exchange, if its device is traced. Never blocks. */
    void note(Exchange exchange) {
        if (!running.isEmpty()) {
            Exchanges.device(exchange.asked())
                    .flatMap(device -> Optional.ofNullable(running.get(device)))
                    .ifPresent(one -> one.offer(exchange));
        }
    }

    /** A file's name has 255 bytes at most; whose it is, its head says. */
    private Path file(DeviceKey device) {
        var user = URLEncoder.encode(device.user(), UTF_8).replace("*", "%2A");
        var name = user.length() <= LONGEST_NAME
                ? user
                : user.substring(0, LONGEST_NAME)
                        + Integer.toHexString(device.user().hashCode());
        return directory.resolve(name + "_" + device.deviceId() + SUFFIX);
    }

    @Override
    public void close() {
        running.values().forEach(one -> one.ended = true);
        running.keySet().forEach(this::stop);
    }

    /** A trace that runs, and its one writer. */
    private final class Running {
        private final DeviceKey device;
        private final Instant since;
        private final Instant until;
        private final Path file;
        private final BlockingQueue<Exchange> queue = new ArrayBlockingQueue<>(WAITING_TO_BE_WRITTEN);
        private final AtomicLong offered = new AtomicLong();
        private final AtomicLong taken = new AtomicLong();
        private final AtomicLong exchanges = new AtomicLong();
        private final AtomicLong lost = new AtomicLong();
        private final AtomicLong bytes = new AtomicLong();
        private volatile boolean ended;
        private volatile boolean done;

        Running(DeviceKey device, Instant since, Instant until, Path file) {
            this.device = device;
            this.since = since;
            this.until = until;
            this.file = file;
        }

        void open() throws IOException {
            append(TraceFile.head(device, since, until));
        }

        void offer(Exchange exchange) {
            if (!ended) {
                (queue.offer(exchange) ? offered : lost).incrementAndGet();
            }
        }

        /** The writer, until the time is over. */
        void write() {
            try {
                while (!ended || !queue.isEmpty()) {
                    var next = Optional.ofNullable(queue.poll(STEP.toMillis(), TimeUnit.MILLISECONDS));
                    if (next.isPresent()) {
                        take(next.get());
                    }
                    if (!clock.instant().isBefore(until)) {
                        ended = true;
                        running.remove(device, this);
                    }
                }
                append("# ended %s; exchanges %d, left out %d\n"
                        .formatted(clock.instant(), exchanges.get(), lost.get()));
            } catch (IOException e) {
                LOG.warn("trace not written file={} reason={}", file, e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended = true;
                running.remove(device, this);
                done = true;
                LOG.info(
                        "trace ended user={} device={} exchanges={}",
                        device.user(),
                        device.deviceId(),
                        exchanges.get());
            }
        }

        private void take(Exchange exchange) throws IOException {
            try {
                if (bytes.get() >= mostBytes) {
                    lost.incrementAndGet();
                } else {
                    append(TraceFile.text(exchanges.incrementAndGet(), exchange));
                }
            } finally {
                taken.incrementAndGet();
            }
        }

        private void append(String text) throws IOException {
            try (BufferedWriter out =
                    Files.newBufferedWriter(file, UTF_8, StandardOpenOption.APPEND, StandardOpenOption.WRITE)) {
                out.write(text);
            }
            bytes.addAndGet(text.length());
        }

        void end() {
            ended = true;
            await(() -> done);
        }

        /** Waits until what was offered before is in the file. */
        void settle() {
            long wanted = offered.get();
            await(() -> done || taken.get() >= wanted);
        }

        private static void await(BooleanSupplier condition) {
            long limit = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (!condition.getAsBoolean() && System.nanoTime() < limit) {
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
        }

        Trace trace(boolean isRunning) {
            return new Trace(device, since, until, isRunning, exchanges.get(), bytes.get());
        }
    }
}
