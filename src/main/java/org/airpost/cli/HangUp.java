package org.airpost.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP. Java's only way to it is {@code sun.misc.Signal} of the module jdk.unsupported, whose use is a warning that nothing
 * switches off; so it is named at run time. Where it is missing, {@code airpost reload} does the same.
 */
final class HangUp {

    private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

    private HangUp() {}

    /** Has something done at each SIGHUP from now on, in a thread of its own; without it the signal ends the process. */
    static void then(Runnable work) {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                Thread.ofVirtual().name("hang-up").start(work);
                yield null;
            }
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> System.identityHashCode(arguments[0]) == System.identityHashCode(proxy);
            default -> "SIGHUP";
        };
        try {
            var signal = Class.forName("sun.misc.Signal");
            var type = Class.forName("sun.misc.SignalHandler");
            var proxy = Proxy.newProxyInstance(HangUp.class.getClassLoader(), new Class<?>[] {type}, handler);
            signal.getMethod("handle", signal, type)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), proxy);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("no SIGHUP here", e);
        }
    }
}
