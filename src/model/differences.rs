//! Differences of two texts by words: shortest edit script (Myers 1986).

use std::ops::Range;

/// Number of insertions and deletions above which the rest of both texts counts as different.
const MOST_EDITS: usize = 1_000;

/// Stretch of two texts; ranges are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// The same words in both, at these places.
    Both(Range<usize>, Range<usize>),
    /// Words of the first text alone.
    Left(Range<usize>),
    /// Words of the second text alone.
    Right(Range<usize>),
}

/// Differences of two texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Stretches in the order of both texts; every byte of both is in one of them.
    pub stretches: Vec<Stretch>,
    /// Numbers of words in both, in the first alone and in the second alone; blanks are no words.
    pub words: [u64; 3],
}

/// Compares two texts by words and the blanks between them.
pub fn differences(left: &str, right: &str) -> Differences {
    let (a, b) = (tokens(left), tokens(right));
    let word = |text: &str, token: &Range<usize>| text[token.clone()].to_owned();
    let (x, y): (Vec<String>, Vec<String>) = (
        a.iter().map(|token| word(left, token)).collect(),
        b.iter().map(|token| word(right, token)).collect(),
    );
    let start = x.iter().zip(&y).take_while(|(x, y)| x == y).count();
    let room = x.len().min(y.len()) - start;
    let end = x.iter().rev().zip(y.iter().rev()).take(room).take_while(|(x, y)| x == y).count();
    let mut kept: Vec<[usize; 2]> = (0..start).map(|at| [at, at]).collect();
    let middle = matched(&x[start..x.len() - end], &y[start..y.len() - end]);
    kept.extend(middle.into_iter().map(|[i, j]| [i + start, j + start]));
    kept.extend((0..end).rev().map(|back| [x.len() - 1 - back, y.len() - 1 - back]));
    let mut found = Differences::default();
    let is_word = |text: &str| text.chars().any(|c| !c.is_whitespace());
    let words = |words: &[String]| words.iter().filter(|word| is_word(word)).count() as u64;
    let (mut i, mut j) = (0, 0);
    for [to_i, to_j] in kept.iter().copied().chain([[x.len(), y.len()]]) {
        if i < to_i {
            found.words[1] += words(&x[i..to_i]);
            found.push(Stretch::Left(a[i].start..a[to_i - 1].end));
        }
        if j < to_j {
            found.words[2] += words(&y[j..to_j]);
            found.push(Stretch::Right(b[j].start..b[to_j - 1].end));
        }
        if let (Some(left), Some(right)) = (a.get(to_i), b.get(to_j)) {
            found.words[0] += u64::from(is_word(&x[to_i]));
            found.push(Stretch::Both(left.clone(), right.clone()));
        }
        (i, j) = (to_i + 1, to_j + 1);
    }
    found
}

impl Differences {
    /// Appends a stretch, to the last one where both are of one kind.
    fn push(&mut self, stretch: Stretch) {
        match (self.stretches.last_mut(), &stretch) {
            (Some(Stretch::Both(a, b)), Stretch::Both(c, d)) if a.end == c.start && b.end == d.start => {
                (a.end, b.end) = (c.end, d.end);
            }
            _ => self.stretches.push(stretch),
        }
    }
}

/// Words with the punctuation at them, and the blanks between them, as byte ranges.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut was_blank = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match tokens.last_mut() {
            Some(last) if was_blank == Some(c.is_whitespace()) => last.end = end,
            _ => tokens.push(at..end),
        }
        was_blank = Some(c.is_whitespace());
    }
    tokens
}

