//! Import circles between files.
//!
//! The rule. File A refers to file B where A's code (not its tests, comments or strings) names
//! something that is *defined* in B: in a `use`, or in a path in the code. A name that a module only
//! passes on (`pub use`) belongs to the file that defines it, so a `mod.rs` that declares and
//! re-exports its children has no circle with them, and two children that reach each other through
//! it have one. A child that uses something defined in its parent's own file, which in turn uses the
//! child, is a circle. To name a module and nothing in it is no reference. Files between which each
//! can be reached from each are one circle, reported with the references that close it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Token, tokens, use_paths, without_tests};

/// The sources of a crate: path inside `src` with `/`, and text.
pub type Sources = BTreeMap<String, String>;

/// A reference of one file to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub from: String,
    pub to: String,
    pub line: usize,
    pub path: String,
}

/// A module: one file.
#[derive(Debug, Default)]
struct Module {
    file: String,
    tokens: Vec<Token>,
    /// Names defined here.
    items: BTreeSet<String>,
    /// Names that `use` declarations bring in, with the paths they stand for.
    names: BTreeMap<String, Vec<String>>,
    /// Modules of which all names are brought in.
    globs: Vec<Vec<String>>,
}

/// A module's path from the crate's root.
type Place = Vec<String>;

/// Files each of which can be reached from each, and the references among them.
pub fn circles(sources: &Sources) -> Vec<Vec<Reference>> {
    let references = references(sources);
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for reference in &references {
        next.entry(&reference.from).or_default().insert(&reference.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|&file| (file, reach(file, &next))).collect();
    let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|files| files.contains(to));
    let mut circles: BTreeMap<&str, Vec<Reference>> = BTreeMap::new();
    for reference in references.iter().filter(|reference| reaches(&reference.to, &reference.from)) {
        // A circle is named after its first file.
        let members = &reached[reference.from.as_str()];
        let first = members.iter().find(|&&member| reaches(member, &reference.from));
        circles.entry(first.copied().unwrap_or_default()).or_default().push(reference.clone());
    }
    circles.into_values().collect()
}

fn reach<'a>(start: &'a str, next: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(file) = open.pop() {
        for &other in next.get(file).into_iter().flatten() {
            if reached.insert(other) {
                open.push(other);
            }
        }
    }
    reached
}

/// All references between files, sorted.
pub fn references(sources: &Sources) -> Vec<Reference> {
    let modules = modules(sources);
    let mut found = BTreeSet::new();
    for (place, module) in &modules {
        for (line, path, passes_on) in paths_of(place, module, &modules) {
            if passes_on {
                continue;
            }
            if let Some(file) = file_of(&modules, &path, 0).filter(|file| *file != module.file) {
                found.insert(Reference { from: module.file.clone(), to: file, line, path: path.join("::") });
            }
        }
    }
    found.into_iter().collect()
}

fn modules(sources: &Sources) -> BTreeMap<Place, Module> {
    let mut modules = BTreeMap::new();
    let mut only_for_tests: Vec<Place> = Vec::new();
    for (file, text) in sources {
        let mut place: Place = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if place.last().is_some_and(|last| last == "mod" || file == "lib.rs") {
            place.pop();
        }
        let (tokens, test_files) = without_tests(tokens(text));
        only_for_tests.extend(test_files.into_iter().map(|name| {
            let mut tests = place.clone();
            tests.push(name);
            tests
        }));
        let mut module = Module { file: file.clone(), tokens, ..Module::default() };
        read(&place, &mut module);
        modules.insert(place, module);
    }
    modules.retain(|place, _| !only_for_tests.iter().any(|tests| place.starts_with(tests)));
    modules
}

/// Notes what a module defines and what its `use` declarations bring in.
fn read(place: &Place, module: &mut Module) {
    const KINDS: [&str; 10] =
        ["fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod", "macro_rules"];
    let tokens = std::mem::take(&mut module.tokens);
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            crate::source::Kind::Mark('{' | '(' | '[') => depth += 1,
            crate::source::Kind::Mark('}' | ')' | ']') => depth -= 1,
            _ => {}
        }
        if is_use(&tokens, at) {
            let end = end_of_use(&tokens, at);
            for (path, name) in use_paths(&tokens[at + 1..end]) {
                let path = absolute(place, &path);
                match name.as_str() {
                    "*" => module.globs.push(path),
                    "_" => {}
                    _ => drop(module.names.insert(name, path)),
                }
            }
        } else if depth == 0 && KINDS.contains(&token.word()) {
            let name = tokens[at + 1..].iter().map(Token::word).find(|word| !word.is_empty());
            // A file's module is found by its place, not as an item.
            let is_file = token.word() == "mod" && tokens.get(at + 2).is_some_and(|token| token.is(';'));
            module.items.extend(name.filter(|_| !is_file).map(str::to_owned));
        }
    }
    module.tokens = tokens;
}

fn is_use(tokens: &[Token], at: usize) -> bool {
    // `use<'a>` in a return type is no declaration.
    tokens[at].word() == "use" && !tokens.get(at + 1).is_some_and(|next| next.is('<'))
}

fn end_of_use(tokens: &[Token], at: usize) -> usize {
    at + tokens[at..].iter().take_while(|token| !token.is(';')).count()
}

/// A path from the crate's root; paths into other crates stay as they are.
fn absolute(place: &Place, path: &[String]) -> Vec<String> {
    let mut base = place.clone();
    let mut rest = path;
    match path.first().map(String::as_str) {
        Some("crate") => {
            base.clear();
            rest = &path[1..];
        }
        Some("self") => rest = &path[1..],
        Some("super") => {
            while let [first, others @ ..] = rest
                && first == "super"
            {
                base.pop();
                rest = others;
            }
        }
        // A sibling item, a child module, or another crate.
        _ => {}
    }
    base.extend(rest.iter().cloned());
    base
}

