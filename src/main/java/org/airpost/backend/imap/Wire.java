package org.airpost.backend.imap;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.airpost.backend.ServerMeter;
import org.eclipse.angus.mail.iap.Argument;
import org.eclipse.angus.mail.iap.ByteArray;
import org.eclipse.angus.mail.iap.ProtocolException;
import org.eclipse.angus.mail.iap.ResponseInputStream;
import org.eclipse.angus.mail.imap.protocol.IMAPProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Angus Mail's protocol layer over our {@link Transport}. Angus writes tags, arguments and literals; reading is ours, for
 * three reasons: Angus makes room for a literal of any size before its first byte has come, gathers all responses of a
 * command in an array, and drops a whole FETCH when its BODYSTRUCTURE is broken.
 */
final class Wire extends IMAPProtocol {

    private final ResponseInputStream responses;
    private final Consumer<ServerLine> heard;
    private final BooleanSupplier literalPlus;
    private final ServerMeter meter;

    /**
     * @param meter is told of each command
     * @param heard is told of each response that is not tagged, also while Angus waits to send a literal
     * @param literalPlus whether the server takes literals without asking (RFC 7888)
     */
    Wire(Transport transport, ServerMeter meter, Consumer<ServerLine> heard, BooleanSupplier literalPlus)
            throws IOException {
        super(InputStream.nullInputStream(), new Out(transport), new Properties(), false);
        this.responses = new Responses(transport);
        this.heard = heard;
        this.literalPlus = literalPlus;
        this.meter = meter;
    }

    @Override
    public String writeCommand(String command, @Nullable Argument arguments) throws IOException, ProtocolException {
        meter.command(name(command));
        return super.writeCommand(command, arguments);
    }

    /** Of {@code UID FETCH 1:* (FLAGS)} the first two words, of other commands the first. */
    private static String name(String command) {
        int from = command.startsWith("UID ") ? 4 : 0;
        int end = command.indexOf(' ', from);
        return end < 0 ? command : command.substring(0, end);
    }

    @Override
    protected ResponseInputStream getInputStream() {
        return responses;
    }

    @Override
    public ServerLine readResponse() throws IOException, ProtocolException {
        var line = new ServerLine(this);
        if (line.isUnTagged()) {
            heard.accept(line);
        }
        return line;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // there is nothing to guard here
    protected boolean supportsNonSyncLiterals() {
        return literalPlus.getAsBoolean();
    }

    private static final class Responses extends ResponseInputStream {

        private final Transport transport;

        Responses(Transport transport) {
            super(InputStream.nullInputStream());
            this.transport = transport;
        }

        @Override
        public ByteArray readResponse(@Nullable ByteArray unused) throws IOException {
            return transport.response();
        }

        @Override
        public int available() throws IOException {
            return transport.hasBytes() ? 1 : 0;
        }
    }

    /** A PrintStream because Angus asks for one; unlike those, it does not keep quiet about errors. */
    private static final class Out extends PrintStream {

        private final Transport transport;

        Out(Transport transport) {
            super(OutputStream.nullOutputStream());
            this.transport = transport;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes) {
            write(bytes, 0, bytes.length);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            try {
                transport.write(bytes, from, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void flush() {
            try {
                transport.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
