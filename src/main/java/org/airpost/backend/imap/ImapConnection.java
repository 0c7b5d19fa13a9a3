package org.airpost.backend.imap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.ServerMeter;
import org.airpost.backend.Tls;
import org.eclipse.angus.mail.iap.Argument;
import org.eclipse.angus.mail.iap.LiteralException;
import org.eclipse.angus.mail.iap.ProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server: signs in, selects, sends commands, hears what comes back. Used by one thread at a time; only
 * {@link #abort} and {@link #endIdle} may be called by others.
 */
final class ImapConnection {

    private final ImapSettings settings;
    private final InstantSource clock;
    private final Sweeper sweeper;
    private final Transport transport;
    private final Wire wire;
    private final Budget.Place place;
    private final ReentrantLock idling = new ReentrantLock();
    private boolean isIdling;
    private String idleTag = "";
    private volatile Set<String> capabilities = Set.of();
    private boolean capabilitiesSaid;
    private boolean qresync;
    private @Nullable Selected selected;
    private @Nullable String bye;
    private Consumer<ServerLine> ear = _ -> {};

    private ImapConnection(
            ImapSettings settings, InstantSource clock, Sweeper sweeper, ServerMeter meter, Budget.Place place)
            throws IOException {
        this.settings = settings;
        this.clock = clock;
        this.sweeper = sweeper;
        this.place = place;
        this.transport = new Transport(settings, meter);
        this.wire = new Wire(transport, meter, this::hear, () -> capabilities.contains("LITERAL+"));
    }

    /** Connects; the greeting is read and TLS is on. Its place in the budget is closed with it. */
    static ImapConnection open(
            ImapSettings settings,
            Tls tls,
            InstantSource clock,
            Sweeper sweeper,
            ServerMeter meter,
            Budget.Place place) {
        try {
            var connection = new ImapConnection(settings, clock, sweeper, meter, place);
            connection.connect(tls);
            return connection;
        } catch (IOException e) {
            throw unavailable(settings, ConnectionLostException.because(e));
        }
    }

    private void connect(Tls tls) {
        sweeper.add(transport);
        try {
            transport.connect(tls);
            if (transport.greetingIsDue()) {
                transport.deadlineIn(settings.readTimeout());
                var greeting = wire.readResponse();
                if (!greeting.isUnTagged() || !greeting.isOK()) {
                    throw new IOException("greeting: " + printable(greeting.toString()));
                }
            }
            transport.noDeadline();
        } catch (IOException | ProtocolException | RuntimeException e) {
            abort();
            throw unavailable(settings, ConnectionLostException.because(e));
        }
    }

    private static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ").strip();
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    static BackendUnavailableException unavailable(ImapSettings settings, ConnectionLostException why) {
        return new BackendUnavailableException(
                "imap server " + settings.place() + ": " + why.getMessage(), Duration.ofSeconds(30), why);
    }

    /**
     * Signs in.
     *
     * @return empty if the credentials are right, else the server's words
     * @throws BackendUnavailableException if the server says no for another reason (RFC 5530 UNAVAILABLE, INUSE …)
     */
    Optional<String> signIn(Credentials credentials) throws ConnectionLostException {
        if (!capabilitiesSaid) {
            askCapabilities();
        }
        capabilitiesSaid = false;
        Reply reply;
        if (can("AUTH=PLAIN")) {
            reply = authenticatePlain(credentials);
        } else if (can("LOGINDISABLED") || credentials.isForAnother()) {
            throw new BackendUnavailableException(
                    "imap server " + settings.place()
                            + " offers no AUTH=PLAIN, or LOGIN where it would do: is TLS missing?",
                    Duration.ofMinutes(5));
        } else {
            var arguments = new Argument();
            arguments.writeString(credentials.name(), StandardCharsets.UTF_8);
            arguments.writeString(credentials.password(), StandardCharsets.UTF_8);
            reply = command("LOGIN", arguments, _ -> {});
        }
        if (!reply.isOk()) {
            return Optional.of(refusal(reply));
        }
        if (!capabilitiesSaid) {
            askCapabilities(); // they differ after sign-in (RFC 9051 §6.2.3)
        }
        if (can("QRESYNC") && can("ENABLE")) {
            qresync = command("ENABLE QRESYNC").isOk(); // not allowed once a mailbox is selected (RFC 7162 §3.2.3)
        }
        return Optional.empty();
    }

    private String refusal(Reply reply) {
        String code = reply.code().map(ServerLine.Code::name).orElse("");
        String words = reply.words().toLowerCase(Locale.ROOT);
        boolean another = switch (code) {
            case "UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN", "PRIVACYREQUIRED" -> true;
            case "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED" -> false;
            default ->
                Stream.of("too many", "temporar", "unavailable", "internal", "try again")
                        .anyMatch(words::contains);
        };
        if (reply.isBad() || another) {
            throw new BackendUnavailableException(
                    "imap server " + settings.place() + " at sign-in: " + reply.words(), Duration.ofSeconds(30));
        }
        return reply.words();
    }

    private Reply authenticatePlain(Credentials credentials) throws ConnectionLostException {
        byte[] secret = credentials.plain().getBytes(StandardCharsets.UTF_8);
        String initial = Base64.getEncoder().encodeToString(secret);
        boolean atOnce = can("SASL-IR");
        return exchange(() -> {
            String tag = wire.writeCommand(atOnce ? "AUTHENTICATE PLAIN " + initial : "AUTHENTICATE PLAIN", null);
            boolean said = atOnce;
            while (true) {
                var line = read();
                if (line.ends(tag)) {
                    line.code().ifPresent(this::hearCode);
                    return Reply.of(line);
                }
                if (line.isContinuation()) {
                    // Asked once more, there is nothing to add: the server shall fail it (RFC 4954 §4 likewise).
                    raw(said ? "*\r\n" : initial + "\r\n");
                    said = true;
                }
            }
        });
    }

    private void askCapabilities() throws ConnectionLostException {
        command("CAPABILITY").orUnavailable("CAPABILITY");
        capabilitiesSaid = true;
    }

    /** True if the server has said that it can do this. */
    boolean can(String capability) {
        return capabilities.contains(capability);
    }

    /** True if the server can tell changes by MODSEQ. Source: RFC 7162. */
    boolean canCondstore() {
        return can("CONDSTORE") || can("QRESYNC");
    }

    ImapSettings settings() {
        return settings;
    }

    /** Its place in the budget. */
    Budget.Place place() {
        return place;
    }

    InstantSource clock() {
        return clock;
    }

    Reply command(String text) throws ConnectionLostException {
        return command(text, _ -> {});
    }

    /** Sends a command and passes on each untagged response, after it has been heard here. */
    Reply command(String text, Consumer<ServerLine> untagged) throws ConnectionLostException {
        return command(text, null, untagged);
    }

    Reply command(String text, @Nullable Argument arguments, Consumer<ServerLine> untagged)
            throws ConnectionLostException {
        return exchange(() -> await(wire.writeCommand(text, arguments), untagged));
    }

    /** The same for a command that may not take longer than this: past it the connection is lost. */
    Reply command(String text, Argument arguments, Duration limit, Consumer<ServerLine> untagged)
            throws ConnectionLostException {
        var most = limit.compareTo(settings.commandTimeout()) < 0 ? limit : settings.commandTimeout();
        return exchange(most, () -> await(wire.writeCommand(text, arguments), untagged));
    }

    /**
     * Sends commands that do not depend on each other in one go; all their untagged responses go to one consumer. They may be
     * answered in any order: Dovecot does STATUS before a NOOP that it has begun. Source: RFC 9051 §5.5.
     */
    List<Reply> pipeline(List<String> commands, Consumer<ServerLine> untagged) throws ConnectionLostException {
        var replies = new LinkedHashMap<String, Optional<Reply>>();
        exchange(() -> {
            for (String command : commands) {
                replies.put(wire.writeCommand(command, null), Optional.empty());
            }
            Reply last = null;
            for (int left = replies.size(); left > 0; ) {
                var line = read();
                if (line.isUnTagged()) {
                    untagged.accept(line);
                } else if (line.isTagged() && replies.containsKey(line.getTag())) {
                    line.code().ifPresent(this::hearCode);
                    last = Reply.of(line);
                    if (replies.put(line.getTag(), Optional.of(last)).isEmpty()) {
                        left--;
                    }
                }
            }
            return Objects.requireNonNull(last);
        });
        return replies.values().stream().map(Optional::orElseThrow).toList();
    }

    private Reply await(String tag, Consumer<ServerLine> untagged) throws IOException, ProtocolException {
        while (true) {
            var line = read();
            if (line.ends(tag)) {
                line.code().ifPresent(this::hearCode);
                return Reply.of(line);
            }
            if (line.isUnTagged()) {
                untagged.accept(line);
            }
        }
    }

    /** Something that sends and reads. */
    private interface Exchange {
        Reply run() throws IOException, ProtocolException;
    }

    private Reply exchange(Exchange exchange) throws ConnectionLostException {
        return exchange(settings.commandTimeout(), exchange);
    }

    private Reply exchange(Duration limit, Exchange exchange) throws ConnectionLostException {
        transport.deadlineIn(limit);
        try {
            return exchange.run();
        } catch (LiteralException e) {
            return Reply.of((ServerLine) e.getResponse()); // the server did not want the literal
        } catch (UncheckedIOException e) {
            throw lost(e.getCause());
        } catch (IOException | ProtocolException e) {
            throw lost(e);
        } finally {
            transport.noDeadline();
        }
    }

    /** Something large is on its way and moves: the deadline begins anew. */
    void progress() {
        transport.deadlineIn(settings.commandTimeout());
    }

    private ConnectionLostException lost(@Nullable Exception e) {
        abort();
        if (bye != null) {
            return new ConnectionLostException(bye);
        }
        return ConnectionLostException.because(e == null ? new IOException("lost") : e);
    }

    private ServerLine read() throws IOException, ProtocolException {
        ServerLine line;
        try {
            line = wire.readResponse();
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IOException("an unreadable response", e);
        }
        if (bye != null) {
            throw new IOException(bye);
        }
        return line;
    }

    private void raw(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        transport.write(bytes, 0, bytes.length);
        transport.flush();
    }

    /** Passes on each untagged response from now on, in whatever command it comes. */
    void listen(Consumer<ServerLine> listener) {
        ear = listener;
    }

    private void hear(ServerLine line) {
        ear.accept(line);
        switch (line.about()) {
            case "CAPABILITY" -> capabilities(line.getRest());
            case "BYE" -> bye = line.words();
            default -> {
                line.code().filter(_ -> line.isOK()).ifPresent(code -> {
                    if (code.name().equals("CAPABILITY")) {
                        capabilities(code.arguments());
                    }
                });
                if (selected != null) {
                    selected.hear(line);
                }
            }
        }
    }

    private void hearCode(ServerLine.Code code) {
        if (code.name().equals("CAPABILITY")) {
            capabilities(code.arguments());
        } else if (selected != null) {
            selected.code(code);
        }
    }

    private void capabilities(@Nullable String list) {
        var said = new HashSet<String>();
        for (String name : (list == null ? "" : list).split(" ", -1)) {
            if (!name.isBlank()) {
                // One text for all connections, of which there are many.
                said.add(name.strip().toUpperCase(Locale.ROOT).intern());
            }
        }
        if (said.contains("IMAP4REV2")) {
            // What RFC 9051 App. E makes part of the base.
            said.addAll(List.of(
                    "UIDPLUS",
                    "MOVE",
                    "ESEARCH",
                    "ENABLE",
                    "IDLE",
                    "UNSELECT",
                    "NAMESPACE",
                    "LIST-EXTENDED",
                    "LIST-STATUS",
                    "SPECIAL-USE",
                    "SASL-IR"));
        }
        capabilities = Set.copyOf(said);
        capabilitiesSaid = true;
    }

    /** What is selected, if the server has not ended that. */
    Optional<Selected> selected() {
        return Optional.ofNullable(selected).filter(Selected::isOpen);
    }

    boolean hasSelected(String mailbox) {
        return selected != null && selected.isOpen() && selected.mailbox().equals(mailbox);
    }

    /** Selects a mailbox, or selects it anew. */
    Reply select(String mailbox, String encoded) throws ConnectionLostException {
        return select(
                mailbox,
                "SELECT " + encoded + (canCondstore() ? " (CONDSTORE)" : ""),
                new Selected(mailbox, clock.instant()));
    }

    /** Selects a mailbox and hears what has changed since a view of it. Source: RFC 7162 §3.2.5. */
    Reply select(String mailbox, String encoded, FolderView since) throws ConnectionLostException {
        var begun = new Selected(mailbox, clock.instant());
        begun.beginFrom(since);
        var reply = select(
                mailbox,
                "SELECT %s (QRESYNC (%d %d))".formatted(encoded, since.uidValidity(), since.highestModSeq()),
                begun);
        begun.begun();
        return reply;
    }

    /** Selects a mailbox to look at it only. */
    Reply examine(String mailbox, String encoded) throws ConnectionLostException {
        return select(
                mailbox,
                "EXAMINE " + encoded + (canCondstore() ? " (CONDSTORE)" : ""),
                new Selected(mailbox, clock.instant()));
    }

    private Reply select(String mailbox, String command, Selected begun) throws ConnectionLostException {
        selected = begun;
        var reply = command(command);
        if (!reply.isOk()) {
            deselected();
        } else if (begun.uidValidity() <= 0) {
            deselected();
            throw new BackendUnavailableException(
                    "imap server " + settings.place() + " gives no UIDVALIDITY for " + mailbox, Duration.ofMinutes(5));
        }
        return reply;
    }

    /** Tells that nothing is selected any more. */
    void deselected() {
        if (selected != null) {
            selected.close();
        }
        selected = null;
    }

    /** True if QRESYNC is on: then VANISHED comes instead of EXPUNGE. */
    boolean usesQresync() {
        return qresync;
    }

    /** Begins IDLE; false if the server does not want it. Source: RFC 2177. */
    boolean startIdle() throws ConnectionLostException {
        var reply = exchange(() -> {
            idleTag = wire.writeCommand("IDLE", null);
            while (true) {
                var line = read();
                if (line.isContinuation()) {
                    return new Reply(true, false, Optional.empty(), "");
                }
                if (line.ends(idleTag)) {
                    return new Reply(false, line.isBAD(), line.code(), line.words());
                }
            }
        });
        if (reply.isOk()) {
            idling.lock();
            try {
                isIdling = true;
            } finally {
                idling.unlock();
            }
        }
        return reply.isOk();
    }

    /** Asks the server to end IDLE; may be called by any thread, and more than once. */
    void endIdle() {
        idling.lock();
        try {
            if (isIdling) {
                isIdling = false;
                transport.deadlineIn(settings.readTimeout());
                raw("DONE\r\n");
            }
        } catch (IOException _) {
            abort(); // whoever reads will see it
        } finally {
            idling.unlock();
        }
    }

    /** True if it was not we who wanted that. */
    private boolean notIdling() {
        idling.lock();
        try {
            boolean wasIdling = isIdling;
            isIdling = false;
            return wasIdling;
        } finally {
            idling.unlock();
        }
    }

    /** Sets a limit, or none; once DONE is sent its limit stands, whatever the server says instead of the answer. */
    private void limitUnlessEnding(Runnable limit) {
        idling.lock();
        try {
            if (isIdling) {
                limit.run();
            }
        } finally {
            idling.unlock();
        }
    }

    /** What became of a wait in IDLE. */
    enum Idle {
        QUIET,
        HEARD,
        ENDED,
        ENDED_BY_SERVER
    }

    /** Waits for lines during IDLE and hears all that are there. */
    Idle awaitIdle(Duration limit) throws ConnectionLostException {
        try {
            if (!transport.await(limit)) {
                return Idle.QUIET;
            }
            limitUnlessEnding(() -> transport.deadlineIn(settings.readTimeout()));
            for (int n = 0; n < 1000; n++) {
                var line = read();
                if (line.ends(idleTag)) {
                    boolean byServer = notIdling();
                    transport.noDeadline();
                    return byServer ? Idle.ENDED_BY_SERVER : Idle.ENDED;
                }
                if (!transport.hasBytes()) {
                    break;
                }
            }
            limitUnlessEnding(transport::noDeadline);
            return Idle.HEARD;
        } catch (UncheckedIOException | IOException | ProtocolException e) {
            throw lost(e);
        }
    }

    /** True if the server has ended the connection, as far as can be seen without asking. */
    boolean isDead() {
        if (transport.isAborted() || bye != null) {
            return true;
        }
        try {
            while (transport.hasBytes()) {
                transport.deadlineIn(settings.readTimeout());
                read();
            }
            return false;
        } catch (IOException | ProtocolException e) {
            abort();
            return true;
        } finally {
            transport.noDeadline();
        }
    }

    /** Ends the connection politely, without waiting for the answer. */
    void close() {
        if (!transport.isAborted()) {
            try {
                transport.deadlineIn(settings.connectTimeout());
                raw("ZZ LOGOUT\r\n");
            } catch (IOException _) {
                // It is over in any case.
            }
        }
        abort();
    }

    /** Ends the connection at once. May be called by any thread. */
    void abort() {
        transport.abort();
        sweeper.remove(transport);
        place.close();
    }
}
