//! Candidate words for labels in scripts without spaces: n-grams of characters between function characters.
//!
//! No dictionary: an n-gram that the prompts of a class repeat is a word or a part of one, and a part gives way to the
//! longer n-gram that has it in most of its uses.

use std::collections::BTreeMap;

use super::words::is_unspaced;
use crate::stats::splitmix;

/// Characters of the unspaced part of a prompt that are looked at.
const CHARS: usize = 200;
/// Number of characters of a candidate.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=4;
/// The same in Thai, Lao, Burmese and Khmer, whose words have more characters.
const LENGTHS_OF_ALPHABETS: std::ops::RangeInclusive<usize> = 4..=7;
/// Share of the uses of a candidate in a longer one from which the longer one stands for it.
const STANDS_FOR: f64 = 0.6;
/// Slots of the filter of rare candidates.
const SLOTS: usize = 1 << 22;
/// Prompts for each use by which the filter is stricter, and its bounds.
const PROMPTS_PER_USE: usize = 5_000;
const LEAST_USES: [usize; 2] = [2, 8];

/// Characters of grammar between words, simplified and traditional.
const FUNCTION: &str = "的了着吗嗎呢吧啊嘛呀哦我你您他她它们們这這那哪么麼很也都就把被让讓请請与與和及或是在并並而且但则則若如以于於\
                        此该該某每些之";
/// Characters with which no label begins or ends.
const WEAK: &str = "个個一不没沒会會要有其将將给給还還又再已更最为為所可";
/// Words of grammar and of requests, simplified, traditional and Japanese.
const COMMON: &str = "什么 怎样 怎樣 需要 使用 进行 進行 进一步 進一步 问题 問題 提供 因为 关于 關於 通过 通過 根据 根據 之间 之間 \
                      下面 回答 给出 給出 详细 詳細 帮我 幫我 时候 時候 应该 應該 必须 必須 为了 為了 对于 對於 由于 由於 然后 然後 \
                      首先 例如 比如 包括 具体 具體 分别 分別 相关 相關 主要 同时 同時 此外 说明 說明 説明 解释 解釋 描述 内容 內容 \
                      场合 場合 必要 下記 上記 日本語で";

/// Script of an unspaced character, by which its words are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Han,
    Katakana,
    /// Grammar of Japanese.
    Hiragana,
    /// Thai, Lao, Burmese, Khmer.
    Alphabet,
}

fn script(c: char) -> Script {
    match c {
        '\u{3041}'..='\u{309f}' => Script::Hiragana,
        '\u{30a0}'..='\u{30ff}' => Script::Katakana,
        '\u{e00}'..='\u{17ff}' => Script::Alphabet,
        _ => Script::Han,
    }
}

/// Calls `each` with every candidate of a prompt, in order; repeats included.
pub(super) fn for_each_candidate(text: &str, mut each: impl FnMut(&str)) {
    let mut run: Vec<char> = Vec::new();
    let mut of = Script::Hiragana;
    let mut left = CHARS;
    for c in text.chars().chain([' ']) {
        let now = is_unspaced(c).then(|| script(c)).filter(|_| left > 0 && !FUNCTION.contains(c));
        left -= usize::from(now.is_some());
        if now != Some(of) || run.is_empty() {
            candidates(&run, of, &mut each);
            run.clear();
        }
        if let Some(now) = now {
            of = now;
            run.push(c);
        }
    }
}

/// Candidates of a run of one script.
fn candidates(run: &[char], of: Script, each: &mut impl FnMut(&str)) {
    let lengths = match of {
        Script::Hiragana => return,
        // A run of katakana is a word.
        Script::Katakana if run.len() >= 2 => return each(&run.iter().take(12).collect::<String>()),
        Script::Katakana => return,
        Script::Han => LENGTHS,
        Script::Alphabet => LENGTHS_OF_ALPHABETS,
    };
    for length in lengths {
        for gram in run.windows(length) {
            each(&gram.iter().collect::<String>());
        }
    }
}

