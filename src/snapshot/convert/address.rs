//! IP addresses in one form, so that the same address is the same value however a log writes it.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, StringArray};

use super::notes::Memory;

/// Texts of a dictionary with each address in its usual form. Text that is no address, such as a keyed hash of
/// one, stays as it is.
pub(super) fn in_one_form(texts: &ArrayRef, memory: &mut Memory) -> ArrayRef {
    let dictionary = texts.as_dictionary::<Int32Type>();
    let values = dictionary.values();
    let is_same = |seen: &ArrayRef| seen.len() == values.len() && seen.to_data().ptr_eq(&values.to_data());
    let formed = match &memory.addresses {
        Some((seen, formed)) if is_same(seen) => Arc::clone(formed),
        _ => {
            let strings = values.as_string::<i32>();
            let is_plain = strings.iter().flatten().all(|text| matches!(formed(text), Cow::Borrowed(_)));
            let formed: ArrayRef = if is_plain {
                Arc::clone(values)
            } else {
                Arc::new(strings.iter().map(|text| text.map(formed)).collect::<StringArray>())
            };
            memory.addresses = Some((Arc::clone(values), Arc::clone(&formed)));
            formed
        }
    };
    if Arc::ptr_eq(&formed, values) { Arc::clone(texts) } else { Arc::new(dictionary.with_values(formed)) }
}

/// True for text that hides a part of an address, which different addresses share.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains('*') || text.ends_with(".x") || text.ends_with(".xxx")
}

/// Longest word that stands in place of an address, in bytes; a keyed hash of an address is longer.
const MAX_WORD_BYTES: usize = 20;

/// True for text in place of an address that is no keyed hash of one either: a word such as `private`, a part of an
/// address, and whatever has other characters than such a hash; and for addresses of no machine or of the same one,
/// which different callers have.
pub(super) fn is_no_address(text: &str) -> bool {
    if let Ok(address) = text.parse::<IpAddr>() {
        let is_link_local = matches!(address, IpAddr::V4(v4) if v4.is_link_local());
        return address.is_unspecified() || address.is_loopback() || is_link_local;
    }
    let is_of_hash = |c: char| c.is_ascii_alphanumeric() || "+/=_-:.~".contains(c);
    let is_of_word = |c: char| c.is_ascii_alphabetic() || "-_".contains(c);
    let is_part = text.contains('.') && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    !text.chars().all(is_of_hash) || text.len() <= MAX_WORD_BYTES && text.chars().all(is_of_word) || is_part
}

/// Address in its usual form: without port and brackets, IPv4 out of IPv6, and of a list as proxies make it
/// (`X-Forwarded-For`) the last public address. Each proxy appends the address that called it, so a caller can
/// forge only what stands before.
fn formed(text: &str) -> Cow<'_, str> {
    if let Some(address) = address(text) {
        return as_written(address, text);
    }
    // What is no address among them was written by a caller.
    let items: Vec<IpAddr> = text.split(',').filter_map(|item| address(forwarded(item))).collect();
    let public = items.iter().rev().find(|address| is_public(**address)).or(items.last());
    public.map_or(Cow::Borrowed(text), |address| Cow::Owned(address.to_string()))
}

fn as_written(address: IpAddr, text: &str) -> Cow<'_, str> {
    let usual = address.to_string();
    if usual == text { Cow::Borrowed(text) } else { Cow::Owned(usual) }
}

/// The address in an item of the header `Forwarded` (RFC 7239), such as `for="[2001:db8::1]:4711";proto=https`; any
/// other item itself.
fn forwarded(item: &str) -> &str {
    let of_pair = |pair: &'_ str| {
        let (name, _) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| pair.find('='))?
    };
    let own = item.split(';').find_map(|pair| Some(&pair[of_pair(pair)? + 1..]));
    own.unwrap_or(item).trim().trim_matches(['"', '\''])
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim().trim_matches(['"', '\'']);
    // The zone of a link-local address is that of the machine that wrote it.
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    let alone = bare.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(bare);
    let found = alone.parse().ok().or_else(|| Some(bare.parse::<SocketAddr>().ok()?.ip()));
    found.map(|address: IpAddr| address.to_canonical())
}

/// False for addresses inside a network, of this machine, and of carriers' translation (RFC 6598).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || is_shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_however_it_is_written() {
        for (text, usual) in [
            ("198.51.2.7", "198.51.2.7"),
            ("198.51.2.7:50123", "198.51.2.7"),
            ("::ffff:198.51.2.7", "198.51.2.7"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("198.51.2.7, 10.0.0.9", "198.51.2.7"),
            ("1.2.3.4, 198.51.2.7, 10.0.0.9", "198.51.2.7"),
            ("10.0.0.1,10.0.0.9", "10.0.0.9"),
            ("3f2a9c01d7", "3f2a9c01d7"),
            ("unknown, 10.0.0.9", "10.0.0.9"),
            ("_hidden, 81.1.1.9", "81.1.1.9"),
            ("81.1.1.11,unknown", "81.1.1.11"),
            ("for=81.1.1.10;proto=https", "81.1.1.10"),
            ("for=unknown, for=\"[2001:db8:cafe::17]:4711\";by=10.0.0.1", "2001:db8:cafe::17"),
            ("fe80::1%eth0", "fe80::1"),
            ("'81.1.1.12'", "81.1.1.12"),
            ("unknown, private", "unknown, private"),
        ] {
            assert_eq!(formed(text), usual, "{text}");
        }
        for text in ["unknown, private", "<script>", "81.1.1", "private", "localhost", "a b"] {
            assert!(is_no_address(text), "{text}");
        }
        assert!(is_no_address("127.0.0.1") && is_no_address("0.0.0.0") && is_no_address("::1"));
        assert!(!is_no_address("10.0.0.1"));
        assert!(is_no_address("gce-internal-ip") && is_no_address("{\"addr\":\"198.51.2.7\"}"));
        assert!(!is_no_address("198.51.2.7") && !is_no_address("aGhzZGZrandlcnR5dWlvcA"));
        assert!(is_masked("203.0.113.***") && is_masked("203.0.113.x") && !is_masked("203.0.113.7"));
    }
}
