package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.airpost.app.Gateway;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;

/**
 * A gateway to a mail server in memory, as the child process of a measurement: {@link GatewayLoop}. Its arguments are a
 * folder for its files and a number of users: those of {@link Fleet}, who have a mail each.
 */
final class MemoryGateway {

    private MemoryGateway() {}

    public static void main(String[] arguments) throws IOException {
        int users = Integer.parseInt(arguments[1]);
        var mail = new MemoryMail(InstantSource.system());
        for (int i = 0; i < users; i++) {
            mail.user(Fleet.user(i), Fleet.PASSWORD);
            deliver(mail, i);
        }
        var config = Config.load(Optional.empty(), GatewayLoop.settings(Path.of(arguments[0])));
        GatewayLoop.run(Gateway.start(config, mail, new MemorySubmission(mail)), count -> {
            for (int i = 0; i < count; i++) {
                deliver(mail, i);
            }
        });
    }

    private static void deliver(MemoryMail mail, int number) {
        mail.deliver(Fleet.user(number), "INBOX", Fleet.mail(Fleet.user(number)).getBytes(UTF_8), Set.of());
    }
}
