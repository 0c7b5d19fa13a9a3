package org.airpost.phone;

import java.util.List;
import java.util.Optional;

/** What Settings says of the user. Source: MS-ASCMD "UserInformation". */
public record UserInformation(
        int status, List<String> addresses, Optional<String> primaryAddress, Optional<String> displayName) {

    public UserInformation {
        addresses = List.copyOf(addresses);
    }
}
