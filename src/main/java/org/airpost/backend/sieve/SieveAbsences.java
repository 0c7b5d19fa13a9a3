package org.airpost.backend.sieve;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.backend.Absence;
import org.airpost.backend.Absence.State;
import org.airpost.backend.Absences;
import org.airpost.backend.Account;
import org.airpost.backend.Tls;
import org.airpost.backend.sieve.ManageSieve.RefusedException;
import org.airpost.backend.sieve.ManageSieve.Script;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Absences as scripts of a ManageSieve server, on a connection for each call with the user's own credentials. */
public final class SieveAbsences implements Absences {

    private static final Logger LOG = LoggerFactory.getLogger(SieveAbsences.class);

    /** Answers, and is never active while the server has include. */
    private static final String ABSENCE = "airpost-absence";

    /** Is active while the user is away. */
    private static final String MASTER = "airpost";

    private static final String REQUIRE = "require";

    private final SieveSettings settings;
    private final Tls tls;

    /** A CA file that cannot be read is an IllegalArgumentException that names it. */
    public SieveAbsences(SieveSettings settings) {
        this.settings = settings;
        this.tls = new Tls(settings.trust());
    }

    /** What is done on a connection. */
    private interface Work {
        Result<Absence> on(ManageSieve server) throws IOException, RefusedException;
    }

    @Override
    public Result<Absence> get(Account account) {
        return with(account, SieveAbsences::get);
    }

    private static Result<Absence> get(ManageSieve server) throws IOException, RefusedException {
        if (!server.extensions().contains("vacation")) {
            return new Result.Refused<>(Refusal.NOT_OFFERED, "the server has no vacation");
        }
        var scripts = server.scripts();
        var kept = kept(server, scripts);
        if (kept.isEmpty()) {
            return new Result.Done<>(Absence.NONE);
        }
        return new Result.Done<>(
                isOurs(active(scripts))
                        ? kept.get()
                        // Somebody has made another script the active one: nobody is answered.
                        : new Absence(State.OFF, Optional.empty(), kept.get().replies()));
    }

    @Override
    public Result<Absence> set(Account account, Absence absence, List<String> known) {
        return with(account, server -> set(server, account, absence, known));
    }

    private static Result<Absence> set(ManageSieve server, Account account, Absence absence, List<String> known)
            throws IOException, RefusedException {
        var extensions = server.extensions();
        if (!extensions.contains("vacation")) {
            return new Result.Refused<>(Refusal.NOT_OFFERED, "the server has no vacation");
        }
        if (absence.state() == State.TIMED && !extensions.containsAll(Set.of("date", "relational"))) {
            return new Result.Refused<>(Refusal.NOT_OFFERED, "the server has no dates");
        }
        var scripts = server.scripts();
        var script = AbsenceScript.of(
                absence,
                account.addresses(),
                known.subList(0, Math.min(known.size(), AbsenceScript.MOST_KNOWN)),
                extensions);
        if (absence.state() == State.OFF) {
            if (isOurs(active(scripts))) {
                // First the answers end; that the text is kept is less.
                server.activate(users(server, scripts).orElse(""));
            }
            server.put(ABSENCE, script);
            return new Result.Done<>(absence);
        }
        return activate(server, scripts, script, extensions)
                .<Result<Absence>>map(why -> why)
                .orElseGet(() -> new Result.Done<>(absence));
    }

    /** Puts the scripts on the server and makes ours the active one; or why not. */
    private static Optional<Result.Refused<Absence>> activate(
            ManageSieve server, List<Script> scripts, String script, Set<String> extensions)
            throws IOException, RefusedException {
        var users = users(server, scripts);
        if (users.isPresent()) {
            if (!extensions.contains("include")) {
                return Optional.of(
                        new Result.Refused<>(Refusal.NOT_OFFERED, "the user has a script, and the server no include"));
            }
            if (answersByItself(server.script(users.get()))) {
                return Optional.of(
                        new Result.Refused<>(Refusal.OWN_ANSWERS, "the user's own script has vacation, too"));
            }
        }
        server.put(ABSENCE, script);
        if (!extensions.contains("include")) {
            server.activate(ABSENCE);
            return Optional.empty();
        }
        server.put(MASTER, MasterScript.of(ABSENCE, users));
        server.activate(MASTER);
        return Optional.empty();
    }

    /** The user's script that is active, or was when ours took its place, if it is still there. */
    private static Optional<String> users(ManageSieve server, List<Script> scripts)
            throws IOException, RefusedException {
        var active = active(scripts);
        if (!isOurs(active)) {
            return active.map(Script::name);
        }
        if (active.filter(script -> script.name().equals(MASTER)).isEmpty()) {
            return Optional.empty();
        }
        return MasterScript.users(server.script(MASTER))
                .filter(name ->
                        scripts.stream().anyMatch(script -> script.name().equals(name)));
    }

    private static Optional<Script> active(List<Script> scripts) {
        return scripts.stream().filter(Script::isActive).findFirst();
    }

    private static boolean isOurs(Optional<Script> script) {
        return script.filter(one -> one.name().equals(MASTER) || one.name().equals(ABSENCE))
                .isPresent();
    }

    private static Optional<Absence> kept(ManageSieve server, List<Script> scripts)
            throws IOException, RefusedException {
        return scripts.stream().anyMatch(script -> script.name().equals(ABSENCE))
                ? AbsenceScript.read(server.script(ABSENCE))
                : Optional.empty();
    }

    /** Two answers to one mail are an error, in which a server forgets all of the user's rules. Source: RFC 5230 §4.7. */
    static boolean answersByItself(String script) {
        var plain = script.lines()
                .filter(line -> !line.stripLeading().startsWith("#"))
                .collect(Collectors.joining("\n"))
                .toLowerCase(Locale.ROOT);
        int at = plain.indexOf(REQUIRE);
        while (at >= 0) {
            int next = at + REQUIRE.length();
            if (isWord(plain, at, next)) {
                next = plain.indexOf(';', next);
                if (next < 0) {
                    return false;
                }
                if (plain.substring(at, next).contains("\"vacation")) {
                    return true;
                }
            }
            at = plain.indexOf(REQUIRE, next);
        }
        return false;
    }

    private static boolean isWord(String text, int from, int to) {
        return (from == 0 || !isLetter(text.charAt(from - 1))) && (to == text.length() || !isLetter(text.charAt(to)));
    }

    private static boolean isLetter(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private Result<Absence> with(Account account, Work work) {
        try (var server = ManageSieve.open(settings, tls, account.credentials())) {
            var result = work.on(server);
            if (result instanceof Result.Refused<Absence>(var why, var words)) {
                LOG.info("absence refused user={} why={} reason=\"{}\"", account.user(), why, words);
            }
            return result;
        } catch (RefusedException e) {
            // What a server says of a script may quote it.
            LOG.debug("sieve refused user={}", account.user(), e);
            LOG.warn(
                    "sieve refused user={} server={} port={} {}",
                    account.user(),
                    settings.host(),
                    settings.port(),
                    e.atSignIn()
                            ? "at sign-in: does it take the user and password of the IMAP server?"
                            : "a script: the log at debug has its words");
            return new Result.Refused<>(
                    e.atSignIn() ? Refusal.NOT_OFFERED : Refusal.NOT_TAKEN, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.warn(
                    "sieve server away server={} port={} problem=\"{}\"",
                    settings.host(),
                    settings.port(),
                    e.toString());
            return new Result.Unavailable<>(e.toString());
        }
    }
}
