package org.airpost.convert;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;

/**
 * Takes many elements out of a document at once. One by one each would number all siblings behind it anew, which takes the
 * square of their number.
 */
final class Siblings {

    private Siblings() {}

    /** Removes elements with all that is in them. */
    static void remove(Collection<Element> gone) {
        Set<Node> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(gone);
        Set<Node> parents = Collections.newSetFromMap(new IdentityHashMap<>());
        gone.forEach(element -> {
            if (element.parent() != null) {
                parents.add(element.parent());
            }
        });
        parents.forEach(parent -> keep(
                (Element) parent,
                parent.childNodes().stream()
                        .filter(child -> !all.contains(child))
                        .toList()));
    }

    /** Removes an element and all that comes after it in the same one. */
    static void removeFrom(Element mark) {
        var parent = mark.parent();
        if (parent != null) {
            keep(parent, List.copyOf(parent.childNodes().subList(0, mark.siblingIndex())));
        }
    }

    private static void keep(Element parent, List<Node> children) {
        var kept = new ArrayList<>(children);
        parent.empty();
        parent.appendChildren(kept);
    }
}
