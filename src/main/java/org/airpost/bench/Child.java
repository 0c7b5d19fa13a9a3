package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of this very JVM with its flags and class path, that talks in lines: one is sent, and one comes back. */
final class Child implements AutoCloseable {

    private final Process process;
    private final BufferedReader in;
    private final BufferedWriter out;
    private final Path log;

    private Child(Process process, Path log) {
        this.process = process;
        this.in = process.inputReader(UTF_8);
        this.out = process.outputWriter(UTF_8);
        this.log = log;
    }

    /** Starts a main class; what it says on its standard error goes to the file. */
    static Child start(Class<?> main, Path log, List<String> flags, List<String> arguments) throws IOException {
        return start(main, log, flags, arguments, Map.of());
    }

    /** The same with more in its environment. */
    static Child start(
            Class<?> main, Path log, List<String> flags, List<String> arguments, Map<String, String> environment)
            throws IOException {
        var runtime = ManagementFactory.getRuntimeMXBean();
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(runtime.getInputArguments());
        command.addAll(flags);
        command.addAll(List.of("-cp", runtime.getClassPath(), main.getName()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(environment);
        return new Child(builder.start(), log);
    }

    /** The next line that it says. */
    String line() throws IOException {
        var line = in.readLine();
        if (line == null) {
            throw new IOException("the child has ended:%n%s".formatted(Files.readString(log)));
        }
        return line;
    }

    String ask(String line) throws IOException {
        out.write(line);
        out.newLine();
        out.flush();
        return line();
    }

    /** Bytes of memory that it has now. Source: proc(5), VmRSS. */
    long residentBytes() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("no VmRSS of process " + process.pid());
    }

    @Override
    public void close() {
        try {
            out.close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            process.destroyForcibly();
            throw new UncheckedIOException(e);
        }
    }
}
