package org.airpost.device;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.PolicyElement;
import org.airpost.store.StoreException;

/**
 * A named policy: only what it changes of the one that it is laid over.
 *
 * @param name lower-case letters, digits, {@code . _ -}; at most 64
 * @param values settings; one that asks for nothing takes away what was asked before
 * @param unapprovedInRomApplications names of applications that must not run, in the place of those of before
 * @param approvedApplications SHA-1 hashes of the only applications that may run, in the place of those of before; none: all may
 * @param admits which devices come in though they do not keep the whole policy
 */
public record Policy(
        String name,
        Map<PolicyElement, String> values,
        Optional<List<String>> unapprovedInRomApplications,
        Optional<List<String>> approvedApplications,
        Map<Leniency, Boolean> admits) {

    private static final int FORMAT = 1;
    private static final int MOST_APPLICATIONS = 500;
    private static final int LONGEST_APPLICATION = 500;

    /** Devices that may come in or not, by policy. Source: MS-ASPROV "Status (Policy)". */
    public enum Leniency {
        /** That say they apply nothing, or never ask for a policy. */
        NON_PROVISIONABLE,
        /** That apply a part. Android often says so (sync-rules PV-05). */
        PARTLY,
        /** That somebody else manages. */
        MANAGED_ELSEWHERE
    }

    /** Refuses what the schema does not allow, by an IllegalArgumentException that says what. */
    public Policy {
        checkName(name);
        if (name.equals("none")) {
            throw new IllegalArgumentException("none is no name: it says that there is no policy");
        }
        var kept = new EnumMap<PolicyElement, String>(PolicyElement.class);
        values.forEach((element, value) -> {
            element.check(value);
            kept.put(element, value);
        });
        values = Collections.unmodifiableMap(kept);
        unapprovedInRomApplications = unapprovedInRomApplications.map(Policy::checked);
        approvedApplications = approvedApplications.map(Policy::checked);
        approvedApplications.orElse(List.of()).forEach(hash -> {
            if (!hash.matches("[A-Za-z0-9+/]{27}=")) {
                throw new IllegalArgumentException("\"%s\" is no SHA-1 hash in base64".formatted(hash));
            }
        });
        var lenient = new EnumMap<Leniency, Boolean>(Leniency.class);
        lenient.putAll(admits);
        admits = Collections.unmodifiableMap(lenient);
    }

    /** A policy that changes nothing. */
    public static Policy named(String name) {
        return new Policy(name, Map.of(), Optional.empty(), Optional.empty(), Map.of());
    }

    static String checkName(String name) {
        if (!name.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException(
                    "a name has 1 to 64 lower-case letters, digits, dots, lines; not \"%s\"".formatted(name));
        }
        return name;
    }

    private static List<String> checked(List<String> applications) {
        if (applications.size() > MOST_APPLICATIONS) {
            throw new IllegalArgumentException("more than %d applications".formatted(MOST_APPLICATIONS));
        }
        applications.forEach(one -> {
            if (one.isBlank() || one.length() > LONGEST_APPLICATION) {
                throw new IllegalArgumentException("\"%s\" is no application".formatted(one));
            }
        });
        return List.copyOf(applications);
    }

    /** The same with a setting. */
    public Policy with(PolicyElement element, String value) {
        var more = new EnumMap<PolicyElement, String>(PolicyElement.class);
        more.putAll(values);
        more.put(element, value);
        return new Policy(name, more, unapprovedInRomApplications, approvedApplications, admits);
    }

    /** The same without a setting: that of the policy below counts again. */
    public Policy without(PolicyElement element) {
        var fewer = new EnumMap<PolicyElement, String>(PolicyElement.class);
        fewer.putAll(values);
        fewer.remove(element);
        return new Policy(name, fewer, unapprovedInRomApplications, approvedApplications, admits);
    }

    /** The same with another list of applications that must not run; empty for that of the policy below. */
    public Policy withUnapproved(Optional<List<String>> applications) {
        return new Policy(name, values, applications, approvedApplications, admits);
    }

    /** The same with another list of applications that may run; empty for that of the policy below. */
    public Policy withApproved(Optional<List<String>> hashes) {
        return new Policy(name, values, unapprovedInRomApplications, hashes, admits);
    }

    /** The same with devices admitted or not; empty for what the policy below says. */
    public Policy admitting(Leniency leniency, Optional<Boolean> isAdmitted) {
        var changed = new EnumMap<Leniency, Boolean>(Leniency.class);
        changed.putAll(admits);
        changed.remove(leniency);
        isAdmitted.ifPresent(yes -> changed.put(leniency, yes));
        return new Policy(name, values, unapprovedInRomApplications, approvedApplications, changed);
    }

    byte[] toBytes() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(name);
            out.writeByte(values.size());
            for (var value : values.entrySet()) {
                out.writeUTF(value.getKey().name());
                out.writeUTF(value.getValue());
            }
            write(unapprovedInRomApplications, out);
            write(approvedApplications, out);
            out.writeByte(admits.size());
            for (var one : admits.entrySet()) {
                out.writeUTF(one.getKey().name());
                out.writeBoolean(one.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    static Policy ofBytes(String key, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new IOException("format " + format);
            }
            var name = in.readUTF();
            var values = new EnumMap<PolicyElement, String>(PolicyElement.class);
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                values.put(PolicyElement.valueOf(in.readUTF()), in.readUTF());
            }
            var unapproved = read(in);
            var approved = read(in);
            var admits = new EnumMap<Leniency, Boolean>(Leniency.class);
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                admits.put(Leniency.valueOf(in.readUTF()), in.readBoolean());
            }
            return new Policy(name, values, unapproved, approved, admits);
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException("record " + key + " is damaged", e);
        }
    }

    private static void write(Optional<List<String>> texts, DataOutputStream out) throws IOException {
        out.writeInt(texts.map(List::size).orElse(-1));
        for (var text : texts.orElse(List.of())) {
            out.writeUTF(text);
        }
    }

    private static Optional<List<String>> read(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            return Optional.empty();
        }
        var texts = new ArrayList<String>();
        for (int left = count; left > 0; left--) {
            texts.add(in.readUTF());
        }
        return Optional.of(texts);
    }
}
