package org.airpost.console;

import java.util.Map;
import org.airpost.admin.Actor;
import org.airpost.admin.AdminAccounts.SignedIn;
import org.airpost.admin.Role;
import org.airpost.console.web.Session;
import org.airpost.http.Fields;
import org.airpost.http.WebRequest;

/**
 * A request of somebody who has signed in and may have what they ask for.
 *
 * @param at what stands in the path where the route has a name
 */
record Visit(WebRequest request, Session<SignedIn> session, Actor actor, Map<String, String> at) {

    String at(String name) {
        var value = at.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no {%s}".formatted(name));
        }
        return value;
    }

    String csrf() {
        return session.csrf();
    }

    Fields query() {
        return request.query();
    }

    Fields form() {
        return request.form();
    }

    /** True if their role allows such things, and so if a button for it makes sense. */
    boolean may(Role.Right right) {
        return actor.role().may(right);
    }
}
