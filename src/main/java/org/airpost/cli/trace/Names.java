package org.airpost.cli.trace;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.w3c.dom.Element;

/**
 * What the recorded keys and ids are at the test instance. It is learned from pairs of answers, the recorded one and that of
 * the instance: what stands in the same place of both means the same.
 */
final class Names {

    /** The context of keys and ids that are no collection's. */
    private static final String ALL = "";

    private final Map<String, String> folders = new HashMap<>();
    private final Map<String, String> items = new HashMap<>();

    /** By the recorded collection and the recorded key; that of the hierarchy has no collection. */
    private final Map<String, String> keys = new HashMap<>();

    private Optional<Long> policyKey = Optional.empty();
    private final Map<String, String> policyKeys = new HashMap<>();

    Names() {
        folders.put("0", "0"); // the root of the hierarchy
    }

    /** The policy key that requests are to carry. */
    Optional<Long> policyKey() {
        return policyKey;
    }

    String folder(String recorded) {
        return folders.getOrDefault(recorded, recorded);
    }

    /** Of an item or an attachment; one that was never told keeps its number within its folder. */
    String item(String recorded) {
        var known = items.get(recorded);
        if (known != null) {
            return known;
        }
        int colon = recorded.indexOf(':');
        return colon < 0 ? recorded : folder(recorded.substring(0, colon)) + recorded.substring(colon);
    }

    private String key(String collection, String recorded) {
        return recorded.equals("0") ? "0" : keys.getOrDefault(collection + "/" + recorded, recorded);
    }

    // A request

    /** Puts the names of the instance into a recorded request. */
    void translate(Element request) {
        translate(request, ALL);
    }

    private void translate(Element element, String collection) {
        var own = Xml.is(element, "AirSync", "Collection") ? Xml.text(element, "CollectionId") : collection;
        var children = Xml.children(element);
        for (var child : children) {
            translate(child, own);
        }
        if (!children.isEmpty()) {
            return;
        }
        var text = element.getTextContent();
        switch (element.getLocalName()) {
            case "SyncKey" -> element.setTextContent(key(own, text));
            case "CollectionId", "ParentId", "SrcFldId", "DstFldId", "FolderId", "Id" ->
                element.setTextContent(folder(text));
            case "SrcMsgId", "DstMsgId", "ItemId", "FileReference", "LongId" -> element.setTextContent(item(text));
            case "ServerId" ->
                element.setTextContent(element.getNamespaceURI().equals("FolderHierarchy") ? folder(text) : item(text));
            case "PolicyKey" -> element.setTextContent(policyKeys.getOrDefault(text, text));
            default -> {
                // it means the same everywhere
            }
        }
    }

    // A pair of answers

    /** Learns what the instance calls what the recorded answer names. */
    void learn(Element recorded, Element actual) {
        if (!recorded.getLocalName().equals(actual.getLocalName())) {
            return;
        }
        switch (recorded.getLocalName()) {
            case "Provision" -> learnPolicy(recorded, actual);
            case "FolderSync", "FolderCreate", "FolderUpdate", "FolderDelete" -> learnFolders(recorded, actual);
            case "Sync" -> learnCollections(recorded, actual);
            default -> inOrder(recorded, actual);
        }
    }

    private void learnPolicy(Element recorded, Element actual) {
        var before = Xml.all(recorded, "PolicyKey");
        var now = Xml.all(actual, "PolicyKey");
        for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
            policyKeys.put(before.get(i).getTextContent(), now.get(i).getTextContent());
        }
        if (!now.isEmpty()) {
            policyKey =
                    Optional.of(Long.parseLong(now.getLast().getTextContent().strip()));
        }
    }

    private void learnFolders(Element recorded, Element actual) {
        pair(keys, "/" + Xml.text(recorded, "SyncKey"), Xml.text(actual, "SyncKey"));
        pair(folders, Xml.text(recorded, "ServerId"), Xml.text(actual, "ServerId"));
        // Names of folders are not in a trace: those of one type are taken in their order.
        var now = Xml.all(actual, "Add");
        var taken = new HashMap<String, Integer>();
        for (var folder : Xml.all(recorded, "Add")) {
            var type = Xml.text(folder, "Type");
            int place = taken.merge(type, 1, Integer::sum) - 1;
            now.stream()
                    .filter(one -> Xml.text(one, "Type").equals(type))
                    .skip(place)
                    .findFirst()
                    .ifPresent(one -> pair(folders, Xml.text(folder, "ServerId"), Xml.text(one, "ServerId")));
        }
    }

    private void learnCollections(Element recorded, Element actual) {
        var now = Xml.all(actual, "Collection");
        for (var collection : Xml.all(recorded, "Collection")) {
            var id = Xml.text(collection, "CollectionId");
            now.stream()
                    .filter(one -> Xml.text(one, "CollectionId").equals(folder(id)))
                    .findFirst()
                    .ifPresent(one -> {
                        pair(keys, id + "/" + Xml.text(collection, "SyncKey"), Xml.text(one, "SyncKey"));
                        learnItems(collection, one);
                    });
        }
    }

    private void learnItems(Element recorded, Element actual) {
        var before = Xml.all(recorded, "Add");
        var now = Xml.all(actual, "Add");
        for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
            pair(items, Xml.text(before.get(i), "ServerId"), Xml.text(now.get(i), "ServerId"));
            inOrder(before.get(i), now.get(i));
        }
    }

    /** Ids of the other answers, as far as both have them. */
    private void inOrder(Element recorded, Element actual) {
        for (var name : new String[] {"DstMsgId", "LongId", "FileReference"}) {
            var before = Xml.all(recorded, name);
            var now = Xml.all(actual, name);
            for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
                pair(items, before.get(i).getTextContent(), now.get(i).getTextContent());
            }
        }
    }

    private static void pair(Map<String, String> names, String recorded, String actual) {
        if (!recorded.isEmpty() && !actual.isEmpty()) {
            names.put(recorded, actual);
        }
    }
}
