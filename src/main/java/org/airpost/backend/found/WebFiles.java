package org.airpost.backend.found;

/** Files of a domain's web server. */
public interface WebFiles {

    /** The file at an https address, whose server has shown a good certificate for its name. */
    Got get(String address);

    /** What came. */
    sealed interface Got {

        record File(byte[] content) implements Got {

            public File {
                content = content.clone();
            }

            @Override
            public byte[] content() {
                return content.clone();
            }
        }

        /** There is no such file, or no such server. */
        record None() implements Got {}

        /** Nobody could say now. */
        record Failed(String why) implements Got {}
    }
}
