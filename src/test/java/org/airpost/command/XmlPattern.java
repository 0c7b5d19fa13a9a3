package org.airpost.command;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.assertj.core.api.Assertions;
import org.w3c.dom.Element;
import org.w3c.dom.Text;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * What an answer must look like: XML in which <code>{*}</code> stands for any content of an element, <code>{...}</code>
 * between elements for any elements, and <code>{name}</code> for a text that is taken the first time and must be the same
 * after that. Names that differ in their number alone ({@code key1}, {@code key2}) stand for different texts. White space
 * does not count.
 */
final class XmlPattern {

    private static final Pattern NAME = Pattern.compile("\\{(\\*|[a-z][A-Za-z0-9-]*)}");
    private static final String GAP = "{...}";
    private static final String ANYTHING = "{*}";

    private final Node root;

    private XmlPattern(Node root) {
        this.root = root;
    }

    static XmlPattern of(String xml) {
        return new XmlPattern(Node.read(xml));
    }

    /** Puts what was taken into a text; a name that was not is an error. */
    static String fill(String text, Map<String, String> taken) {
        return NAME.matcher(text).replaceAll(found -> {
            var value = taken.get(found.group(1));
            if (value == null) {
                throw new AssertionError("nothing was taken for " + found.group());
            }
            return java.util.regex.Matcher.quoteReplacement(value);
        });
    }

    /** Checks a text that is no XML, such as a header; takes what is new. */
    static void checkText(String what, String expected, String actual, Map<String, String> taken) {
        var all = new HashMap<>(taken);
        if (!matches(expected, actual, all)) {
            throw new AssertionError("%s is \"%s\", expected \"%s\"".formatted(what, actual, expected));
        }
        taken.putAll(all);
    }

    /** Checks an answer and takes what is new; a difference is an AssertionError with both texts. */
    void check(String where, String xml, Map<String, String> taken) {
        var all = new HashMap<>(taken);
        var actual = Node.read(xml);
        var difference = new Difference();
        if (!difference.matches(root, actual, all, root.name)) {
            Assertions.assertThat(actual.print(Map.of()))
                    .as("%s: at %s", where, difference.deepest)
                    .isEqualTo(root.print(taken));
            throw new AssertionError(where + ": at " + difference.deepest);
        }
        taken.putAll(all);
    }

    private static boolean matches(String expected, String actual, Map<String, String> taken) {
        var names = new ArrayList<String>();
        var regex = new StringBuilder();
        var found = NAME.matcher(expected);
        int end = 0;
        while (found.find()) {
            regex.append(Pattern.quote(expected.substring(end, found.start())));
            var name = found.group(1);
            if (name.equals("*")) {
                regex.append(".*");
            } else if (taken.containsKey(name)) {
                regex.append(Pattern.quote(taken.getOrDefault(name, "")));
            } else {
                names.add(name);
                regex.append("(.+)");
            }
            end = found.end();
        }
        regex.append(Pattern.quote(expected.substring(end)));
        var match = Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(actual);
        if (!match.matches()) {
            return false;
        }
        for (int i = 0; i < names.size(); i++) {
            if (isOfAnother(names.get(i), match.group(i + 1), taken)) {
                return false;
            }
            taken.put(names.get(i), match.group(i + 1));
        }
        return true;
    }

    private static boolean isOfAnother(String name, String value, Map<String, String> taken) {
        var family = family(name);
        return taken.entrySet().stream()
                .anyMatch(e -> family(e.getKey()).equals(family)
                        && !e.getKey().equals(name)
                        && e.getValue().equals(value));
    }

    private static String family(String name) {
        return name.replaceFirst("[0-9]+$", "");
    }

    /** Compares; remembers where the comparison came furthest. */
    private static final class Difference {

        private String deepest = "the root";
        private int reached = -1;
        private int visited;

        boolean matches(Node expected, Node actual, Map<String, String> taken, String path) {
            visited++;
            if (!expected.name.equals(actual.name)) {
                return fail(path, "is <%s>, expected <%s>".formatted(actual.name, expected.name));
            }
            if (expected.text.equals(ANYTHING)) {
                return true;
            }
            if (expected.children.isEmpty() && actual.children.isEmpty()) {
                return XmlPattern.matches(expected.text, actual.text, taken)
                        || fail(path, "is \"%s\", expected \"%s\"".formatted(actual.text, expected.text));
            }
            if (expected.children.isEmpty()) {
                return fail(path, "has elements, expected \"%s\"".formatted(expected.text));
            }
            return matches(expected.children, 0, actual.children, 0, taken, path);
        }

        private boolean matches(
                List<Node> expected, int i, List<Node> actual, int j, Map<String, String> taken, String path) {
            if (i == expected.size()) {
                return j == actual.size()
                        || fail(path, "holds <%s>, which is not expected".formatted(actual.get(j).name));
            }
            var next = expected.get(i);
            if (next.name.equals(GAP)) {
                for (int k = j; k <= actual.size(); k++) {
                    var trial = new HashMap<>(taken);
                    if (matches(expected, i + 1, actual, k, trial, path)) {
                        taken.putAll(trial);
                        return true;
                    }
                }
                return false;
            }
            if (j == actual.size()) {
                return fail(path, "has no <%s>".formatted(next.name));
            }
            return matches(next, actual.get(j), taken, path + "/" + next.name)
                    && matches(expected, i + 1, actual, j + 1, taken, path);
        }

        private boolean fail(String path, String what) {
            if (visited > reached) {
                reached = visited;
                deepest = path + " " + what;
            }
            return false;
        }
    }

    /** An element: its name with the namespace, and either text or elements. A gap is an element with that name. */
    private record Node(String name, String text, List<Node> children) {

        static Node read(String xml) {
            try {
                var factory = DocumentBuilderFactory.newDefaultNSInstance();
                factory.setCoalescing(true);
                var document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
                return of(document.getDocumentElement());
            } catch (SAXException | ParserConfigurationException | IOException e) {
                throw new AssertionError("no XML: " + e.getMessage() + "\n" + xml, e);
            }
        }

        private static Node of(Element element) {
            var children = new ArrayList<Node>();
            var text = new StringBuilder();
            var nodes = element.getChildNodes();
            for (int i = 0; i < nodes.getLength(); i++) {
                switch (nodes.item(i)) {
                    case Element child -> children.add(of(child));
                    case Text part
                    when part.getData().matches("\\s*(\\{\\.\\.\\.}\\s*)+") ->
                        children.add(new Node(GAP, "", List.of()));
                    case Text part -> text.append(part.getData());
                    default -> {
                        // a comment
                    }
                }
            }
            var namespace = Optional.ofNullable(element.getNamespaceURI()).orElse("");
            return new Node(
                    namespace + ":" + element.getLocalName(),
                    text.toString().replaceAll("\\s+", " ").strip(),
                    children);
        }

        String print(Map<String, String> taken) {
            var out = new StringBuilder();
            print(out, "", taken);
            return out.toString();
        }

        private void print(StringBuilder out, String indent, Map<String, String> taken) {
            var known = NAME.matcher(text)
                    .replaceAll(found -> java.util.regex.Matcher.quoteReplacement(
                            taken.getOrDefault(found.group(1), found.group())));
            out.append(indent)
                    .append(name)
                    .append(known.isEmpty() ? "" : " = " + known)
                    .append('\n');
            children.forEach(child -> child.print(out, indent + "  ", taken));
        }
    }
}
