package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlXml;

/**
 * Which elements each version has: {@code eas-versions.tsv}, all tags of all code pages. Source: MS-ASWBXML "Code Pages",
 * with the versions of each; and the few that a version has at another place.
 */
final class ElementVersions {

    /** An element below another one, and the versions at which it may stand there. Source: MS-ASCMD R6290 to R6297, R7384. */
    private static final Map<String, Set<ProtocolVersion>> AT_PLACES = Map.of(
            "AirSync:Collection/AirSync:Class", Set.of(ProtocolVersion.V12_1),
            "Settings:Get/Settings:EmailAddresses", Set.of(ProtocolVersion.V12_1, ProtocolVersion.V14_0));

    private static final Map<String, Set<ProtocolVersion>> TABLE = read();

    private ElementVersions() {}

    private static Map<String, Set<ProtocolVersion>> read() {
        var table = new HashMap<String, Set<ProtocolVersion>>();
        try (var in = ElementVersions.class.getResourceAsStream("/eas-versions.tsv")) {
            var lines = new String(Optional.ofNullable(in).orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
            lines.lines().skip(1).map(line -> line.split("\t", -1)).forEach(row -> {
                assertThat(row).hasSize(3);
                var versions = row[2].equals("none")
                        ? Set.<ProtocolVersion>of()
                        : Arrays.stream(row[2].split(" ", -1))
                                .map(text -> ProtocolVersion.ofText(text).orElseThrow())
                                .collect(Collectors.toUnmodifiableSet());
                table.put(row[0] + ":" + row[1], versions);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.copyOf(table);
    }

    /** All elements, as {@code AirSync:Sync}. */
    static Collection<String> all() {
        return TABLE.keySet();
    }

    static boolean has(ProtocolVersion version, String element) {
        return Optional.ofNullable(TABLE.get(element)).orElseThrow().contains(version);
    }

    /** What stands in a document that its version does not have there. */
    static Set<String> foreign(byte[] document, ProtocolVersion version) {
        var foreign = new TreeSet<String>();
        var above = new java.util.ArrayDeque<String>();
        try {
            var reader = XMLInputFactory.newDefaultFactory()
                    .createXMLStreamReader(new StringReader(WbxmlXml.toXml(document)));
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        var name = reader.getNamespaceURI() + ":" + reader.getLocalName();
                        var place = above.peek() + "/" + name;
                        if (!TABLE.containsKey(name) || !has(version, name)) {
                            foreign.add(name);
                        } else if (!AT_PLACES
                                .getOrDefault(place, Set.of(version))
                                .contains(version)) {
                            foreign.add(place);
                        }
                        above.push(name);
                    }
                    case XMLStreamConstants.END_ELEMENT -> above.pop();
                    default -> {}
                }
            }
        } catch (XMLStreamException e) {
            throw new AssertionError("the printed document is no XML", e);
        }
        return foreign;
    }
}
