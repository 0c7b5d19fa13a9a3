package org.airpost.eas;

import java.util.Locale;

/**
 * One device of one user. The user is the canonical login name at the backend, in lower case however it was typed; the device id is canonical text as
 * {@link DeviceId} gives it: 1 to 64 characters of {@code [A-Za-z0-9._-]}.
 */
public record DeviceKey(String user, String deviceId) {

    public DeviceKey {
        if (user.isEmpty() || user.contains("/")) {
            throw new IllegalArgumentException("user \"%s\"".formatted(user));
        }
        user = user.toLowerCase(Locale.ROOT);
        if (!deviceId.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("device id \"%s\"".formatted(deviceId));
        }
    }

    /** As a part of a store's key: {@code user/device}. */
    public String path() {
        return user + "/" + deviceId;
    }
}
