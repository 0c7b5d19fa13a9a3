package org.airpost.device;

import java.net.InetAddress;

/** Addresses of a network, such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}; without a slash one address. */
record AddressRange(InetAddress first, int bits) {

    /** Reads one; what is none is an IllegalArgumentException. */
    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        var address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int most = address.getAddress().length * 8;
        int bits = slash < 0 ? most : bits(text.substring(slash + 1), text);
        if (bits > most) {
            throw new IllegalArgumentException("\"%s\" has more than %d bits".formatted(text, most));
        }
        return new AddressRange(address, bits);
    }

    private static int bits(String number, String text) {
        if (!number.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("\"%s\" is no network".formatted(text));
        }
        return Integer.parseInt(number);
    }

    /** True if the address, as text, is one of these; false if it is none at all. */
    boolean holds(String address) {
        byte[] other;
        try {
            other = InetAddress.ofLiteral(address).getAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
        var mine = first.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % 8;
            if ((mine[bit / 8] & mask) != (other[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
