package org.airpost.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import org.airpost.config.Config;
import org.slf4j.LoggerFactory;

/** Applies what the configuration says of the log; before that, {@code logback.xml} holds. */
final class Logging {

    private static final String OURS = "org.airpost";
    private static final String APPENDER = "ERR";

    private Logging() {}

    static void apply(Config.Log log) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        context.getLogger(OURS).setLevel(Level.toLevel(log.level().name()));
        var appender = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender(APPENDER);
        if (log.format() == Config.LogFormat.JSON && appender instanceof OutputStreamAppender<ILoggingEvent> stream) {
            var encoder = new JsonEncoder();
            encoder.setContext(context);
            encoder.setWithFormattedMessage(true);
            encoder.setWithMessage(false);
            encoder.setWithContext(false);
            encoder.start();
            stream.stop();
            stream.setEncoder(encoder);
            stream.start();
        }
    }
}
