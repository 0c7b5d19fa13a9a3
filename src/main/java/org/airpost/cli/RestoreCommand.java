package org.airpost.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.airpost.admin.Actor;
import org.airpost.admin.Audit;
import org.airpost.config.Config;
import org.airpost.device.Devices;
import org.airpost.device.Wipes;
import org.airpost.store.Store;
import org.airpost.store.mapdb.Backup;
import org.airpost.store.mapdb.MapDbStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts a backup in the place of the store. */
@Command(
        name = "restore",
        description =
                "Puts a backup in the place of the store, while no gateway runs. The backup is read to its end first; the"
                        + " store of before is kept beside the new one.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Folders that a phone has synced since the backup start over on that phone; nothing is lost or there twice.",
            "What was blocked, wiped or revoked since the backup is not any more. Devices that were to be wiped then are kept",
            "out, and wiped when an administrator approves it once more.",
            "Examples:",
            "  airpost restore /var/lib/airpost/monday.backup",
            "  airpost restore --check /var/lib/airpost/monday.backup"
        })
final class RestoreCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    @Option(names = "--check", description = "only read the backup to its end")
    private boolean check;

    @Parameters(paramLabel = "FILE", description = "made by airpost backup")
    private Path file = Path.of("");

    RestoreCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isReadable(file)) {
            throw new Failure("%s cannot be read".formatted(file));
        }
        var out = spec.commandLine().getOut();
        if (check) {
            say(out, "good", Backup.check(file));
            out.flush();
            return 0;
        }
        var loaded = config.load(environment).store();
        if (loaded.kind() != Config.StoreKind.MAPDB) {
            throw new Failure("store.kind is memory: there is no place for a backup");
        }
        var now = Instant.now();
        var restored = Backup.restore(file, loaded.path(), now, image -> prepare(out, image, loaded.path(), now));
        say(out, "restored", restored.contents());
        restored.before().ifPresent(before -> out.println("The store of before is " + before));
        out.println("Look in the audit log of before for what was blocked, wiped or revoked since the backup.");
        out.flush();
        return 0;
    }

    private void say(PrintWriter out, String what, Backup.Contents contents) {
        out.println("%s: %s, %d values, as of %s".formatted(file, what, contents.values(), contents.taken()));
    }

    /** Before it is in its place: a gateway that is started at once finds it so. */
    private void prepare(PrintWriter out, Path image, Path store, Instant now) throws IOException {
        try (var restored = new MapDbStore(image, Clock.systemUTC())) {
            var audit = new Audit(restored, Audit.Settings.USUAL, Clock.systemUTC());
            audit.note(
                    Actor.ofSocket(System.getProperty("user.name")),
                    "gateway.restore",
                    Audit.Subject.NONE,
                    true,
                    file.toAbsolutePath().toString());
            holdWipes(out, restored, audit);
            asideFromQueue(out, restored, store.toAbsolutePath(), now);
        }
    }

    /** A wipe that was taken back since, or done on a phone that is in use again, must not happen a second time. */
    private static void holdWipes(PrintWriter out, Store restored, Audit audit) {
        var held = Wipes.hold(new Devices(restored, Clock.systemUTC()), Clock.systemUTC());
        for (var device : held) {
            audit.note(
                    Actor.AIRPOST,
                    "device.wipe-hold",
                    Audit.Subject.ofDevice(device.user(), device.deviceId()),
                    true,
                    "pending in the backup that was restored");
            out.println("%s was to be wiped: it is kept out until somebody approves or cancels that again"
                    .formatted(device.path()));
        }
    }

    /** A mail in the queue of which the restored store knows nothing would be removed by the gateway as left over. */
    private static void asideFromQueue(PrintWriter out, Store restored, Path store, Instant now) throws IOException {
        var queue = store.resolveSibling(store.getFileName() + ".queue");
        if (!Files.isDirectory(queue)) {
            return;
        }
        var aside = store.resolveSibling(store.getFileName() + ".queue-aside-" + now.getEpochSecond());
        int count = 0;
        try (var mails = Files.newDirectoryStream(queue, "*.eml")) {
            for (var mail : mails) {
                var name = mail.getFileName().toString();
                var id = name.substring(0, name.length() - ".eml".length());
                if (restored.get("queue/" + id).isEmpty()) {
                    Files.createDirectories(aside);
                    Files.move(mail, aside.resolve(name));
                    count++;
                }
            }
        }
        if (count > 0) {
            out.println("%d mails waited for delivery that the backup does not know: they are in %s"
                    .formatted(count, aside));
        }
    }
}
