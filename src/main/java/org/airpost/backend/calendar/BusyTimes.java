package org.airpost.backend.calendar;

import biweekly.Biweekly;
import biweekly.ICalendar;
import biweekly.component.VFreeBusy;
import biweekly.parameter.FreeBusyType;
import biweekly.util.Period;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.FreeBusy.Kind;
import org.airpost.backend.FreeBusy.Span;
import org.airpost.backend.FreeBusy.Times;

/** Reads busy times of iCalendar. Source: RFC 5545 §3.6.4, §3.8.2.6. */
final class BusyTimes {

    /** Times of one person that are kept; a span of 42 days has 2,016 half hours. */
    private static final int MOST = 10_000;

    private BusyTimes() {}

    /** The times of all VFREEBUSY in a calendar; an IOException if there is none. */
    static Times.Known read(String calendar) throws IOException {
        List<ICalendar> all;
        try {
            all = Biweekly.parse(calendar).all();
        } catch (RuntimeException e) {
            throw new IOException("a calendar that cannot be read: " + e, e);
        }
        var spans = new ArrayList<Span>();
        Optional<Instant> from = Optional.empty();
        Optional<Instant> until = Optional.empty();
        boolean isThere = false;
        for (var one : all) {
            for (var busy : one.getFreeBusies()) {
                isThere = true;
                from = from.or(() -> start(busy));
                until = until.or(() -> end(busy));
                add(busy, spans);
            }
        }
        if (!isThere) {
            throw new IOException("a calendar without VFREEBUSY");
        }
        return new Times.Known(spans, from, until);
    }

    private static Optional<Instant> start(VFreeBusy busy) {
        return Optional.ofNullable(busy.getDateStart())
                .flatMap(date -> Optional.ofNullable(date.getValue()))
                .map(Date::toInstant);
    }

    private static Optional<Instant> end(VFreeBusy busy) {
        return Optional.ofNullable(busy.getDateEnd())
                .flatMap(date -> Optional.ofNullable(date.getValue()))
                .map(Date::toInstant);
    }

    private static void add(VFreeBusy busy, List<Span> spans) {
        for (var property : busy.getFreeBusy()) {
            var kind = kind(Optional.ofNullable(property.getType()));
            for (var period : property.getValues()) {
                if (kind.isPresent() && spans.size() < MOST) {
                    span(period, kind.get()).ifPresent(spans::add);
                }
            }
        }
    }

    /** A kind that is not known is busy, as is one that is not said; what is free is no time that is kept. */
    private static Optional<Kind> kind(Optional<FreeBusyType> type) {
        if (type.filter(FreeBusyType.FREE::equals).isPresent()) {
            return Optional.empty();
        }
        if (type.filter(FreeBusyType.BUSY_TENTATIVE::equals).isPresent()) {
            return Optional.of(Kind.TENTATIVE);
        }
        return Optional.of(
                type.filter(FreeBusyType.BUSY_UNAVAILABLE::equals).isPresent() ? Kind.UNAVAILABLE : Kind.BUSY);
    }

    private static Optional<Span> span(Period period, Kind kind) {
        var start = Optional.ofNullable(period.getStartDate()).map(Date::toInstant);
        var end = Optional.ofNullable(period.getEndDate())
                .map(Date::toInstant)
                .or(() -> start.flatMap(from -> Optional.ofNullable(period.getDuration())
                        .map(duration -> from.plusMillis(duration.toMillis()))));
        return start.flatMap(from -> end.filter(from::isBefore).map(until -> new Span(from, until, kind)));
    }
}
