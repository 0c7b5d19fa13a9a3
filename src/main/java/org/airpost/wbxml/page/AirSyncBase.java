package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 17, AirSyncBase. Source: MS-ASWBXML "Code Page 17: AirSyncBase". */
public enum AirSyncBase implements Tag {
    BODY_PREFERENCE(0x05, "BodyPreference"),
    TYPE(0x06, "Type"),
    TRUNCATION_SIZE(0x07, "TruncationSize"),
    ALL_OR_NONE(0x08, "AllOrNone"),
    BODY(0x0A, "Body"),
    DATA(0x0B, "Data"),
    ESTIMATED_DATA_SIZE(0x0C, "EstimatedDataSize"),
    TRUNCATED(0x0D, "Truncated"),
    ATTACHMENTS(0x0E, "Attachments"),
    ATTACHMENT(0x0F, "Attachment"),
    DISPLAY_NAME(0x10, "DisplayName"),
    FILE_REFERENCE(0x11, "FileReference"),
    METHOD(0x12, "Method"),
    CONTENT_ID(0x13, "ContentId"),
    CONTENT_LOCATION(0x14, "ContentLocation"),
    IS_INLINE(0x15, "IsInline"),
    NATIVE_BODY_TYPE(0x16, "NativeBodyType"),
    CONTENT_TYPE(0x17, "ContentType"),
    PREVIEW(0x18, "Preview"),
    BODY_PART_PREFERENCE(0x19, "BodyPartPreference"),
    BODY_PART(0x1A, "BodyPart"),
    STATUS(0x1B, "Status"),
    ADD(0x1C, "Add"),
    DELETE(0x1D, "Delete"),
    CLIENT_ID(0x1E, "ClientId"),
    CONTENT(0x1F, "Content"),
    LOCATION(0x20, "Location"),
    ANNOTATION(0x21, "Annotation"),
    STREET(0x22, "Street"),
    CITY(0x23, "City"),
    STATE(0x24, "State"),
    COUNTRY(0x25, "Country"),
    POSTAL_CODE(0x26, "PostalCode"),
    LATITUDE(0x27, "Latitude"),
    LONGITUDE(0x28, "Longitude"),
    ACCURACY(0x29, "Accuracy"),
    ALTITUDE(0x2A, "Altitude"),
    ALTITUDE_ACCURACY(0x2B, "AltitudeAccuracy"),
    LOCATION_URI(0x2C, "LocationUri"),
    INSTANCE_ID(0x2D, "InstanceId");

    private final int token;
    private final String tagName;

    AirSyncBase(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 17;
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
        return "AirSyncBase";
    }
}
