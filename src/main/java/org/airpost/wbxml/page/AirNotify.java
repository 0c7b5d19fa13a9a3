package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 3, AirNotify. Source: MS-ASWBXML "Code Page 3: AirNotify". */
public enum AirNotify implements Tag {
    NOTIFY(0x05, "Notify"), // of old versions: read, never written
    NOTIFICATION(0x06, "Notification"), // of old versions: read, never written
    VERSION(0x07, "Version"), // of old versions: read, never written
    LIFE_TIME(0x08, "LifeTime"), // of old versions: read, never written
    DEVICE_INFO(0x09, "DeviceInfo"), // of old versions: read, never written
    ENABLE(0x0A, "Enable"), // of old versions: read, never written
    FOLDER(0x0B, "Folder"), // of old versions: read, never written
    SERVER_ID(0x0C, "ServerId"), // of old versions: read, never written
    DEVICE_ADDRESS(0x0D, "DeviceAddress"), // of old versions: read, never written
    VALID_CARRIER_PROFILES(0x0E, "ValidCarrierProfiles"), // of old versions: read, never written
    CARRIER_PROFILE(0x0F, "CarrierProfile"), // of old versions: read, never written
    STATUS(0x10, "Status"), // of old versions: read, never written
    RESPONSES(0x11, "Responses"), // of old versions: read, never written
    DEVICES(0x12, "Devices"), // of old versions: read, never written
    DEVICE(0x13, "Device"), // of old versions: read, never written
    ID(0x14, "Id"), // of old versions: read, never written
    EXPIRY(0x15, "Expiry"), // of old versions: read, never written
    NOTIFY_GUID(0x16, "NotifyGUID"), // of old versions: read, never written
    DEVICE_FRIENDLY_NAME(0x17, "DeviceFriendlyName"); // of old versions: read, never written

    private final int token;
    private final String tagName;

    AirNotify(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 3;
    }

    @Override
    public int token() {
        return token;
    }

    @Override
    public String tagName() {
        return tagName;
    }

    @Override
    public String namespace() {
        return "AirNotify";
    }
}
