//! Communities of a weighted graph by the constant Potts model, nodes counted or weighted by their edges.

use super::csr::Csr;

/// Maximum number of rounds of moving nodes; each move raises the objective, so this bounds the time only.
const ROUNDS: usize = 50;

/// Community of each of `n` nodes, numbered by its smallest node, by the constant Potts model (Traag, Van
/// Dooren & Nesterov 2011): moves of single nodes, then of whole communities (Blondel et al. 2008), raise Σ
/// over pairs within one community of (weight − `resolution`) until no move does. Two communities stay apart
/// where the mean weight over all pairs between them is below `resolution`, independent of the size of the
/// graph.
///
/// `edges` are (a, b, weight) with a ≠ b, weights positive; an edge given twice adds up. Nodes are
/// visited in ascending order and equal gains go to the smallest community: the same edges give
/// the same communities. Time is linear in edges for each round.
pub fn communities(n: usize, edges: &[(u32, u32, f64)], resolution: f64) -> Vec<u32> {
    potts(vec![1.0; n], edges, resolution)
}

/// [`communities`] in which a node weighs as much as its edges (Reichardt & Bornholdt 2006), with about
/// `scale` nodes of mean weight in the largest random community that would hold together. Equal to modularity
/// of resolution n / `scale`, but its scale does not depend on the size of the graph. No edges: every node
/// alone.
pub fn communities_by_strength(n: usize, edges: &[(u32, u32, f64)], scale: f64) -> Vec<u32> {
    let mut strength = vec![0.0; n];
    for &(a, b, weight) in edges {
        strength[a as usize] += weight;
        strength[b as usize] += weight;
    }
    let all: f64 = strength.iter().sum();
    if all <= 0.0 {
        return (0..n as u32).collect();
    }
    let resolution = n as f64 / scale / all;
    potts(strength, edges, resolution)
}

/// Constant Potts communities of nodes of given sizes: two communities stay apart where the weight between
/// them is below `resolution` times the product of their sizes.
fn potts(mut size: Vec<f64>, edges: &[(u32, u32, f64)], resolution: f64) -> Vec<u32> {
    let n = size.len();
    let mut of: Vec<u32> = (0..n as u32).collect();
    let mut edges = edges.to_vec();
    loop {
        let moved = move_nodes(&size, &edges, resolution);
        let coarse = renumbered(&moved);
        for community in &mut of {
            *community = coarse[*community as usize];
        }
        if coarse.iter().enumerate().all(|(at, &name)| at == name as usize) {
            return of;
        }
        let mut sizes = vec![0.0; n];
        for (at, &name) in coarse.iter().enumerate() {
            sizes[name as usize] += size[at];
        }
        size = sizes;
        edges = between(&edges, &coarse);
    }
}

/// Edges between communities; several edges of one pair are added up.
fn between(edges: &[(u32, u32, f64)], of: &[u32]) -> Vec<(u32, u32, f64)> {
    let mut renamed: Vec<(u32, u32, f64)> = edges
        .iter()
        .map(|&(a, b, weight)| (of[a as usize], of[b as usize], weight))
        .filter(|(a, b, _)| a != b)
        .map(|(a, b, weight)| (a.min(b), a.max(b), weight))
        .collect();
    // Stable, so that weights are added up in the order they came.
    renamed.sort_by_key(|&(a, b, _)| (a, b));
    renamed
        .chunk_by(|x, y| (x.0, x.1) == (y.0, y.1))
        .map(|run| (run[0].0, run[0].1, run.iter().map(|&(_, _, weight)| weight).sum()))
        .collect()
}

/// The neighbours of each node with their weights.
fn neighbours(n: usize, edges: &[(u32, u32, f64)]) -> Csr<(u32, f64)> {
    Csr::from_pairs(n, edges.iter().flat_map(|&(a, b, weight)| [(a, (b, weight)), (b, (a, weight))]))
}

