package org.airpost.backend.found;

import java.math.BigInteger;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.backend.Security;
import org.airpost.backend.found.Dns.Looked;
import org.airpost.backend.found.Dns.Service;
import org.airpost.backend.found.WebFiles.Got;

/** Looks for the servers of a domain. Source: RFC 6186; RFC 8314 §5.1; the form of config-v1.1.xml. */
public final class ServerLookup {

    /** A server. */
    public record Place(String host, int port, Security security) {}

    /** Where a domain's mail is read and sent, and how its users sign in there. */
    public record Found(Place imap, Place smtp, String userTemplate) {}

    /** What came of it. */
    public sealed interface Result {

        record Servers(Found found) implements Result {}

        record None() implements Result {}

        /** Nobody could say now. */
        record Failed(String why) implements Result {}
    }

    /** Ends a look early. */
    private static final class FailedException extends Exception {

        private static final long serialVersionUID = 1L;

        FailedException(String why) {
            super(why);
        }
    }

    private final Dns dns;
    private final WebFiles files;
    private final Set<String> ours;

    /** A lookup by these; {@code ours} are the hosts that the configuration names. */
    public ServerLookup(Dns dns, WebFiles files, Set<String> ours) {
        this.dns = dns;
        this.files = files;
        this.ours = ours.stream().map(ServerLookup::plain).collect(Collectors.toUnmodifiableSet());
    }

    private static String plain(String host) {
        var lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /**
     * The servers of a domain: both by SRV, else both by autoconfig. Only protected connections are taken.
     *
     * @param strictly for a domain that nobody has named: servers within the domain or by its autoconfig file, at the usual
     *     ports, not in a private network, and not ours: else whoever has a domain could guess our users' passwords as users
     *     of that
     * @param limit after which nothing more is asked; what is being asked then may still take its own time
     */
    public Result find(String domain, boolean strictly, Duration limit) {
        return new Look(domain, strictly, System.nanoTime() + limit.toNanos()).result();
    }

    /** One look for the servers of one domain. */
    private final class Look {

        private final String domain;
        private final boolean strictly;
        private final long end;

        Look(String domain, boolean strictly, long end) {
            this.domain = domain;
            this.strictly = strictly;
            this.end = end;
        }

        Result result() {
            try {
                var found = bySrv();
                if (found.isEmpty()) {
                    found = byFile();
                }
                if (found.isEmpty() || (strictly && (isOurs(found.get()) || !isPublic(found.get())))) {
                    return new Result.None();
                }
                return new Result.Servers(found.get());
            } catch (FailedException e) {
                return new Result.Failed(String.valueOf(e.getMessage()));
            }
        }

        private void checkTime() throws FailedException {
            if (System.nanoTime() - end >= 0) {
                throw new FailedException("the time for looking is over");
            }
        }

        private Optional<Found> bySrv() throws FailedException {
            var imap = first("_imaps._tcp.", Security.TLS);
            if (imap.isEmpty()) {
                imap = first("_imap._tcp.", Security.STARTTLS);
            }
            if (imap.isEmpty()) {
                return Optional.empty();
            }
            var smtp = first("_submissions._tcp.", Security.TLS);
            if (smtp.isEmpty()) {
                smtp = first("_submission._tcp.", Security.STARTTLS);
            }
            // RFC 6186 §3.4 has the whole address tried first; a server that wants another name is written under
            // domains.
            var where = imap.get();
            return smtp.map(its -> new Found(where, its, "{address}"));
        }

        private Optional<Place> first(String service, Security security) throws FailedException {
            checkTime();
            return switch (dns.services(service + domain)) {
                case Looked.None<List<Service>> _ -> Optional.empty();
                case Looked.Failed<List<Service>>(var why) -> throw new FailedException(why);
                case Looked.Found<List<Service>>(var services) ->
                    services.stream()
                            .sorted(Comparator.comparingInt(Service::priority)
                                    .thenComparing(Service::weight, Comparator.reverseOrder()))
                            .filter(one -> !one.target().equals(".") && one.port() > 0)
                            .filter(one -> !strictly || isWithin(one.target(), domain))
                            .findFirst()
                            .map(one -> new Place(one.target(), one.port(), security));
            };
        }

        private Optional<Found> byFile() throws FailedException {
            var found = byFile("autoconfig." + domain, "/mail/config-v1.1.xml");
            return found.isPresent() ? found : byFile(domain, "/.well-known/autoconfig/mail/config-v1.1.xml");
        }

        private Optional<Found> byFile(String host, String path) throws FailedException {
            // Whoever has a domain could send us to any host of our own network.
            if (strictly && !isPublic(host)) {
                return Optional.empty();
            }
            checkTime();
            return switch (files.get("https://" + host + path)) {
                case Got.None() -> Optional.empty();
                case Got.Failed(var why) -> throw new FailedException(why);
                case Got.File(var content) -> AutoconfigFile.read(content, domain);
            };
        }

        private boolean isOurs(Found found) {
            return ours.contains(plain(found.imap().host()))
                    || ours.contains(plain(found.smtp().host()));
        }

        private boolean isPublic(Found found) throws FailedException {
            for (var place : List.of(found.imap(), found.smtp())) {
                if (!List.of(143, 993, 587, 465).contains(place.port()) || !isPublic(place.host())) {
                    return false;
                }
            }
            return true;
        }

        private boolean isPublic(String host) throws FailedException {
            checkTime();
            return switch (dns.addresses(host)) {
                case Looked.None<List<InetAddress>> _ -> false;
                case Looked.Failed<List<InetAddress>>(var why) -> throw new FailedException(why);
                case Looked.Found<List<InetAddress>>(var addresses) ->
                    addresses.stream().noneMatch(ServerLookup::isPrivate);
            };
        }
    }

    /** Whoever forges an answer of DNS has a certificate for a name of their own. Source: RFC 6186 §6. */
    private static boolean isWithin(String host, String domain) {
        var name = host.toLowerCase(Locale.ROOT);
        return name.equals(domain) || name.endsWith("." + domain);
    }

    private static boolean isPrivate(InetAddress address) {
        var bytes = address.getAddress();
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || RESERVED.stream().anyMatch(range -> range.holds(bytes));
    }

    /** Addresses of so many bytes that begin with some bits. */
    private record Range(int bytes, BigInteger start, int bits) {

        static Range v4(int first, int second, int bits) {
            return new Range(4, BigInteger.valueOf((first << 8) | second).shiftLeft(16), bits);
        }

        /** The start in hexadecimal digits, without the zeros at its end. */
        static Range v6(String start, int bits) {
            return new Range(16, new BigInteger(start + "0".repeat(32 - start.length()), 16), bits);
        }

        boolean holds(byte[] address) {
            return address.length == bytes
                    && new BigInteger(1, address)
                            .xor(start)
                            .shiftRight(8 * bytes - bits)
                            .equals(BigInteger.ZERO);
        }
    }

    /** What is not public and Java does not tell. Source: RFC 6890; RFC 4193; RFC 6052; RFC 8215. */
    private static final List<Range> RESERVED = List.of(
            Range.v4(0, 0, 8), // this network
            Range.v4(100, 64, 10), // shared by the customers of a provider
            Range.v4(240, 0, 4),
            Range.v6("fc", 7),
            Range.v6("0064ff9b", 96), // an IPv4 address by NAT64, which may be a private one
            Range.v6("0064ff9b0001", 48),
            Range.v6("00000000000000000000ffff", 96), // mapped
            Range.v6("", 96)); // compatible
}
