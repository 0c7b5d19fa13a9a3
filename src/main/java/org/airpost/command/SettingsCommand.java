package org.airpost.command;

import java.util.ArrayList;
import java.util.List;
import org.airpost.backend.Account;
import org.airpost.device.Devices;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.SettingsStatus;
import org.airpost.eas.Status;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Settings;

/**
 * Takes what a device says about itself and tells it the user's addresses. Answers the parts that were asked for, in their
 * order (MS-ASCMD_R480). Out-of-office messages are not offered yet, recovery passwords and rights management are not
 * offered at all; each says so with its own status. Source: MS-ASCMD "Settings".
 */
public final class SettingsCommand implements Command {

    private final Devices devices;

    public SettingsCommand(Devices devices) {
        this.devices = devices;
    }

    @Override
    public Answer run(Request request) {
        var parts = read(request.document(), request.version());
        for (var part : parts) {
            if (part instanceof Part.Information(var information)) {
                devices.update(request.device(), device -> device.withInformation(information));
            }
        }
        return Answer.document(out -> {
            out.start(Settings.SETTINGS).text(Settings.STATUS, SettingsStatus.SUCCESS.code());
            parts.forEach(part -> write(out, part, request));
            out.end();
        });
    }

    private static void write(WbxmlWriter out, Part part, Request request) {
        switch (part) {
            case Part.Information _ -> writeStatus(out, Settings.DEVICE_INFORMATION, SettingsStatus.SUCCESS);
            case Part.Refused(var tag, var status) -> writeStatus(out, tag, status);
            case Part.User() -> {
                out.start(Settings.USER_INFORMATION)
                        .text(Settings.STATUS, SettingsStatus.SUCCESS.code())
                        .start(Settings.GET);
                writeUser(out, request.account(), request.version());
                out.end().end();
            }
        }
    }

    private static void writeStatus(WbxmlWriter out, Tag part, Status status) {
        out.start(part).text(Settings.STATUS, status.code()).end();
    }

    private static void writeUser(WbxmlWriter out, Account account, ProtocolVersion version) {
        if (!version.atLeast(ProtocolVersion.V14_1)) {
            out.start(Settings.EMAIL_ADDRESSES);
            account.addresses().forEach(address -> out.text(Settings.SMTP_ADDRESS, address));
            out.end();
            return;
        }
        // No AccountId: a phone that got one would send it back with SendMail, and there is one account only.
        out.start(Settings.ACCOUNTS).start(Settings.ACCOUNT);
        out.text(Settings.USER_DISPLAY_NAME, account.displayName()).flag(Settings.SEND_DISABLED, false);
        out.start(Settings.EMAIL_ADDRESSES);
        account.addresses().forEach(address -> out.text(Settings.SMTP_ADDRESS, address));
        out.text(Settings.PRIMARY_SMTP_ADDRESS, account.address());
        out.end().end().end();
    }

    private static List<Part> read(WbxmlReader in, ProtocolVersion version) {
        in.root(Settings.SETTINGS);
        var parts = new ArrayList<Part>();
        while (in.child()) {
            switch (in.tag()) {
                case Settings.DEVICE_INFORMATION -> parts.add(readInformation(in));
                case Settings.USER_INFORMATION -> parts.add(readUser(in));
                case Settings.OOF -> {
                    in.skip();
                    // Never success: the user would believe that the world knows of the absence.
                    parts.add(new Part.Refused(Settings.OOF, SettingsStatus.ACCESS_DENIED));
                }
                case Settings.DEVICE_PASSWORD -> {
                    in.skip();
                    parts.add(new Part.Refused(Settings.DEVICE_PASSWORD, SettingsStatus.DENIED_BY_POLICY));
                }
                case Settings.RIGHTS_MANAGEMENT_INFORMATION -> {
                    in.skip();
                    if (version.atLeast(ProtocolVersion.V14_1)) {
                        parts.add(new Part.Refused(
                                Settings.RIGHTS_MANAGEMENT_INFORMATION, CommonStatus.IRM_FEATURE_DISABLED));
                    }
                }
                default -> in.skip();
            }
        }
        return parts;
    }

    private static Part readInformation(WbxmlReader in) {
        Part part = new Part.Refused(Settings.DEVICE_INFORMATION, SettingsStatus.PROTOCOL_ERROR);
        while (in.child()) {
            switch (in.tag()) {
                case Settings.SET -> part = new Part.Information(DeviceInformation.readSet(in));
                default -> in.skip();
            }
        }
        return part;
    }

    private static Part readUser(WbxmlReader in) {
        Part part = new Part.Refused(Settings.USER_INFORMATION, SettingsStatus.PROTOCOL_ERROR);
        while (in.child()) {
            if (in.tag().equals(Settings.GET)) {
                part = new Part.User();
            }
            in.skip();
        }
        return part;
    }

    /** A part of a request. */
    private sealed interface Part {

        record Information(DeviceInformation information) implements Part {}

        record User() implements Part {}

        /** Answered with a status that says why not. */
        record Refused(Tag part, Status status) implements Part {}
    }
}
