package org.airpost.command;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.airpost.backend.Absences;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.Person;
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
 * Takes what a device says about itself, tells it the user's addresses, and keeps the answer in absence. Answers the parts
 * that were asked for, in their order (MS-ASCMD_R480). Recovery passwords and rights management are not offered; each says so
 * with its own status. Source: MS-ASCMD "Settings".
 */
public final class SettingsCommand implements Command {

    /** Source: MS-ASCMD_R3660. */
    private static final int LONGEST_PASSWORD = 255;

    private final Devices devices;
    private final Directory directory;
    private final OofSettings oof;

    /**
     * Settings of these devices.
     *
     * @param directory knows the other addresses of users
     * @param known addresses that a user knows
     */
    public SettingsCommand(
            Devices devices, Directory directory, Absences absences, Function<Account, List<String>> known) {
        this.devices = devices;
        this.directory = directory;
        this.oof = new OofSettings(absences, known);
    }

    @Override
    public Answer run(Request request) {
        var parts = read(request.document(), request.version());
        for (var part : parts) {
            if (part instanceof Part.Information(var information)) {
                devices.update(request.device(), device -> device.withInformation(information));
            }
        }
        // All that waits for servers is done before anything is written.
        var done = parts.stream().map(part -> done(part, request)).toList();
        return Answer.document(out -> {
            out.start(Settings.SETTINGS).text(Settings.STATUS, SettingsStatus.SUCCESS.code());
            done.forEach(part -> write(out, part, request));
            out.end();
        });
    }

    private Part done(Part part, Request request) {
        return switch (part) {
            case Part.Away(var asked, var _) -> new Part.Away(asked, Optional.of(oof.run(asked, request.account())));
            case Part.User _ -> new Part.User(Optional.of(self(request.account())));
            case Part.Information _, Part.Refused _ -> part;
        };
    }

    /** The user as the directory knows them, else as they signed in. */
    private Person self(Account account) {
        var found = directory.find(account, new Directory.Query(account.address(), 10));
        return (found instanceof Directory.Found.Persons(var persons, var _)
                        ? persons.stream()
                        : Stream.<Person>empty())
                .filter(person -> person.from() == Person.Source.DIRECTORY && person.has(account.address()))
                .findFirst()
                .orElseGet(() -> new Person(Person.Source.DIRECTORY, account.displayName(), account.address()));
    }

    private static void write(WbxmlWriter out, Part part, Request request) {
        switch (part) {
            case Part.Away(var _, var done) -> OofSettings.write(out, done.orElseThrow());
            case Part.Information _ -> writeStatus(out, Settings.DEVICE_INFORMATION, SettingsStatus.SUCCESS);
            case Part.Refused(var tag, var status) -> writeStatus(out, tag, status);
            case Part.User(var self) -> {
                out.start(Settings.USER_INFORMATION)
                        .text(Settings.STATUS, SettingsStatus.SUCCESS.code())
                        .start(Settings.GET);
                writeUser(out, request.account(), self.orElseThrow(), request.version());
                out.end().end();
            }
        }
    }

    private static void writeStatus(WbxmlWriter out, Tag part, Status status) {
        out.start(part).text(Settings.STATUS, status.code()).end();
    }

    private static void writeUser(WbxmlWriter out, Account account, Person self, ProtocolVersion version) {
        var addresses = new LinkedHashSet<>(account.addresses());
        self.addresses().stream()
                .filter(address -> addresses.stream().noneMatch(address::equalsIgnoreCase))
                .toList()
                .forEach(addresses::add);
        if (!version.atLeast(ProtocolVersion.V14_1)) {
            out.start(Settings.EMAIL_ADDRESSES);
            addresses.forEach(address -> out.text(Settings.SMTP_ADDRESS, address));
            out.end();
            return;
        }
        // No AccountId: a phone that got one would send it back with SendMail, and there is one account only.
        out.start(Settings.ACCOUNTS).start(Settings.ACCOUNT);
        out.text(Settings.USER_DISPLAY_NAME, self.displayName()).flag(Settings.SEND_DISABLED, false);
        out.start(Settings.EMAIL_ADDRESSES);
        addresses.forEach(address -> out.text(Settings.SMTP_ADDRESS, address));
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
                case Settings.OOF -> parts.add(new Part.Away(OofSettings.read(in), Optional.empty()));
                case Settings.DEVICE_PASSWORD ->
                    parts.add(new Part.Refused(Settings.DEVICE_PASSWORD, readPassword(in)));
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

    /** Why the recovery password is not kept: never success, or the user would rely on it. */
    private static SettingsStatus readPassword(WbxmlReader in) {
        var status = SettingsStatus.PROTOCOL_ERROR;
        while (in.child()) {
            if (!in.tag().equals(Settings.SET)) {
                in.skip();
                continue;
            }
            while (in.child()) {
                if (in.tag().equals(Settings.PASSWORD)) {
                    status = in.text().length() > LONGEST_PASSWORD
                            ? SettingsStatus.INVALID_ARGUMENTS
                            : SettingsStatus.DENIED_BY_POLICY;
                } else {
                    in.skip();
                }
            }
        }
        return status;
    }

    private static Part readUser(WbxmlReader in) {
        Part part = new Part.Refused(Settings.USER_INFORMATION, SettingsStatus.PROTOCOL_ERROR);
        while (in.child()) {
            if (in.tag().equals(Settings.GET)) {
                part = new Part.User(Optional.empty());
            }
            in.skip();
        }
        return part;
    }

    /** A part of a request. */
    private sealed interface Part {

        record Information(DeviceInformation information) implements Part {}

        /** With what is known of the user, once it was looked up. */
        record User(Optional<Person> self) implements Part {}

        /** With what came of it, once it was done. */
        record Away(OofSettings.Asked asked, Optional<OofSettings.Done> done) implements Part {}

        /** Answered with a status that says why not. */
        record Refused(Tag part, Status status) implements Part {}
    }
}
