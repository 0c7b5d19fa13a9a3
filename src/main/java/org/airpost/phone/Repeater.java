package org.airpost.phone;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine.Parameter;

/** Sends requests as another phone has sent them, and gives the answers as they are, whatever they say. */
public final class Repeater {

    private final Wire wire;

    /** A phone at one version, over a client of {@link Phone#client} that is closed by who made it. */
    public Repeater(
            HttpClient client,
            URI server,
            String user,
            String password,
            ProtocolVersion version,
            String deviceId,
            String deviceType) {
        this.wire = new Wire(
                client,
                false,
                server,
                user,
                password,
                version,
                deviceId,
                deviceType,
                QueryForm.PLAIN,
                new Violations());
    }

    /**
     * A request as it was recorded.
     *
     * @param parameters of the command, in the request line
     * @param contentType nothing is said of an empty body
     */
    public record Recorded(
            CommandName command,
            Map<Parameter, String> parameters,
            boolean saveInSent,
            boolean acceptMultiPart,
            String contentType,
            byte[] body) {

        public Recorded {
            parameters = Map.copyOf(parameters);
        }
    }

    /** The policy key that requests carry from now on. */
    public void policyKey(Optional<Long> key) {
        wire.policyKey(key);
    }

    /** Sends it; empty if there is no answer in this time. Anything else that fails is a {@link PhoneException}. */
    public Optional<Reply> send(Recorded request, Duration patience) {
        try {
            return Optional.of(wire.answer(new Wire.Post(
                    request.command(),
                    request.contentType(),
                    request.body(),
                    request.parameters(),
                    request.saveInSent(),
                    request.acceptMultiPart(),
                    patience)));
        } catch (PhoneException e) {
            if (e.getCause() instanceof TimeoutException
                    || e.getCause() instanceof java.net.http.HttpTimeoutException) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
