package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 16, GAL. Source: MS-ASWBXML "Code Page 16: GAL". */
public enum Gal implements Tag {
    DISPLAY_NAME(0x05, "DisplayName"),
    PHONE(0x06, "Phone"),
    OFFICE(0x07, "Office"),
    TITLE(0x08, "Title"),
    COMPANY(0x09, "Company"),
    ALIAS(0x0A, "Alias"),
    FIRST_NAME(0x0B, "FirstName"),
    LAST_NAME(0x0C, "LastName"),
    HOME_PHONE(0x0D, "HomePhone"),
    MOBILE_PHONE(0x0E, "MobilePhone"),
    EMAIL_ADDRESS(0x0F, "EmailAddress"),
    PICTURE(0x10, "Picture"),
    STATUS(0x11, "Status"),
    DATA(0x12, "Data");

    private final int token;
    private final String tagName;

    Gal(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 16;
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
        return "GAL";
    }
}
