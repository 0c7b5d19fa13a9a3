package org.airpost.console.me;

import org.airpost.admin.Actor;
import org.airpost.admin.Role;
import org.airpost.backend.UserName;
import org.airpost.console.web.Session;
import org.airpost.http.WebRequest;

/** Who has signed in, and what they ask. */
record Me(Session<UserName> session, WebRequest request) {

    UserName name() {
        return session.who();
    }

    /** The user as the facade knows them. */
    String user() {
        return name().canonical();
    }

    Actor actor() {
        return new Actor(user(), Role.USER, request.remote());
    }
}
