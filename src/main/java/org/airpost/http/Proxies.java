package org.airpost.http;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The proxies that are believed when they say whom they speak for: by the PROXY protocol before anything else, or by
 * X-Forwarded-For in each request. Anybody else may write there what he likes. Source: RFC 7239 §8.1.
 */
public final class Proxies {

    /** Nobody is believed. */
    public static final Proxies NONE = new Proxies(List.of());

    private final List<IpSubnetFilterRule> networks;

    private Proxies(List<IpSubnetFilterRule> networks) {
        this.networks = networks;
    }

    /**
     * Proxies in these networks.
     *
     * @param networks addresses, or networks as {@code 10.0.0.0/8}
     */
    public static Proxies of(List<String> networks) {
        return new Proxies(networks.stream().map(Proxies::network).toList());
    }

    private static IpSubnetFilterRule network(String text) {
        int slash = text.indexOf('/');
        var address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int bits = slash < 0 ? address.getAddress().length * 8 : Integer.parseInt(text.substring(slash + 1));
        return new IpSubnetFilterRule(address, bits, IpFilterRuleType.ACCEPT);
    }

    /** True if an address, as text, is in one of the networks. */
    public boolean contains(String address) {
        try {
            return trusts(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    boolean trusts(InetSocketAddress peer) {
        return networks.stream().anyMatch(network -> network.matches(peer));
    }

    /**
     * Whom a request comes from: the peer itself, or if that is a proxy, the last address in X-Forwarded-For that is not one
     * of the proxies. What stands before that one was written by somebody who is not believed.
     *
     * @param forwardedFor all lines of the header, joined by commas; empty if there is none
     */
    String client(InetSocketAddress peer, String forwardedFor) {
        var client = peer;
        var hops = forwardedFor.split(",", -1);
        for (int i = hops.length - 1; i >= 0 && trusts(client); i--) {
            try {
                client = new InetSocketAddress(InetAddress.ofLiteral(bare(hops[i].strip())), 0);
            } catch (IllegalArgumentException e) {
                break; // "unknown", or a text of anybody
            }
        }
        return client.getAddress() == null
                ? client.toString()
                : client.getAddress().getHostAddress();
    }

    /** Some proxies add the port, and brackets around an IPv6 address. */
    private static String bare(String hop) {
        if (hop.startsWith("[") && hop.indexOf(']') > 0) {
            return hop.substring(1, hop.indexOf(']'));
        }
        int colon = hop.indexOf(':');
        return colon > 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
    }
}
