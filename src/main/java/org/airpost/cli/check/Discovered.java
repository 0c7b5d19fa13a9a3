package org.airpost.cli.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.airpost.backend.found.Dns;
import org.airpost.backend.found.Dns.Looked;
import org.airpost.backend.found.Dns.Service;

/** Finds the server of a mail address as phones do. Source: MS-OXDSCLI; eas/http.md. */
final class Discovered {

    private static final Pattern URL = Pattern.compile("\"Url\"\\s*:\\s*\"([^\"]+)\"|<Url>\\s*([^<]+?)\\s*</Url>");
    private static final Pattern REDIRECT = Pattern.compile("<Redirect>\\s*([^<]+?)\\s*</Redirect>");
    private static final String STEP = "autodiscover";

    private final Dns dns;
    private final TlsProbe tls;
    private final Web web;

    Discovered(Dns dns, TlsProbe tls, Web web) {
        this.dns = dns;
        this.tls = tls;
        this.web = web;
    }

    /** What was seen on the way, and the gateway's address if one was named. */
    record Result(List<Finding> findings, Optional<URI> server) {}

    Result find(String address) {
        var findings = new ArrayList<Finding>();
        var domain = address.substring(address.lastIndexOf('@') + 1);
        return byName(domain, findings)
                .map(host -> ask(host, address, findings))
                .orElseGet(() -> new Result(findings, Optional.empty()));
    }

    /** The host to ask: autodiscover.DOMAIN, else the one of the SRV record. */
    private Optional<String> byName(String domain, List<Finding> findings) {
        var name = "autodiscover." + domain;
        switch (dns.addresses(name)) {
            case Looked.Found<List<InetAddress>>(var addresses) -> {
                var alias = dns.alias(name) instanceof Looked.Found<List<String>>(var names)
                        ? " is " + names.getFirst()
                        : "";
                findings.add(Finding.good("DNS", name + alias + " (" + addresses(addresses) + ")"));
                return Optional.of(name);
            }
            case Looked.Failed<List<InetAddress>>(var why) -> {
                findings.add(noNameServer(why));
                return Optional.empty();
            }
            case Looked.None<List<InetAddress>> _ -> {}
        }
        var service = "_autodiscover._tcp." + domain;
        if (dns.services(service) instanceof Looked.Found<List<Service>>(var services)) {
            findings.add(Finding.note(
                    "DNS",
                    "%s names %s; some phones do not look there: better make a CNAME record %s"
                            .formatted(service, services.getFirst().target(), name)));
            return Optional.of(services.getFirst().target());
        }
        findings.add(Finding.bad(
                "DNS",
                "there is no " + name,
                "Make a CNAME record %s that points to the gateway's name, and put %s into its certificate. Without it"
                                .formatted(name, name)
                        + " phones ask for the server's name when the account is added."));
        return Optional.empty();
    }

    static Finding noNameServer(String why) {
        return Finding.bad(
                "DNS",
                "no name server could say: " + why,
                "Look whether this machine has a working name server, and those of the domain answer.");
    }

    static String addresses(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
    }

    private Result ask(String host, String address, List<Finding> findings) {
        var seen = tls.look(host, 443);
        var bad = seen.stream()
                .filter(finding -> finding.verdict() == Finding.Verdict.BAD)
                .map(finding -> new Finding(finding.verdict(), STEP, host + ": " + finding.words(), finding.cure()))
                .toList();
        if (!bad.isEmpty()) {
            findings.addAll(bad);
            return new Result(findings, Optional.empty());
        }
        var json = web.ask(
                "GET",
                URI.create("https://%s/autodiscover/autodiscover.json?Email=%s&Protocol=ActiveSync"
                        .formatted(host, URLEncoder.encode(address, UTF_8))),
                false);
        var xml = web.ask(
                "POST",
                URI.create("https://%s/autodiscover/autodiscover.xml".formatted(host)),
                true,
                Optional.of("text/xml"),
                request(address));
        return judge(host, json, xml, findings);
    }

    private static byte[] request(String address) {
        return """
                <?xml version="1.0" encoding="utf-8"?>
                <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006">
                <Request><EMailAddress>%s</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/\
                autodiscover/mobilesync/responseschema/2006</AcceptableResponseSchema></Request></Autodiscover>
                """.formatted(address.replace("&", "&amp;").replace("<", "&lt;")).getBytes(UTF_8);
    }

    private static Result judge(String host, Web.Page json, Web.Page xml, List<Finding> findings) {
        var server = url(xml).or(() -> url(json));
        if (server.isPresent()) {
            findings.add(Finding.good(STEP, "%s names the server %s".formatted(host, server.get())));
            if (url(json).isEmpty()) {
                findings.add(
                        Finding.note(STEP, "autodiscover.json is not answered there; Outlook on phones asks for it"));
            }
            if (!url(json).or(() -> server).equals(server)) {
                findings.add(Finding.bad(
                        STEP,
                        "autodiscover.json and autodiscover.xml name different servers: %s and %s"
                                .formatted(url(json).orElseThrow(), server.get()),
                        "Let both paths lead to the same gateway."));
            }
            return new Result(findings, server);
        }
        var redirect = REDIRECT.matcher(xml.text());
        if (redirect.find()) {
            findings.add(
                    Finding.note(STEP, "%s sends the user on to %s: check that".formatted(host, redirect.group(1))));
        } else if (xml.status() == 401) {
            findings.add(Finding.bad(
                    STEP,
                    "%s refuses the user name or the password".formatted(host),
                    "Try the password in a mail program. The user name here is the whole mail address: imap.userTemplate"
                            + " makes the login name of it."));
        } else {
            findings.add(Finding.bad(
                    STEP,
                    "%s does not know Autodiscover (HTTP %s)"
                            .formatted(host, xml.status() == 0 ? xml.text() : xml.status()),
                    "Let the name lead to Airpost, and let the proxy before it pass /autodiscover/ on, in any case of"
                            + " letters (conf/nginx.conf shows it)."));
        }
        return new Result(findings, Optional.empty());
    }

    private static Optional<URI> url(Web.Page page) {
        var match = URL.matcher(page.text());
        if (page.status() != 200 || !match.find()) {
            return Optional.empty();
        }
        var text = match.group(1) == null ? match.group(2) : match.group(1);
        try {
            return Optional.of(URI.create(text.replace("&amp;", "&"))).filter(uri -> uri.getHost() != null);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
