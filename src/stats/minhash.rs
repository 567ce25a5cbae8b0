//! MinHash: Jaccard similarity of sets from short signatures.

use super::splitmix;

/// Hash functions of a signature.
pub const HASHES: usize = 128;

/// Bits kept of each minimum. Two sets of Jaccard similarity J agree in a minimum with probability J + (1 −
/// J) / 16 (b-bit MinHash, Li & König 2010): a signature of 64 bytes has a standard error of 0.04 in J, as
/// one of 512 bytes has.
const BITS: u32 = 4;

/// Minima of a band and bands of a signature. Two sets of similarity 0.7 agree in a band of 6 with
/// probability 0.13, and in at least one of 21 bands with 0.95; sets of similarity 0.3 with 0.04, which the
/// full signatures then reject.
const BAND: usize = 6;

/// The signature of a set: four bits of the least of each of 128 hashes (Broder 1997).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub [u8; HASHES / 2]);

impl Signature {
    /// Signature of the empty set, with similarity 0 to every set.
    pub const EMPTY: Self = Self([0; HASHES / 2]);

    /// Signature of a set given by well-mixed hashes of its elements; duplicates count once.
    pub fn of(elements: &[u32]) -> Self {
        let mut kept = Self::EMPTY;
        if elements.is_empty() {
            return kept;
        }
        for (n, byte) in kept.0.iter_mut().enumerate() {
            let (high, low) = (minimum(elements, 2 * n), minimum(elements, 2 * n + 1));
            *byte = high << 4 | low;
        }
        // All zeros stand for the empty set.
        if kept == Self::EMPTY {
            kept.0[0] = 1;
        }
        kept
    }

    /// Estimated Jaccard similarity of the sets of two signatures, 0 to 1; 0 with the empty set.
    pub fn similarity(&self, other: &Self) -> f64 {
        if *self == Self::EMPTY || *other == Self::EMPTY {
            return 0.0;
        }
        let agree: u32 = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| u32::from((a ^ b) & 0xf0 == 0) + u32::from((a ^ b) & 0x0f == 0))
            .sum();
        let chance = 1.0 / f64::from(1_u32 << BITS);
        ((f64::from(agree) / HASHES as f64 - chance) / (1.0 - chance)).max(0.0)
    }

    fn part(&self, n: usize) -> u8 {
        if n.is_multiple_of(2) { self.0[n / 2] >> 4 } else { self.0[n / 2] & 0x0f }
    }

    fn band(&self, band: usize) -> u32 {
        (band * BAND..(band + 1) * BAND).fold(0, |key, n| key << BITS | u32::from(self.part(n)))
    }
}

/// Four bits of the least n-th hash of the elements, by multiply-add (Dietzfelbinger et al. 1997),
/// which compilers make fast. The least is small, so its bits are mixed before some are kept.
fn minimum(elements: &[u32], n: usize) -> u8 {
    let random = splitmix::number(0x6d68, n as u64);
    let (factor, term) = (random as u32 | 1, (random >> 32) as u32);
    let hash = |element: &u32| element.wrapping_mul(factor).wrapping_add(term);
    let least = elements.iter().map(hash).min().unwrap_or(0);
    (least.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as u8
}

/// Groups of similar signatures by locality-sensitive hashing (Indyk & Motwani 1998): joined are signatures
/// that agree in a band and whose estimated similarity is at least `least`. Each group is ascending and has
/// two or more; groups are ordered by their first.
pub fn similar(signatures: &[Signature], least: f64) -> Vec<Vec<usize>> {
    let mut sets = super::union_find::UnionFind::new(signatures.len());
    let mut keyed: Vec<(u32, usize)> = Vec::with_capacity(signatures.len());
    for band in 0..HASHES / BAND {
        keyed.clear();
        keyed.extend(
            (0..signatures.len())
                .filter(|&at| signatures[at] != Signature::EMPTY)
                .map(|at| (signatures[at].band(band), at)),
        );
        keyed.sort_unstable();
        for same in keyed.chunk_by(|a, b| a.0 == b.0) {
            for (nth, &(_, a)) in same.iter().enumerate() {
                for &(_, b) in &same[nth + 1..] {
                    let apart = sets.find(a as u32) != sets.find(b as u32);
                    if apart && signatures[a].similarity(&signatures[b]) >= least {
                        sets.union(a as u32, b as u32);
                    }
                }
            }
        }
    }
    let mut by_root: Vec<(u32, usize)> =
        sets.roots().into_iter().enumerate().map(|(at, root)| (root, at)).collect();
    by_root.sort_unstable();
    by_root
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|group| group.len() > 1)
        .map(|group| group.iter().map(|&(_, at)| at).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // Exact Jaccard and groups by Python sets; datasketch's estimate beside: see tests/oracles/make.py
    #[test]
    fn agrees_with_exact_sets_and_with_datasketch() {
        for case in oracle::cases("minhash") {
            let set = |name: &str| -> Vec<u32> {
                oracle::numbers(&case[name]).iter().map(|&x| splitmix::number(x as u64, 0) as u32).collect()
            };
            let (a, b) = (Signature::of(&set("a")), Signature::of(&set("b")));
            let exact = oracle::number(&case["jaccard"]);
            // Three standard deviations of 128 Bernoulli draws; datasketch has as much.
            let allowed = 3.0 * (0.25_f64 / 128.0).sqrt() / (1.0 - 1.0 / 16.0);
            assert!((a.similarity(&b) - exact).abs() < allowed, "{} {exact}", a.similarity(&b));
            assert!((a.similarity(&b) - oracle::number(&case["datasketch"])).abs() < 2.0 * allowed);
        }
    }

    #[test]
    fn estimates_are_unbiased() {
        // 100 pairs of sets of 60 that share 40: J = 40 / 80.
        let mean = (0..100_u64)
            .map(|pair| {
                let set = |from: u64| -> Vec<u32> {
                    (from..from + 60).map(|x| splitmix::number(pair, x) as u32).collect()
                };
                Signature::of(&set(0)).similarity(&Signature::of(&set(20)))
            })
            .sum::<f64>()
            / 100.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
    }

    #[test]
    fn alike_groups_what_is_alike_and_nothing_else() {
        let set = |from: u64, own: u64| -> Signature {
            let shared = (from..from + 50).map(|x| splitmix::number(1, x) as u32);
            let own = (0..4).map(|x| splitmix::number(own + 2, x) as u32);
            Signature::of(&shared.chain(own).collect::<Vec<u32>>())
        };
        let signatures = [
            set(0, 1),
            set(1_000, 2),
            set(0, 3),
            Signature::EMPTY,
            set(1_000, 4),
            Signature::EMPTY,
            set(0, 5),
            set(5_000, 6),
        ];
        assert_eq!(similar(&signatures, 0.7), [vec![0, 2, 6], vec![1, 4]]);
        assert!(similar(&[], 0.7).is_empty());
        assert_eq!(Signature::of(&[]), Signature::EMPTY);
        assert_eq!(Signature::EMPTY.similarity(&Signature::EMPTY), 0.0);
    }
}
