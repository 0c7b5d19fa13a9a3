package org.airpost.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.airpost.config.Config;
import org.slf4j.LoggerFactory;

/** Applies what the configuration says of the log; before that, {@code logback.xml} holds. */
final class Logging {

    private static final String OURS = "org.airpost";
    private static final String APPENDER = "ERR";

    /** The same as in {@code logback.xml}. */
    private static final String TEXT = "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\", UTC} %-5level %logger{0} %msg%n%ex";

    private Logging() {}

    static void apply(Config.Log log) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        context.getLogger(OURS).setLevel(Level.toLevel(log.level().name()));
        var appender = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender(APPENDER);
        if (appender instanceof OutputStreamAppender<ILoggingEvent> stream
                && stream.getEncoder() instanceof JsonEncoder != (log.format() == Config.LogFormat.JSON)) {
            var encoder = log.format() == Config.LogFormat.JSON ? json() : text();
            encoder.setContext(context);
            encoder.start();
            stream.stop();
            stream.setEncoder(encoder);
            stream.start();
        }
    }

    private static Encoder<ILoggingEvent> json() {
        var encoder = new JsonEncoder();
        encoder.setWithFormattedMessage(true);
        encoder.setWithMessage(false);
        encoder.setWithContext(false);
        // What was put into the message by itself would be there once more, and nobody looked whether it may be.
        encoder.setWithArguments(false);
        return encoder;
    }

    private static Encoder<ILoggingEvent> text() {
        var encoder = new PatternLayoutEncoder();
        encoder.setPattern(TEXT);
        return encoder;
    }
}
