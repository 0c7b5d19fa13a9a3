package org.airpost.backend.found;

import java.net.InetAddress;
import java.util.List;

/** What Airpost asks of DNS. Names without a dot at their end. Each question ends in bounded time. */
public interface Dns {

    /** Source: RFC 2782. */
    Looked<List<Service>> services(String name);

    /** A and AAAA, over aliases. */
    Looked<List<InetAddress>> addresses(String name);

    /** CNAME: one name in the list. */
    Looked<List<String>> alias(String name);

    /**
     * An SRV record.
     *
     * @param target "." if there is decidedly no such service
     */
    record Service(int priority, int weight, int port, String target) {}

    /** What came of a question. */
    sealed interface Looked<T> {

        /** Records, at least one. */
        record Found<T>(T records) implements Looked<T> {}

        /** There are none. */
        record None<T>() implements Looked<T> {}

        /** Nobody could say. */
        record Failed<T>(String why) implements Looked<T> {}
    }
}
