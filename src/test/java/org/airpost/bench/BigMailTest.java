package org.airpost.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.imap.Dovecot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

final class BigMailTest {

    /** With a tenth of the heap's limit spare, a mail held in memory ends the gateway. */
    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS)
    void aLargeMailTakesLittleHeap() {
        Dovecot.assumeInstalled();
        var text = new StringWriter();
        var command =
                new CommandLine(new BenchBig()).setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
        assertThat(command.execute("--megabytes", "30")).as(text.toString()).isZero();
    }
}