/// The paths that a module's code names, from the crate's root: with the line, and whether the
/// module only passes the name on.
fn paths_of(
    place: &Place,
    module: &Module,
    modules: &BTreeMap<Place, Module>,
) -> Vec<(usize, Vec<String>, bool)> {
    let tokens = &module.tokens;
    let (mut paths, mut at) = (Vec::new(), 0);
    let mut words: BTreeSet<&str> = BTreeSet::new();
    let mut passed_on = Vec::new();
    while at < tokens.len() {
        if is_use(tokens, at) {
            let end = end_of_use(tokens, at);
            let is_public = at > 0 && (tokens[at - 1].word() == "pub" || tokens[at - 1].is(')'));
            for (path, name) in use_paths(&tokens[at + 1..end]) {
                let path = absolute(place, &path);
                if is_public {
                    passed_on.push((tokens[at].line, path, name));
                } else {
                    paths.push((tokens[at].line, path, false));
                }
            }
            at = end;
            continue;
        }
        let starts = !tokens[at].word().is_empty()
            && !(at > 0 && (tokens[at - 1].is_colons() || tokens[at - 1].is('.')));
        if !starts {
            at += 1;
            continue;
        }
        // To declare a module is no use of its name.
        if !(at > 0 && tokens[at - 1].word() == "mod") {
            words.insert(tokens[at].word());
        }
        let (line, mut path) = (tokens[at].line, vec![tokens[at].word().to_owned()]);
        while tokens.get(at + 1).is_some_and(Token::is_colons)
            && tokens.get(at + 2).is_some_and(|token| !token.word().is_empty())
        {
            path.push(tokens[at + 2].word().to_owned());
            at += 2;
        }
        at += 1;
        let first = path[0].as_str();
        let path = match first {
            "crate" | "super" | "self" => absolute(place, &path),
            _ if path.len() < 2 => continue,
            _ => match module.names.get(first) {
                Some(full) => full.iter().cloned().chain(path[1..].iter().cloned()).collect(),
                None => {
                    let child = absolute(place, &path);
                    match modules.contains_key(&child[..=place.len()]) {
                        true => child,
                        false => continue,
                    }
                }
            },
        };
        if path.len() > place.len() || first != "self" {
            paths.push((line, path, false));
        }
    }
    // What is passed on and used as well is a reference.
    let used = |name: &str| words.contains(name);
    paths.extend(passed_on.into_iter().map(|(line, path, name)| (line, path, !used(&name))));
    paths
}

/// The file that defines what a path from the crate's root names; `None` for a module, for what is
/// not of this crate, and for what cannot be found.
fn file_of(modules: &BTreeMap<Place, Module>, path: &[String], depth: usize) -> Option<String> {
    // Names that stand for each other in a circle are not Rust.
    if depth > 32 {
        return None;
    }
    // The longest part of the path that is a module.
    let length = (0..=path.len()).rev().find(|&length| modules.contains_key(&path[..length]))?;
    let module = &modules[&path[..length]];
    let name = path.get(length)?;
    if module.items.contains(name) {
        return Some(module.file.clone());
    }
    if let Some(full) = module.names.get(name) {
        let whole: Vec<String> = full.iter().chain(&path[length + 1..]).cloned().collect();
        return (whole != path).then(|| file_of(modules, &whole, depth + 1))?;
    }
    module.globs.iter().find_map(|glob| {
        let whole: Vec<String> = glob.iter().chain(&path[length..]).cloned().collect();
        file_of(modules, &whole, depth + 1)
    })
}

/// Inherent `impl` blocks that stand in another file than their type: file, line, type and the
/// type's file. Such blocks tie files to each other without naming each other.
pub fn scattered(sources: &Sources) -> Vec<Reference> {
    let modules = modules(sources);
    let mut found = Vec::new();
    for (place, module) in &modules {
        let mut depth = 0;
        for (at, token) in module.tokens.iter().enumerate() {
            match token.kind {
                crate::source::Kind::Mark('{' | '(' | '[') => depth += 1,
                crate::source::Kind::Mark('}' | ')' | ']') => depth -= 1,
                _ => {}
            }
            if depth > 0 || token.word() != "impl" {
                continue;
            }
            let Some(path) = own_type(&module.tokens[at + 1..]) else { continue };
            let path = match module.names.get(&path[0]) {
                Some(full) => full.iter().cloned().chain(path[1..].iter().cloned()).collect(),
                None => absolute(place, &path),
            };
            if let Some(file) = file_of(&modules, &path, 0).filter(|file| *file != module.file) {
                let from = module.file.clone();
                found.push(Reference { from, to: file, line: token.line, path: path.join("::") });
            }
        }
    }
    found
}

/// The type of an inherent `impl`, from just after the word; `None` for the `impl` of a trait.
fn own_type(tokens: &[Token]) -> Option<Vec<String>> {
    let head = &tokens[..tokens.iter().position(|token| token.is('{'))?];
    if head.iter().any(|token| token.word() == "for") {
        return None;
    }
    let mut depth = 0;
    let mut path = Vec::new();
    for token in head {
        match token.kind {
            crate::source::Kind::Mark('<') => depth += 1,
            crate::source::Kind::Mark('>') => depth -= 1,
            _ if depth > 0 || token.is_colons() => {}
            _ if token.word().is_empty() || token.word() == "where" => break,
            _ => path.push(token.word().to_owned()),
        }
    }
    (!path.is_empty()).then_some(path)
}
