/**
 * People of an LDAP directory: OpenLDAP and others with inetOrgPerson, and Active Directory.
 *
 * <p>{@link org.airpost.backend.ldap.LdapDirectory} asks with a service account over a pool of connections; what people are
 * called there is in {@link org.airpost.backend.ldap.LdapAttributes}. Types of the UnboundID library stay in here. Each wait
 * has a limit: for a connection, for the server's answer, and for a connection of the pool to be free.
 */
@NullMarked
package org.airpost.backend.ldap;

import org.jspecify.annotations.NullMarked;
