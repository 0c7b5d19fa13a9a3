package org.airpost.phone;

/**
 * The follow-up flag of a mail. Source: MS-ASEMAIL "Flag".
 *
 * @param status 0 none, 1 complete, 2 active
 */
public record Flag(int status, String type) {

    public static final Flag NONE = new Flag(0, "");
    public static final Flag ACTIVE = new Flag(2, "for Follow Up");
    public static final Flag COMPLETE = new Flag(1, "for Follow Up");
}
