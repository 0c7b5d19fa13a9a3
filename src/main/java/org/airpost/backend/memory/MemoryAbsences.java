package org.airpost.backend.memory;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.airpost.backend.Absence;
import org.airpost.backend.Absences;
import org.airpost.backend.Account;

/** Absences kept inside the process; nobody is answered. */
public final class MemoryAbsences implements Absences {

    private final Map<String, Absence> absences = new ConcurrentHashMap<>();
    private final Map<String, List<String>> known = new ConcurrentHashMap<>();
    private volatile Optional<Result<Absence>> answer = Optional.empty();

    /** Answers so to everything. */
    public void answers(Result<Absence> result) {
        answer = Optional.of(result);
    }

    /** Does as it should, from now on. */
    public void works() {
        answer = Optional.empty();
    }

    /** The addresses that a user was said to know. */
    public List<String> known(String user) {
        return known.getOrDefault(user, List.of());
    }

    @Override
    public Result<Absence> get(Account account) {
        return answer.orElseGet(() -> new Result.Done<>(absences.getOrDefault(account.user(), Absence.NONE)));
    }

    @Override
    public Result<Absence> set(Account account, Absence absence, List<String> addresses) {
        if (answer.isEmpty()) {
            absences.put(account.user(), absence);
            known.put(account.user(), List.copyOf(addresses));
        }
        return get(account);
    }
}
