package org.airpost.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.List;

/** Words of a request by the socket, where blanks lie between them: those in a word are encoded as in a web address. */
public final class AdminWords {

    private AdminWords() {}

    /** Words as they may be sent. */
    public static List<String> encode(List<String> words) {
        return words.stream()
                .map(word ->
                        word.isEmpty() ? "%" : URLEncoder.encode(word, UTF_8).replace("+", "%20"))
                .toList();
    }

    /** The words that were sent; what is not encoded is as it is. */
    static List<String> decode(List<String> words) {
        return words.stream().map(AdminWords::decode).toList();
    }

    private static String decode(String word) {
        if (word.equals("%")) {
            return "";
        }
        try {
            return URLDecoder.decode(word.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException e) {
            return word;
        }
    }
}
