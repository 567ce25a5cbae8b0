//! Selection of ties, and the groups that they form.

use rayon::prelude::*;

use super::ties::{LINK_BITS, MAX_TIES_KEPT, Tie};
use crate::stats::communities::communities;
use crate::stats::csr::Csr;
use crate::stats::union_find::UnionFind;

/// Largest support that lowers the bits a link needs: beyond it the bits hardly fall, and among ten
/// thousand units it is below [`LINK_BITS`] from five on.
const SUPPORT_COUNTED: usize = 12;

/// Minimum size of a group that is searched for communities; smaller groups can be read on one screen.
const SPLIT_ABOVE: usize = 30;

/// Minimum mean bits of the pairs between two communities of one group. At 14 to 28 bits a link, one pair in
/// four to seven has to be linked. With 1 to 9 bits labelled cases kept their campaigns; from 3 on resellers,
/// whose customers share assigned values, separate from them.
const PART_BITS: f64 = 4.0;

/// Bits that every tie of a group of `size` units needs among `n` units: log₂ C(n, size) /
/// (size − 1), and [`LINK_BITS`] at the least.
///
/// By chance two given units share `b` bits with probability 2⁻ᵇ, and `size` given units one value with
/// probability 2^(−b (size − 1)); there are C(n, size) such sets. At these bits fewer than one set is
/// expected in the whole case. A pair among 4,000 needs 23 bits, which no single family has; three units tied
/// to one another need 17, four 14.
pub(super) fn bits_needed(n: usize, size: usize) -> f32 {
    let ways: f64 = (0..size).map(|i| ((n.saturating_sub(i).max(1)) as f64 / (i + 1) as f64).log2()).sum();
    ((ways / (size.max(2) - 1) as f64) as f32).max(LINK_BITS)
}

/// Ties with the bits required at their support, the number of neighbours tied to both ends. Ties stay
/// sorted.
pub(super) fn supported(n: usize, ties: &[Tie]) -> Vec<Tie> {
    let both_ways = ties.iter().flat_map(|tie| [(tie.a, tie.b), (tie.b, tie.a)]);
    let mut near = Csr::from_pairs(n, both_ways);
    near.sort_rows();
    let needed: Vec<f32> = (2..=SUPPORT_COUNTED).map(|size| bits_needed(n, size)).collect();
    ties.par_iter()
        .filter(|tie| {
            // Each further neighbour lowers the required bits, so most need not be counted.
            let mut both = common(near.row(tie.a), near.row(tie.b));
            needed.iter().enumerate().any(|(at, &needed)| {
                let supported = at == 0 || both.next().is_some();
                supported && tie.bits >= needed
            })
        })
        .copied()
        .collect()
}

/// Splits every large group that few ties hold together, by dropping the ties between its communities.
pub(super) fn split(n: usize, ties: Vec<Tie>) -> Vec<Tie> {
    let root = components(n, &ties);
    let mut size = vec![0_usize; n];
    for &root in &root {
        size[root as usize] += 1;
    }
    let large = |tie: &Tie| size[root[tie.a as usize] as usize] > SPLIT_ABOVE;
    // Only so many ties of each unit are kept. Where both ends have as many, the kept ties of a larger group
    // represent the dropped ones.
    let mut tied = vec![0_usize; n];
    ties.iter().flat_map(|tie| [tie.a, tie.b]).for_each(|unit| tied[unit as usize] += 1);
    let edge = |tie: &Tie| {
        let full = tied[tie.a as usize].min(tied[tie.b as usize]) >= MAX_TIES_KEPT;
        let stands_for = size[root[tie.a as usize] as usize] as f64 / MAX_TIES_KEPT as f64;
        (tie.a, tie.b, f64::from(tie.bits) * if full { stands_for.max(1.0) } else { 1.0 })
    };
    let edges: Vec<(u32, u32, f64)> = ties.iter().filter(|tie| large(tie)).map(edge).collect();
    let part = communities(n, &edges, PART_BITS);
    ties.into_iter().filter(|tie| !large(tie) || part[tie.a as usize] == part[tie.b as usize]).collect()
}

/// The smallest unit of each unit's component.
pub(super) fn components(n: usize, ties: &[Tie]) -> Vec<u32> {
    let mut sets = UnionFind::new(n);
    for tie in ties {
        sets.union(tie.a, tie.b);
    }
    sets.roots()
}

/// Elements that two ascending lists have in common.
fn common<'a>(a: &'a [u32], b: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    few.iter().copied().filter(|value| many.binary_search(value).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::splitmix;

    fn tie(bits: f32, a: u32, b: u32) -> Tie {
        Tie { a, b, bits }
    }

    #[test]
    fn few_ties_do_not_make_two_large_groups_one() {
        let clique =
            |from: u32| (from..from + 20).flat_map(move |a| (a + 1..from + 20).map(move |b| tie(20.0, a, b)));
        let inside: Vec<Tie> = clique(0).chain(clique(20)).collect();
        let mut ties = inside.clone();
        ties.push(tie(20.0, 19, 20));
        assert_eq!(split(60, ties), inside);
        // Some hundred ties a unit are left of a group of a thousand; it stays one.
        let mut sparse: Vec<Tie> = (0..1000_u32)
            .flat_map(|a| (0..60).map(move |k| (a, (splitmix::number(k, u64::from(a)) % 1000) as u32)))
            .filter(|(a, b)| a != b)
            .map(|(a, b)| tie(20.0, a.min(b), a.max(b)))
            .collect();
        sparse.sort_by_key(|tie| (tie.a, tie.b));
        sparse.dedup();
        assert!(split(1000, sparse.clone()) == sparse);
        // Below the size that is looked at, a bridge stays.
        let few: Vec<Tie> = (0..19).map(|i| tie(20.0, i, i + 1)).collect();
        assert_eq!(split(60, few.clone()), few);
    }

    #[test]
    fn a_pair_needs_more_than_a_group() {
        // log₂ C(3701, 2) and ½ log₂ C(3701, 3), scipy.special.binom.
        assert!((bits_needed(3701, 2) - 22.7070).abs() < 1e-3, "{}", bits_needed(3701, 2));
        assert!((bits_needed(3701, 3) - 16.4868).abs() < 1e-3, "{}", bits_needed(3701, 3));
        assert_eq!(bits_needed(3701, 6), LINK_BITS);
        assert_eq!([bits_needed(0, 2), bits_needed(1, 12)], [LINK_BITS; 2]);
        let triangle = vec![tie(18.0, 0, 1), tie(18.0, 0, 2), tie(18.0, 1, 2)];
        let mut ties = triangle.clone();
        ties.push(tie(18.0, 7, 8));
        assert_eq!(supported(4000, &ties), triangle);
    }
}
