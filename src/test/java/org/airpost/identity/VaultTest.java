package org.airpost.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.store.TestClock;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock();
    private final MemoryStore store = new MemoryStore(clock);

    private Vault vault() throws IOException {
        return Vault.open(store, key(), clock, new SecureRandom());
    }

    private Path key() {
        return directory.resolve("keys/vault.key");
    }

    private static String newKey(int seed) {
        var bytes = new byte[32];
        Arrays.fill(bytes, (byte) seed);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String opened(Vault vault, String user) {
        return vault.password(user).orElseThrow().password();
    }

    @Test
    void aPasswordComesOutAsItWentIn() throws IOException {
        var vault = vault();
        assertThat(vault.entry("anna")).isInstanceOf(Vault.Entry.Empty.class);
        vault.put("anna", "geheim ü");
        assertThat(vault.entry("anna")).isEqualTo(new Vault.Entry.Good(clock.instant()));
        assertThat(opened(vault, "anna")).isEqualTo("geheim ü");
        assertThat(opened(vault(), "anna")).as("after a restart").isEqualTo("geheim ü");
        assertThat(vault.remove("anna")).isTrue();
        assertThat(vault.password("anna")).isEmpty();
    }

    @Test
    void itIsNotReadableInTheStoreAndNobodyElsesKey() throws IOException {
        vault().put("anna", "geheim");
        var text = new String(store.get("vault/anna").orElseThrow().value(), StandardCharsets.ISO_8859_1);
        assertThat(text).doesNotContain("geheim");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
                .isEqualTo("rw-------");
    }

    @Test
    void oneUsersRecordIsNothingInAnothersPlace() throws IOException {
        var vault = vault();
        vault.put("anna", "geheim");
        store.put("vault/bob", store.get("vault/anna").orElseThrow().value(), Store.ABSENT);
        assertThatThrownBy(() -> vault.password("bob")).isInstanceOf(StoreException.class);
    }

    @Test
    void aNewKeyAboveTheOldOneSealsAnew() throws IOException {
        vault().put("anna", "geheim");
        var old = Files.readString(key());
        Files.writeString(key(), newKey(1) + "\n" + old);
        var vault = vault();
        assertThat(opened(vault, "anna")).as("with the old key").isEqualTo("geheim");
        assertThat(vault.renew()).isEqualTo(1);
        assertThat(vault.renew()).isZero();
        Files.writeString(key(), newKey(1));
        assertThat(opened(vault(), "anna")).as("with the new key alone").isEqualTo("geheim");
    }

    @Test
    void aLostKeyIsSaidAndNotReplaced() throws IOException {
        vault().put("anna", "geheim");
        Files.writeString(key(), newKey(2));
        assertThat(vault().entry("anna")).isInstanceOf(Vault.Entry.Locked.class);
        assertThat(vault().password("anna")).isEmpty();
        vault().put("anna", "neu");
        assertThat(opened(vault(), "anna")).isEqualTo("neu");
        Files.delete(key());
        assertThatThrownBy(this::vault).isInstanceOf(IOException.class).hasMessageContaining("restore it");
        assertThat(key()).doesNotExist();
    }

    @Test
    void aRefusedPasswordIsMarkedUntilThereIsANewOne() throws IOException {
        var vault = vault();
        vault.put("anna", "old");
        vault.refused("anna", "another");
        assertThat(vault.entry("anna")).isInstanceOf(Vault.Entry.Good.class);
        vault.refused("anna", "old");
        assertThat(vault.entry("anna")).isEqualTo(new Vault.Entry.Refused(clock.instant()));
        vault.put("anna", "new");
        vault.refused("anna", "old");
        assertThat(vault.entry("anna")).isInstanceOf(Vault.Entry.Good.class);
    }

    @Test
    void aBadKeyIsRefusedWithItsLineAndNotShown() throws IOException {
        Files.createDirectories(key().getParent());
        Files.writeString(key(), "# mine\nc2hvcnQ=\n");
        assertThatThrownBy(this::vault)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(":2 ")
                .hasMessageNotContaining("c2hvcnQ");
    }
}
