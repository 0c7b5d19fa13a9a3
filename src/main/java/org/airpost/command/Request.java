package org.airpost.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.airpost.backend.Account;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.eas.Spool;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;

/**
 * One request of a phone that has signed in.
 *
 * @param id short text that marks this request in logs
 * @param contentType media type without parameters, lower case; empty if none was sent
 * @param body as sent, after gzip was undone; closed by who made the request
 * @param userAgent empty if none was sent
 * @param deadline when the answer must be on its way, 25 s after the request came
 * @param remote where it comes from; empty if that is not known
 * @param limits what the user's policy lets a phone have of mail
 */
public record Request(
        String id,
        RequestLine line,
        Account account,
        String contentType,
        Spool body,
        String userAgent,
        Instant deadline,
        String remote,
        MailLimits limits) {

    /** From nobody knows where, with everything allowed. */
    public Request(
            String id,
            RequestLine line,
            Account account,
            String contentType,
            Spool body,
            String userAgent,
            Instant deadline) {
        this(id, line, account, contentType, body, userAgent, deadline, "", MailLimits.NONE);
    }

    public DeviceKey device() {
        return new DeviceKey(account.user(), line.deviceId());
    }

    public ProtocolVersion version() {
        return line.version();
    }

    /** True if there is no body at all. */
    public boolean isEmpty() {
        return body.size() == 0;
    }

    /** The same with another deadline. */
    public Request until(Instant other) {
        return new Request(id, line, account, contentType, body, userAgent, other, remote, limits);
    }

    /** True if the policy lets the phone have messages of this date: judged as of when the request must be answered. */
    boolean admits(Instant received) {
        return limits.admits(received, deadline);
    }

    /** The same from an address. */
    public Request from(String address) {
        return new Request(id, line, account, contentType, body, userAgent, deadline, address, limits);
    }

    /** The same of somebody else. */
    Request as(Account other) {
        return new Request(id, line, other, contentType, body, userAgent, deadline, remote, limits);
    }

    /** The same within what a policy allows. */
    Request within(MailLimits allowed) {
        return new Request(id, line, account, contentType, body, userAgent, deadline, remote, allowed);
    }

    /** A cursor over the body. */
    public WbxmlReader document() {
        return new WbxmlReader(openBody(), WbxmlLimits.REQUEST);
    }

    /** The bytes of the body. */
    public InputStream openBody() {
        try {
            return body.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
