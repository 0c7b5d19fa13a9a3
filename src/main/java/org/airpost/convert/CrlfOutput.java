package org.airpost.convert;

import java.io.IOException;
import java.io.OutputStream;

/** Ends every line with CRLF, whatever ended it before. Source: RFC 5322 §2.3. Closing it does not close what is beneath. */
final class CrlfOutput extends OutputStream {

    private static final byte[] CRLF = {'\r', '\n'};

    private final OutputStream out;
    private boolean afterCr;
    private boolean atLineStart = true;

    CrlfOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int start = offset;
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            byte b = bytes[i];
            if (b != '\r' && b != '\n') {
                afterCr = false;
                atLineStart = false;
                continue;
            }
            out.write(bytes, start, i - start);
            start = i + 1;
            if (b == '\r' || !afterCr) {
                out.write(CRLF);
                atLineStart = true;
            }
            afterCr = b == '\r';
        }
        out.write(bytes, start, end - start);
    }

    /** Ends the last line if it is open. */
    void endLine() throws IOException {
        if (!atLineStart) {
            out.write(CRLF);
            atLineStart = true;
        }
        afterCr = false;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }
}
