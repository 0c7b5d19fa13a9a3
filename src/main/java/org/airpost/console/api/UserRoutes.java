package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.Result;
import org.airpost.admin.Role.Right;
import org.airpost.identity.AppPassword;
import org.airpost.identity.DeviceCertificate;

/** What users sign in with, and what is in force for them. */
final class UserRoutes {

    private static final String ONE = "/users/{user}";

    private static final Shape PASSWORDS = Shape.of(field(
            "passwords",
            new Shape.Many(new Shape.Named(
                    "AppPassword",
                    Shape.of(
                            field("id", Shape.Plain.STRING, "its id"),
                            field("name", Shape.Plain.STRING, "what it is called"),
                            field("made", Shape.Plain.TIME, "when"),
                            field("device", Shape.Plain.STRING, "the device that uses it")
                                    .orAbsent(),
                            field("lastUsed", Shape.Plain.TIME, "when").orAbsent()))),
            "without their secrets"));

    private static final Shape CERTIFICATES = Shape.of(field(
            "certificates",
            new Shape.Many(Shape.of(
                    field("serial", Shape.Plain.STRING, "its serial number"),
                    field("name", Shape.Plain.STRING, "what it is called"),
                    field("made", Shape.Plain.TIME, "when"),
                    field("ends", Shape.Plain.TIME, "when it ends"),
                    field("device", Shape.Plain.STRING, "the device that uses it")
                            .orAbsent(),
                    field("lastUsed", Shape.Plain.TIME, "when").orAbsent())),
            "those that were made for devices"));

    private static final Shape ID = Shape.of(field("id", Shape.Plain.STRING, "of what was taken away"));

    private final PolicyActions policies;
    private final PasswordActions passwords;
    private final CertificateActions certificates;

    UserRoutes(PolicyActions policies, PasswordActions passwords, CertificateActions certificates) {
        this.policies = policies;
        this.passwords = passwords;
        this.certificates = certificates;
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get(
                        ONE + "/policy",
                        Right.SEE,
                        "What is in force for a user.",
                        Shape.of(field("policies", new Shape.Many(Shape.Plain.STRING), "the weakest first")),
                        call -> policies.effective(call.actor(), call.at("user"))
                                .map(all -> Json.object()
                                        .with("policies", Json.texts(all.layers()))
                                        .done())),
                ApiRoute.get(
                        ONE + "/passwords",
                        Right.SEE,
                        "App passwords.",
                        PASSWORDS,
                        call -> passwords
                                .list(call.actor(), call.at("user"))
                                .map(all -> Json.object()
                                        .with("passwords", Json.list(all, UserRoutes::password))
                                        .done())),
                ApiRoute.post(
                                ONE + "/passwords",
                                Right.CREDENTIALS,
                                "Makes an app password; its secret is told this once.",
                                Shape.of(
                                        field("id", Shape.Plain.STRING, "its id"),
                                        field("secret", Shape.Plain.STRING, "what the user types on the phone")),
                                call -> passwords
                                        .make(call.actor(), call.at("user"), call.text("name"), Optional.empty())
                                        .map(made -> Json.object()
                                                .with("id", made.password().id())
                                                .with("secret", made.secret())
                                                .done()))
                        .taking(Shape.of(field("name", Shape.Plain.STRING, "what to call it"))),
                ApiRoute.delete(
                        ONE + "/passwords/{id}",
                        Right.ADMIT,
                        "Takes an app password back.",
                        ID,
                        call -> id(passwords.revoke(call.actor(), call.at("user"), call.at("id")))),
                ApiRoute.get(
                        ONE + "/certificates",
                        Right.SEE,
                        "Certificates of devices.",
                        CERTIFICATES,
                        call -> certificates
                                .list(call.actor(), call.at("user"))
                                .map(all -> Json.object()
                                        .with("certificates", Json.list(all, UserRoutes::certificate))
                                        .done())),
                ApiRoute.delete(
                        ONE + "/certificates/{serial}",
                        Right.ADMIT,
                        "Takes a certificate back.",
                        ID,
                        call -> id(certificates.revoke(call.actor(), call.at("user"), call.at("serial")))));
    }

    private static Result<? extends JsonElement> id(Result<String> result) {
        return result.map(id -> Json.object().with("id", id).done());
    }

    private static JsonObject password(AppPassword one) {
        return Json.object()
                .with("id", one.id())
                .with("name", one.name())
                .with("made", one.made())
                .withText("device", one.device())
                .withTime("lastUsed", one.lastUsed())
                .done();
    }

    private static JsonObject certificate(DeviceCertificate one) {
        return Json.object()
                .with("serial", one.serial())
                .with("name", one.name())
                .with("made", one.made())
                .with("ends", one.ends())
                .withText("device", one.device())
                .withTime("lastUsed", one.lastUsed())
                .done();
    }
}
