//! Grammar from which prompts and responses are made: subjects, sentence templates, vocabularies.
//!
//! The grammar is text (`grammar/*.txt`, whose format stands at the head of `grammar/english.txt`)
//! and is compiled into the program. A conversation binds each slot to one value, so follow-ups
//! and responses speak of what the first prompt spoke of.

use std::fmt::Write as _;

use super::draw::{Draw, mix};

const FILES: [&str; 5] = [
    include_str!("grammar/english.txt"),
    include_str!("grammar/work.txt"),
    include_str!("grammar/languages.txt"),
    include_str!("grammar/frames.txt"),
    include_str!("grammar/details.txt"),
];

/// Maximum number of sentences that people add to a prompt; the rest of a longer prompt is pasted lines.
const SENTENCES: usize = 6;

/// A piece of a sentence template.
#[derive(Debug)]
enum Piece {
    Text(&'static str),
    /// The value bound to a slot of the section; `true`: another one, drawn afresh.
    Slot(usize, bool),
    /// A number between the two.
    Number(u32, u32),
    /// In a frame: the prompt that is framed.
    Framed,
}

/// A sentence with slots.
#[derive(Debug)]
pub struct Template(Vec<Piece>);

/// A subject that prompts are about, or a frame that prompts are put into.
#[derive(Debug, Default)]
pub struct Section {
    /// Its name, unique in the grammar.
    pub name: &'static str,
    /// Class of its subject: `software`, `home` …; `frame` for frames, `rule` for standing
    /// instructions, `detail` for sentences that make texts longer.
    pub class: &'static str,
    /// `en`, `de`, `es`, `fr`, `zh`, `ja`.
    pub language: &'static str,
    slots: Vec<(&'static str, Vec<&'static str>)>,
    /// First prompts of a conversation.
    pub asks: Vec<Template>,
    /// Later prompts.
    pub follows: Vec<Template>,
    /// Responses.
    pub answers: Vec<Template>,
}

/// All sections, in the order of the files.
#[derive(Debug)]
pub struct Grammar {
    /// Subjects and frames.
    pub sections: Vec<Section>,
}

impl Grammar {
    /// The built-in grammar.
    ///
    /// # Errors
    /// The first line that the format does not allow; a test reads the built-in files, so none
    /// of a released program's.
    pub fn built_in() -> Result<Self, String> {
        let mut sections = Vec::new();
        for file in FILES {
            parse(file, &mut sections)?;
        }
        Ok(Self { sections })
    }

    /// Indices of the sections of some classes in some language.
    pub fn of_classes(&self, classes: &[&str], language: &str) -> Vec<u16> {
        (0..self.sections.len() as u16)
            .filter(|&place| {
                let section = &self.sections[place as usize];
                section.language == language && classes.contains(&section.class)
            })
            .collect()
    }

    /// Index of the section that lengthens texts about a subject; `None` for frames.
    pub fn details_of(&self, section: &Section) -> Option<u16> {
        let of = if section.language == "en" { section.class } else { section.language };
        self.named(&format!("{of}-details"))
    }

    /// Index of the section with this name.
    pub fn named(&self, name: &str) -> Option<u16> {
        self.sections.iter().position(|section| section.name == name).map(|place| place as u16)
    }
}

impl Section {
    /// Writes standing instructions: `count` first prompts, one a line, chosen and bound by
    /// `binding`, so that an account always has the same.
    pub fn write_rules(&self, out: &mut String, count: u64, binding: u64, draw: &mut Draw) {
        for place in 0..count.min(self.asks.len() as u64) {
            let ask = (binding % 1_000 + place) % self.asks.len() as u64;
            self.write(out, &self.asks[ask as usize], binding, draw, "");
            out.push('\n');
        }
    }

