package org.airpost.backend.sieve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The script that is active while a user is away: the absence first, so that a {@code stop} in the user's rules does not end
 * it, then the user's rules as they are. Source: RFC 6609.
 */
final class MasterScript {

    private static final String MARK = "#airpost user ";
    private static final Pattern USER = Pattern.compile("(?m)^" + MARK + "([A-Za-z0-9+/=]+)\r?$");

    private MasterScript() {}

    static String of(String absence, Optional<String> users) {
        var script = new StringBuilder(
                "# Made by Airpost while you are away: answers first, then goes on with your own script.\r\n");
        users.ifPresent(name -> script.append(MARK)
                .append(Base64.getEncoder().encodeToString(name.getBytes(UTF_8)))
                .append("\r\n"));
        script.append("require [\"include\"];\r\n");
        script.append(include(absence));
        users.ifPresent(name -> script.append(include(name)));
        return script.toString();
    }

    private static String include(String name) {
        // Optional: that one of them is deleted is no reason to forget the other.
        return "include :personal :optional " + AbsenceScript.quoted(name) + ";\r\n";
    }

    /** The name of the user's script in such a script. */
    static Optional<String> users(String script) {
        var found = USER.matcher(script);
        if (!found.find()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new String(Base64.getDecoder().decode(found.group(1)), UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // somebody has changed it by hand
        }
    }
}
