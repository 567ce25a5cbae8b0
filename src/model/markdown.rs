//! The Markdown of notes and of the story: headings, lists, emphasis, code, and references to evidence.
//!
//! A subset of CommonMark; links, images and HTML stay text. A reference is the number of a piece of evidence
//! in brackets, optionally with the kind of an exhibit: `[E3]`, `[E3 timeline]`.

/// Block of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Heading of any level.
    Heading(Vec<Inline>),
    /// Item of a list, numbered or not.
    Item(Vec<Inline>),
    /// Paragraph.
    Paragraph(Vec<Inline>),
}

/// Part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text.
    Plain(String),
    /// Strong text.
    Strong(String),
    /// Emphasised text.
    Emphasis(String),
    /// Code.
    Code(String),
    /// Reference to evidence.
    Reference(Reference),
}

/// Reference to a piece of evidence, or to one of its exhibits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Number of the evidence.
    pub evidence: u64,
    /// Kind of the exhibit; `None` for the evidence as a whole.
    pub exhibit: Option<String>,
}

/// Sentence without markup, with its references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cited {
    /// Words.
    pub text: String,
    /// References.
    pub references: Vec<Reference>,
}

impl Reference {
    /// As it is written: `[E3 timeline]`.
    pub fn written(&self) -> String {
        match &self.exhibit {
            Some(exhibit) => format!("[E{} {exhibit}]", self.evidence),
            None => format!("[E{}]", self.evidence),
        }
    }

    /// Parses the text between the brackets.
    fn read(inside: &str) -> Option<Self> {
        let mut words = inside.split_whitespace();
        let number = words.next()?.strip_prefix('E')?;
        let evidence = number.parse().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        let exhibit = words.next().map(str::to_owned);
        let is_kind = |kind: &String| kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (words.next().is_none() && exhibit.iter().all(is_kind)).then_some(Self { evidence, exhibit })
    }
}

/// Blocks of a text.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = String::new();
    let end = |paragraph: &mut String, blocks: &mut Vec<Block>| {
        if !paragraph.is_empty() {
            blocks.push(Block::Paragraph(inline(paragraph)));
            paragraph.clear();
        }
    };
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            end(&mut paragraph, &mut blocks);
        } else if let Some(title) = heading(line) {
            end(&mut paragraph, &mut blocks);
            blocks.push(Block::Heading(inline(title)));
        } else if let Some(item) = item(line) {
            end(&mut paragraph, &mut blocks);
            blocks.push(Block::Item(inline(item)));
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    end(&mut paragraph, &mut blocks);
    blocks
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    (1..=6).contains(&level).then(|| rest.strip_prefix(' ')).flatten().map(str::trim)
}

fn item(line: &str) -> Option<&str> {
    let bullet = ["- ", "* ", "+ "].into_iter().find_map(|mark| line.strip_prefix(mark));
    bullet.or_else(|| {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        (1..=3).contains(&digits).then(|| line[digits..].strip_prefix(". ")).flatten()
    })
}

/// Parts of a line.
fn inline(line: &str) -> Vec<Inline> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        match marked(rest) {
            Some((part, length)) => {
                if !plain.is_empty() {
                    parts.push(Inline::Plain(std::mem::take(&mut plain)));
                }
                parts.push(part);
                rest = &rest[length..];
            }
            None => {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        parts.push(Inline::Plain(plain));
    }
    parts
}

/// The markup at the beginning of a text, and its length in bytes.
fn marked(text: &str) -> Option<(Inline, usize)> {
    let between = |mark: &str| {
        let inside = text.strip_prefix(mark)?;
        let end = inside.find(mark)?;
        let words = &inside[..end];
        let is_tight = !words.is_empty() && words.trim() == words;
        is_tight.then(|| (words.to_owned(), 2 * mark.len() + end))
    };
    if let Some((words, length)) = between("`") {
        return Some((Inline::Code(words), length));
    }
    if let Some((words, length)) = between("**") {
        return Some((Inline::Strong(words), length));
    }
    if let Some((words, length)) = between("*") {
        return Some((Inline::Emphasis(words), length));
    }
    let inside = text.strip_prefix('[')?;
    let end = inside.find(']')?;
    Some((Inline::Reference(Reference::read(&inside[..end])?), end + 2))
}

/// Sentences of a block without markup. References after the full stop belong to the sentence before it. Of the words,
/// references at the end of a sentence are left out; others stay, because the sentence goes on after them.
pub fn sentences(parts: &[Inline]) -> Vec<Cited> {
    let mut all: Vec<Cited> = vec![Cited::default()];
    let mut waiting: Vec<String> = Vec::new();
    for part in parts {
        match part {
            Inline::Plain(text) | Inline::Strong(text) | Inline::Emphasis(text) | Inline::Code(text) => {
                let goes_on = text.trim_start().chars().next().is_some_and(|next| !".!?)".contains(next));
                for reference in waiting.drain(..).filter(|_| goes_on) {
                    all.last_mut().into_iter().for_each(|open| open.text.push_str(&reference));
                }
                add(&mut all, text);
            }
            Inline::Reference(reference) => {
                let open = all.len() - 1;
                let is_behind = all[open].text.trim().is_empty() && open > 0;
                let at = if is_behind { open - 1 } else { open };
                all[at].references.push(reference.clone());
                if !is_behind && !all[at].text.trim_end().ends_with(['.', '!', '?']) {
                    waiting.push(reference.written());
                }
            }
        }
    }
    for sentence in &mut all {
        let words: Vec<&str> = sentence.text.split_whitespace().collect();
        sentence.text = words.join(" ").replace(" .", ".").replace(" ,", ",");
    }
    all.retain(|sentence| !sentence.text.is_empty() || !sentence.references.is_empty());
    all
}