    /// Lengthens a prompt to about `length` bytes: some sentences, and then, or at once by lot,
    /// lines pasted in.
    pub fn lengthen(&self, out: &mut String, length: usize, draw: &mut Draw) {
        let sentences = if draw.chance(0.25) { 0 } else { SENTENCES };
        let first = draw.below(self.asks.len());
        for place in 0..sentences.min(self.asks.len()) {
            if out.len() >= length {
                return;
            }
            out.push(' ');
            self.write(out, &self.asks[(first + place) % self.asks.len()], 0, draw, "");
        }
        if out.len() < length {
            out.push('\n');
        }
        while out.len() < length {
            out.push('\n');
            self.write(out, draw.pick(&self.follows), 0, draw, "");
        }
    }

    /// Writes a template to `out`, slots bound by `binding`, `framed` in the place of `{ask}`.
    pub fn write(&self, out: &mut String, template: &Template, binding: u64, draw: &mut Draw, framed: &str) {
        for piece in &template.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Slot(slot, afresh) => {
                    let values = &self.slots[*slot].1;
                    let chance = if *afresh { draw.bits() } else { mix(binding, *slot as u64) };
                    out.push_str(values[(chance % values.len() as u64) as usize]);
                }
                Piece::Number(low, high) => {
                    let number = *low as usize + draw.below((high - low + 1) as usize);
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{number}");
                }
                Piece::Framed => out.push_str(framed),
            }
        }
    }
}

/// Reads one file of the grammar, adding its sections.
fn parse(file: &'static str, sections: &mut Vec<Section>) -> Result<(), String> {
    let mut common: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut open: Option<Section> = None;
    for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("== ") {
            sections.extend(open.take());
            let mut words = head.split(' ');
            let (Some(name), Some(class), Some(language)) = (words.next(), words.next(), words.next()) else {
                return Err(format!("a section needs name, class and language: {line}"));
            };
            open = Some(Section { name, class, language, slots: common.clone(), ..Section::default() });
            continue;
        }
        let slot = line.split_once(" = ").filter(|_| !line.starts_with(['?', '>', '!']));
        if let Some((name, values)) = slot {
            let slot = (name, values.split('|').map(str::trim).collect());
            match &mut open {
                Some(section) => section.slots.push(slot),
                None => common.push(slot),
            }
            continue;
        }
        let section = open.as_mut().ok_or_else(|| format!("outside a section: {line}"))?;
        let (mark, text) = line.split_at(1);
        let template = template(text.trim(), &section.slots)?;
        match mark {
            "?" => section.asks.push(template),
            ">" => section.follows.push(template),
            "!" => section.answers.push(template),
            _ => return Err(format!("neither ask (?), follow-up (>) nor answer (!): {line}")),
        }
    }
    sections.extend(open);
    Ok(())
}

/// Reads `text {slot} text {+slot} {#1-9} {ask}`; `\n` stands for a line break.
fn template(text: &'static str, slots: &[(&str, Vec<&str>)]) -> Result<Template, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        lines(before, &mut pieces);
        let (name, after) = after.split_once('}').ok_or_else(|| format!("a brace stays open: {text}"))?;
        rest = after;
        let slot = |name: &str| {
            slots.iter().rposition(|slot| slot.0 == name).ok_or_else(|| format!("no slot {name}: {text}"))
        };
        pieces.push(if name == "ask" {
            Piece::Framed
        } else if let Some(range) = name.strip_prefix('#') {
            let ends =
                range.split_once('-').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
            let (low, high) =
                ends.filter(|(low, high)| low <= high).ok_or_else(|| format!("no range {range}: {text}"))?;
            Piece::Number(low, high)
        } else if let Some(name) = name.strip_prefix('+') {
            Piece::Slot(slot(name)?, true)
        } else {
            Piece::Slot(slot(name)?, false)
        });
    }
    lines(rest, &mut pieces);
    Ok(Template(pieces))
}

