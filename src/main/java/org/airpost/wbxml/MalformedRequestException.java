package org.airpost.wbxml;

/**
 * What came from the client cannot be read. Carries the offset in bytes, the tag path and what was wrong with which
 * value. Answered with HTTP 400, or with the command's status for a protocol error.
 */
public final class MalformedRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long offset;
    private final String path;

    /** An error at an offset within a document, below a tag path such as {@code Sync/Collections/Collection}. */
    public MalformedRequestException(String problem, long offset, String path) {
        super("%s at byte %d in %s".formatted(problem, offset, path.isEmpty() ? "the document" : path));
        this.offset = offset;
        this.path = path;
    }

    /** An error outside of a document: in the request line or in a header. */
    public MalformedRequestException(String problem) {
        super(problem);
        this.offset = -1;
        this.path = "";
    }

    /** Offset in bytes from the start of the document, or -1 outside of a document. */
    public long offset() {
        return offset;
    }

    /** Names of the open elements, from the root, separated by {@code /}; empty outside of a document. */
    public String path() {
        return path;
    }
}
