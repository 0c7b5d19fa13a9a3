package org.airpost.wbxml;

/**
 * A tag of a code page. The tags that the specification knows are the enums of {@code org.airpost.wbxml.page}; any
 * other is an {@link Unknown}, so that a document of a newer client stays readable.
 */
public interface Tag {

    /** Number of the code page, 0 to 255. */
    int page();

    /** Token within the page, 0x05 to 0x3F, without the content and attribute bits. */
    int token();

    /** Name as the specification writes it, such as {@code MoreAvailable}. */
    String tagName();

    /** Namespace of the page, such as {@code AirSync}. */
    String namespace();

    /** A token that no code page lists. */
    record Unknown(int page, int token) implements Tag {

        @Override
        public String tagName() {
            return "Unknown-%02X-%02X".formatted(page, token);
        }

        @Override
        public String namespace() {
            return "Page" + page;
        }
    }
}
