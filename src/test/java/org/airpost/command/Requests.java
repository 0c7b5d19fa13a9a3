package org.airpost.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.eas.Spool;
import org.airpost.wbxml.WbxmlWriter;

/** Requests of Ann's phone. Each method gives another request; nothing of it is shared. */
record Requests(
        CommandName command,
        ProtocolVersion version,
        MailAccount mail,
        Optional<Long> policyKey,
        String deviceType,
        boolean multiPart) {

    static Requests of(CommandName command, ProtocolVersion version) {
        return new Requests(command, version, new FakeMail(), Optional.empty(), "iPhone", false);
    }

    Requests withMail(MailAccount mail) {
        return new Requests(command, version, mail, policyKey, deviceType, multiPart);
    }

    Requests withPolicyKey(long key) {
        return new Requests(command, version, mail, Optional.of(key), deviceType, multiPart);
    }

    Requests withDeviceType(String deviceType) {
        return new Requests(command, version, mail, policyKey, deviceType, multiPart);
    }

    Requests acceptingMultiPart() {
        return new Requests(command, version, mail, policyKey, deviceType, true);
    }

    /** The request with a document. */
    Request body(Consumer<WbxmlWriter> content) {
        return bytes(Documents.bytes(content));
    }

    /** The request with a body of any kind. */
    Request bytes(byte[] body) {
        var spool = new Spool(1 << 20, 1 << 20);
        try {
            spool.out().write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Request(
                "r1",
                new RequestLine(command, version, "ab12", deviceType, policyKey, "ann", Map.of(), false, multiPart),
                new Account(
                        "ann@example.org",
                        new Credentials("ann@example.org", "secret"),
                        mail,
                        List.of("ann@example.org", "a.nn@example.org"),
                        "Ann Example"),
                "application/vnd.ms-sync.wbxml",
                spool,
                "Apple-iPhone16C1/2201.55",
                Instant.MAX);
    }
}