/// Community of each node by local moving: starting alone, nodes move until no move gains.
fn move_nodes(size: &[f64], edges: &[(u32, u32, f64)], resolution: f64) -> Vec<u32> {
    let n = size.len();
    let near = neighbours(n, edges);
    let mut of: Vec<u32> = (0..n as u32).collect();
    let mut total = size.to_vec();
    let mut weight_to = vec![0.0_f64; n];
    // A node is visited again only after a neighbour has moved: nothing else about it changes except sizes,
    // which the next level uses (Traag, Waltman & van Eck 2019).
    let mut waiting: Vec<bool> = (0..n).map(|at| !near.row(at as u32).is_empty()).collect();
    for _ in 0..ROUNDS {
        let mut moved = false;
        for at in 0..n {
            if !std::mem::take(&mut waiting[at]) {
                continue;
            }
            let own = of[at];
            total[own as usize] -= size[at];
            let mut met = vec![own];
            for &(other, weight) in near.row(at as u32) {
                let community = of[other as usize];
                if weight_to[community as usize] == 0.0 && community != own {
                    met.push(community);
                }
                weight_to[community as usize] += weight;
            }
            met[1..].sort_unstable();
            let gain = |to: u32| weight_to[to as usize] - resolution * size[at] * total[to as usize];
            // Staying wins a tie, and a gain within rounding is none; otherwise two nodes could swap forever.
            let mut best = (own, gain(own));
            for &to in &met[1..] {
                if gain(to) > best.1 + 1e-9 {
                    best = (to, gain(to));
                }
            }
            met.iter().for_each(|&community| weight_to[community as usize] = 0.0);
            of[at] = best.0;
            total[best.0 as usize] += size[at];
            if best.0 != own {
                moved = true;
                for &(other, _) in near.row(at as u32) {
                    waiting[other as usize] |= of[other as usize] != best.0;
                }
            }
        }
        if !moved {
            break;
        }
    }
    of
}

/// Communities numbered by their smallest node.
fn renumbered(of: &[u32]) -> Vec<u32> {
    let mut name = vec![u32::MAX; of.len()];
    for (at, &community) in of.iter().enumerate() {
        name[community as usize] = name[community as usize].min(at as u32);
    }
    of.iter().map(|&community| name[community as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two cliques of `k` and one edge between them.
    fn barbell(k: u32) -> Vec<(u32, u32, f64)> {
        let clique =
            |from: u32| (from..from + k).flat_map(move |a| (a + 1..from + k).map(move |b| (a, b, 1.0)));
        clique(0).chain(clique(k)).chain([(k - 1, k, 1.0)]).collect()
    }

    #[test]
    fn a_bridge_does_not_join_two_cliques() {
        let of = communities(12, &barbell(6), 0.1);
        assert_eq!(of, [0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6]);
    }

    #[test]
    fn the_scale_parts_a_graph_by_strength() {
        // Two cliques of 6: a scale of 12 nodes keeps them apart, one of 200 does not.
        assert_eq!(communities_by_strength(12, &barbell(6), 12.0), [0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6]);
        assert_eq!(communities_by_strength(12, &barbell(6), 2_000.0), [0; 12]);
        assert_eq!(communities_by_strength(2, &[], 5.0), [0, 1]);
    }

    #[test]
    fn below_the_mean_weight_between_them_they_are_one() {
        // One edge over 6 · 6 pairs is 0.028 a pair.
        assert_eq!(communities(12, &barbell(6), 0.02), [0; 12]);
    }

    #[test]
    fn a_ring_of_cliques_of_any_length_stays_apart() {
        // Modularity merges neighbours here (Fortunato & Barthélemy 2007): 30 cliques of 5 in a ring.
        let mut edges = Vec::new();
        for clique in 0..30_u32 {
            let from = clique * 5;
            edges.extend((0..5).flat_map(|a| (a + 1..5).map(move |b| (from + a, from + b, 1.0))));
            edges.push((from + 4, (from + 5) % 150, 1.0));
        }
        let of = communities(150, &edges, 0.2);
        assert!(of.iter().enumerate().all(|(at, &name)| name as usize == at / 5 * 5), "{of:?}");
    }

    #[test]
    fn without_edges_each_is_alone() {
        assert_eq!(communities(3, &[], 1.0), [0, 1, 2]);
        assert!(communities(0, &[], 1.0).is_empty());
    }
}
