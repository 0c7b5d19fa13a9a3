package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.airpost.command.Answer;
import org.airpost.http.Discovery.Redirect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AutodiscoverTest {

    private static final String MOBILE_SYNC =
            "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";
    private static final String OUTLOOK =
            "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
    private static final String REQUESTS =
            "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006";

    private static final Discovery DISCOVERY = new Discovery(
            Optional.of(URI.create("https://mail.example.org")),
            Map.of(
                    "moved.example",
                    new Redirect.ToServer(URI.create("https://new.example.net:444")),
                    "merged.example",
                    new Redirect.ToDomain("example.net")));

    private static TestGateway gateway() {
        return TestGateway.start(DISCOVERY, _ -> new Answer.Empty());
    }

    private static String request(String address, String schema) {
        return """
                <?xml version="1.0" encoding="utf-8"?>
                <Autodiscover xmlns="%s"><Request>
                  <EMailAddress>%s</EMailAddress>
                  <AcceptableResponseSchema>%s</AcceptableResponseSchema>
                </Request></Autodiscover>""".formatted(REQUESTS, address, schema);
    }

    private static HttpResponse<byte[]> post(TestGateway gateway, String path, String document)
            throws IOException, InterruptedException {
        return gateway.send(HttpRequest.newBuilder(gateway.uri(path))
                .header("Authorization", TestGateway.ANNA)
                .header("Content-Type", "text/xml")
                .POST(BodyPublishers.ofString(document)));
    }

    private static String asked(TestGateway gateway, String document) throws IOException, InterruptedException {
        var response = post(gateway, "/autodiscover/autodiscover.xml", document);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/xml; charset=utf-8");
        return text(response);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static HttpResponse<byte[]> get(TestGateway gateway, String path) throws IOException, InterruptedException {
        return gateway.send(HttpRequest.newBuilder(gateway.uri(path)).GET());
    }

    // autodiscover.xml

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/autodiscover/autodiscover.xml",
                "/Autodiscover/Autodiscover.xml",
                "/AutoDiscover/AutoDiscover.xml",
                "/autodiscover/autodiscover.xml/",
                "//AUTODISCOVER/AUTODISCOVER.XML"
            })
    void aPhoneIsToldTheAddressWhateverTheCaseOfLetters(String path) throws Exception {
        try (var gateway = gateway()) {
            var response = post(gateway, path, request("anna@example.org", MOBILE_SYNC));
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(text(response)).isEqualTo("""
                    <?xml version="1.0" encoding="UTF-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/\
                    autodiscover/responseschema/2006"><Response xmlns="http://schemas.microsoft.com/exchange/\
                    autodiscover/mobilesync/responseschema/2006"><Culture>en:us</Culture><User><DisplayName>Anna\
                    </DisplayName><EMailAddress>anna@example.org</EMailAddress></User><Action><Settings><Server><Type>\
                    MobileSync</Type><Url>https://mail.example.org/Microsoft-Server-ActiveSync</Url><Name>\
                    https://mail.example.org/Microsoft-Server-ActiveSync</Name></Server></Settings></Action></Response>\
                    </Autodiscover>""");
        }
    }

    @Test
    void noOrWrongCredentialsGetAChallenge() throws Exception {
        try (var gateway = gateway()) {
            var document = request("anna@example.org", MOBILE_SYNC);
            for (var authorization : new String[] {"", "Basic YW5uYTp3cm9uZw==", "Bearer x"}) {
                var builder = HttpRequest.newBuilder(gateway.uri("/autodiscover/autodiscover.xml"))
                        .POST(BodyPublishers.ofString(document));
                if (!authorization.isEmpty()) {
                    builder.header("Authorization", authorization);
                }
                var response = gateway.send(builder);
                assertThat(response.statusCode()).as(authorization).isEqualTo(401);
                assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
            }
        }
    }

    @Test
    void aRequestWithoutASchemaIsAPhones() throws Exception {
        try (var gateway = gateway()) {
            assertThat(
                            asked(
                                    gateway,
                                    "<Autodiscover><Request><EMailAddress>anna@example.org</EMailAddress></Request></Autodiscover>"))
                    .contains("<Type>MobileSync</Type>");
        }
    }

    @Test
    void outlookIsToldWhatToDoInstead() throws Exception {
        try (var gateway = gateway()) {
            assertThat(asked(gateway, request("anna@example.org", OUTLOOK)))
                    .contains("<ErrorCode>601</ErrorCode>")
                    .contains("Exchange ActiveSync")
                    .contains("the server mail.example.org");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.org/schema/of/nobody,601",
        "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2007,601"
    })
    void anUnknownSchemaHasNoProvider(String schema, String code) throws Exception {
        try (var gateway = gateway()) {
            assertThat(asked(gateway, request("anna@example.org", schema)))
                    .contains("<Response><Error Time=\"")
                    .contains("<ErrorCode>" + code + "</ErrorCode>")
                    .contains("<DebugData/>");
        }
    }

    @Test
    void anAddressWithoutADomainIsNotFound() throws Exception {
        try (var gateway = gateway()) {
            assertThat(asked(gateway, request("anna", MOBILE_SYNC))).contains("<ErrorCode>500</ErrorCode>");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no xml",
                "<Autodiscover>",
                "<Other><Request/></Other>",
                "<Autodiscover/>",
                "<Autodiscover><Request/><Request/></Autodiscover>",
                "<!DOCTYPE Autodiscover><Autodiscover><Request/></Autodiscover>",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Autodiscover><Request><EMailAddress>&x;</EMailAddress></Request></Autodiscover>",
                "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><Autodiscover><Request/></Autodiscover>",
                "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;\">]><Autodiscover><Request><EMailAddress>&y;@a</EMailAddress></Request></Autodiscover>",
                "<Autodiscover><Request><EMailAddress>&unknown;</EMailAddress></Request></Autodiscover>"
            })
    void whatIsNoRequestIsAnInvalidOne(String document) throws Exception {
        try (var gateway = gateway()) {
            assertThat(asked(gateway, document))
                    .contains("<ErrorCode>600</ErrorCode>")
                    .doesNotContain("root:");
        }
    }

    @Test
    void depthAndSizeAreBounded() throws Exception {
        try (var gateway = gateway()) {
            assertThat(asked(gateway, "<Autodiscover>" + "<a>".repeat(200) + "</a>".repeat(200) + "</Autodiscover>"))
                    .contains("<ErrorCode>600</ErrorCode>");
            assertThat(asked(gateway, request("a".repeat(1_000) + "@example.org", MOBILE_SYNC)))
                    .contains("<ErrorCode>600</ErrorCode>");
            var large = post(gateway, "/autodiscover/autodiscover.xml", request(" ".repeat(40_000), MOBILE_SYNC));
            assertThat(large.statusCode()).isEqualTo(413);
        }
    }

    @Test
    void theMailServerIsAway() throws Exception {
        try (var gateway = gateway()) {
            var response = gateway.send(HttpRequest.newBuilder(gateway.uri("/autodiscover/autodiscover.xml"))
                    .header("Authorization", TestGateway.basic("away:x".getBytes(StandardCharsets.UTF_8)))
                    .POST(BodyPublishers.ofString(request("away@example.org", MOBILE_SYNC))));
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void aGetWithAPasswordIsAnsweredForTheUser() throws Exception {
        try (var gateway = gateway()) {
            var response = gateway.send(HttpRequest.newBuilder(gateway.uri("/Autodiscover/Autodiscover.xml"))
                    .header("Authorization", TestGateway.ANNA)
                    .GET());
            assertThat(text(response)).contains("<Url>https://mail.example.org/Microsoft-Server-ActiveSync</Url>");
            assertThat(get(gateway, "/autodiscover/autodiscover.xml").statusCode())
                    .isEqualTo(401);
        }
    }

    // Redirects

    @Test
    void theUsersOfADomainAreSentToAnotherServer() throws Exception {
        try (var gateway = gateway()) {
            assertThat(asked(gateway, request("anna@Moved.Example", MOBILE_SYNC)))
                    .contains("<Url>https://new.example.net:444/Microsoft-Server-ActiveSync</Url>");
            assertThat(asked(gateway, request("anna@moved.example", OUTLOOK)))
                    .contains("<Action>redirectUrl</Action>")
                    .contains("<RedirectUrl>https://new.example.net:444/autodiscover/autodiscover.xml</RedirectUrl>");
            assertThat(text(get(
                            gateway, "/autodiscover/autodiscover.json?Email=anna%40moved.example&Protocol=ActiveSync")))
                    .contains("\"Url\":\"https://new.example.net:444/Microsoft-Server-ActiveSync\"");
        }
    }

    @Test
    void theUsersOfADomainAreSentToAnotherDomain() throws Exception {
        try (var gateway = gateway()) {
            assertThat(asked(gateway, request("anna@merged.example", MOBILE_SYNC)))
                    .contains("<Action><Redirect>anna@example.net</Redirect></Action>");
            assertThat(asked(gateway, request("anna@merged.example", OUTLOOK)))
                    .contains("<Action>redirectAddr</Action><RedirectAddr>anna@example.net</RedirectAddr>");
            var moved = get(gateway, "/autodiscover/autodiscover.json?Email=anna@merged.example&Protocol=ActiveSync");
            assertThat(moved.statusCode()).isEqualTo(302);
            assertThat(moved.headers().firstValue("Location"))
                    .contains("https://autodiscover.example.net/autodiscover/autodiscover.json"
                            + "?Email=anna%40example.net&Protocol=ActiveSync");
        }
    }

    @Test
    void aGetByTheNameOfAMovedDomainIsSentThereWithoutAPassword() throws Exception {
        try (var gateway = gateway();
                var phone = gateway.raw()) {
            phone.send("GET /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: autodiscover.moved.example\r\n\r\n");
            var answer = phone.read();
            assertThat(answer.status()).isEqualTo(302);
            assertThat(answer.header("Location"))
                    .isEqualTo("https://new.example.net:444/autodiscover/autodiscover.xml");
        }
    }

    // autodiscover.json

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/autodiscover/autodiscover.json?Email=anna@example.org&Protocol=ActiveSync",
                "/Autodiscover/Autodiscover.json?email=anna%40example.org&protocol=activesync&RedirectCount=1",
                "/autodiscover/autodiscover.json/v1.0/anna@example.org?Protocol=ActiveSync",
                "/autodiscover/autodiscover.json/v1.1/anna%2Bphone@example.org?Protocol=ActiveSync&RedirectCount=1"
            })
    void theSecondVersionNeedsNoPassword(String path) throws Exception {
        try (var gateway = gateway()) {
            var response = get(gateway, path);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type")).contains("application/json; charset=utf-8");
            assertThat(text(response))
                    .isEqualTo(
                            "{\"Protocol\":\"ActiveSync\",\"Url\":\"https://mail.example.org/Microsoft-Server-ActiveSync\"}");
            assertThat(gateway.signIns).hasValue(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?Email=anna@example.org|MandatoryParameterMissing",
                "?Email=anna@example.org&Protocol=EWS|InvalidProtocol",
                "?Email=anna@example.org&Protocol=%22%00|InvalidProtocol",
                "?Protocol=ActiveSync|InvalidUserId",
                "?Email=anna&Protocol=ActiveSync|InvalidUserId"
            })
    void theSecondVersionSaysWhatIsWrong(String query, String code) throws Exception {
        try (var gateway = gateway()) {
            var response = get(gateway, "/autodiscover/autodiscover.json" + query);
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(text(response)).startsWith("{\"ErrorCode\":\"" + code + "\",\"ErrorMessage\":\"");
        }
    }

    @Test
    void theSecondVersionNamesTheFirst() throws Exception {
        try (var gateway = gateway()) {
            assertThat(text(get(
                            gateway, "/autodiscover/autodiscover.json?Email=anna@example.org&Protocol=AutodiscoverV1")))
                    .contains("\"Url\":\"https://mail.example.org/autodiscover/autodiscover.xml\"");
        }
    }

    // What else there is

    @ParameterizedTest
    @ValueSource(strings = {"/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml"})
    void mailProgramsFindTheAddressByAutoconfig(String path) throws Exception {
        try (var gateway = gateway()) {
            assertThat(text(get(gateway, path + "?emailaddress=anna@example.org")))
                    .contains("<domain>example.org</domain>")
                    .contains("<incomingServer type=\"exchange\"><hostname>mail.example.org</hostname>")
                    .contains("<easURL>https://mail.example.org/Microsoft-Server-ActiveSync</easURL>");
        }
    }

    @Test
    void withoutAnAddressThePhoneIsToldTheNameThatItAskedBy() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty());
                var phone = gateway.raw()) {
            for (var host : Map.of(
                            "autodiscover.example.org", "autodiscover.example.org",
                            "mail.example.org:443", "mail.example.org",
                            "mail.example.org:8443", "mail.example.org:8443",
                            "[::1]:8443", "[::1]:8443",
                            "evil\"><a", "localhost",
                            "a..b", "localhost")
                    .entrySet()) {
                phone.send("GET /autodiscover/autodiscover.json?Email=a@b.c&Protocol=ActiveSync HTTP/1.1\r\nHost: "
                        + host.getKey() + "\r\n\r\n");
                assertThat(phone.read().body())
                        .as(host.getKey())
                        .contains("\"Url\":\"https://" + host.getValue() + "/Microsoft-Server-ActiveSync\"");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,/autodiscover/autodiscover.xml",
        "POST,/autodiscover/autodiscover.json",
        "DELETE,/.well-known/autoconfig/mail/config-v1.1.xml"
    })
    void otherMethodsAreRefused(String method, String path) throws Exception {
        try (var gateway = gateway()) {
            var response =
                    gateway.send(HttpRequest.newBuilder(gateway.uri(path)).method(method, BodyPublishers.noBody()));
            assertThat(response.statusCode()).isEqualTo(405);
            assertThat(response.headers().firstValue("Allow")).isPresent();
        }
    }
}
