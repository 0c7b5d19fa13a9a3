package org.airpost.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the package is made of fits the program. The package itself is built by packaging/build-deb after ./mvnw package. */
class PackagingTest {

    private static final Path PACKAGING = Path.of("packaging");

    @ParameterizedTest
    @ValueSource(strings = {"airpost", "build-deb", "try-deb", "debian/postinst", "debian/prerm", "debian/postrm"})
    void scriptsAreGoodShell(String name) throws Exception {
        var script = PACKAGING.resolve(name);
        var shell = new ProcessBuilder("sh", "-n", script.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(shell.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(shell.getInputStream().readAllBytes(), UTF_8)).isEmpty();
        assertThat(shell.exitValue()).isZero();
    }

    @Test
    void theServiceRunsCommandsThatThereAre() throws IOException {
        var unit = Files.readString(PACKAGING.resolve("airpost.service"));
        var commands = Airpost.commandLine(Map.of()).getSubcommands().keySet();
        var runs = Pattern.compile(
                        "(?m)^Exec(?:Start|Reload)=/usr/bin/airpost (\\S+) --config /etc/airpost/airpost.conf$")
                .matcher(unit)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(runs).containsExactly("serve", "reload");
        assertThat(commands).containsAll(runs);
    }

    @Test
    void theServiceIsFencedIn() throws IOException {
        var unit = Files.readAllLines(PACKAGING.resolve("airpost.service"));
        assertThat(unit)
                .contains(
                        "User=airpost",
                        "Type=exec",
                        "NoNewPrivileges=yes",
                        "ProtectSystem=strict",
                        "ProtectHome=yes",
                        "PrivateTmp=yes",
                        "PrivateDevices=yes",
                        "UMask=0077",
                        "StateDirectory=airpost",
                        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
                        "LimitNOFILE=65536");
    }

    /** What build-deb changes in conf/airpost.conf is there to be changed. */
    @Test
    void theConfigurationHasThePlacesThatThePackageChanges() throws IOException {
        var configuration = Files.readString(Path.of("conf/airpost.conf"));
        var changes = Pattern.compile("-e 's:([^:]+):([^:]+):'")
                .matcher(Files.readString(PACKAGING.resolve("build-deb")))
                .results()
                .toList();
        assertThat(changes).hasSize(2);
        for (var change : changes) {
            assertThat(configuration).contains(change.group(1));
            assertThat(change.group(2)).contains("/var/lib/airpost/");
        }
    }

    @Test
    void thePackageNeedsTheJavaThatTheProgramIsFor() throws IOException {
        var control = Files.readString(PACKAGING.resolve("debian/control"));
        var release =
                Files.readString(Path.of("pom.xml")).replaceFirst("(?s).*<maven.compiler.release>(\\d+)<.*", "$1");
        assertThat(control).contains("temurin-%s-jre".formatted(release));
        assertThat(List.of(control.split("\n", -1))).anyMatch(line -> line.startsWith("Depends: "));
    }
}
