package org.airpost.wbxml;

/**
 * Bounds of a document that is read: depth of elements, number of elements, bytes of one string, bytes of the whole.
 * Opaque data is streamed and bounded by the whole alone.
 */
public record WbxmlLimits(int depth, int elements, int stringBytes, long documentBytes) {

    /** Bounds that every request of a phone in the field keeps by far. */
    public static final WbxmlLimits REQUEST = new WbxmlLimits(32, 100_000, 4 << 20, 256L << 20);

    public WbxmlLimits {
        if (depth < 1 || elements < 1 || stringBytes < 1 || documentBytes < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive: %d %d %d %d".formatted(depth, elements, stringBytes, documentBytes));
        }
    }
}
