package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.airpost.app.Gateway;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole corpus of strange mails in one folder, and a strict phone that syncs it. */
class CorpusSyncTest {

    private static final Path MAILS = Path.of("src/test/resources/org/airpost/convert/corpus");

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void aFolderOfStrangeMailsComesWholeAndByTheRules(@TempDir Path directory) throws IOException {
        var server = new MemoryMail(InstantSource.system()).user("anna", "secret");
        int count = 0;
        try (var files = Files.list(MAILS)) {
            for (var file : files.filter(one -> one.toString().endsWith(".eml"))
                    .sorted()
                    .toList()) {
                server.deliver("anna", "INBOX", Files.readAllBytes(file), Set.of());
                count++;
            }
        }
        var config = Config.load(
                Optional.empty(),
                Map.of(
                        "AIRPOST_HTTP_PORT", "0",
                        "AIRPOST_CONSOLE_ENABLED", "false",
                        "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                        "AIRPOST_HTTP_GRACEFUL_STOP", "1 s",
                        "AIRPOST_LOG_LEVEL", "warn",
                        "AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString(),
                        "AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString()));
        try (var gateway = Gateway.start(config, server, new MemorySubmission(server))) {
            var tls = new Tls(new Trust.Authorities(gateway.authority().orElseThrow())).context();
            for (var version : new ProtocolVersion[] {ProtocolVersion.V12_1, ProtocolVersion.V16_1}) {
                var id = "corpus" + version.text().replace(".", "");
                try (var phone = new Phone(gateway.address(), "anna", "secret", version, id, "AirpostPhone", tls)) {
                    phone.provision();
                    phone.folderSync();
                    var inbox = phone.hierarchy()
                            .ofType(FolderType.INBOX)
                            .orElseThrow()
                            .id();
                    phone.syncAll(
                            inbox,
                            SyncRequest.PLAIN.withBody(BodyType.HTML, 4_096).withWindowSize(100));
                    assertThat(phone.replica(inbox).all()).hasSize(count).allSatisfy(item -> {
                        assertThat(item.from()).isNotBlank();
                        assertThat(item.body()).isPresent();
                    });
                    assertThat(phone.violations()).isEmpty();
                }
            }
        }
    }
}