fn lines(text: &'static str, pieces: &mut Vec<Piece>) {
    for (place, line) in text.split("\\n").enumerate() {
        if place > 0 {
            pieces.push(Piece::Text("\n"));
        }
        if !line.is_empty() {
            pieces.push(Piece::Text(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::draw::Purpose;

    #[test]
    fn the_built_in_grammar_is_whole() {
        let grammar = Grammar::built_in().unwrap();
        let is_subject = |section: &&Section| !["frame", "rule", "detail"].contains(&section.class);
        let subjects: Vec<_> = grammar.sections.iter().filter(is_subject).collect();
        assert!(subjects.len() >= 30, "{} subjects", subjects.len());
        for section in &subjects {
            assert!(section.asks.len() >= 4, "{} has few asks", section.name);
            assert!(section.follows.len() >= 2, "{} has few follow-ups", section.name);
            assert!(section.answers.len() >= 2, "{} has few answers", section.name);
        }
        for language in ["de", "es", "fr", "zh", "ja"] {
            assert!(!grammar.of_classes(&["home"], language).is_empty(), "{language}");
            assert!(!grammar.of_classes(&["software"], language).is_empty(), "{language}");
            assert!(grammar.named(&format!("harvest-{language}")).is_some(), "{language}");
            assert!(grammar.named(&format!("harvest-reworded-{language}")).is_some(), "{language}");
        }
        for section in grammar.sections.iter().filter(|section| section.class == "detail") {
            let each = [&section.asks, &section.follows, &section.answers];
            assert!(each.iter().all(|of| of.len() >= 2), "{}", section.name);
        }
        for section in &subjects {
            assert!(grammar.details_of(section).is_some(), "{} cannot be lengthened", section.name);
        }
    }

    #[test]
    fn a_binding_fixes_slots_and_frames_take_a_prompt() {
        let mut sections = Vec::new();
        parse(
            "== bread home en\nloaf = rye | wheat\n? Why is {loaf} dense, {loaf}?\n? Say:\\n{ask}",
            &mut sections,
        )
        .unwrap();
        let mut draw = Draw::keyed(0, Purpose::Turn, 0, 0);
        let mut out = String::new();
        sections[0].write(&mut out, &sections[0].asks[0], 3, &mut draw, "");
        assert!(out == "Why is rye dense, rye?" || out == "Why is wheat dense, wheat?", "{out}");
        out.clear();
        sections[0].write(&mut out, &sections[0].asks[1], 3, &mut draw, "hello");
        assert_eq!(out, "Say:\nhello");
    }

    #[test]
    fn texts_are_lengthened_and_rules_stay_the_same() {
        let mut sections = Vec::new();
        parse("== d detail en\n? One {#1-9}.\n? Two.\n> line {#10-99}\n! a", &mut sections).unwrap();
        for seed in 0..20 {
            let mut out = "Why?".to_owned();
            sections[0].lengthen(&mut out, 300, &mut Draw::keyed(seed, Purpose::Turn, 0, 0));
            assert!((300..320).contains(&out.len()) && out.starts_with("Why?"), "{out}");
        }
        let mut short = "Why is this?".to_owned();
        sections[0].lengthen(&mut short, 5, &mut Draw::keyed(1, Purpose::Turn, 0, 0));
        assert_eq!(short, "Why is this?");
        let rules = |seed| {
            let mut out = String::new();
            sections[0].write_rules(&mut out, 9, 1, &mut Draw::keyed(seed, Purpose::Turn, 0, 0));
            out
        };
        assert_eq!(rules(1).lines().count(), 2, "no rule stands twice");
        assert!(rules(1).starts_with("Two.\nOne"), "{}", rules(1));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("? hello", "outside"),
            ("== a b", "name, class"),
            ("== a b en\n? {gone}", "no slot gone"),
            ("== a b en\n? {#9-1}", "no range"),
            ("== a b en\n? {open", "stays open"),
            ("== a b en\nhello", "neither"),
        ] {
            assert!(parse(text, &mut Vec::new()).unwrap_err().contains(word), "{text}");
        }
    }
}
