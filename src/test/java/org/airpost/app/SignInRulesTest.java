package org.airpost.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.airpost.config.Config;
import org.airpost.config.ConfigException;
import org.airpost.identity.MasterUser;
import org.airpost.identity.Rules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the configuration to what counts for a domain. */
class SignInRulesTest {

    @TempDir
    private Path directory;

    private Config config(String text) throws IOException {
        var file = Files.writeString(directory.resolve("airpost.conf"), text);
        return Config.load(Optional.of(file), Map.of());
    }

    @Test
    void aMasterUserStaysWithItsServers() throws IOException {
        var rules = new Setup(config("""
                        login { masterUser = "{login}*m", masterPassword = "all", certificates = accepted }
                        lookup.domains = ["*"]
                        domains {
                          "own.example" { imap.host = imap.own.example }
                          "theirs.example" {
                            imap.host = imap.theirs.example
                            login { masterUser = root, masterPassword = theirs, mailPassword = false
                                    certificates = required }
                          }
                        }
                        """)).signInRules();
        assertThat(rules.apply("").master()).contains(new MasterUser("{login}*m", "all"));
        assertThat(rules.apply("own.example"))
                .isEqualTo(new Rules(true, Rules.Certificates.ACCEPTED, Optional.empty()));
        assertThat(rules.apply("theirs.example"))
                .isEqualTo(
                        new Rules(false, Rules.Certificates.REQUIRED, Optional.of(new MasterUser("root", "theirs"))));
        assertThat(rules.apply("found.example").master())
                .as("servers that anybody's DNS names")
                .isEmpty();
    }

    @Test
    void whatNobodyCouldSignInWithIsRefused() {
        for (var wrong : new String[] {
            "login.mailPassword = false",
            "login.masterUser = root",
            "http { plain = true, address = 127.0.0.1 }\nlogin.certificates = required",
            "login { vaultKey = k, masterPassword = x }",
            "login { masterUser = root, masterPassword = x }\ndomains { \"a.example\" { login.mailPassword = false } }"
        }) {
            assertThatThrownBy(() -> config(wrong))
                    .as(wrong)
                    .isInstanceOfSatisfying(
                            ConfigException.class,
                            e -> assertThat(e.problems())
                                    .allMatch(problem -> problem.contains("login."))
                                    .noneMatch(problem -> problem.contains("\"x\"")));
        }
    }
}
