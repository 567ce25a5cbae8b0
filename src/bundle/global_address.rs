//! Addresses that are assigned to one party on the public internet (IANA special-purpose registries, RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 addresses that are no one's own: first address and length of the prefix in bits.
const SPECIAL_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // shared by carriers (RFC 6598)
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // relays, withdrawn
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, broadcast
];

/// Blocks inside of the global unicast block 2000::/3 that are no one's own.
const SPECIAL_V6: [([u16; 2], u32); 4] = [
    ([0x2001, 0], 23),     // protocol assignments, Teredo
    ([0x2001, 0xdb8], 32), // documentation
    ([0x2002, 0], 16),     // 6to4
    ([0x3fff, 0], 20),     // documentation
];

/// True for an address that can be one party's on the public internet.
pub(super) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(own) => is_global_v4(own),
        IpAddr::V6(own) => own.to_ipv4_mapped().map_or_else(|| is_global_v6(own), is_global_v4),
    }
}

fn is_global_v4(own: Ipv4Addr) -> bool {
    let is_in = |(first, length): ([u8; 4], u32)| {
        let first = u32::from_be_bytes(first);
        (own.to_bits() ^ first) >> (32 - length) == 0
    };
    !SPECIAL_V4.into_iter().any(is_in)
}

fn is_global_v6(own: Ipv6Addr) -> bool {
    let [high, low, ..] = own.segments();
    let head = (u32::from(high) << 16) | u32::from(low);
    let is_in = |([high, low], length): ([u16; 2], u32)| {
        let first = (u32::from(high) << 16) | u32::from(low);
        (head ^ first) >> (32 - length) == 0
    };
    head >> 29 == 1 && !SPECIAL_V6.into_iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_special_blocks_are_no_ones_own() {
        for own in [
            "10.1.2.3",
            "100.64.0.1",
            "100.119.1.212",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.1.1",
            "172.31.255.255",
            "192.0.2.7",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:a00::1",
            "3fff:fff::1",
            "::ffff:10.0.0.1",
            "64:ff9b::1",
        ] {
            assert!(!is_global(own.parse().unwrap()), "{own}");
        }
        for own in ["100.63.255.255", "100.128.0.0", "8.8.8.8", "172.32.0.1", "198.20.0.1", "::ffff:8.8.8.8"]
        {
            assert!(is_global(own.parse().unwrap()), "{own}");
        }
        for own in ["2606:4700::1111", "2a00:1450::1", "2001:200::1", "2400::1"] {
            assert!(is_global(own.parse().unwrap()), "{own}");
        }
    }
}
