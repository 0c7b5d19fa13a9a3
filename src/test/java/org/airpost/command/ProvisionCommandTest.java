package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.FakeStore;
import org.airpost.device.GateEvents;
import org.airpost.device.Gates;
import org.airpost.device.Provisioning;
import org.airpost.device.Wipes;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.PolicyElement;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.MalformedRequestException;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Provision;
import org.airpost.wbxml.page.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProvisionCommandTest {

    private static final String TYPE = "MS-EAS-Provisioning-WBXML";
    private static final DeviceKey KEY = new DeviceKey("ann@example.org", "ab12");

    private final FakeStore store = new FakeStore();
    private final Devices devices = new Devices(store, () -> Instant.EPOCH);
    private final ProvisionCommand command = new ProvisionCommand(
            devices,
            new Provisioning(devices, Gates.policy(PolicyDocument.PERMISSIVE), new Random(1)),
            new Wipes(devices, GateEvents.NONE, () -> Instant.EPOCH));

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void theTwoPhasesGiveAPolicyAndThenTheFinalKey(ProtocolVersion version) {
        var first = run(version, out -> policy(out, TYPE));
        long temporary = temporaryKey();

        assertThat(first)
                .startsWith("<Provision><Status>1</Status><Policies><Policy><PolicyType>" + TYPE
                        + "</PolicyType><Status>1</Status><PolicyKey>" + temporary
                        + "</PolicyKey><Data><EASProvisionDoc><DevicePasswordEnabled>0</DevicePasswordEnabled>")
                .endsWith("</EASProvisionDoc></Data></Policy></Policies></Provision>");

        var second = run(version, out -> acknowledge(out, temporary, 1));
        long last = devices.find(KEY)
                .orElseThrow()
                .policy()
                .accepted()
                .orElseThrow()
                .key();

        assertThat(second)
                .isEqualTo("<Provision><Status>1</Status><Policies><Policy><PolicyType>" + TYPE
                        + "</PolicyType><Status>1</Status><PolicyKey>" + last
                        + "</PolicyKey></Policy></Policies></Provision>");
        assertThat(last).isNotEqualTo(temporary);
    }

    /** With {@code -Dgolden.rewrite=true} it writes the files instead. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void aPolicyThatSaysEverythingIsSentAsTheVersionHasIt(ProtocolVersion version) throws IOException {
        var values = new EnumMap<PolicyElement, String>(PolicyElement.class);
        for (var element : PolicyElement.values()) {
            long other = element.isFlag() && element.asksNothing().equals("1") ? 0 : element.greatest();
            values.put(element, Long.toString(other));
        }
        var whole = new PolicyDocument(values, List.of("game.exe"), List.of("C5bKyy6EYKyW5kPP0eZyMl5zJvM="));
        var whom = new ProvisionCommand(
                devices,
                new Provisioning(devices, Gates.policy(whole), new Random(1)),
                new Wipes(devices, GateEvents.NONE, () -> Instant.EPOCH));

        var answer = Documents.text(
                        whom.run(Requests.of(CommandName.PROVISION, version).body(out -> {
                            out.start(Provision.PROVISION);
                            policy(out, TYPE);
                            out.end();
                        })))
                .replace("><", ">\n<");
        var golden = Path.of("src/test/resources/org/airpost/command/policy-" + version.text() + ".xml");
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.createDirectories(golden.getParent());
            Files.writeString(golden, answer + "\n");
        }
        assertThat(answer + "\n").isEqualTo(Files.readString(golden));
    }

    @Test
    void whatTheDeviceSaysAboutItselfIsStoredAndAnsweredFirst() {
        var answer = run(ProtocolVersion.V14_1, out -> {
            out.start(Settings.DEVICE_INFORMATION).start(Settings.SET);
            out.text(Settings.MODEL, "iPhone16C1").text(Settings.OS, "iOS 26").text(Settings.IMEI, "");
            out.end().end();
            policy(out, TYPE);
        });

        assertThat(answer)
                .startsWith("<Provision><DeviceInformation><Status>1</Status></DeviceInformation>"
                        + "<Status>1</Status><Policies>");
        assertThat(devices.find(KEY).map(Device::information)).get().satisfies(information -> {
            assertThat(information.get(DeviceInformation.Field.MODEL)).contains("iPhone16C1");
            assertThat(information.get(DeviceInformation.Field.IMEI)).isEmpty();
        });
    }

    @Test
    void aWrongKeyIsPolicyStatus5WithoutAKey() {
        run(ProtocolVersion.V16_1, out -> policy(out, TYPE));

        assertThat(run(ProtocolVersion.V16_1, out -> acknowledge(out, temporaryKey() ^ 1, 1)))
                .isEqualTo("<Provision><Status>1</Status><Policies><Policy><PolicyType>" + TYPE
                        + "</PolicyType><Status>5</Status></Policy></Policies></Provision>");
    }

    @Test
    void anUnknownPolicyTypeIsPolicyStatus3() {
        assertThat(run(ProtocolVersion.V12_1, out -> policy(out, "MS-WAP-Provisioning-XML")))
                .isEqualTo("<Provision><Status>1</Status><Policies><Policy>"
                        + "<PolicyType>MS-WAP-Provisioning-XML</PolicyType><Status>3</Status>"
                        + "</Policy></Policies></Provision>");
    }

    @Test
    void aDeviceThatAppliesNothingEndsWithStatus139() {
        run(ProtocolVersion.V14_0, out -> policy(out, TYPE));
        long temporary = temporaryKey();

        assertThatThrownBy(() -> run(ProtocolVersion.V14_0, out -> acknowledge(out, temporary, 3)))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.status().code()).isEqualTo(139));
    }

    @Test
    void anEmptyProvisionLearnsThatThereIsNothingToDo() {
        assertThat(run(ProtocolVersion.V16_1, out -> {})).isEqualTo("<Provision><Status>1</Status></Provision>");
    }

    @Test
    void aConfirmedWipeThatNobodyAskedForIsNoWipe() {
        assertThat(run(
                        ProtocolVersion.V16_1,
                        out -> out.start(Provision.REMOTE_WIPE)
                                .text(Provision.STATUS, 1)
                                .end()))
                .isEqualTo("<Provision><Status>1</Status></Provision>");
    }

    @Test
    void noAnswerEverAsksForAWipe() {
        for (var version : ProtocolVersion.values()) {
            var answers = new StringBuilder();
            answers.append(run(version, out -> {}));
            answers.append(run(version, out -> policy(out, "other")));
            answers.append(run(version, out -> policy(out, TYPE)));
            for (int status : new int[] {1, 2, 4}) {
                answers.append(run(version, out -> acknowledge(out, 17, status)));
                answers.append(run(version, out -> acknowledge(out, temporaryKey(), status)));
            }
            answers.append(run(version, out -> out.empty(Provision.REMOTE_WIPE)));
            answers.append(run(version, out -> out.empty(Provision.ACCOUNT_ONLY_REMOTE_WIPE)));
            answers.append(run(version, out -> out.empty(Settings.DEVICE_INFORMATION)));

            assertThat(answers.toString()).doesNotContain("Wipe");
        }
    }

    @Test
    void aPolicyWithoutATypeIsMalformed() {
        assertThatThrownBy(() -> run(
                        ProtocolVersion.V14_0,
                        out -> out.start(Provision.POLICIES)
                                .empty(Provision.POLICY)
                                .end()))
                .isInstanceOf(MalformedRequestException.class)
                .hasMessageContaining("PolicyType");
    }

    private long temporaryKey() {
        return devices.find(KEY).orElseThrow().policy().offered().orElseThrow().temporaryKey();
    }

    private String run(ProtocolVersion version, Consumer<WbxmlWriter> children) {
        return Documents.text(
                command.run(Requests.of(CommandName.PROVISION, version).body(out -> {
                    out.start(Provision.PROVISION);
                    children.accept(out);
                    out.end();
                })));
    }

    private static void policy(WbxmlWriter out, String type) {
        out.start(Provision.POLICIES).start(Provision.POLICY);
        out.text(Provision.POLICY_TYPE, type);
        out.end().end();
    }

    private static void acknowledge(WbxmlWriter out, long key, int status) {
        out.start(Provision.POLICIES).start(Provision.POLICY);
        out.text(Provision.POLICY_TYPE, TYPE).text(Provision.POLICY_KEY, key).text(Provision.STATUS, status);
        out.end().end();
    }
}
