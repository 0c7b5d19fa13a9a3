package org.airpost.backend.found;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Lookup;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** DNS by the name servers that the system is configured with. */
public final class DnsjavaDns implements Dns {

    private static final int TRIES = 2;

    private final Resolver resolver;

    private DnsjavaDns(Resolver resolver) {
        this.resolver = resolver;
    }

    /** The system's name servers; a question takes no longer than the limit. */
    public static DnsjavaDns ofSystem(Duration limit) {
        var resolver = new ExtendedResolver();
        resolver.setRetries(TRIES);
        resolver.setTimeout(limit);
        return new DnsjavaDns(resolver);
    }

    /** One name server, for tests. */
    static DnsjavaDns at(Resolver resolver) {
        return new DnsjavaDns(resolver);
    }

    @Override
    public Looked<List<Service>> services(String name) {
        return ask(
                name,
                Type.SRV,
                record -> record instanceof SRVRecord srv
                        ? Optional.of(
                                new Service(srv.getPriority(), srv.getWeight(), srv.getPort(), plain(srv.getTarget())))
                        : Optional.empty());
    }

    @Override
    public Looked<List<InetAddress>> addresses(String name) {
        Looked<List<InetAddress>> v4 = ask(
                name, Type.A, record -> record instanceof ARecord a ? Optional.of(a.getAddress()) : Optional.empty());
        Looked<List<InetAddress>> v6 = ask(
                name,
                Type.AAAA,
                record -> record instanceof AAAARecord aaaa ? Optional.of(aaaa.getAddress()) : Optional.empty());
        var all = new ArrayList<InetAddress>();
        Stream.of(v4, v6).forEach(looked -> {
            if (looked instanceof Looked.Found<List<InetAddress>>(var found)) {
                all.addAll(found);
            }
        });
        return !all.isEmpty() ? new Looked.Found<>(all) : v4 instanceof Looked.None ? v6 : v4;
    }

    @Override
    public Looked<List<String>> alias(String name) {
        return ask(
                name,
                Type.CNAME,
                record ->
                        record instanceof CNAMERecord cname ? Optional.of(plain(cname.getTarget())) : Optional.empty());
    }

    private <T> Looked<List<T>> ask(String name, int type, Function<Record, Optional<T>> read) {
        Lookup lookup;
        try {
            lookup = new Lookup(Name.fromString(name, Name.root), type);
        } catch (TextParseException e) {
            return new Looked.None<>(); // no name that DNS could have
        }
        lookup.setResolver(resolver);
        // Each question anew: what is to be remembered is remembered above, with what it led to.
        lookup.setCache(null);
        var records = Optional.ofNullable(lookup.run());
        return switch (lookup.getResult()) {
            case Lookup.SUCCESSFUL -> {
                var found = records.stream()
                        .flatMap(Arrays::stream)
                        .map(read)
                        .flatMap(Optional::stream)
                        .toList();
                yield found.isEmpty() ? new Looked.None<>() : new Looked.Found<>(found);
            }
            case Lookup.HOST_NOT_FOUND, Lookup.TYPE_NOT_FOUND -> new Looked.None<>();
            default -> new Looked.Failed<>("%s: %s".formatted(name, lookup.getErrorString()));
        };
    }

    private static String plain(Name name) {
        var text = name.toString();
        return text.length() > 1 && text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}
