package org.airpost.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.airpost.admin.AdminWords;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Certificates of devices. */
@Command(
        name = "certificate",
        description =
                "Certificates of devices (login.certificates): each stands for one device of a user. Users make their"
                        + " own on the page /me. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost certificate make anna --name \"Anna's phone\" --out anna.p12",
            "  airpost certificate list anna",
            "  airpost certificate revoke anna 5f0c2a9be1d4"
        })
final class CertificateCommand implements Runnable {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    CertificateCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "make, list or revoke?");
    }

    @Command(
            name = "make",
            description = "Makes one with its key in a PKCS#12 file, and shows the password of the file, once.",
            mixinStandardHelpOptions = true)
    int make(
            @Parameters(paramLabel = "USER", description = "as the user signs in") String user,
            @Option(
                            names = "--name",
                            defaultValue = "made by an administrator",
                            description = "what it is to be called")
                    String name,
            @Option(
                            names = "--device",
                            paramLabel = "ID",
                            description = "the device that it is for; otherwise the first one that uses it")
                    @Nullable
                    String device,
            @Option(names = "--out", paramLabel = "FILE", required = true, description = "the file to be made")
                    Path file) {
        var out = spec.commandLine().getOut();
        try {
            // Before anything is made: a certificate without its file is of no use.
            Files.createFile(file, ownersAlone(file));
            var words = new ArrayList<>(List.of("certificate", "make", user, name));
            if (device != null) {
                words.add(device);
            }
            List<String> made;
            try {
                made = config.askGateway(environment, AdminWords.encode(words)).lines();
            } catch (RuntimeException e) {
                Files.deleteIfExists(file);
                throw e;
            }
            Files.write(file, Base64.getDecoder().decode(made.get(2)), StandardOpenOption.SYNC);
            out.println(made.get(1));
            out.println("It opens %s. The certificate: airpost certificate revoke %s %s"
                    .formatted(file, user, made.getFirst()));
        } catch (IOException e) {
            throw new Failure("%s cannot be made: %s".formatted(file, e));
        }
        out.flush();
        return 0;
    }

    private static FileAttribute<?>[] ownersAlone(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    @Command(name = "list", description = "Lists those of a user that are good.", mixinStandardHelpOptions = true)
    int list(@Parameters(paramLabel = "USER", description = "as the user signs in") String user) {
        var answer = config.askGateway(environment, AdminWords.encode(List.of("certificate", "list", user)));
        var out = spec.commandLine().getOut();
        if (answer.lines().isEmpty()) {
            out.println("There are none.");
        } else {
            out.println("ID  name  device  made  ends  last used");
            answer.lines().forEach(line -> out.println(line.replace("\t", "  ")));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "revoke",
            description = "Takes one back: the device that has it is refused at once.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(paramLabel = "USER", description = "as the user signs in") String user,
            @Parameters(paramLabel = "ID", description = "as listed") String id) {
        config.askGateway(environment, AdminWords.encode(List.of("certificate", "revoke", user, id)));
        spec.commandLine().getOut().println(id + " is revoked");
        spec.commandLine().getOut().flush();
        return 0;
    }
}
