package org.airpost.phone;

import java.net.http.HttpHeaders;
import java.util.Locale;

/** What came back over HTTP. The body is whole and belongs to the caller. */
public record Reply(int status, HttpHeaders headers, byte[] body) {

    public boolean isEmpty() {
        return body.length == 0;
    }

    /** Media type without parameters, lower case; empty if none was sent. */
    public String contentType() {
        var type = headers.firstValue("Content-Type").orElse("");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }
}
