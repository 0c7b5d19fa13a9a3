package org.airpost.convert;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.UnsupportedEncodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads addresses as phones write them: strictly where it can be, else whatever looks like one. Source: RFC 5322 §3.4. */
final class Addresses {

    /** Begins where a word begins, so that a long word without an @ is read once. */
    private static final Pattern LOOKS_LIKE =
            Pattern.compile("(?<![^\\s<>,;:\"()\\[\\]])[^\\s<>,;:\"()\\[\\]]+@[^\\s<>,;:\"()]+");

    /** Characters of a field that is read with names and groups: more than thousand recipients. */
    private static final int LONGEST = 64 << 10;

    private Addresses() {}

    /** Recipients, each once, and what stood in their place and is no address. */
    record Found(List<String> good, List<String> bad) {}

    /** The mailboxes of some fields, groups opened, each address once. A name without a domain gets {@code domain}. */
    static Found recipients(List<String> fields, String domain) {
        Map<String, String> good = new LinkedHashMap<>();
        var bad = new ArrayList<String>();
        for (var field : fields) {
            for (var mailbox : mailboxes(field)) {
                var address = mailbox.address();
                if (address.matches("[A-Za-z0-9._+-]+")) {
                    address = address + "@" + domain;
                }
                if (isAddress(address)) {
                    good.putIfAbsent(address.toLowerCase(Locale.ROOT), address);
                } else if (!address.isBlank()) {
                    bad.add(address);
                }
            }
        }
        return new Found(List.copyOf(good.values()), List.copyOf(bad));
    }

    /** A mailbox: its address, and a name if there is one. */
    record Mailbox(String address, Optional<String> name) {

        /** As a header field carries it, encoded words where they are needed. */
        String toHeader() {
            if (name.isEmpty()) {
                return address;
            }
            try {
                return new InternetAddress(address, name.get(), "UTF-8").toString();
            } catch (UnsupportedEncodingException e) {
                throw new IllegalStateException("every Java platform has UTF-8", e);
            }
        }
    }

    static List<Mailbox> mailboxes(String field) {
        var found = new ArrayList<Mailbox>();
        try {
            if (field.length() > LONGEST) {
                throw new AddressException("more than a parser may have that reads on and on for what is never closed");
            }
            for (var address : InternetAddress.parseHeader(field, false)) {
                if (address.isGroup()) {
                    for (var member :
                            Optional.ofNullable(address.getGroup(false)).orElse(new InternetAddress[0])) {
                        found.add(mailbox(member));
                    }
                } else {
                    found.add(mailbox(address));
                }
            }
            if (found.stream()
                    .allMatch(m -> isAddress(m.address()) || !m.address().contains("@"))) {
                return found;
            }
        } catch (AddressException e) {
            // Read less strictly below.
            found.clear();
        }
        var loosely = new ArrayList<Mailbox>();
        var matcher = LOOKS_LIKE.matcher(field);
        while (matcher.find()) {
            loosely.add(new Mailbox(matcher.group(), Optional.empty()));
        }
        return loosely.isEmpty() && !field.isBlank() && found.isEmpty()
                ? List.of(new Mailbox(field.strip(), Optional.empty()))
                : loosely.isEmpty() ? found : loosely;
    }

    private static Mailbox mailbox(InternetAddress address) {
        return new Mailbox(
                Optional.ofNullable(address.getAddress()).orElse("").strip(),
                // An encoded word may hold line ends, and fields after them.
                Optional.ofNullable(address.getPersonal())
                        .map(EncodedWords::oneLine)
                        .filter(n -> !n.isEmpty()));
    }

    /** True for what may stand in an SMTP command: one local part, one domain, nothing that ends or opens anything. */
    static boolean isAddress(String address) {
        int at = address.lastIndexOf('@');
        return at > 0
                && at < address.length() - 1
                && address.length() <= 320
                && address.chars().noneMatch(c -> c <= ' ' || c == 0x7F || "<>,;:()".indexOf(c) >= 0)
                && address.substring(at + 1).indexOf('"') < 0;
    }
}
