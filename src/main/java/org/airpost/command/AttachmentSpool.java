package org.airpost.command;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Optional;
import org.airpost.convert.MailConverter;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of an attachment, or of a range of it, on their way to a phone: never whole in the heap.
 *
 * @param bytes raw for a part of a multipart answer, base64 for an inline one
 * @param first first byte of the attachment that was sent
 * @param count bytes that were sent, before base64
 * @param total bytes of the whole attachment
 */
record AttachmentSpool(Spool bytes, long first, long count, long total) {

    private static final Logger LOG = LoggerFactory.getLogger(AttachmentSpool.class);

    /** What became of reading an attachment. */
    sealed interface Result {

        record Read(AttachmentSpool spool) implements Result {}

        record Failed(ItemOperationsStatus status) implements Result {}
    }

    /** A range of bytes, both ends zero-based and included. Source: MS-ASCMD "Range (ItemOperations)". */
    record Range(long first, long last) {

        static final Range ALL = new Range(0, Long.MAX_VALUE);

        /** Reads {@code m-n}; empty if it is not one. */
        static Optional<Range> parse(String text) {
            if (!text.matches("[0-9]{1,9}-[0-9]{1,9}")) {
                return Optional.empty();
            }
            int dash = text.indexOf('-');
            var range = new Range(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
            return range.first > range.last ? Optional.empty() : Optional.of(range);
        }
    }

    /** Reads a range, at most {@code most} bytes of what will be sent. The spool is closed unless it is given back. */
    static Result read(MailConverter.Attachment attachment, Range range, boolean asBase64, long most) {
        var spool = new Spool(Answer.IN_MEMORY, Answer.MOST);
        boolean kept = false;
        try {
            var bounded = new Counting(spool.out(), most);
            long total;
            long count;
            try (var encoded = asBase64 ? Base64.getEncoder().wrap(bounded) : bounded) {
                var raw = new Counting(encoded, Long.MAX_VALUE);
                total = attachment.write(raw, range.first(), range.last());
                count = raw.count;
            }
            if (total < 0) {
                return new Result.Failed(ItemOperationsStatus.INVALID_ATTACHMENT);
            }
            if (total == 0) {
                return new Result.Failed(ItemOperationsStatus.EMPTY);
            }
            if (range.first() >= total) {
                return new Result.Failed(ItemOperationsStatus.BAD_RANGE);
            }
            kept = true;
            return new Result.Read(new AttachmentSpool(spool, range.first(), count, total));
        } catch (TooLargeException e) {
            return new Result.Failed(ItemOperationsStatus.TOO_LARGE);
        } catch (IOException e) {
            LOG.warn("attachment could not be spooled: free space in the temporary directory?", e);
            return new Result.Failed(ItemOperationsStatus.IO_FAILURE);
        } finally {
            if (!kept) {
                spool.close();
            }
        }
    }

    /** What was sent, as the answer says it. */
    String range() {
        return first + "-" + (first + count - 1);
    }

    /** Counts bytes, and refuses those past a bound. */
    private static final class Counting extends FilterOutputStream {

        private final long most;
        private long count;

        Counting(OutputStream out, long most) {
            super(out);
            this.most = most;
        }

        @Override
        public void write(int b) throws IOException {
            count(1);
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            count(length);
            out.write(bytes, offset, length);
        }

        private void count(int length) throws TooLargeException {
            if (count > most - length) {
                throw new TooLargeException();
            }
            count += length;
        }
    }

    private static final class TooLargeException extends IOException {

        private static final long serialVersionUID = 1L;
    }
}
