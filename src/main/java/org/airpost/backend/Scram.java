package org.airpost.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One sign-in by SCRAM, without channel binding: the server sees no password, and proves that it knows it. Source: RFC 5802;
 * RFC 7677.
 */
public final class Scram {

    private static final int MOST_ITERATIONS = 1_000_000;

    private final String hash;
    private final Credentials credentials;
    private final String firstBare;
    private final String header;
    private final String nonce;
    private byte[] expected = new byte[0];

    /**
     * A sign-in.
     *
     * @param hash as in the name of the mechanism: {@code SHA-1} or {@code SHA-256}
     * @param nonce printable, without a comma, never used before
     */
    public Scram(String hash, Credentials credentials, String nonce) {
        this.hash = hash;
        this.credentials = credentials;
        this.nonce = nonce;
        this.firstBare = "n=" + saslName(credentials.name()) + ",r=" + nonce;
        this.header = credentials.isForAnother() ? "n,a=" + saslName(credentials.actingFor()) + "," : "n,,";
    }

    /** What the client says first. */
    public String first() {
        return header + firstBare;
    }

    /** What it says to the server's challenge; empty if that is not one to be answered. */
    public Optional<String> proof(String challenge) {
        var said = attributes(challenge);
        var theirs = said.getOrDefault("r", "");
        var rounds = said.getOrDefault("i", "");
        if (!theirs.startsWith(nonce) || theirs.length() == nonce.length() || !rounds.matches("[1-9][0-9]{0,6}")) {
            return Optional.empty();
        }
        int iterations = Integer.parseInt(rounds);
        if (iterations > MOST_ITERATIONS) {
            return Optional.empty();
        }
        try {
            var salt = Base64.getDecoder().decode(said.getOrDefault("s", ""));
            var salted = salted(salt, iterations);
            var withoutProof = "c=" + Base64.getEncoder().encodeToString(header.getBytes(UTF_8)) + ",r=" + theirs;
            var message = firstBare + "," + challenge + "," + withoutProof;
            var clientKey = mac(salted, "Client Key");
            var stored = MessageDigest.getInstance(hash).digest(clientKey);
            var signature = mac(stored, message);
            var proof = new byte[clientKey.length];
            for (int i = 0; i < proof.length; i++) {
                proof[i] = (byte) (clientKey[i] ^ signature[i]);
            }
            expected = mac(mac(salted, "Server Key"), message);
            return Optional.of(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a salt that is not base64, or empty
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + hash, e);
        }
    }

    /** True if this last word of the server shows that it knows the password. */
    public boolean isGenuine(String last) {
        try {
            var signature = Base64.getDecoder().decode(attributes(last).getOrDefault("v", ""));
            return expected.length > 0 && MessageDigest.isEqual(signature, expected);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private byte[] salted(byte[] salt, int iterations) throws GeneralSecurityException {
        var name = "PBKDF2WithHmac" + hash.replace("-", "");
        var password = prepared(credentials.password()).toCharArray();
        int bits = MessageDigest.getInstance(hash).getDigestLength() * 8;
        return SecretKeyFactory.getInstance(name)
                .generateSecret(new PBEKeySpec(password, salt, iterations, bits))
                .getEncoded();
    }

    private byte[] mac(byte[] key, String text) throws GeneralSecurityException {
        var name = "Hmac" + hash.replace("-", "");
        var mac = Mac.getInstance(name);
        mac.init(new SecretKeySpec(key, name));
        return mac.doFinal(text.getBytes(UTF_8));
    }

    /** Source: RFC 5802 §5.1. */
    private static String saslName(String name) {
        return prepared(name).replace("=", "=3D").replace(",", "=2C");
    }

    /** The part of SASLprep that changes what people type. Source: RFC 4013 §2.2. */
    private static String prepared(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC);
    }

    private static Map<String, String> attributes(String message) {
        var found = new HashMap<String, String>();
        Arrays.stream(message.split(",", -1))
                .filter(a -> a.length() > 1 && a.charAt(1) == '=')
                .forEach(a -> found.putIfAbsent(a.substring(0, 1), a.substring(2)));
        return found;
    }
}