/// Adds text to the last sentence and begins a new one after each full stop.
fn add(all: &mut Vec<Cited>, text: &str) {
    let mut letters = text.chars().peekable();
    let mut ends = all.last().is_some_and(|open| open.text.trim_end().ends_with(['.', '!', '?']));
    while let Some(letter) = letters.next() {
        if ends && letter.is_whitespace() && letters.peek().is_none_or(|next| !next.is_lowercase()) {
            all.push(Cited::default());
        }
        if let Some(open) = all.last_mut() {
            open.text.push(letter);
        }
        ends = matches!(letter, '.' | '!' | '?');
    }
}

/// Sentences of a text that state a number and have no reference.
pub fn without_reference(text: &str) -> Vec<String> {
    let blocks = parse(text);
    let parts = blocks.iter().map(|block| match block {
        Block::Heading(parts) | Block::Item(parts) | Block::Paragraph(parts) => parts,
    });
    let cited = parts.flat_map(|parts| sentences(parts));
    cited
        .filter(|cited| cited.references.is_empty() && has_figure(&cited.text))
        .map(|cited| cited.text)
        .collect()
}

/// True for a text with a separate number, outside of names.
pub fn has_figure(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || "();:–".contains(c)).any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.chars().any(|c| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_digit() || ",.-%×".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> Inline {
        Inline::Plain(text.to_owned())
    }

    #[test]
    fn blocks_and_marks() {
        let found = parse("# Who\n\nThey share **3 cards**\nand `ua`.\n- one *item*\n2. two\n<b>no</b>");
        let expected = [
            Block::Heading(vec![plain("Who")]),
            Block::Paragraph(vec![
                plain("They share "),
                Inline::Strong("3 cards".into()),
                plain(" and "),
                Inline::Code("ua".into()),
                plain("."),
            ]),
            Block::Item(vec![plain("one "), Inline::Emphasis("item".into())]),
            Block::Item(vec![plain("two")]),
            Block::Paragraph(vec![plain("<b>no</b>")]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_reference_is_a_number_and_at_most_a_kind() {
        let found = parse("See [E3], [E12 timeline], [E], [E3 a b], [x](http://y).");
        let Block::Paragraph(parts) = &found[0] else { panic!("{found:?}") };
        let references: Vec<String> = parts
            .iter()
            .filter_map(|part| match part {
                Inline::Reference(reference) => Some(reference.written()),
                _ => None,
            })
            .collect();
        assert_eq!(references, ["[E3]", "[E12 timeline]"]);
        assert!(parts.contains(&plain(", [E], [E3 a b], [x](http://y).")));
    }

    #[test]
    fn sentences_keep_their_references() {
        let found = parse("It began on 5 May [E2 timeline]. There were 38 accounts. [E2] See e.g. this one.");
        let Block::Paragraph(parts) = &found[0] else { panic!("{found:?}") };
        let said: Vec<(String, usize)> =
            sentences(parts).into_iter().map(|one| (one.text, one.references.len())).collect();
        let expected = [
            ("It began on 5 May.".to_owned(), 1),
            ("There were 38 accounts.".to_owned(), 1),
            ("See e.g. this one.".to_owned(), 0),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn references_inside_a_sentence_are_words_of_it() {
        let said = |text: &str| -> Vec<(String, usize)> {
            let found = parse(text);
            let Block::Paragraph(parts) = &found[0] else { panic!("{found:?}") };
            sentences(parts).into_iter().map(|one| (one.text, one.references.len())).collect()
        };
        let one = |text: &str, references| vec![(text.to_owned(), references)];
        assert_eq!(
            said("The accounts of [E1] share cards [E1 links]."),
            one("The accounts of [E1] share cards.", 2)
        );
        assert_eq!(
            said("[E1], [E2 timeline] and **all** of it [E3]"),
            one("[E1], [E2 timeline] and all of it", 3)
        );
        assert_eq!(said("First. [E1] Then.").len(), 2);
        assert_eq!(said("First. [E1] Then.")[0], ("First.".to_owned(), 1));
    }

    #[test]
    fn numbers_without_a_reference_are_found() {
        let text = "Lead L-7f31ab has 38 accounts. They rest never [E1]. 12 % are new [E1].";
        assert_eq!(without_reference(text), ["Lead L-7f31ab has 38 accounts."]);
        assert!(!has_figure("L-7f31ab and acct_12") && has_figure("(1,204)") && has_figure("3.5 %"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            for block in parse(&text) {
                let (Block::Heading(parts) | Block::Item(parts) | Block::Paragraph(parts)) = block;
                sentences(&parts);
            }
            without_reference(&text);
        }
    }
}
