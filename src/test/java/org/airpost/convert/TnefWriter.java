package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Writes a winmail.dat as Outlook does. Source: MS-OXTNEF. */
final class TnefWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TnefWriter() {
        int32(out, 0x223E9F78);
        int16(out, 1);
        attribute(1, 0x00089006, new byte[] {0, 0, 1, 0});
        attribute(1, 0x00069007, new byte[] {(byte) 0xE4, 4, 0, 0, 0, 0, 0, 0}); // 1252
    }

    /** Properties, to be written as one attribute. */
    static final class Properties {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int count;

        Properties number(int id, int value) {
            head(0x0003, id);
            int32(bytes, value);
            return this;
        }

        Properties text(int id, String value) {
            return sized(0x001F, id, (value + '\0').getBytes(StandardCharsets.UTF_16LE));
        }

        Properties string8(int id, byte[] value) {
            return sized(0x001E, id, value);
        }

        Properties binary(int id, byte[] value) {
            return sized(0x0102, id, value);
        }

        Properties time(int id, Instant when) {
            head(0x0040, id);
            long value = when.toEpochMilli() * 10_000 + 116_444_736_000_000_000L;
            int32(bytes, (int) value);
            int32(bytes, (int) (value >>> 32));
            return this;
        }

        /** An object of the kind that a message is, and what it consists of. */
        Properties object(int id, byte[] value) {
            var whole = new byte[16 + value.length];
            whole[0] = 7;
            whole[1] = 3;
            whole[2] = 2;
            whole[8] = (byte) 0xC0;
            whole[15] = 0x46;
            System.arraycopy(value, 0, whole, 16, value.length);
            return sized(0x000D, id, whole);
        }

        /** Such as only Outlook understands. */
        Properties named(String name, String value) {
            head(0x001F, 0x8001);
            bytes.writeBytes(new byte[16]);
            int32(bytes, 1);
            var text = (name + '\0').getBytes(StandardCharsets.UTF_16LE);
            int32(bytes, text.length);
            padded(text);
            var data = (value + '\0').getBytes(StandardCharsets.UTF_16LE);
            int32(bytes, 1);
            int32(bytes, data.length);
            padded(data);
            return this;
        }

        private Properties sized(int type, int id, byte[] value) {
            head(type, id);
            int32(bytes, 1);
            int32(bytes, value.length);
            padded(value);
            return this;
        }

        private void head(int type, int id) {
            count++;
            int16(bytes, type);
            int16(bytes, id);
        }

        private void padded(byte[] value) {
            bytes.writeBytes(value);
            bytes.writeBytes(new byte[-value.length & 3]);
        }

        byte[] bytes() {
            var all = new ByteArrayOutputStream();
            int32(all, count);
            all.writeBytes(bytes.toByteArray());
            return all.toByteArray();
        }
    }

    TnefWriter message(Properties properties) {
        return attribute(1, 0x00069003, properties.bytes());
    }

    /** A message that is attached. */
    TnefWriter message(String name, TnefWriter message) {
        attribute(2, 0x00069002, new byte[14]);
        var properties = new Properties().number(0x3705, 5).text(0x3001, name).object(0x3701, message.bytes());
        return attribute(2, 0x00069005, properties.bytes());
    }

    /** The table of who gets it. */
    TnefWriter recipients(Properties... rows) {
        var all = new ByteArrayOutputStream();
        int32(all, rows.length);
        for (var row : rows) {
            all.writeBytes(row.bytes());
        }
        return attribute(1, 0x00069004, all.toByteArray());
    }

    TnefWriter file(String shortName, byte[] data, Properties properties) {
        attribute(2, 0x00069002, new byte[14]);
        attribute(2, 0x00018010, (shortName + '\0').getBytes(StandardCharsets.ISO_8859_1));
        attribute(2, 0x0006800F, data);
        return attribute(2, 0x00069005, properties.bytes());
    }

    TnefWriter attribute(int level, int id, byte[] data) {
        out.write(level);
        int32(out, id);
        int32(out, data.length);
        out.writeBytes(data);
        int sum = 0;
        for (byte b : data) {
            sum += b & 0xFF;
        }
        int16(out, sum);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    private static void int32(ByteArrayOutputStream to, int value) {
        int16(to, value);
        int16(to, value >>> 16);
    }

    private static void int16(ByteArrayOutputStream to, int value) {
        to.write(value);
        to.write(value >>> 8);
    }
}
