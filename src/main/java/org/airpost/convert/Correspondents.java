package org.airpost.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Whom the header of a message names, decoded, as far as one can write to them. */
public final class Correspondents {

    private static final Pattern ADDRESS = Pattern.compile("[^\\s@<>\"(),:;]{1,64}@[\\w.-]{1,250}");

    /** Nobody reads what is written to these. */
    private static final Pattern NOBODY = Pattern.compile(
            "(?:no|do-?not|never)[-_.]?reply.*|mailer-daemon|postmaster|.*[-_.+](?:bounces?|noreply)|bounces?[-_.+]?.*",
            Pattern.CASE_INSENSITIVE);

    private Correspondents() {}

    /** A mailbox; the name is the address where there is none. */
    public record Correspondent(String name, String address) {}

    /** Who wrote it. */
    public static List<Correspondent> senders(byte[] header) {
        return of(header, "from");
    }

    /** To whom it was written. */
    public static List<Correspondent> recipients(byte[] header) {
        return of(header, "to", "cc", "bcc");
    }

    private static List<Correspondent> of(byte[] header, String... fields) {
        var block = HeaderBlock.parse(header);
        var found = new ArrayList<Correspondent>();
        for (var field : fields) {
            for (var one : MailAddress.parse(block.joined(field), "")) {
                if (ADDRESS.matcher(one.address()).matches()
                        && !NOBODY.matcher(
                                        one.address().substring(0, one.address().indexOf('@')))
                                .matches()) {
                    found.add(new Correspondent(one.display(), one.address()));
                }
            }
        }
        return List.copyOf(found);
    }
}
