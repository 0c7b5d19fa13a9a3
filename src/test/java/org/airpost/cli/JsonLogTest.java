package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.airpost.config.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JsonLogTest {

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

    private OutputStreamAppender<ILoggingEvent> appender() {
        return (OutputStreamAppender<ILoggingEvent>)
                context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("ERR");
    }

    private static Config.Log log(Config.LogFormat format) {
        return new Config.Log(Config.LogLevel.INFO, format);
    }

    @AfterEach
    void asItWas() {
        Logging.apply(log(Config.LogFormat.TEXT));
    }

    @Test
    void aLineIsOneObjectWithTheWholeMessageAndNothingBesideIt() {
        var before = ((PatternLayoutEncoder) appender().getEncoder()).getPattern();
        Logging.apply(log(Config.LogFormat.JSON));
        assertThat(appender().getEncoder()).isInstanceOf(JsonEncoder.class);

        var line = line();
        var object = JsonParser.parseString(line).getAsJsonObject();
        assertThat(object.get("formattedMessage").getAsString()).isEqualTo("sync user=anna\"\n device=D1");
        assertThat(object.get("level").getAsString()).isEqualTo("INFO");
        assertThat(object.get("loggerName").getAsString()).isEqualTo("org.airpost.Trial");
        assertThat(object.has("arguments")).isFalse();
        assertThat(object.has("message")).isFalse();
        assertThat(line.strip()).doesNotContain("\n");

        Logging.apply(log(Config.LogFormat.TEXT));
        assertThat(((PatternLayoutEncoder) appender().getEncoder()).getPattern())
                .isEqualTo(before);
    }

    private String line() {
        var bytes = new ByteArrayOutputStream();
        var encoder = appender().getEncoder();
        var logger = context.getLogger("org.airpost.Trial");
        bytes.writeBytes(encoder.encode(new ch.qos.logback.classic.spi.LoggingEvent(
                JsonLogTest.class.getName(),
                logger,
                ch.qos.logback.classic.Level.INFO,
                "sync user={} device={}",
                null,
                new Object[] {"anna\"\n", "D1"})));
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
