package org.airpost.app;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Accounts;
import org.airpost.console.ConsoleSite;
import org.airpost.console.api.ApiSite;
import org.airpost.console.me.MySite;
import org.airpost.console.web.Assets;
import org.airpost.http.Site;
import org.airpost.http.WebReply;
import org.airpost.telemetry.MetricsSite;
import org.airpost.telemetry.Telemetry;

/** Web pages, by the first segment of the path: what is at the phones' port, and what is at the console's. */
final class Sites {

    final MetricsSite metrics;
    final ConsoleSite console;
    final Map<String, Site> atPhones = new HashMap<>();
    final Map<String, Site> atConsole = new HashMap<>();

    /** @param toTrust the certificate that users install, if the gateway made its own */
    Sites(
            Setup setup,
            Administration administration,
            Accounts accounts,
            Telemetry telemetry,
            Optional<X509Certificate> toTrust,
            InstantSource clock,
            SecureRandom random) {
        var assets = new Assets();
        atPhones.put(Assets.PLACE, assets);
        atConsole.put(Assets.PLACE, assets);
        this.metrics = new MetricsSite(telemetry.metrics(), setup.readers());
        atConsole.put(MetricsSite.PLACE, metrics);
        this.console = new ConsoleSite(administration.parts);
        atConsole.put(ConsoleSite.PLACE, console);
        atConsole.put(ApiSite.PLACE, new ApiSite(administration.parts));
        atConsole.put("", _ -> WebReply.redirect("/" + ConsoleSite.PLACE));
        var mine = new MySite(
                new MySite.Parts(
                        accounts,
                        administration.devices,
                        administration.passwords,
                        administration.certificates,
                        setup.config().autodiscover().url(),
                        toTrust),
                clock,
                random);
        atPhones.put(MySite.PLACE, setup.config().login().meFromOutside() ? mine : mine.forDevices());
        atConsole.put(MySite.PLACE, mine);
    }
}
