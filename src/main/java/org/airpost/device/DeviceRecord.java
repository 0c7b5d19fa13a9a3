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

    private static final int FORMAT = 1;

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
            out.writeUTF(device.access().name());
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    /** Reads what {@link #write} wrote; of the store key only the error speaks. */
    static Device read(String storeKey, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
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
                    new PolicyState(readOffered(in), readAccepted(in)),
                    Device.Access.valueOf(in.readUTF()));
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException("record " + storeKey + " is damaged", e);
        }
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
