package org.airpost.admin;

/** What somebody is, and so what they may do. */
public enum Role {
    /** Everything. Who opens the admin socket is one: they could read the store. */
    ADMIN,
    /** Helps users with their phones: admits and blocks devices, resets them, takes the account off a lost one. */
    HELPDESK,
    /** Sees everything, the audit log among it, and changes nothing. */
    AUDITOR,
    /** A user, for what is theirs: their own devices, and nothing of anybody else. */
    USER,
    /** A device that reports, or Airpost itself: only ever the author of an entry in the audit log. */
    NOBODY;

    /** Kinds of actions. */
    public enum Right {
        /** Devices, policies and rules of everybody. */
        SEE,
        /** Rename, resync, reset, forget. */
        CARE,
        /** Allow, block, quarantine. */
        ADMIT,
        WIPE_ACCOUNT,
        WIPE_ALL,
        /** Change policies, their assignment, groups and gate rules. */
        RULE,
        /** Make what signs in as another user: app passwords, certificates. */
        CREDENTIALS,
        /** Read the audit log. */
        AUDIT
    }

    /** True if this role may do such things with what is anybody's. */
    public boolean may(Right right) {
        return switch (this) {
            case ADMIN -> true;
            case HELPDESK ->
                switch (right) {
                    case SEE, CARE, ADMIT, WIPE_ACCOUNT -> true;
                    case WIPE_ALL, RULE, CREDENTIALS, AUDIT -> false;
                };
            case AUDITOR -> right == Right.SEE || right == Right.AUDIT;
            case USER, NOBODY -> false;
        };
    }
}
