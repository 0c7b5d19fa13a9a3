package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.convert.MailConverter;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.FakeStore;
import org.airpost.device.GateEvents;
import org.airpost.device.Gates;
import org.airpost.device.PolicyState.Compliance;
import org.airpost.device.Provisioning;
import org.airpost.device.Provisioning.Acknowledged;
import org.airpost.device.Throttle;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.PolicyElement;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.eas.SyncStatus;
import org.airpost.store.StoreException;
import org.airpost.sync.Waiters;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Ping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DispatcherTest {

    private static final DeviceKey KEY = new DeviceKey("ann@example.org", "ab12");

    private final FakeStore store = new FakeStore();
    private final Devices devices = new Devices(store, () -> Instant.EPOCH);
    private final Map<CommandName, Command> commands = new EnumMap<>(CommandName.class);
    private PolicyDocument policy = PolicyDocument.PERMISSIVE;

    @Test
    void theListOfCommandsHoldsWhatWorks() {
        does(CommandName.PROVISION, new Answer.Empty());
        does(CommandName.SYNC, new Answer.Empty());
        does(CommandName.SETTINGS, new Answer.Empty());

        assertThat(dispatcher().commands()).isEqualTo("Sync,Settings,Provision");
    }

    @Test
    void aCommandThatDoesNotWorkIs501() {
        assertThat(dispatch(CommandName.SEARCH, ProtocolVersion.V16_1)).isEqualTo("HTTP 501");
        assertThat(store.keys()).isEmpty();
    }

    @Test
    void aDeviceWithoutAPolicyIsToldInTheFormOfItsVersion() {
        does(CommandName.SYNC, new Answer.Empty());
        does(CommandName.FOLDER_SYNC, new Answer.Empty());

        assertThat(dispatch(CommandName.SYNC, ProtocolVersion.V12_1)).isEqualTo("HTTP 449");
        assertThat(dispatch(CommandName.SYNC, ProtocolVersion.V14_0)).isEqualTo("<Sync><Status>142</Status></Sync>");
        assertThat(dispatch(CommandName.FOLDER_SYNC, ProtocolVersion.V16_1))
                .isEqualTo("<FolderSync><Status>142</Status></FolderSync>");
        assertThat(Documents.text(dispatcher()
                        .dispatch(Requests.of(CommandName.SYNC, ProtocolVersion.V16_1)
                                .withPolicyKey(77)
                                .bytes(new byte[0]))))
                .isEqualTo("<Sync><Status>144</Status></Sync>");
        assertThat(store.keys())
                .as("nothing is kept of a device that only tries")
                .isEmpty();
    }

    @Test
    void provisionAndPingRunWithoutAPolicy() {
        does(CommandName.PROVISION, new Answer.Empty());
        does(CommandName.PING, new Answer.Empty());

        assertThat(dispatch(CommandName.PROVISION, ProtocolVersion.V14_1)).isEmpty();
        assertThat(dispatch(CommandName.PING, ProtocolVersion.V12_1)).isEmpty();
    }

    @Test
    void aBlockedDeviceIsKeptOut() {
        does(CommandName.PING, new Answer.Empty());
        devices.keep(KEY, device -> device.withAccess(Device.Access.BLOCKED));

        assertThat(dispatch(CommandName.PING, ProtocolVersion.V12_1)).isEqualTo("HTTP 403");
        assertThat(dispatch(CommandName.PING, ProtocolVersion.V16_1)).isEqualTo("<Ping><Status>129</Status></Ping>");
    }

    @Test
    void aUserMayHaveTwoHundredDevicesAndNoneMore() {
        does(CommandName.PROVISION, new Answer.Empty());
        does(CommandName.PING, new Answer.Empty());
        for (int n = 0; n < 200; n++) {
            devices.keep(new DeviceKey(KEY.user(), "OTHER" + n), device -> device);
        }

        assertThat(dispatch(CommandName.PROVISION, ProtocolVersion.V14_1))
                .isEqualTo("<Provision><Status>177</Status></Provision>");
        assertThat(devices.isKept(KEY)).isFalse();

        devices.remove(new DeviceKey(KEY.user(), "OTHER7"));
        assertThat(dispatch(CommandName.PROVISION, ProtocolVersion.V14_1)).isEmpty();
        devices.keep(KEY, device -> device);
        assertThat(dispatch(CommandName.PROVISION, ProtocolVersion.V14_1))
                .as("who is one of them")
                .isEmpty();
    }

    @Test
    void outlookDesktopIsKeptFromItsFirstFolderSyncAndOneOfTheTwoHundred() {
        does(CommandName.SETTINGS, new Answer.Empty());
        does(CommandName.FOLDER_SYNC, new Answer.Empty());
        var outlook =
                Requests.of(CommandName.FOLDER_SYNC, ProtocolVersion.V14_0).withDeviceType("WindowsOutlook15");

        dispatcher()
                .dispatch(Requests.of(CommandName.SETTINGS, ProtocolVersion.V14_0)
                        .withDeviceType("WindowsOutlook15")
                        .bytes(new byte[0]));
        assertThat(store.keys()).isEmpty();
        for (int n = 0; n < 200; n++) {
            devices.keep(new DeviceKey(KEY.user(), "OTHER" + n), device -> device);
        }
        assertThat(Documents.text(dispatcher().dispatch(outlook.bytes(new byte[0]))))
                .as("what it is told of folders would be left in the store for each id that somebody invents")
                .isEqualTo("<FolderSync><Status>177</Status></FolderSync>");

        devices.remove(new DeviceKey(KEY.user(), "OTHER7"));
        assertThat(Documents.text(dispatcher().dispatch(outlook.bytes(new byte[0]))))
                .isEmpty();
        assertThat(store.keys()).contains("device/" + KEY.path());
    }

    @Test
    void whatIsSeenIsNoted() {
        does(CommandName.SYNC, new Answer.Empty());
        dispatchProvisioned(CommandName.SYNC, ProtocolVersion.V16_0);

        assertThat(devices.find(KEY)).get().satisfies(device -> {
            assertThat(device.deviceType()).isEqualTo("iPhone");
            assertThat(device.userAgent()).startsWith("Apple-iPhone");
            assertThat(device.versions()).containsExactly(ProtocolVersion.V16_0);
        });
    }

    @Test
    void aCommandOfALaterVersionIs138() {
        does(CommandName.FIND, new Answer.Empty());

        assertThat(dispatchProvisioned(CommandName.FIND, ProtocolVersion.V12_1)).isEqualTo("HTTP 400");
        assertThat(dispatchProvisioned(CommandName.FIND, ProtocolVersion.V16_0))
                .isEqualTo("<Find><Status>138</Status></Find>");
        assertThat(dispatchProvisioned(CommandName.FIND, ProtocolVersion.V16_1)).isEmpty();
    }

    /** Source: MS-ASCMD_R7545 to R7566. */
    @ParameterizedTest
    @CsvSource({
        "101,400", "103,400", "106,400", "110,500", "111,503", "112,403", "113,507", "125,403", "126,403", "132,403",
        "137,501", "138,400", "140,449", "141,449", "142,449", "143,449", "144,449"
    })
    void before14AnHttpStatusStandsForAStatusAbove100(int code, int http) {
        var status = Arrays.stream(CommonStatus.values())
                .filter(one -> one.code() == code)
                .findFirst()
                .orElseThrow();
        commands.put(CommandName.SYNC, _ -> {
            throw new StatusException(status, "test");
        });
        assertThat(dispatchProvisioned(CommandName.SYNC, ProtocolVersion.V12_1)).startsWith("HTTP " + http);
        assertThat(dispatchProvisioned(CommandName.SYNC, ProtocolVersion.V14_0))
                .isEqualTo("<Sync><Status>%d</Status></Sync>".formatted(code));
    }

    @Test
    void aMalformedDocumentHasTheCommandsOwnStatus() {
        for (var name : CommandName.values()) {
            commands.put(name, request -> {
                var in = request.document();
                in.root();
                throw in.malformed("no");
            });
        }

        assertThat(dispatchProvisioned(CommandName.SYNC, ProtocolVersion.V12_1))
                .isEqualTo("<Sync><Status>4</Status></Sync>");
        assertThat(dispatchProvisioned(CommandName.FOLDER_CREATE, ProtocolVersion.V14_0))
                .isEqualTo("<FolderCreate><Status>10</Status></FolderCreate>");
        assertThat(dispatchProvisioned(CommandName.ITEM_OPERATIONS, ProtocolVersion.V14_0))
                .isEqualTo("<ItemOperations><Status>2</Status></ItemOperations>");
        assertThat(dispatchProvisioned(CommandName.SEND_MAIL, ProtocolVersion.V16_1))
                .isEqualTo("<SendMail><Status>103</Status></SendMail>");
        assertThat(dispatchProvisioned(CommandName.MOVE_ITEMS, ProtocolVersion.V12_1))
                .isEqualTo("HTTP 400");
        assertThat(dispatchProvisioned(CommandName.GET_ATTACHMENT, ProtocolVersion.V16_1))
                .isEqualTo("HTTP 400");
    }

    @Test
    void whatIsNoWbxmlAtAllIs400() {
        commands.put(CommandName.PROVISION, request -> {
            request.document().root();
            throw new AssertionError("that was read?");
        });

        assertThat(Documents.text(dispatcher()
                        .dispatch(Requests.of(CommandName.PROVISION, ProtocolVersion.V16_1)
                                .bytes(new byte[] {'G', 'E', 'T', ' ', '/'}))))
                .isEqualTo("HTTP 400");
    }

    @Test
    void aStatusStandsInTheRootOfTheCommand() {
        commands.put(CommandName.SYNC, request -> {
            throw new StatusException(SyncStatus.INCOMPLETE_REQUEST, "test");
        });
        assertThat(dispatchProvisioned(CommandName.SYNC, ProtocolVersion.V12_1))
                .isEqualTo("<Sync><Status>13</Status></Sync>");

        commands.put(CommandName.SEND_MAIL, request -> {
            throw new StatusException(CommonStatus.MAILBOX_QUOTA_EXCEEDED, "test");
        });
        assertThat(dispatchProvisioned(CommandName.SEND_MAIL, ProtocolVersion.V12_1))
                .isEqualTo("HTTP 507");
        assertThat(dispatchProvisioned(CommandName.SEND_MAIL, ProtocolVersion.V14_0))
                .isEqualTo("<SendMail><Status>113</Status></SendMail>");
    }

    @Test
    void aBackendThatIsAwayIs503WithAMomentToReturn() {
        commands.put(CommandName.SYNC, request -> {
            throw new BackendUnavailableException("imap: no answer", Duration.ofMillis(1500));
        });

        assertThat(dispatchProvisioned(CommandName.SYNC, ProtocolVersion.V16_1)).isEqualTo("HTTP 503 {Retry-After=2}");
    }

    @Test
    void aStoreThatFailsIs503() {
        commands.put(CommandName.SYNC, request -> {
            throw new StoreException("disk full");
        });

        assertThat(dispatchProvisioned(CommandName.SYNC, ProtocolVersion.V16_1)).isEqualTo("HTTP 503 {Retry-After=30}");
    }

    @Test
    void aHeldAnswerIsFinishedUnderTheSameGuard() {
        commands.put(
                CommandName.PING,
                request -> new Answer.Held(Duration.ofMinutes(8), new Answer.Waiter() {

                    @Override
                    public void start(Runnable wake) {}

                    @Override
                    public Answer finish(Answer.Ending how) {
                        throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, "test");
                    }

                    @Override
                    public void cancel() {}
                }));

        var held = dispatcher()
                .dispatch(Requests.of(CommandName.PING, ProtocolVersion.V14_0).bytes(new byte[0]));

        assertThat(held).isInstanceOf(Answer.Held.class);
        assertThat(Documents.text(((Answer.Held) held).waiter().finish(Answer.Ending.WOKEN)))
                .isEqualTo("<Ping><Status>111</Status></Ping>");
    }

    @Test
    void whoIsPutOutWhileARequestIsHeldDoesNotGetWhatItWaitedFor() {
        var endings = new ArrayList<Answer.Ending>();
        waits(endings);
        var held = held();

        held.waiter().finish(Answer.Ending.WOKEN);
        for (var access : List.of(Device.Access.BLOCKED, Device.Access.QUARANTINED)) {
            devices.keep(KEY, device -> device.withAccess(access));
            held.waiter().finish(Answer.Ending.WOKEN);
        }

        assertThat(endings).containsExactly(Answer.Ending.WOKEN, Answer.Ending.EXPIRED, Answer.Ending.EXPIRED);
    }

    @Test
    void whoMayHaveMailWithinLimitsGetsWhatItWaitedFor() {
        policy = PolicyDocument.PERMISSIVE.with(PolicyElement.MAX_EMAIL_AGE_FILTER, "2");
        var endings = new ArrayList<Answer.Ending>();
        waits(endings);

        held().waiter().finish(Answer.Ending.WOKEN);

        assertThat(endings).containsExactly(Answer.Ending.WOKEN);
    }

    @Test
    void whoIsPutOutBetweenTheGateAndTheWaitDoesNotWait() {
        waits(new ArrayList<>());
        var woken = new AtomicInteger();

        held().waiter().start(woken::incrementAndGet);
        assertThat(woken).as("who may come in").hasValue(0);

        var late = held();
        devices.keep(KEY, device -> device.withAccess(Device.Access.BLOCKED));
        late.waiter().start(woken::incrementAndGet);
        assertThat(woken).hasValue(1);
    }

    @Test
    void whoIsAdmittedBetweenTheGateAndTheWaitDoesNotWaitInQuarantine() {
        waits(new ArrayList<>());
        var woken = new AtomicInteger();
        devices.keep(KEY, device -> device.withAccess(Device.Access.QUARANTINED));

        held().waiter().start(woken::incrementAndGet);
        assertThat(woken).as("who is in quarantine still").hasValue(0);

        var late = held();
        devices.keep(KEY, device -> device.withAccess(Device.Access.ALLOWED));
        late.waiter().start(woken::incrementAndGet);
        assertThat(woken).hasValue(1);
    }

    private void waits(List<Answer.Ending> endings) {
        commands.put(
                CommandName.PING,
                request -> new Answer.Held(Duration.ofMinutes(8), new Answer.Waiter() {

                    @Override
                    public void start(Runnable wake) {}

                    @Override
                    public Answer finish(Answer.Ending how) {
                        endings.add(how);
                        return new Answer.Empty();
                    }

                    @Override
                    public void cancel() {}
                }));
    }

    private Answer.Held held() {
        var ping = Requests.of(CommandName.PING, ProtocolVersion.V14_0)
                .body(out -> out.start(Ping.PING)
                        .text(Ping.HEARTBEAT_INTERVAL, 480)
                        .start(Ping.FOLDERS)
                        .start(Ping.FOLDER)
                        .text(Ping.ID, "999000000000000001")
                        .text(Ping.CLASS, "Email")
                        .end()
                        .end()
                        .end());
        return (Answer.Held) dispatcher().dispatch(ping);
    }

    @Test
    void aBugIsNotHidden() {
        commands.put(CommandName.PING, request -> {
            throw new IllegalStateException("a bug");
        });

        assertThatThrownBy(() -> dispatch(CommandName.PING, ProtocolVersion.V14_0))
                .isInstanceOf(IllegalStateException.class);
    }

    private void does(CommandName name, Answer answer) {
        commands.put(name, request -> answer);
    }

    private Dispatcher dispatcher() {
        return new Dispatcher(
                commands,
                devices,
                Gates.of(store, devices, policy),
                new Throttle(new Throttle.Settings(1_000, 1_000, 1_000), InstantSource.system()),
                new Quarantine(
                        new MailConverter(MailConverter.Settings.DEFAULT),
                        new Waiters(),
                        new Quarantine.Words("", Duration.ofMinutes(59))),
                GateEvents.NONE);
    }

    private String dispatch(CommandName name, ProtocolVersion version) {
        return Documents.text(dispatcher().dispatch(Requests.of(name, version).bytes(new byte[0])));
    }

    private String dispatchProvisioned(CommandName name, ProtocolVersion version) {
        var provisioning = new Provisioning(devices, Gates.policy(PolicyDocument.PERMISSIVE), new Random(1));
        var done = provisioning.acknowledge(KEY, provisioning.offer(KEY).temporaryKey(), Compliance.APPLIED);
        long key = ((Acknowledged.FinalKey) done).key();
        return Documents.text(dispatcher()
                .dispatch(Requests.of(name, version)
                        .withPolicyKey(key)
                        .body(out -> out.start(AirSync.SYNC).end())));
    }
}
