package org.airpost.backend;

/** The template of a login name. Its placeholders are described at {@link Accounts.Settings}. */
final class UserTemplate {

    private UserTemplate() {}

    /** Refuses a template that tells no users apart, or makes names that the store's keys cannot hold. */
    static void check(String template) {
        if (!template.contains("{user}") && !template.contains("{local}") && !template.contains("{address}")) {
            throw new IllegalArgumentException(
                    "the template \"%s\" has none of {user}, {local}, {address}".formatted(template));
        }
        // A colon stands in the names of users of a domain with servers of its own, and in no other.
        if (template.contains("/") || template.contains(":")) {
            throw new IllegalArgumentException("the template \"%s\" has a slash or a colon".formatted(template));
        }
    }
}
