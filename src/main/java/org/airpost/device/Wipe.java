package org.airpost.device;

import java.time.Instant;
import java.util.Optional;

/**
 * A wipe that was asked for, and how far it has come. Source: MS-ASPROV "RemoteWipe", "AccountOnlyRemoteWipe".
 *
 * @param approvedBy the second administrator, where one is needed
 * @param told when the device was told first
 * @param ended when the device said that it was done
 * @param failures how often the device said that it failed
 */
public record Wipe(
        Kind kind,
        State state,
        String requestedBy,
        Instant requested,
        Optional<String> approvedBy,
        Optional<Instant> told,
        Optional<Instant> ended,
        int failures) {

    /** What is to go. */
    public enum Kind {
        /** What this account brought to the device; 16.1 and later. */
        ACCOUNT_ONLY,
        /** Everything on the device, as it came from the factory. */
        FULL
    }

    /** How far it has come. */
    public enum State {
        /** A second administrator must agree; the device knows nothing. */
        AWAITING_APPROVAL,
        /** The device is to be told at its next request. */
        PENDING,
        /** The device was told, and has not said how it went. */
        TOLD,
        /** The device said that it was done: it stays out. */
        DONE
    }

    /** A wipe that is asked for now. */
    public static Wipe request(Kind kind, String by, Instant now, boolean needsApproval) {
        return new Wipe(
                kind,
                needsApproval ? State.AWAITING_APPROVAL : State.PENDING,
                by,
                now,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
    }

    /** True if the device is to be told. */
    public boolean isPending() {
        return state == State.PENDING || state == State.TOLD;
    }

    public boolean isDone() {
        return state == State.DONE;
    }

    /** The same after the second administrator has agreed. */
    public Wipe approved(String by) {
        return new Wipe(kind, State.PENDING, requestedBy, requested, Optional.of(by), told, ended, failures);
    }

    /** The same, to be agreed to once more before the device is told. */
    Wipe unconfirmed() {
        return new Wipe(kind, State.AWAITING_APPROVAL, requestedBy, requested, Optional.empty(), told, ended, failures);
    }

    /** The same once the device was told. */
    Wipe toldAt(Instant now) {
        return new Wipe(
                kind,
                State.TOLD,
                requestedBy,
                requested,
                approvedBy,
                told.isPresent() ? told : Optional.of(now),
                ended,
                failures);
    }

    /** The same once the device has said that it was done. */
    Wipe done(Instant now) {
        return new Wipe(kind, State.DONE, requestedBy, requested, approvedBy, told, Optional.of(now), failures);
    }

    /** The same once more: the device has said that it failed. */
    Wipe failed() {
        return new Wipe(kind, State.PENDING, requestedBy, requested, approvedBy, told, ended, failures + 1);
    }
}
