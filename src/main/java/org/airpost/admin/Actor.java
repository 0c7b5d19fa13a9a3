package org.airpost.admin;

import java.util.Locale;

/**
 * Who does something.
 *
 * @param name of a {@link Role#USER} the canonical name, as in a device's key; of others what they signed in as
 * @param from the address that they come from, or {@code socket}
 */
public record Actor(String name, Role role, String from) {

    /** What Airpost does by itself. */
    public static final Actor AIRPOST = new Actor("airpost", Role.NOBODY, "");

    private static final String SOCKET = "socket";

    /** What the names of those begin with; an account has no colon in its name. */
    private static final String SOCKET_NAME = "cli:";

    public Actor {
        if (name.isBlank() || name.length() > 256 || from.length() > 256) {
            throw new IllegalArgumentException("actor \"%s\" from \"%s\"".formatted(name, from));
        }
    }

    /** Who has opened the admin socket: could read the store, and so is an admin. */
    public static Actor ofSocket(String systemUser) {
        return new Actor(SOCKET_NAME + systemUser, Role.ADMIN, SOCKET);
    }

    /** True for who came by the admin socket: somebody of this machine, who needs no account. */
    boolean isOfSocket() {
        return role == Role.ADMIN && name.startsWith(SOCKET_NAME) && from.equals(SOCKET);
    }

    /** True if this is the user whose things are meant. */
    boolean isUser(String user) {
        return role == Role.USER && name.toLowerCase(Locale.ROOT).equals(user.toLowerCase(Locale.ROOT));
    }

    /** True if they may do this with the things of a user: by their role, or because these are theirs. */
    boolean may(Role.Right right, String user) {
        return role.may(right) || isUser(user);
    }
}
