package org.airpost.console;

import org.airpost.admin.Role;
import org.airpost.console.web.PathPattern;
import org.airpost.http.WebReply;

/**
 * An address of the console.
 *
 * @param method GET, or POST for what changes something
 * @param right what one must be allowed to do
 */
record Route(String method, PathPattern path, Role.Right right, Page page) {

    /** Makes the page, or does what was asked for and leads to one. */
    interface Page {
        WebReply answer(Visit visit);
    }

    static Route get(String path, Role.Right right, Page page) {
        return new Route("GET", PathPattern.of(path), right, page);
    }

    static Route post(String path, Role.Right right, Page page) {
        return new Route("POST", PathPattern.of(path), right, page);
    }
}
