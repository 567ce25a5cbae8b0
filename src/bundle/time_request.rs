//! `tagmanifest-sha256.txt.tsq`: request for a time stamp (RFC 3161).

use super::der::{INTEGER, OCTETS, SEQUENCE, oid, sequence};
use crate::model::Digest;

/// Request for a time stamp of a hash, with the authority's certificate: version 1, without a nonce, so that the
/// same bundle has the same request.
pub(super) fn time_request(hash: Digest) -> Vec<u8> {
    let algorithm =
        sequence(SEQUENCE, &[&oid(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01])[..], &[5, 0]]);
    let imprint = sequence(SEQUENCE, &[&algorithm[..], &sequence(OCTETS, &[&hash.0])]);
    sequence(SEQUENCE, &[&[INTEGER, 1, 1][..], &imprint, &[1, 1, 0xff]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_the_shortest_of_its_hash() {
        let bytes = time_request(Digest([7; 32]));
        assert_eq!(bytes.len(), 2 + 3 + 2 + 15 + 34 + 3);
        assert_eq!(bytes[..2], [0x30, 57]);
    }
}
