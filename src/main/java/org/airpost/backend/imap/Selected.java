package org.airpost.backend.imap;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.eclipse.angus.mail.iap.ParsingException;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox that a connection has selected, with what the server has said of it since, asked or unasked.
 *
 * <p>Once it has been listed there is a {@link Mirror}, which every later response keeps true: an IMAP server must tell a
 * connection all that happens in the mailbox that it has selected (RFC 9051 §5.2). Sequence numbers are places in the mirror.
 */
final class Selected {

    private final String mailbox;
    private final Instant since;

    private long uidValidity;
    private long uidNext;
    private long highestModSeq;
    private long seenModSeq;
    private boolean noModSeq;
    private int exists;
    private boolean readOnly;
    private boolean open = true;
    private boolean torn;
    private Optional<Set<String>> permanentFlags = Optional.empty();
    private @Nullable Mirror mirror;
    private @Nullable FolderView base;

    Selected(String mailbox, Instant since) {
        this.mailbox = mailbox;
        this.since = since;
    }

    String mailbox() {
        return mailbox;
    }

    Instant since() {
        return since;
    }

    long uidValidity() {
        return uidValidity;
    }

    /** UIDNEXT as said when the mailbox was selected, or what follows from the messages seen since. */
    long uidNext() {
        var known = mirror;
        return Math.max(uidNext, known == null ? 0 : known.greatest() + 1);
    }

    /** UIDNEXT as the server said it. */
    long saidUidNext() {
        return uidNext;
    }

    /** HIGHESTMODSEQ, 0 if this mailbox has none. */
    long highestModSeq() {
        return noModSeq ? 0 : highestModSeq;
    }

    int exists() {
        return exists;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    /** False once the server has said that it is selected no more. */
    boolean isOpen() {
        return open;
    }

    Optional<Mirror> mirror() {
        return Optional.ofNullable(mirror);
    }

    void mirror(Mirror begun) {
        mirror = begun;
        torn = false;
    }

    /** Begins with what a view has; the server is about to say what has happened since. */
    void beginFrom(FolderView view) {
        base = view;
        var begun = Mirror.of(view);
        begun.beginAdding(false);
        mirror(begun);
    }

    /** The server has said it. */
    void begun() {
        base = null;
        if (mirror != null) {
            mirror.endAdding();
        }
    }

    void forgetMirror() {
        mirror = null;
    }

    /** True if the mirror has met something that it cannot follow, and must be listed anew. */
    boolean isTorn() {
        return torn;
    }

    /** True if the server keeps this keyword, as far as it has said. */
    boolean keeps(String flag) {
        return permanentFlags.isEmpty()
                || permanentFlags.get().contains("\\*")
                || permanentFlags.get().contains(flag);
    }

    /** The view from the mirror at any time: some of what happened after its HIGHESTMODSEQ may be in it. */
    FolderView viewSoFar(Mirror of) {
        return of.view(uidValidity, uidNext(), highestModSeq());
    }

    /** The view from the mirror, when everything that was under way has been said. */
    FolderView view(Mirror of) {
        if (seenModSeq > highestModSeq && !noModSeq && highestModSeq > 0) {
            // Only now: in the middle of a command others' changes with lower numbers may still be to come (RFC 7162
            // §6).
            highestModSeq = seenModSeq;
        }
        return viewSoFar(of);
    }

    /** Hears one untagged response. */
    void hear(ServerLine line) {
        switch (line.about()) {
            case "EXISTS" -> exists(line.getNumber());
            case "EXPUNGE" -> expunged(line.getNumber());
            case "VANISHED" -> vanished(line);
            case "FETCH" -> fetched(line.fetched());
            case "OK" -> line.code().ifPresent(this::code);
            default -> {}
        }
    }

    /** Hears the code of an OK, untagged or tagged. */
    void code(ServerLine.Code code) {
        long number = new Value.Atom(code.arguments()).number();
        switch (code.name()) {
            case "UIDVALIDITY" -> {
                if (uidValidity != 0 && number != uidValidity) {
                    forgetMirror();
                }
                uidValidity = number;
            }
            case "UIDNEXT" -> uidNext = number;
            case "HIGHESTMODSEQ" -> highestModSeq = Math.max(highestModSeq, number);
            case "NOMODSEQ" -> noModSeq = true;
            case "READ-ONLY" -> readOnly = true;
            case "READ-WRITE" -> readOnly = false;
            case "PERMANENTFLAGS" -> permanentFlags = Optional.of(flags(code.arguments()));
            case "CLOSED" -> restart();
            default -> {}
        }
    }

    private static Set<String> flags(String list) {
        var flags = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (String flag : list.replace('(', ' ').replace(')', ' ').split(" ", -1)) {
            if (!flag.isEmpty()) {
                flags.add(flag);
            }
        }
        return flags;
    }

    /** What was heard up to here was about the mailbox selected before. Source: RFC 7162 §3.2.11. */
    private void restart() {
        uidValidity = 0;
        uidNext = 0;
        highestModSeq = 0;
        seenModSeq = 0;
        exists = 0;
        torn = false;
        if (base != null) {
            beginFrom(base);
        }
    }

    void close() {
        open = false;
        mirror = null;
    }

    private void exists(int number) {
        var known = mirror;
        if (number < exists && known != null && number < known.size()) {
            torn = true; // it shrank and nobody said which: some servers do
        }
        exists = Math.max(0, number);
    }

    private void expunged(int number) {
        exists = Math.max(0, exists - 1);
        var known = mirror;
        if (known != null && number >= 1 && !known.removeAt(number - 1) && known.isListing()) {
            torn = true; // a place that the listing under way has not reached
        }
    }

    private void vanished(ServerLine line) {
        try {
            var values = line.values();
            boolean earlier = values.size() > 1;
            // A set may be as wide as 1:4294967295; it may name messages that came and went since the last look.
            long below = earlier ? Math.max(uidNext(), 1) : uidNext() + 10_000_000;
            var uids = UidText.parse(values.getLast().text(), below);
            var known = mirror;
            if (!earlier) {
                exists = Math.max(0, exists - uids.size());
            }
            if (known != null) {
                known.remove(uids);
            }
        } catch (ParsingException | RuntimeException _) {
            torn = true;
        }
    }

    private void fetched(Fetched message) {
        seenModSeq = Math.max(seenModSeq, message.modSeq());
        var known = mirror;
        if (known == null || message.flags().isEmpty()) {
            return;
        }
        long uid = message.uid();
        if (uid == 0 && message.number() >= 1 && message.number() <= known.size()) {
            if (known.isListing()) {
                torn = true; // its place is not known yet
                return;
            }
            uid = known.at(message.number() - 1);
        }
        if (uid != 0) {
            known.flags(uid, message.flags().get());
        }
    }

    /** The UIDs of the mirror among these. */
    UidSet among(UidSet uids) {
        var known = mirror;
        return known == null ? UidSet.EMPTY : known.present().and(uids);
    }

    @Override
    public String toString() {
        return "%s uidvalidity=%d uidnext=%d modseq=%d exists=%d%s"
                .formatted(
                        mailbox.toLowerCase(Locale.ROOT),
                        uidValidity,
                        uidNext,
                        highestModSeq,
                        exists,
                        torn ? " torn" : "");
    }
}