/// Pairs of equal positions on a shortest edit script, ascending; fewer where the texts differ in more than
/// [`MOST_EDITS`] tokens.
fn matched(a: &[String], b: &[String]) -> Vec<[usize; 2]> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let most = (a.len() + b.len()).min(MOST_EDITS) as isize;
    let middle = most + 1;
    let mut furthest = vec![0_isize; 2 * middle as usize + 1];
    let mut trace: Vec<Vec<isize>> = Vec::new();
    let mut best = (0, 0);
    for d in 0..=most {
        trace.push(furthest[(middle - d - 1).max(0) as usize..=(middle + d + 1) as usize].to_vec());
        for k in (-d..=d).step_by(2) {
            let at = |k: isize| furthest[(middle + k) as usize];
            let down = k == -d || (k != d && at(k - 1) < at(k + 1));
            let mut x = if down { at(k + 1) } else { at(k - 1) + 1 };
            if x > n || x - k > m {
                furthest[(middle + k) as usize] = x;
                continue;
            }
            while x < n && x - k < m && a[x as usize] == b[(x - k) as usize] {
                x += 1;
            }
            furthest[(middle + k) as usize] = x;
            if x >= n && x - k >= m {
                return backwards(&trace, d, k, x);
            }
            if x + x - k > best.0 {
                best = (x + x - k, k);
            }
        }
    }
    let (reached, k) = best;
    backwards(&trace, most, k, (reached + k) / 2)
}

/// Follows the traces back to the beginning.
fn backwards(trace: &[Vec<isize>], d: isize, k: isize, x: isize) -> Vec<[usize; 2]> {
    let (mut x, mut k) = (x, k);
    let mut pairs = Vec::new();
    for d in (0..=d).rev() {
        // The trace of step d has diagonals −d − 1 to d + 1.
        let before = &trace[d as usize];
        let at = |k: isize| before[(k + d + 1) as usize];
        let down = k == -d || (k != d && k.abs() <= d && at(k - 1) < at(k + 1));
        let from = if d == 0 {
            0
        } else if down {
            at(k + 1)
        } else {
            at(k - 1) + 1
        };
        while x > from && x - k > 0 {
            x -= 1;
            pairs.push([x as usize, (x - k) as usize]);
        }
        if d > 0 {
            (x, k) = if down { (at(k + 1), k + 1) } else { (at(k - 1), k - 1) };
        }
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sides(left: &str, right: &str) -> (String, String, String) {
        let (mut both, mut only_left, mut only_right) = (String::new(), String::new(), String::new());
        for stretch in differences(left, right).stretches {
            match stretch {
                Stretch::Both(at, _) => both.push_str(&left[at]),
                Stretch::Left(at) => only_left.push_str(&left[at]),
                Stretch::Right(at) => only_right.push_str(&right[at]),
            }
        }
        (both, only_left, only_right)
    }

    #[test]
    fn changed_words_are_found_between_equal_ones() {
        let (left, right) = ("Grade the answer of Ann from 1 to 5.", "Grade the essay of Bob from 1 to 5.");
        let (both, only_left, only_right) = sides(left, right);
        assert_eq!((both.as_str(), only_left.as_str()), ("Grade the  of  from 1 to 5.", "answerAnn"));
        assert_eq!(only_right, "essayBob");
        assert_eq!(differences(left, right).words, [7, 2, 2]);
        assert_eq!(differences("a b", "a b").stretches, [Stretch::Both(0..3, 0..3)]);
        assert_eq!(differences("", "new text").words, [0, 0, 2]);
        assert_eq!(differences("", "").stretches, []);
    }

    #[test]
    fn an_inserted_word_leaves_the_rest_as_it_is() {
        let (both, left, right) = sides("one two four", "one two three four");
        assert_eq!((both.as_str(), left.as_str(), right.as_str()), ("one two four", "", "three "));
    }

    #[test]
    fn texts_with_too_many_differences_still_hold_every_word() {
        let long = |from: usize| (from..from + 3_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        let (left, right) = (long(0), long(10_000));
        let found = differences(&left, &right);
        assert_eq!(found.words[0] + found.words[1], 3_000);
        assert_eq!(found.words[0] + found.words[2], 3_000);
    }

    proptest! {
        /// Both texts can be put together again from the stretches, and the stretches of both are equal.
        #[test]
        fn stretches_cover_both_texts(left in "[ab ]{0,40}", right in "[ab ]{0,40}") {
            let (mut first, mut second) = (String::new(), String::new());
            for stretch in differences(&left, &right).stretches {
                match stretch {
                    Stretch::Both(a, b) => {
                        prop_assert_eq!(&left[a.clone()], &right[b.clone()]);
                        first.push_str(&left[a]);
                        second.push_str(&right[b]);
                    }
                    Stretch::Left(a) => first.push_str(&left[a]),
                    Stretch::Right(b) => second.push_str(&right[b]),
                }
            }
            prop_assert_eq!((first, second), (left, right));
        }
    }
}
