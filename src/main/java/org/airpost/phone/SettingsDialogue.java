package org.airpost.phone;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.airpost.eas.CommandName;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Settings;

/** Settings: what the phone is, and who the user is. Source: MS-ASCMD "Settings". */
final class SettingsDialogue {

    private final Wire wire;
    private final String deviceType;

    SettingsDialogue(Wire wire, String deviceType) {
        this.wire = wire;
        this.deviceType = deviceType;
    }

    /** Writes DeviceInformation, which stands in Settings and in Provision. */
    static void deviceInformation(WbxmlWriter out, String deviceType) {
        out.start(Settings.DEVICE_INFORMATION)
                .start(Settings.SET)
                .text(Settings.MODEL, deviceType)
                .text(Settings.FRIENDLY_NAME, "Airpost's own phone")
                .text(Settings.OS, System.getProperty("os.name", ""))
                .text(Settings.OS_LANGUAGE, "en")
                .text(Settings.USER_AGENT, "Airpost-Phone/1")
                .end()
                .end();
    }

    /** Status of DeviceInformation, or of the whole if that failed. */
    int sendDeviceInformation() {
        return exchange(out -> deviceInformation(out, deviceType)).statusOfPart();
    }

    UserInformation userInformation() {
        var reading = exchange(
                out -> out.start(Settings.USER_INFORMATION).empty(Settings.GET).end());
        return new UserInformation(reading.statusOfPart(), reading.addresses, reading.primary, reading.displayName);
    }

    private Reading exchange(Consumer<WbxmlWriter> part) {
        var reply = wire.post(Wire.Post.of(CommandName.SETTINGS, Wire.document(out -> {
            out.start(Settings.SETTINGS);
            part.accept(out);
            out.end();
        })));
        var reading = new Reading();
        Wire.read(CommandName.SETTINGS, reply.body(), in -> {
            in.root(Settings.SETTINGS);
            reading.whole(in);
        });
        return reading;
    }

    /** An answer while it is read. */
    private static final class Reading {

        private int topStatus;
        private int partStatus;
        private final List<String> addresses = new ArrayList<>();
        private Optional<String> primary = Optional.empty();
        private Optional<String> displayName = Optional.empty();

        int statusOfPart() {
            return topStatus > 1 || partStatus == 0 ? topStatus : partStatus;
        }

        void whole(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.STATUS -> topStatus = (int) in.number(0, 10_000);
                    case Settings.DEVICE_INFORMATION, Settings.USER_INFORMATION -> part(in);
                    default -> in.skip();
                }
            }
        }

        private void part(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.STATUS -> partStatus = (int) in.number(0, 10_000);
                    case Settings.SET, Settings.GET -> information(in);
                    default -> in.skip();
                }
            }
        }

        /** EmailAddresses stands in Get up to 14.0, in Account from 14.1 on. Source: ST-04. */
        private void information(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.ACCOUNTS, Settings.ACCOUNT, Settings.EMAIL_ADDRESSES -> information(in);
                    case Settings.SMTP_ADDRESS -> addresses.add(in.text());
                    case Settings.PRIMARY_SMTP_ADDRESS -> primary = Optional.of(in.text());
                    case Settings.USER_DISPLAY_NAME -> displayName = Optional.of(in.text());
                    default -> in.skip();
                }
            }
        }
    }
}
