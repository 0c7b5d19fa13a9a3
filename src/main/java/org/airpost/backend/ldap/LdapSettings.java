package org.airpost.backend.ldap;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Credentials;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;

/**
 * Where and how people are looked up.
 *
 * @param bind DN and password of the service account; nothing to ask without signing in
 * @param base below which entry people are
 * @param filter which entries are people, such as {@code (objectClass=inetOrgPerson)}
 * @param attributes what the attributes are called
 * @param connections at most
 * @param connectTimeout for a connection, the sign-in of the service account included
 * @param timeLimit for one search
 * @param sizeLimit entries of one search at most; the server may have a lower limit of its own
 */
public record LdapSettings(
        String host,
        int port,
        Security security,
        Trust trust,
        Optional<Credentials> bind,
        String base,
        String filter,
        LdapAttributes attributes,
        int connections,
        Duration connectTimeout,
        Duration timeLimit,
        int sizeLimit) {

    public LdapSettings {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("LDAP server \"%s\" port %d".formatted(host, port));
        }
        if (!connectTimeout.isPositive() || !timeLimit.isPositive() || connections < 1 || sizeLimit < 1) {
            throw new IllegalArgumentException("limits of the LDAP server");
        }
    }

    /** The usual, with inetOrgPerson: 4 connections, 5 s to connect and for a search, 200 entries. */
    public static LdapSettings of(String host, int port, Security security, Trust trust, String base) {
        return new LdapSettings(
                host,
                port,
                security,
                trust,
                Optional.empty(),
                base,
                "(objectClass=person)",
                LdapAttributes.of(LdapAttributes.Schema.INETORGPERSON, Map.of()),
                4,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                200);
    }

    /** The same with a service account. */
    public LdapSettings withBind(String dn, String password) {
        return new LdapSettings(
                host,
                port,
                security,
                trust,
                Optional.of(new Credentials(dn, password)),
                base,
                filter,
                attributes,
                connections,
                connectTimeout,
                timeLimit,
                sizeLimit);
    }

    /** The same with other limits. */
    public LdapSettings withLimits(Duration connect, Duration search, int entries) {
        return new LdapSettings(
                host, port, security, trust, bind, base, filter, attributes, connections, connect, search, entries);
    }

    /** The same with other attributes. */
    public LdapSettings withAttributes(LdapAttributes other) {
        return new LdapSettings(
                host,
                port,
                security,
                trust,
                bind,
                base,
                filter,
                other,
                connections,
                connectTimeout,
                timeLimit,
                sizeLimit);
    }

    /** The same with another filter. */
    public LdapSettings withFilter(String other) {
        return new LdapSettings(
                host,
                port,
                security,
                trust,
                bind,
                base,
                other,
                attributes,
                connections,
                connectTimeout,
                timeLimit,
                sizeLimit);
    }
}
