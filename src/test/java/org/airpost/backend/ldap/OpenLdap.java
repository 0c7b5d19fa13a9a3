package org.airpost.backend.ldap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.airpost.bench.ChildServer;
import org.junit.jupiter.api.Assumptions;

/** Debian's slapd as a child of the test, with LDAP and STARTTLS on one port and LDAPS on another. */
public final class OpenLdap implements AutoCloseable {

    public static final String BASE = "dc=example,dc=org";
    public static final String ADMIN = "cn=admin,dc=example,dc=org";
    public static final String PASSWORD = "root secret";

    private static final Path BINARY = Path.of("/usr/sbin/slapd");

    private final Path directory;
    private final int port;
    private final int tlsPort;
    private Process process;

    private OpenLdap(Path directory, int port, int tlsPort) throws IOException {
        this.directory = directory;
        this.port = port;
        this.tlsPort = tlsPort;
        this.process = run();
    }

    /** Skips the test where there is no slapd; on the build server that is a failure. */
    public static void assumeInstalled() {
        boolean installed = Files.isExecutable(BINARY);
        if ("true".equals(System.getenv("CI")) && !installed) {
            throw new AssertionError("CI needs apt-get install slapd");
        }
        Assumptions.assumeTrue(installed, "needs apt-get install slapd");
    }

    /** Starts it with these entries, which hold all but the entry of {@link #BASE}. */
    public static OpenLdap start(String ldif) {
        try {
            var directory = Files.createTempDirectory("slapd");
            Files.createDirectories(directory.resolve("db"));
            ChildServer.run(
                    "",
                    ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=airpost-test"
                                    + " -addext subjectAltName=IP:127.0.0.1 -keyout " + directory.resolve("key.pem")
                                    + " -out " + directory.resolve("cert.pem"))
                            .split(" "));
            Files.writeString(directory.resolve("slapd.conf"), """
                    include /etc/ldap/schema/core.schema
                    include /etc/ldap/schema/cosine.schema
                    include /etc/ldap/schema/inetorgperson.schema
                    modulepath /usr/lib/ldap
                    moduleload back_mdb
                    TLSCertificateFile %1$s/cert.pem
                    TLSCertificateKeyFile %1$s/key.pem
                    pidfile %1$s/pid
                    sizelimit 500
                    database mdb
                    suffix "%2$s"
                    rootdn "%3$s"
                    rootpw "%4$s"
                    directory %1$s/db
                    access to attrs=userPassword by anonymous auth by * none
                    access to * by users read by anonymous auth
                    """.formatted(directory, BASE, ADMIN, PASSWORD));
            var entries = directory.resolve("entries.ldif");
            Files.writeString(entries, """
                    dn: %s
                    objectClass: dcObject
                    objectClass: organization
                    o: Example
                    dc: example

                    """.formatted(BASE) + ldif);
            ChildServer.run(
                    "",
                    "/usr/sbin/slapadd",
                    "-f",
                    directory.resolve("slapd.conf").toString(),
                    "-l",
                    entries.toString());
            var server = new OpenLdap(directory, ChildServer.freePort(), ChildServer.freePort());
            server.awaitReady();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process run() throws IOException {
        return new ProcessBuilder(
                        BINARY.toString(),
                        "-d",
                        "0",
                        "-f",
                        directory.resolve("slapd.conf").toString(),
                        "-h",
                        "ldap://127.0.0.1:%d ldaps://127.0.0.1:%d".formatted(port, tlsPort))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()))
                .start();
    }

    private void awaitReady() {
        ChildServer.awaitPort("slapd", process, port, () -> ChildServer.log(directory));
        ChildServer.awaitPort("slapd", process, tlsPort, () -> ChildServer.log(directory));
    }

    /** For LDAP and STARTTLS. */
    public int port() {
        return port;
    }

    /** For LDAPS. */
    public int tlsPort() {
        return tlsPort;
    }

    /** Its certificate for 127.0.0.1, which signs itself, as PEM. */
    public Path certificate() {
        return directory.resolve("cert.pem");
    }

    /** Ends it at once; connections break. */
    public void kill() {
        ChildServer.kill(process);
    }

    /** Starts it again on the same ports. */
    public void restart() {
        kill();
        try {
            process = run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
    }

    @Override
    public void close() {
        kill();
        ChildServer.delete(directory);
    }
}
