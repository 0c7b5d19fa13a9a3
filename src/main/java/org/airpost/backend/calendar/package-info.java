/**
 * When people are busy, by calendar servers.
 *
 * <p>{@link org.airpost.backend.calendar.CalendarServer} asks the scheduling outbox of a CalDAV server in the user's name (RFC
 * 6638), or reads what each person publishes (an iCalendar file with VFREEBUSY); {@code BusyTimes} reads iCalendar, {@code
 * ScheduleResponse} what an outbox answers. Types of the iCalendar library stay in here. No redirect is followed.
 */
@NullMarked
package org.airpost.backend.calendar;

import org.jspecify.annotations.NullMarked;
