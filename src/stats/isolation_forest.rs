//! Isolation forest (Liu, Ting & Zhou 2008): anomaly score from the depth at which random cuts isolate a
//! point.

use rayon::prelude::*;

use super::splitmix;

/// Trees and points a tree, as in the paper.
const TREES: u64 = 100;
const SAMPLE: usize = 256;

/// Node of a tree: a cut, or the number of points where cutting ended.
enum Node {
    Cut { feature: usize, at: f64, below: usize, above: usize },
    Leaf { points: usize },
}

/// Anomaly score of each point, 0 to 1, about ½ for ordinary data; all points have as many features. Empty
/// for no points, ½ for a single one. Determined by the seed.
pub fn scores(points: &[Vec<f64>], seed: u64) -> Vec<f64> {
    let sample = SAMPLE.min(points.len());
    let expected = mean_depth(sample);
    if expected <= 0.0 {
        return vec![0.5; points.len()];
    }
    let depth = sample.ilog2() + u32::from(!sample.is_power_of_two());
    let forest: Vec<Vec<Node>> = (0..TREES)
        .into_par_iter()
        .map(|tree| {
            let mut draws = Draws { seed: splitmix::number(seed, tree), next: 0 };
            let drawn = draws.sample(points.len(), sample);
            let mut nodes = Vec::new();
            grow(&mut nodes, points, drawn, depth, &mut draws);
            nodes
        })
        .collect();
    let score = |point: &Vec<f64>| {
        let mean = forest.iter().map(|tree| path(tree, point)).sum::<f64>() / TREES as f64;
        (-mean / expected).exp2()
    };
    points.par_iter().map(score).collect()
}

/// c(n): mean depth of an unsuccessful search in a binary tree of n points.
fn mean_depth(n: usize) -> f64 {
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        n => {
            let n = n as f64;
            2.0 * ((n - 1.0).ln() + 0.577_215_664_901_532_9) - 2.0 * (n - 1.0) / n
        }
    }
}

/// Adds a tree over the points `of` and returns the index of its root.
fn grow(nodes: &mut Vec<Node>, points: &[Vec<f64>], of: Vec<usize>, depth: u32, draws: &mut Draws) -> usize {
    let root = nodes.len();
    nodes.push(Node::Leaf { points: of.len() });
    // Features in which the points differ at all; without one they cannot be cut.
    let ranges: Vec<(usize, f64, f64)> = match of.first() {
        Some(&first) if depth > 0 => (0..points[first].len())
            .map(|feature| {
                let values = of.iter().map(|&point| points[point][feature]);
                let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
                (feature, ends.0, ends.1)
            })
            .filter(|(_, low, high)| low < high)
            .collect(),
        _ => Vec::new(),
    };
    if ranges.is_empty() {
        return root;
    }
    let (feature, low, high) = ranges[draws.below(ranges.len())];
    let at = low + draws.unit() * (high - low);
    let (below, above): (Vec<usize>, Vec<usize>) =
        of.into_iter().partition(|&point| points[point][feature] < at);
    let below = grow(nodes, points, below, depth - 1, draws);
    let above = grow(nodes, points, above, depth - 1, draws);
    nodes[root] = Node::Cut { feature, at, below, above };
    root
}

/// Path length of a point, with the expected length of the uncut rest.
fn path(tree: &[Node], point: &[f64]) -> f64 {
    let (mut at, mut depth) = (0, 0.0);
    loop {
        match &tree[at] {
            Node::Leaf { points } => return depth + mean_depth(*points),
            Node::Cut { feature, at: cut, below, above } => {
                at = if point[*feature] < *cut { *below } else { *above };
                depth += 1.0;
            }
        }
    }
}

struct Draws {
    seed: u64,
    next: u64,
}

impl Draws {
    fn unit(&mut self) -> f64 {
        self.next += 1;
        splitmix::uniform(self.seed, self.next)
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n - 1)
    }

    /// `k` of 0 … `n` − 1, each once (Floyd; Bentley 1987).
    fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut taken = std::collections::BTreeSet::new();
        for last in n - k..n {
            let drawn = self.below(last + 1);
            if !taken.insert(drawn) {
                taken.insert(last);
            }
        }
        taken.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_apart_scores_highest() {
        let mut points: Vec<Vec<f64>> =
            (0..1_000).map(|n| vec![splitmix::normal(1, n), splitmix::normal(2, n)]).collect();
        points.push(vec![6.0, -6.0]);
        let scores = scores(&points, 7);
        let expected = scores[..1_000].iter().sum::<f64>() / 1_000.0;
        assert!(scores[..1_000].iter().all(|&score| score < scores[1_000]));
        // The paper: well below or about 0.5 for ordinary points, close to 1 for anomalies.
        assert!((0.35..0.55).contains(&expected) && scores[1_000] > 0.7, "{expected} {}", scores[1_000]);
        assert_eq!(scores, super::scores(&points, 7));
    }

    #[test]
    fn degenerate_points_have_scores() {
        assert!(scores(&[], 1).is_empty());
        assert_eq!(scores(&[vec![1.0]], 1), [0.5]);
        assert!(scores(&vec![vec![1.0, 2.0]; 50], 1).iter().all(|&score| (score - 0.5).abs() < 1e-9));
    }

    // c(256) as the paper's formula gives it: 2 (ln 255 + γ) − 2 · 255 / 256.
    #[test]
    fn the_mean_depth_is_the_papers() {
        assert!((mean_depth(256) - 10.244_770_9).abs() < 1e-6, "{}", mean_depth(256));
    }
}
