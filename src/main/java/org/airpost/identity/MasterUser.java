package org.airpost.identity;

import java.util.Optional;
import org.airpost.backend.Credentials;
import org.airpost.backend.UserName;

/**
 * An account at the mail servers that may act for every user.
 *
 * @param name with {@code {login}} in it where the server wants the user's login name in the name, as Dovecot does ({@code
 *     {login}*master}); without it, the user goes beside it, as the authzid of SASL
 */
public record MasterUser(String name, String password) {

    private static final String LOGIN = "{login}";

    /** What to sign in with for a user; empty for a login name that could be taken for another's. */
    Optional<Credentials> of(UserName user) {
        var home = user.home().domain();
        int at = name.indexOf(LOGIN);
        if (at < 0) {
            return Optional.of(new Credentials(user.login(), password, home, name, user.login()));
        }
        var around = name.replace(LOGIN, "");
        // With * between them, anna*bob would be anna by bob.
        boolean clear = around.chars()
                .allMatch(c -> Character.isLetterOrDigit(c) || user.login().indexOf(c) < 0);
        return clear
                ? Optional.of(new Credentials(user.login(), password, home, name.replace(LOGIN, user.login()), ""))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return "MasterUser[name=" + name + "]";
    }
}
