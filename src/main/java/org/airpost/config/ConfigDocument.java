package org.airpost.config;

import java.util.ArrayList;
import java.util.List;

/** Prints the options as the file that sets each of them to its default. */
final class ConfigDocument {

    private static final int WIDTH = 100;

    private static final String HEAD = """
            # The configuration of Airpost: every option, set to its default.
            #
            # What is left out is at its default, so a file of three lines is a good file. An unknown option or a bad value
            # is refused, with its line and the reason.
            #
            # The form is HOCON: a.b = c is the same as a { b = c }, a # begins a comment. Times have a unit: ms, s, m, h, d;
            # sizes have one: B, KiB, MiB, GiB. The name in capitals is the environment variable that overrides an option; it
            # takes the same text as the file, and for a list the entries with commas between them.
            #
            # Made from org.airpost.config.Options: change it there, not here.
            """;

    private static final String DOMAINS = """

            # Mail domains with servers of their own: users whose address is in one of them go there, all others to the servers
            # above. A domain may set what stands under imap and smtp, but for smtp.maxMessageBytes and smtp.savesSent, and what it
            # leaves out is as it is there. Nobody of one domain gets at what belongs to another.
            # autodiscover.redirect sends its users elsewhere: https://host or https://host:port, or another mail domain.
            # For example:
            #     example.net {
            #         imap { host = imap.example.net, userTemplate = "{local}" }
            #         smtp { host = smtp.example.net }
            #     }
            #     example.com { autodiscover { redirect = "https://mail.example.org" } }
            domains {
            }
            """;

    private ConfigDocument() {}

    static String text() {
        var out = new StringBuilder(HEAD);
        for (var section : Options.SECTIONS) {
            out.append("\n# ").append(section.sentence()).append('\n');
            out.append(section.name()).append(" {\n");
            var isFirst = true;
            for (var option : section.options()) {
                if (!isFirst) {
                    out.append('\n');
                }
                isFirst = false;
                append(option, out);
            }
            out.append("}\n");
            if (section.name().equals("users")) {
                out.append(DOMAINS);
            }
        }
        return out.toString();
    }

    private static <T> void append(Option<T> option, StringBuilder out) {
        for (var line : wrap(option.sentence())) {
            out.append("    # ").append(line).append('\n');
        }
        if (Options.LIVE.contains(option)) {
            out.append("    # Can be changed while Airpost runs: airpost reload.\n");
        }
        for (var line : wrap(option.environmentVariable() + ": " + option.kind().wanted() + ".")) {
            out.append("    # ").append(line).append('\n');
        }
        out.append("    ")
                .append(option.name())
                .append(" = ")
                .append(option.kind().print().apply(option.standard()))
                .append('\n');
    }

    private static List<String> wrap(String text) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (var word : text.split(" ", -1)) {
            if (line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
