package org.airpost.phone;

import java.util.List;

/** People whom the server has found. Source: MS-ASCMD "Search", the GAL. */
public record PeopleFound(int status, List<Person> people, int total) {

    /** Somebody; what is not known is empty. */
    public record Person(String name, String address, String phone, String title) {}

    public PeopleFound {
        people = List.copyOf(people);
    }
}
