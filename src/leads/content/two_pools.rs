//! Division of a community whose accounts ask about two pools.
//!
//! The accounts of one pool scatter about one direction. A content model that was taught a few accounts of another
//! pool takes in that pool whole: its likely accounts then fall into two parts whose directions have nothing in common.

use super::tier::Tier;
use crate::stats::linalg::{dot, normalise};

/// Cosine of the directions of two parts below which they are two pools; of unrelated prompts it is about 0. Of 504 fits
/// in seventeen logs three were below: two had the pools of two campaigns (0.01 and 0.06), one was innocent (0.17).
const MAX_COSINE: f32 = 0.2;

/// Minimum number of accounts of a part.
const MIN_PART: usize = 3;

/// Maximum number of rounds of 2-means, and of power iteration for its start.
const ROUNDS: usize = 50;

/// Two sets of all positions of the tier, by the nearer of two pools; `None` if some accounts ask about one pool.
pub(super) fn two_pools(tier: &Tier<'_>, accounts: &[u32]) -> Option<[Vec<bool>; 2]> {
    let row = |at: u32| tier.points.row(at as usize);
    let mut is_first = by_main_axis(tier, accounts)?;
    let mut directions = part_directions(tier, accounts, &is_first)?;
    for _ in 0..ROUNDS {
        let nearer = |&at: &u32| dot(row(at), &directions.0) > dot(row(at), &directions.1);
        let next: Vec<bool> = accounts.iter().map(nearer).collect();
        if next == is_first {
            break;
        }
        is_first = next;
        directions = part_directions(tier, accounts, &is_first)?;
    }
    let (first, second) = directions;
    if dot(&first, &second) > MAX_COSINE {
        return None;
    }
    let is_nearer_first = |at: u32| dot(row(at), &first) > dot(row(at), &second);
    let in_first: Vec<bool> = (0..tier.len() as u32).map(is_nearer_first).collect();
    let in_second = in_first.iter().map(|first| !first).collect();
    Some([in_first, in_second])
}

/// Mean directions of the accounts that are in the first part, and of the others, of length 1; `None` if one has fewer
/// than [`MIN_PART`].
fn part_directions(tier: &Tier<'_>, accounts: &[u32], is_first: &[bool]) -> Option<(Vec<f32>, Vec<f32>)> {
    let of = |first: bool| {
        let members = accounts.iter().zip(is_first).filter(|(_, is_first)| **is_first == first);
        let (mut sum, mut count) = (vec![0.0_f32; tier.points.columns], 0);
        for (&at, _) in members {
            sum.iter_mut().zip(tier.points.row(at as usize)).for_each(|(sum, x)| *sum += x);
            count += 1;
        }
        (count >= MIN_PART && normalise(&mut sum)).then_some(sum)
    };
    Some((of(true)?, of(false)?))
}

/// True for accounts on one side of their mean along the main axis of their scatter (power iteration).
fn by_main_axis(tier: &Tier<'_>, accounts: &[u32]) -> Option<Vec<bool>> {
    let width = tier.points.columns;
    let row = |at: u32| tier.points.row(at as usize);
    let mut mean = vec![0.0_f32; width];
    accounts.iter().for_each(|&at| mean.iter_mut().zip(row(at)).for_each(|(sum, x)| *sum += x));
    mean.iter_mut().for_each(|x| *x /= accounts.len().max(1) as f32);
    let along = |at: u32, axis: &[f32]| dot(row(at), axis) - dot(&mean, axis);
    let farthest =
        accounts.iter().copied().min_by(|&a, &b| dot(row(a), &mean).total_cmp(&dot(row(b), &mean)))?;
    let mut axis: Vec<f32> = row(farthest).iter().zip(&mean).map(|(x, mean)| x - mean).collect();
    for _ in 0..ROUNDS {
        if !normalise(&mut axis) {
            return None;
        }
        let mut next = vec![0.0_f32; width];
        for &at in accounts {
            let z = along(at, &axis);
            next.iter_mut().zip(row(at)).zip(&mean).for_each(|((sum, x), mean)| *sum += z * (x - mean));
        }
        axis = next;
    }
    Some(accounts.iter().map(|&at| along(at, &axis) > 0.0).collect())
}

#[cfg(test)]
mod tests {
    use super::super::lead::MIN_USER_EXCHANGES;
    use super::super::testing::case;
    use super::*;
    use crate::model::Silent;

    #[test]
    fn accounts_of_two_subjects_are_two_pools_and_those_of_one_are_not() {
        let (prompts, case) = case(5, false);
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
        let of = |subjects: std::ops::Range<u32>, most: u32| -> Vec<u32> {
            (0..most).filter(|at| subjects.contains(&(at % 10))).collect()
        };
        for subject in 0..10 {
            assert!(two_pools(&tier, &of(subject..subject + 1, 600)).is_none(), "subject {subject}");
        }
        // 20 accounts of one subject and 4 of another, as a fit takes them in.
        let mixed: Vec<u32> = of(0..1, 200).into_iter().chain(of(1..2, 40)).collect();
        let [first, second] = two_pools(&tier, &mixed).unwrap();
        let in_first =
            |subject: u32| of(subject..subject + 1, 600).iter().filter(|at| first[**at as usize]).count();
        let (a, b) = (in_first(0), in_first(1));
        assert!(a.min(b) <= 3 && a.max(b) >= 57, "{a} and {b} of 60");
        assert!(first.iter().zip(&second).all(|(first, second)| first != second));
        assert!(two_pools(&tier, &[]).is_none() && two_pools(&tier, &[1, 2, 3]).is_none());
    }
}
