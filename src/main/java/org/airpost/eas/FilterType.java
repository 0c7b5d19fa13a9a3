package org.airpost.eas;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** How far back items are synced. Source: MS-ASCMD "FilterType". */
public enum FilterType {
    ALL(0, Optional.empty()),
    ONE_DAY(1, Optional.of(Duration.ofDays(1))),
    THREE_DAYS(2, Optional.of(Duration.ofDays(3))),
    ONE_WEEK(3, Optional.of(Duration.ofDays(7))),
    TWO_WEEKS(4, Optional.of(Duration.ofDays(14))),
    ONE_MONTH(5, Optional.of(Duration.ofDays(30))),
    THREE_MONTHS(6, Optional.of(Duration.ofDays(90))),
    SIX_MONTHS(7, Optional.of(Duration.ofDays(180))),
    INCOMPLETE_TASKS(8, Optional.empty());

    private final int code;
    private final Optional<Duration> reach;

    FilterType(int code, Optional<Duration> reach) {
        this.code = code;
        this.reach = reach;
    }

    public int code() {
        return code;
    }

    /** How far back, empty for everything. */
    public Optional<Duration> reach() {
        return reach;
    }

    public static Optional<FilterType> ofCode(long code) {
        return Arrays.stream(values()).filter(f -> f.code == code).findFirst();
    }
}
