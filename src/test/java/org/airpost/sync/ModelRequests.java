package org.airpost.sync;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.command.Answer;
import org.airpost.command.Request;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.eas.Spool;

/** Requests to a {@link ModelEngine}, and what is answered, as bytes. */
final class ModelRequests {

    /** What a phone is answered in. */
    static final Duration TIME = Duration.ofSeconds(25);

    private ModelRequests() {}

    static Request request(
            Account account,
            String deviceId,
            ProtocolVersion version,
            CommandName command,
            byte[] body,
            Instant deadline) {
        var line = new RequestLine(
                command, version, deviceId, "Model", Optional.empty(), account.user(), Map.of(), false, false);
        return new Request("r", line, account, "application/vnd.ms-sync.wbxml", spool(body), "", deadline);
    }

    static Spool spool(byte[] body) {
        var spool = new Spool(1 << 20, 1 << 20);
        try {
            spool.out().write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return spool;
    }

    /** The document of an answer, which is closed; nothing if it is empty. */
    static byte[] bytes(Answer answer) {
        return switch (answer) {
            case Answer.Empty() -> new byte[0];
            case Answer.Document(var spool) -> {
                try (spool;
                        var in = spool.open()) {
                    yield in.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            default -> throw new AssertionError("answer " + answer);
        };
    }
}
