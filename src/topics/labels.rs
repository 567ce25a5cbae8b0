//! Topic labels: the most distinctive words by class-based TF-IDF (Grootendorst 2022).

use std::collections::{BTreeMap, BTreeSet};

use super::labels_unspaced::{self as unspaced, Filter};
use super::words::{can_label, for_each_word};

/// Number of words per topic.
const WORDS: usize = 12;
/// Share of all prompts above which a word is not distinctive.
const MAX_SHARE: f64 = 0.1;

/// Most distinctive words of each class, best first, by class-based TF-IDF: share of the class's
/// prompts that use the word × ln(1 + A / f), where A is the mean number of uses per class and f the
/// number of uses of the word in all classes. Each prompt counts a word once, so that one long prompt
/// does not determine a label. Words of a single prompt come last. Scripts without spaces are counted by n-grams of
/// characters, of which no two in a list overlap.
pub(super) fn distinctive_words<'a>(
    prompts: impl Iterator<Item = (usize, &'a str)> + Clone,
    classes: usize,
) -> Vec<Vec<String>> {
    let mut filter = Filter::default();
    prompts.clone().for_each(|(_, text)| filter.add(text));
    let mut uses: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); classes];
    let mut sizes = vec![0u32; classes];
    for (class, text) in prompts {
        let mut seen = BTreeSet::new();
        for_each_word(text, |word| {
            if !seen.contains(word) && can_label(word) {
                seen.insert(word.to_owned());
            }
        });
        unspaced::for_each_candidate(text, |word| {
            if !seen.contains(word) && filter.has(word) {
                seen.insert(word.to_owned());
            }
        });
        sizes[class] += 1;
        for word in seen {
            *uses[class].entry(word).or_default() += 1;
        }
    }
    uses.iter_mut().for_each(unspaced::without_parts);
    uses.iter_mut()
        .for_each(|own| own.retain(|word, _| !unspaced::is_candidate(word) || unspaced::can_label(word)));
    let mut everywhere: BTreeMap<&str, u32> = BTreeMap::new();
    for (word, n) in uses.iter().flatten() {
        *everywhere.entry(word).or_default() += n;
    }
    let total: u32 = everywhere.values().sum();
    let mean = f64::from(total) / classes.max(1) as f64;
    let commonest = f64::from(sizes.iter().sum::<u32>()) * MAX_SHARE;
    let weigh = |class: usize, word: &str, n: u32| {
        let f = f64::from(everywhere.get(word).copied().unwrap_or(n));
        let rank = if f > commonest && classes > 1 { 0 } else { usize::from(n > 1) + 1 };
        (rank, f64::from(n) / f64::from(sizes[class]) * (1.0 + mean / f).ln())
    };
    (0..classes)
        .map(|class| {
            let mut words: Vec<_> =
                uses[class].iter().map(|(word, &n)| (weigh(class, word, n), word)).collect();
            words.sort_by(|a, b| b.0.0.cmp(&a.0.0).then(b.0.1.total_cmp(&a.0.1)).then(a.1.cmp(b.1)));
            first_words(words.into_iter().map(|(_, word)| word))
        })
        .collect()
}

/// The first words of which none overlaps another.
fn first_words<'a>(words: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut first: Vec<String> = Vec::with_capacity(WORDS);
    for word in words {
        if first.len() == WORDS {
            break;
        }
        if !first.iter().any(|other| unspaced::overlap(other, word)) {
            first.push(word.clone());
        }
    }
    first
}

/// Labels of the classes, all different: at most three words joined by ` · `. A later class with the
/// same words takes further words, or a number.
pub(super) fn labels(words: &[Vec<String>]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut labels = Vec::with_capacity(words.len());
    for words in words {
        let head = &words[..words.len().min(2)];
        let candidates =
            words.iter().skip(2).map(|third| [head, std::slice::from_ref(third)].concat().join(" · "));
        let plain = if head.is_empty() { "no words".to_owned() } else { head.join(" · ") };
        let numbered = (2..).map(|n| format!("{plain} · {n}"));
        let label = candidates.chain([plain.clone()]).chain(numbered).find(|label| !taken.contains(label));
        let label = label.unwrap_or(plain);
        taken.insert(label.clone());
        labels.push(label);
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_is_told_by_its_own_words() {
        let prompts = [
            (0, "sort a python list"),
            (0, "python list comprehension"),
            (1, "bake bread with flour"),
            (1, "bread and flour, baked"),
        ];
        let words = distinctive_words(prompts.into_iter(), 2);
        // Two of two prompts, weight ln(1 + 7/2) × 1 for each; alphabetical on the tie.
        assert_eq!(words[0][..2], ["list", "python"]);
        assert_eq!(words[1][..2], ["bread", "flour"]);
    }

    #[test]
    fn chinese_topics_are_named_by_words_and_not_by_grammar() {
        let prompts = [
            (0, "请问如何训练机器学习的模型？"),
            (0, "机器学习模型的训练需要什么数据"),
            (0, "我想了解机器学习和数据的关系"),
            (0, "帮我写一个训练神经网络的例子"),
            (1, "请写一首关于春天的古诗"),
            (1, "这首古诗的意思是什么"),
            (1, "我的孩子要背古诗，请解释春天的意思"),
            (1, "怎么写好一首诗"),
        ];
        let words = distinctive_words(prompts.into_iter(), 2);
        assert!(words[0][..2].contains(&"机器学习".to_owned()), "{words:?}");
        assert!(words[1].contains(&"古诗".to_owned()) && words[1].contains(&"春天".to_owned()), "{words:?}");
        let grammar = |word: &String| word.contains(['的', '了', '是', '我', '请']);
        assert!(!words.iter().flatten().any(grammar), "{words:?}");
    }

    #[test]
    fn labels_are_unique() {
        let same: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        let got = labels(&[same.clone(), same.clone(), same, vec![], vec![]]);
        assert_eq!(got, ["a · b · c", "a · b", "a · b · 2", "no words", "no words · 2"]);
    }
}
