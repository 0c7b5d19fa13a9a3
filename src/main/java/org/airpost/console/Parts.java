package org.airpost.console;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.ApiTokens;
import org.airpost.admin.Audit;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.Explain;
import org.airpost.admin.MailActions;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.RuleActions;
import org.airpost.admin.TraceActions;
import org.airpost.telemetry.Telemetry;

/** What the console and the JSON API are made of. */
public record Parts(
        Settings settings,
        AdminAccounts accounts,
        ApiTokens tokens,
        Audit audit,
        MailActions mail,
        DeviceActions devices,
        PolicyActions policies,
        RuleActions rules,
        PasswordActions passwords,
        CertificateActions certificates,
        Telemetry telemetry,
        Explain explain,
        TraceActions traces,
        InstantSource clock,
        SecureRandom random) {

    /**
     * Limits.
     *
     * @param idle a session ends after so long without a request
     * @param absolute and after so long in any case
     * @param tries to sign in with a name, within {@code window}; three times as many from an address
     */
    public record Settings(Duration idle, Duration absolute, int tries, Duration window) {}
}
