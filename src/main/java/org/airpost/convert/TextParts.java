package org.airpost.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.BodyStructure;

/** Which parts of a message are its text to be read, and which come along with it. */
record TextParts(Optional<BodyStructure> plain, Optional<BodyStructure> html) {

    private static final TextParts NONE = new TextParts(Optional.empty(), Optional.empty());

    private static final Set<String> SEALED =
            Set.of("multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime");

    static TextParts of(BodyStructure part) {
        if (part.isMultipart()) {
            var found = NONE;
            for (var child : part.children()) {
                var more = of(child);
                found = new TextParts(found.plain.or(more::plain), found.html.or(more::html));
                // Only in an alternative are both the same text.
                if (!part.subtype().equals("alternative") && !found.equals(NONE)) {
                    break;
                }
            }
            return found;
        }
        boolean attached =
                part.disposition().filter(d -> d.equals("attachment")).isPresent();
        return switch (part.mediaType()) {
            case "text/plain" -> attached ? NONE : new TextParts(Optional.of(part), Optional.empty());
            case "text/html" -> attached ? NONE : new TextParts(Optional.empty(), Optional.of(part));
            default -> NONE;
        };
    }

    boolean isEmpty() {
        return equals(NONE);
    }

    /** All parts but these texts, from first to last; a message within the message is one part. */
    List<BodyStructure> others(BodyStructure root) {
        var others = new ArrayList<BodyStructure>();
        collect(root, others);
        return List.copyOf(others);
    }

    private void collect(BodyStructure part, List<BodyStructure> others) {
        if (part.isMultipart()) {
            part.children().forEach(child -> collect(child, others));
        } else if (!Optional.of(part).equals(plain) && !Optional.of(part).equals(html)) {
            others.add(part);
        }
    }

    /** True if a change would break a signature, or nothing can be read: S/MIME or OpenPGP at the top. */
    static boolean isSealed(BodyStructure root) {
        return SEALED.contains(root.mediaType());
    }
}
