package org.airpost.device;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Optional;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.StoreException;

/** A device as bytes in the store: a format number, then the fields in order; names of enums, so that tables may grow. */
final class DeviceRecord {

    private static final int FORMAT = 2;

    /** The format of before there were rules, names and wipes; still read. */
    private static final int FORMAT_WITHOUT_ADMISSION = 1;

    private DeviceRecord() {}

    static byte[] write(Device device) {
        var bytes = new ByteArrayOutputStream(256);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(device.key().user());
            out.writeUTF(device.key().deviceId());
            out.writeUTF(device.deviceType());
            out.writeUTF(device.userAgent());
            out.writeByte(device.versions().size());
            for (var version : device.versions()) {
                out.writeShort(version.code());
            }
            out.writeLong(device.firstSeen().toEpochMilli());
            out.writeLong(device.lastSeen().toEpochMilli());
            out.writeByte(device.information().values().size());
            for (var said : device.information().values().entrySet()) {
                out.writeUTF(said.getKey().name());
                out.writeUTF(said.getValue());
            }
            var offered = device.policy().offered();
            out.writeBoolean(offered.isPresent());
            if (offered.isPresent()) {
                out.writeInt((int) offered.get().temporaryKey());
                out.writeUTF(offered.get().hash());
                out.writeBoolean(offered.get().acknowledged());
            }
            var accepted = device.policy().accepted();
            out.writeBoolean(accepted.isPresent());
            if (accepted.isPresent()) {
                out.writeInt((int) accepted.get().key());
                out.writeUTF(accepted.get().hash());
                out.writeUTF(accepted.get().compliance().name());
            }
            out.writeUTF(device.policy().said().map(Enum::name).orElse(""));
            write(device.admission(), out);
            out.writeUTF(device.name());
            out.writeUTF(device.address());
            out.writeBoolean(device.wipe().isPresent());
            if (device.wipe().isPresent()) {
                write(device.wipe().get(), out);
            }
            out.writeUTF(device.mark().orElse(""));
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    /** Reads what {@link #write} wrote; of the store key only the error speaks. */
    static Device read(String storeKey, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT && format != FORMAT_WITHOUT_ADMISSION) {
                throw new StoreException("record %s has format %d, this Airpost reads %d: use the version that wrote it"
                        .formatted(storeKey, format, FORMAT));
            }
            return new Device(
                    new DeviceKey(in.readUTF(), in.readUTF()),
                    in.readUTF(),
                    in.readUTF(),
                    readVersions(in),
                    Instant.ofEpochMilli(in.readLong()),
                    Instant.ofEpochMilli(in.readLong()),
                    readInformation(in),
                    readPolicy(in, format),
                    format == FORMAT ? readAdmission(in) : readAccess(in),
                    format == FORMAT ? in.readUTF() : "",
                    format == FORMAT ? in.readUTF() : "",
                    format == FORMAT ? readWipe(in) : Optional.empty(),
                    format == FORMAT ? readMark(in) : Optional.empty());
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException("record " + storeKey + " is damaged", e);
        }
    }

    private static void write(Admission admission, DataOutputStream out) throws IOException {
        out.writeUTF(admission.access().name());
        out.writeUTF(admission.cause().name());
        out.writeUTF(admission.by());
        out.writeUTF(admission.reason());
        out.writeLong(admission.since().toEpochMilli());
        write(admission.until(), out);
        out.writeUTF(admission.standard().map(Device.Access::name).orElse(""));
        out.writeBoolean(admission.before().isPresent());
        if (admission.before().isPresent()) {
            write(admission.before().get(), out);
        }
    }

    private static Admission readAdmission(DataInputStream in) throws IOException {
        return new Admission(
                Device.Access.valueOf(in.readUTF()),
                Admission.Cause.valueOf(in.readUTF()),
                in.readUTF(),
                in.readUTF(),
                Instant.ofEpochMilli(in.readLong()),
                readMoment(in),
                Optional.of(in.readUTF()).filter(name -> !name.isEmpty()).map(Device.Access::valueOf),
                in.readBoolean() ? Optional.of(readAdmission(in)) : Optional.empty());
    }

    /** Who was in before there were rules stays in. */
    private static Admission readAccess(DataInputStream in) throws IOException {
        var access = Device.Access.valueOf(in.readUTF());
        return new Admission(
                access,
                access == Device.Access.ALLOWED ? Admission.Cause.DEFAULT : Admission.Cause.ADMIN,
                "",
                "",
                Instant.EPOCH,
                Optional.empty(),
                Optional.of(Device.Access.ALLOWED),
                Optional.empty());
    }

    private static void write(Wipe wipe, DataOutputStream out) throws IOException {
        out.writeUTF(wipe.kind().name());
        out.writeUTF(wipe.state().name());
        out.writeUTF(wipe.requestedBy());
        out.writeLong(wipe.requested().toEpochMilli());
        out.writeUTF(wipe.approvedBy().orElse(""));
        write(wipe.told(), out);
        write(wipe.ended(), out);
        out.writeInt(wipe.failures());
    }

    private static Optional<Wipe> readWipe(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return Optional.empty();
        }
        return Optional.of(new Wipe(
                Wipe.Kind.valueOf(in.readUTF()),
                Wipe.State.valueOf(in.readUTF()),
                in.readUTF(),
                Instant.ofEpochMilli(in.readLong()),
                Optional.of(in.readUTF()).filter(name -> !name.isEmpty()),
                readMoment(in),
                readMoment(in),
                in.readInt()));
    }

    private static Optional<String> readMark(DataInputStream in) throws IOException {
        return Optional.of(in.readUTF()).filter(mark -> !mark.isEmpty());
    }

    private static void write(Optional<Instant> moment, DataOutputStream out) throws IOException {
        out.writeLong(moment.map(Instant::toEpochMilli).orElse(Long.MIN_VALUE));
    }

    private static Optional<Instant> readMoment(DataInputStream in) throws IOException {
        long millis = in.readLong();
        return millis == Long.MIN_VALUE ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    private static EnumSet<ProtocolVersion> readVersions(DataInputStream in) throws IOException {
        var versions = EnumSet.noneOf(ProtocolVersion.class);
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            ProtocolVersion.ofCode(in.readUnsignedShort()).ifPresent(versions::add);
        }
        return versions;
    }

    private static DeviceInformation readInformation(DataInputStream in) throws IOException {
        var values = new EnumMap<DeviceInformation.Field, String>(DeviceInformation.Field.class);
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            values.put(DeviceInformation.Field.valueOf(in.readUTF()), in.readUTF());
        }
        return new DeviceInformation(values);
    }

    private static PolicyState readPolicy(DataInputStream in, int format) throws IOException {
        var offered = readOffered(in);
        var accepted = readAccepted(in);
        if (format == FORMAT_WITHOUT_ADMISSION) {
            return new PolicyState(offered, accepted);
        }
        var said = Optional.of(in.readUTF()).filter(name -> !name.isEmpty());
        return new PolicyState(offered, accepted, said.map(PolicyState.Compliance::valueOf));
    }

    private static Optional<PolicyState.Offered> readOffered(DataInputStream in) throws IOException {
        return in.readBoolean()
                ? Optional.of(
                        new PolicyState.Offered(Integer.toUnsignedLong(in.readInt()), in.readUTF(), in.readBoolean()))
                : Optional.empty();
    }

    private static Optional<PolicyState.Accepted> readAccepted(DataInputStream in) throws IOException {
        return in.readBoolean()
                ? Optional.of(new PolicyState.Accepted(
                        Integer.toUnsignedLong(in.readInt()),
                        in.readUTF(),
                        PolicyState.Compliance.valueOf(in.readUTF())))
                : Optional.empty();
    }
}
