//! Connected components of an undirected graph.

/// Sets of the numbers 0..n that are merged two at a time.
#[derive(Clone, Debug)]
pub struct UnionFind {
    parent: Vec<u32>,
}

impl UnionFind {
    /// `n` sets of one.
    pub fn new(n: usize) -> Self {
        Self { parent: (0..n as u32).collect() }
    }

    /// The set's smallest member, independent of the order of the merges.
    pub fn find(&mut self, mut x: u32) -> u32 {
        while self.parent[x as usize] != x {
            let above = self.parent[self.parent[x as usize] as usize];
            self.parent[x as usize] = above;
            x = above;
        }
        x
    }

    /// Merges the sets of `a` and `b`.
    pub fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    /// The smallest member of each number's set.
    pub fn roots(mut self) -> Vec<u32> {
        (0..self.parent.len() as u32).map(|x| self.find(x)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_do_not_depend_on_order() {
        let edges = [(4, 5), (1, 0), (5, 1), (7, 6)];
        for turn in 0..edges.len() {
            let mut sets = UnionFind::new(8);
            for i in 0..edges.len() {
                let (a, b) = edges[(i + turn) % edges.len()];
                sets.union(a, b);
            }
            assert_eq!(sets.roots(), [0, 0, 2, 3, 0, 0, 6, 6]);
        }
    }
}
