//! A two-dimensional layout of a neighbour graph, as UMAP does it (McInnes, Healy & Melville
//! 2018): fuzzy edges from the nearest neighbours, then stochastic gradient descent from a given
//! start, edges pulling, random others pushing.
//!
//! One thread, fixed order of edges, counter-based random numbers: the bytes depend on the input
//! and the seed and nothing else. The low-dimensional curve is 1 / (1 + a d²): UMAP's with b = 1,
//! which saves a power in every step. No signal uses the coordinates.

use super::splitmix;
use crate::model::{Cancelled, Watcher};

/// Fitted to UMAP's curve for a minimal distance of 0.1 with b held at 1.
const A: f32 = 1.6;
/// Points that each end of an edge is pushed away from when the edge pulls.
const NEGATIVES: u32 = 3;
/// Largest change of a coordinate in one step.
const STEP: f32 = 4.0;

/// An edge and its weight in 0..=1; `from < to`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Edge {
    from: u32,
    to: u32,
    weight: f32,
}

/// Lays out the points whose neighbours (cosine and index, nearest first) are given, from `start`.
/// The unit is that of the start, which should span about −10..=10.
///
/// # Errors
/// Only when cancelled.
pub fn layout(
    neighbours: &[Vec<(f32, u32)>],
    start: Vec<[f32; 2]>,
    epochs: u32,
    seed: u64,
    watcher: &dyn Watcher,
) -> Result<Vec<[f32; 2]>, Cancelled> {
    let edges = fuzzy_edges(neighbours);
    let heaviest = edges.iter().fold(0.0f32, |m, edge| m.max(edge.weight));
    let mut places = start;
    let mut due: Vec<f32> = edges.iter().map(|edge| heaviest / edge.weight).collect();
    let mut draws = 0;
    for epoch in 0..epochs {
        watcher.check()?;
        watcher.step("laying out the map", epoch.into(), epochs.into(), "rounds");
        let rate = 1.0 - epoch as f32 / epochs as f32;
        for (edge, due) in edges.iter().zip(&mut due) {
            if *due > (epoch + 1) as f32 {
                continue;
            }
            *due += heaviest / edge.weight;
            pull(&mut places, edge, rate);
            for (own, other) in [(edge.from, edge.to), (edge.to, edge.from)] {
                for _ in 0..NEGATIVES {
                    draws += 1;
                    let far = (splitmix::number(seed, draws) % places.len() as u64) as u32;
                    if far != own && far != other {
                        push(&mut places, own, far, rate);
                    }
                }
            }
        }
    }
    Ok(places)
}

/// Moves the two ends of an edge together.
fn pull(places: &mut [[f32; 2]], edge: &Edge, rate: f32) {
    let (p, q) = (places[edge.from as usize], places[edge.to as usize]);
    let delta = [p[0] - q[0], p[1] - q[1]];
    let square = delta[0] * delta[0] + delta[1] * delta[1];
    let force = -2.0 * A / (1.0 + A * square);
    for axis in 0..2 {
        let step = (force * delta[axis]).clamp(-STEP, STEP) * rate;
        places[edge.from as usize][axis] += step;
        places[edge.to as usize][axis] -= step;
    }
}

/// Moves a point away from another.
fn push(places: &mut [[f32; 2]], own: u32, far: u32, rate: f32) {
    let (p, q) = (places[own as usize], places[far as usize]);
    let delta = [p[0] - q[0], p[1] - q[1]];
    let square = delta[0] * delta[0] + delta[1] * delta[1];
    let force = 2.0 / ((0.001 + square) * (1.0 + A * square));
    for axis in 0..2 {
        places[own as usize][axis] += (force * delta[axis]).clamp(-STEP, STEP) * rate;
    }
}

/// The symmetric fuzzy graph: each point's neighbours weighted by exp(−(d − ρ)/σ), σ such that
/// the weights add up to log₂ k, the two directions joined as p + q − pq. Sorted by its ends.
fn fuzzy_edges(neighbours: &[Vec<(f32, u32)>]) -> Vec<Edge> {
    let mut directed: Vec<(u32, u32, f32)> = Vec::new();
    for (own, near) in neighbours.iter().enumerate() {
        let distances: Vec<f32> = near.iter().map(|&(cosine, _)| (1.0 - cosine).max(0.0)).collect();
        for (weight, &(_, other)) in membership(&distances).into_iter().zip(near) {
            let own = own as u32;
            directed.push((own.min(other), own.max(other), weight));
        }
    }
    directed.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    let mut edges: Vec<Edge> = Vec::new();
    for (from, to, weight) in directed {
        match edges.last_mut() {
            Some(last) if (last.from, last.to) == (from, to) => {
                last.weight += weight - last.weight * weight;
            }
            _ => edges.push(Edge { from, to, weight }),
        }
    }
    // Edges too light ever to be sampled are dropped.
    edges.retain(|edge| edge.weight > 1e-3);
    edges
}

/// Weights of neighbours at ascending distances.
fn membership(distances: &[f32]) -> Vec<f32> {
    let Some(&nearest) = distances.first() else { return Vec::new() };
    let target = (distances.len() as f32).log2().max(1e-3);
    let weights = |sigma: f32| distances.iter().map(move |d| (-(d - nearest) / sigma).exp());
    let (mut low, mut high) = (1e-4f32, 10.0f32);
    for _ in 0..40 {
        let middle = (low * high).sqrt();
        if weights(middle).sum::<f32>() > target { high = middle } else { low = middle }
    }
    weights(high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::stats::linalg::{Matrix, normalise};
    use crate::stats::neighbours::by_cosine;

    /// Three groups of 60 in 6 dimensions, laid out from a start that knows nothing.
    fn three_groups() -> Vec<[f32; 2]> {
        let mut points = Matrix::zeros(180, 6);
        for at in 0..180 {
            for j in 0..6 {
                let noise = splitmix::normal(4, (at * 6 + j) as u64) as f32 * 0.15;
                points.row_mut(at)[j] = noise + f32::from(u8::from(j == at / 60));
            }
            assert!(normalise(points.row_mut(at)));
        }
        let near = by_cosine(&points, 10, &Silent).unwrap();
        let start = (0..180).map(|n| [0, 1].map(|axis| splitmix::normal(5, 2 * n + axis) as f32)).collect();
        layout(&near, start, 200, 6, &Silent).unwrap()
    }

    #[test]
    fn groups_stay_apart() {
        let places = three_groups();
        let distance = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let centre = |group: usize| {
            let part = &places[group * 60..(group + 1) * 60];
            [0, 1].map(|axis| part.iter().map(|p| p[axis]).sum::<f32>() / 60.0)
        };
        let centres = [centre(0), centre(1), centre(2)];
        let at_home = (0..180)
            .filter(|&at| {
                let own = distance(places[at], centres[at / 60]);
                (0..3).all(|group| group == at / 60 || own < distance(places[at], centres[group]))
            })
            .count();
        assert!(at_home >= 176, "{at_home} of 180 are nearest their own group");
    }

    #[test]
    fn one_thread_and_two_give_the_same_bits() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(three_groups)
        };
        assert_eq!(on(1), on(2));
    }

    #[test]
    fn a_lone_point_stays() {
        assert_eq!(layout(&[vec![]], vec![[1.0, 2.0]], 10, 1, &Silent).unwrap(), [[1.0, 2.0]]);
    }
}
