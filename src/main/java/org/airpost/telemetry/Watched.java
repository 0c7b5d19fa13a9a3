package org.airpost.telemetry;

import java.util.List;
import java.util.stream.Stream;
import org.airpost.backend.Absence;
import org.airpost.backend.Absences;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.FreeBusy;
import org.airpost.backend.ServerMeter;

/** Servers that tell nobody how it goes with them, so that somebody in between does. */
public final class Watched {

    private Watched() {}

    /** A directory, watched. */
    public static Directory directory(Directory directory, ServerMeter meter) {
        return (account, query) -> {
            var found = directory.find(account, query);
            switch (found) {
                case Directory.Found.Persons _ -> meter.reached();
                case Directory.Found.Unavailable(var words) -> meter.failed(words);
                case Directory.Found.TimedOut(var words) -> meter.failed(words);
            }
            return found;
        };
    }

    /** Busy times, watched. */
    public static FreeBusy freeBusy(FreeBusy times, ServerMeter meter) {
        return (account, addresses, from, until, limit) -> {
            var found = times.of(account, addresses, from, until, limit);
            var failed = found.values().stream()
                    .flatMap(one -> one instanceof FreeBusy.Times.Failed(var words) ? Stream.of(words) : Stream.empty())
                    .findFirst();
            if (failed.isPresent() || found.isEmpty()) {
                meter.failed(failed.orElse("no answer in time"));
            } else {
                meter.reached();
            }
            return found;
        };
    }

    /** Absences, watched. */
    public static Absences absences(Absences absences, ServerMeter meter) {
        return new Absences() {

            @Override
            public Result<Absence> get(Account account) {
                return told(absences.get(account), meter);
            }

            @Override
            public Result<Absence> set(Account account, Absence absence, List<String> known) {
                return told(absences.set(account, absence, known), meter);
            }
        };
    }

    private static <T> Absences.Result<T> told(Absences.Result<T> result, ServerMeter meter) {
        switch (result) {
            // It was there to refuse.
            case Absences.Result.Done<T> _, Absences.Result.Refused<T> _ -> meter.reached();
            case Absences.Result.Unavailable<T>(var words) -> meter.failed(words);
        }
        return result;
    }
}