/// True if a candidate may stand in a label.
pub(super) fn can_label(word: &str) -> bool {
    let ends = [word.chars().next(), word.chars().next_back()];
    let is_weak = ends.into_iter().flatten().any(|c| WEAK.contains(c) || is_cut(c));
    !is_weak && !COMMON.split_whitespace().any(|common| common == word)
}

/// True for signs of Thai, Lao, Burmese and Khmer that stand on the letter before them.
fn is_cut(c: char) -> bool {
    script(c) == Script::Alphabet && !c.is_alphabetic()
}

/// Uses of candidates by hash, so that rare ones take no room.
#[derive(Default)]
pub(super) struct Filter {
    uses: Vec<u8>,
    prompts: usize,
}

impl Filter {
    /// Counts the candidates of a prompt.
    pub fn add(&mut self, text: &str) {
        let before = self.prompts;
        for_each_candidate(text, |word| {
            if self.uses.is_empty() {
                self.uses = vec![0; SLOTS];
            }
            self.prompts = before + 1;
            let slot = slot(word);
            self.uses[slot] = self.uses[slot].saturating_add(1);
        });
    }

    /// True if a candidate may be frequent enough.
    pub fn has(&self, word: &str) -> bool {
        let least = (self.prompts / PROMPTS_PER_USE).clamp(LEAST_USES[0], LEAST_USES[1]);
        self.uses.get(slot(word)).is_some_and(|uses| usize::from(*uses) >= least)
    }
}

fn slot(word: &str) -> usize {
    let hash = word.chars().fold(7, |hash, c| splitmix::number(hash, u64::from(u32::from(c))));
    hash as usize % SLOTS
}

/// Removes candidates that are mostly part of a longer one of the class.
pub(super) fn without_parts(uses: &mut BTreeMap<String, u32>) {
    let mut inside: BTreeMap<String, u32> = BTreeMap::new();
    for (word, &count) in uses.iter().filter(|(word, _)| is_candidate(word)) {
        let letters: Vec<char> = word.chars().collect();
        for length in 2..letters.len() {
            for part in letters.windows(length) {
                let most = inside.entry(part.iter().collect()).or_default();
                *most = count.max(*most);
            }
        }
    }
    uses.retain(|word, count| {
        let longer = inside.get(word).copied().unwrap_or(0);
        !is_candidate(word) || f64::from(longer) < STANDS_FOR * f64::from(*count)
    });
}

/// True for a word of a script without spaces.
pub(super) fn is_candidate(word: &str) -> bool {
    word.chars().next().is_some_and(is_unspaced)
}

/// True if two words of a script without spaces share two neighbouring characters: one label has one of them.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    let pairs = |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let of_a = pairs(a);
    is_candidate(a) && is_candidate(b) && pairs(b).iter().any(|pair| of_a.contains(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        for_each_candidate(text, |word| all.push(word.to_owned()));
        all
    }

    #[test]
    fn candidates_lie_between_function_characters() {
        assert_eq!(all("我的天气 is 好"), ["天气"]);
        assert_eq!(all("データの処理"), ["データ", "処理"]);
        assert_eq!(all("神经网络"), ["神经", "经网", "网络", "神经网", "经网络", "神经网络"]);
        assert!(all("plain words").is_empty());
    }

    #[test]
    fn parts_give_way_to_the_whole() {
        let mut uses: BTreeMap<String, u32> =
            [("神经网络", 8), ("神经", 9), ("经网", 8), ("网络", 20), ("word", 3)]
                .map(|(word, count)| (word.to_owned(), count))
                .into();
        without_parts(&mut uses);
        // Networks of other kinds are a word of their own.
        assert_eq!(uses.keys().collect::<Vec<_>>(), ["word", "神经网络", "网络"]);
        assert!(overlap("神经网络", "网络") && !overlap("神经网络", "天气") && !overlap("net", "netz"));
    }
}
