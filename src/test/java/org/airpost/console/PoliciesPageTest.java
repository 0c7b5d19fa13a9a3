package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.Role;
import org.airpost.device.Policy;
import org.airpost.eas.PolicyElement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesPageTest {

    @TempDir
    private Path directory;

    private ConsoleFixture fixture;
    private ConsoleFixture.Visitor admin;

    @BeforeEach
    void start() throws IOException {
        fixture = ConsoleFixture.start(directory);
        fixture.admin("ada", Role.ADMIN);
        admin = fixture.visitor().as("ada");
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private Policy policy(String name) {
        return ConsoleFixture.value(fixture.gateway.policyActions().find(ConsoleFixture.CLI, name));
    }

    /** What a browser sends of a page's form for policies, as it is. */
    private Map<String, String> form(String path) {
        var fields = new HashMap<String, String>();
        admin.page(path)
                .select("form[action=/admin/policies/save]")
                .forms()
                .getFirst()
                .formData()
                .forEach(field -> fields.put(field.key(), field.value()));
        return fields;
    }

    @Test
    void aNewOneDoesNotTakeThePlaceOfAnother() {
        var strict = Policy.named("strict").with(PolicyElement.DEVICE_PASSWORD_ENABLED, "1");
        ConsoleFixture.value(fixture.gateway.policyActions().set(ConsoleFixture.CLI, strict));
        var fields = form("/admin/policies/new");
        fields.put("name", "strict");
        assertThat(admin.post("/admin/policies/save", fields).statusCode()).isEqualTo(409);
        assertThat(policy("strict")).isEqualTo(strict);
        fields.put("name", "other");
        assertThat(admin.post("/admin/policies/save", fields).statusCode()).isEqualTo(303);
    }

    @Test
    void whatIsSavedAsItWasShownIsTheSame() {
        var free = Policy.named("free")
                .with(PolicyElement.ALLOW_CAMERA, "1")
                .withApproved(Optional.of(List.of()))
                .withUnapproved(Optional.of(List.of("solitaire.exe")));
        ConsoleFixture.value(fixture.gateway.policyActions().set(ConsoleFixture.CLI, free));
        assertThat(admin.post("/admin/policies/save", form("/admin/policies/of/free"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(policy("free")).isEqualTo(free);
    }
}
