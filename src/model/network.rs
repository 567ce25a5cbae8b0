//! The network of an IP address.

use std::net::{IpAddr, Ipv6Addr};

/// The /24 of an IPv4 address (also of one written as IPv6), the /48 of an IPv6 address; `None` for
/// a text that is not an address.
pub fn network(address: &str) -> Option<String> {
    match address.trim().parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Some(format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_addresses() {
        assert_eq!(network("10.1.2.3").as_deref(), Some("10.1.2.0/24"));
        assert_eq!(network("::ffff:10.1.2.3").as_deref(), Some("10.1.2.0/24"));
        assert_eq!(network("2001:db8:1:2::5").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(network("unknown"), None);
    }
}
