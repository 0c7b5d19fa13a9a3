package org.airpost.backend;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several directories as one. All are asked at the same time; a person whom several know is told once, by the first of them.
 * If one of them is away, the others' persons are told; if they know nobody, it is told that one is away, since it might.
 */
public final class Directories implements Directory {

    private static final Logger LOG = LoggerFactory.getLogger(Directories.class);

    private final List<Directory> all;

    /** These, the most trusted first. */
    public Directories(List<Directory> all) {
        this.all = List.copyOf(all);
    }

    @Override
    public Found find(Account account, Query query) {
        if (all.size() == 1) {
            return told(all.getFirst().find(account, query));
        }
        var founds = new ArrayList<Found>();
        // Each ends in bounded time, so the end of all is awaited.
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new ArrayList<Future<Found>>();
            all.forEach(one -> asked.add(threads.submit(() -> one.find(account, query))));
            asked.forEach(one -> founds.add(ended(one)));
        }
        return together(founds, query.most());
    }

    private static Found ended(Future<Found> asked) {
        try {
            return told(asked.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Found.Unavailable("interrupted");
        } catch (ExecutionException e) {
            // The mail server, say, is away for the addresses seen in mail: the others may know.
            return told(new Found.Unavailable(String.valueOf(e.getCause())));
        }
    }

    private static Found told(Found found) {
        switch (found) {
            case Found.Persons _ -> {}
            case Found.Unavailable(var words) -> LOG.warn("directory away problem=\"{}\"", words);
            case Found.TimedOut(var words) -> LOG.warn("directory too slow problem=\"{}\"", words);
        }
        return found;
    }

    private static Found together(List<Found> founds, int most) {
        var persons = new ArrayList<Person>();
        Set<String> addresses = new HashSet<>();
        boolean more = false;
        Optional<Found> away = Optional.empty();
        for (var found : founds) {
            switch (found) {
                case Found.Persons(var some, var rest) -> {
                    more |= rest;
                    for (var person : some) {
                        if (person.addresses().stream()
                                .noneMatch(address -> addresses.contains(address.toLowerCase(Locale.ROOT)))) {
                            persons.add(person);
                        }
                        person.addresses().forEach(address -> addresses.add(address.toLowerCase(Locale.ROOT)));
                    }
                }
                case Found.Unavailable _, Found.TimedOut _ -> away = away.isEmpty() ? Optional.of(found) : away;
            }
        }
        if (persons.isEmpty() && away.isPresent()) {
            return away.get();
        }
        return persons.size() > most
                ? new Found.Persons(persons.subList(0, most), true)
                : new Found.Persons(persons, more);
    }
}
