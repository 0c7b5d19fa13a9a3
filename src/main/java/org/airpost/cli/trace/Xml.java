package org.airpost.cli.trace;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Documents as XML, small enough to be held whole. */
final class Xml {

    private Xml() {}

    /** The root of a document; empty for what is none, or not whole. */
    static Optional<Element> parse(String text) {
        try {
            var factory = DocumentBuilderFactory.newDefaultNSInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null);
            return Optional.of(
                    builder.parse(new InputSource(new StringReader(text))).getDocumentElement());
        } catch (SAXException | IOException e) {
            return Optional.empty();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("every Java has this parser", e);
        }
    }

    static String print(Element root) {
        try {
            var transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            var out = new StringWriter();
            transformer.transform(new DOMSource(root), new StreamResult(out));
            return out.toString();
        } catch (TransformerException e) {
            throw new IllegalStateException("a document that was read cannot be written", e);
        }
    }

    static List<Element> children(Element parent) {
        var found = new ArrayList<Element>();
        for (var node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    /** All elements of a name below this one, in the order of the document. */
    static List<Element> all(Element root, String name) {
        var found = new ArrayList<Element>();
        for (var child : children(root)) {
            if (child.getLocalName().equals(name)) {
                found.add(child);
            }
            found.addAll(all(child, name));
        }
        return found;
    }

    /** The text of a child; empty if there is none. */
    static String text(Element parent, String child) {
        return children(parent).stream()
                .filter(one -> one.getLocalName().equals(child))
                .findFirst()
                .map(one -> one.getTextContent().strip())
                .orElse("");
    }

    static boolean is(Element element, String namespace, String name) {
        return element.getLocalName().equals(name) && namespace.equals(element.getNamespaceURI());
    }

    /** Which statuses are in an answer, each as {@code Sync/Collections/Collection/Status 3}, once. */
    static Set<String> statuses(Element root) {
        var found = new TreeSet<String>();
        collect(root, root.getLocalName(), found);
        return found;
    }

    private static void collect(Element element, String path, Set<String> found) {
        for (var child : children(element)) {
            var here = path + "/" + child.getLocalName();
            if (child.getLocalName().equals("Status")) {
                found.add(here + " " + child.getTextContent().strip());
            }
            collect(child, here, found);
        }
    }
}
