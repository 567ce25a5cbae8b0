//! Rules of the architecture: layers, crates that only some folders may name, no import circles.
//!
//! Reads the sources as text; comments, literals and code that is only built for tests do not count.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod circles;
mod rooms;
mod source;

use std::fs;
use std::path::Path;

use circles::{Sources, circles, scattered};

/// The sources of the library: path inside `src`, and text.
fn sources() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Sources::new();
    collect(&root, &root, &mut sources);
    assert!(sources.len() > 50, "the sources were not found under {}", root.display());
    sources
}

fn collect(root: &Path, folder: &Path, sources: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let parts: Vec<_> =
                path.strip_prefix(root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
            sources.insert(parts.join("/"), fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_file_uses_only_rooms_below_it_and_crates_of_its_own_room() {
    // A file of tests, or in a folder of them, may use what it needs; it is no part of the program.
    let faults: Vec<String> = sources()
        .iter()
        .filter(|(file, _)| !file.ends_with("/tests.rs") && !file.contains("/tests/"))
        .flat_map(|(file, text)| {
            let room = file.split('/').next().unwrap().trim_end_matches(".rs");
            let room = if room == "main" { "main.rs" } else { room };
            rooms::faults_of(room, text).into_iter().map(move |fault| format!("{file}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_two_files_import_each_other_in_a_circle() {
    let mut library = sources();
    library.remove("main.rs");
    let found: Vec<String> = circles(&library)
        .iter()
        .map(|circle| {
            let lines = circle.iter().map(|reference| {
                format!(
                    "  {}:{} names {} of {}",
                    reference.from, reference.line, reference.path, reference.to
                )
            });
            format!("a circle:\n{}", lines.collect::<Vec<_>>().join("\n"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_type_of_the_cache_has_its_methods_in_its_own_file() {
    let mut library = sources();
    library.remove("main.rs");
    let found: Vec<String> = scattered(&library)
        .iter()
        .filter(|found| found.to.starts_with("cache/"))
        .map(|found| format!("{}:{} has methods of {} of {}", found.from, found.line, found.path, found.to))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The Parquet reader takes bytes for text unchecked where the metadata says text, so that only one file
/// makes metadata; files for tests alone do not count.
#[test]
fn metadata_of_parquet_files_is_made_in_one_file() {
    const OWN: &str = "snapshot/annotation.rs";
    let mut found = Vec::new();
    for (file, text) in sources() {
        if file == OWN || file.ends_with("tests.rs") {
            continue;
        }
        for (line, maker) in rooms::makers_of_metadata(&text) {
            found.push(format!("{file}:{line}: {maker} is only for {OWN}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The files of each circle among some sources.
fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let sources = files.iter().map(|&(file, text)| (file.to_owned(), text.to_owned())).collect();
    circles(&sources)
        .iter()
        .map(|circle| {
            let mut files: Vec<String> = circle.iter().map(|reference| reference.from.clone()).collect();
            files.sort();
            files.dedup();
            files
        })
        .collect()
}

const LIB: (&str, &str) = ("lib.rs", "pub mod a; pub mod b; pub mod c; pub mod room;");

#[test]
fn a_circle_is_noticed_however_it_is_closed() {
    let two = vec![vec!["a.rs".to_owned(), "b.rs".to_owned()]];
    for (a, b) in [
        ("use crate::b::B; pub struct A;", "use crate::a::A; pub struct B;"),
        (
            "use crate::{c::C, b::{B, other}}; pub struct A;",
            "use super::a::A as Other; pub struct B; pub fn other() {}",
        ),
        ("pub struct A; fn f() { crate::b::f(); }", "pub fn f() -> crate::a::A { todo!() }"),
        (
            "use crate::b; pub struct A; fn f() { b::f() }",
            "use crate::a::*; pub fn f() { let _ = crate::a::A; }",
        ),
        ("use super::b::f; pub struct A;", "pub fn f(a: &super::a::A) -> Vec<super::a::A> { todo!() }"),
        ("pub use crate::b::B; pub fn f(b: B) {}", "pub struct B; use crate::a::f;"),
    ] {
        assert_eq!(circles_of(&[LIB, ("a.rs", a), ("b.rs", b)]), two, "{a} / {b}");
    }
}

#[test]
fn a_circle_of_three_and_two_circles_are_noticed() {
    let three = [
        LIB,
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c.rs", "use crate::a::A; pub struct C;"),
    ];
    assert_eq!(circles_of(&three), [["a.rs", "b.rs", "c.rs"]]);
    let room = [
        ("room/mod.rs", "mod x; mod y; pub use x::X;"),
        ("room/x.rs", "use super::y::Y; pub struct X;"),
        ("room/y.rs", "use super::x::X; pub struct Y;"),
    ];
    let found = circles_of(&[&three[..], &room[..]].concat());
    assert_eq!(found, [vec!["a.rs", "b.rs", "c.rs"], vec!["room/x.rs", "room/y.rs"]]);
}

#[test]
fn children_that_reach_each_other_through_their_parent_are_a_circle() {
    let found = circles_of(&[
        ("lib.rs", "pub mod room;"),
        ("room/mod.rs", "mod x; mod y; pub use x::{X, with}; pub use y::*;"),
        ("room/x.rs", "use super::{Y as Other}; pub struct X; pub fn with() {}"),
        ("room/y.rs", "use crate::room::with; pub struct Y;"),
    ]);
    assert_eq!(found, [["room/x.rs", "room/y.rs"]]);
}

#[test]
fn a_parent_that_only_passes_names_on_has_no_circle_with_its_children() {
    let child = ("room/x.rs", "use super::Number; pub struct X(Number);");
    let passes_on = "mod x; pub use x::X; pub(crate) use x::X as Other; pub type Number = u32;";
    assert!(circles_of(&[LIB, ("room/mod.rs", passes_on), child]).is_empty());
    let uses = "mod x; pub use x::X; pub type Number = u32; fn f(x: &X) {}";
    assert_eq!(circles_of(&[LIB, ("room/mod.rs", uses), child]), [["room/mod.rs", "room/x.rs"]]);
    let calls = "mod x; pub type Number = u32; fn f() { x::X::new() }";
    assert_eq!(circles_of(&[LIB, ("room/mod.rs", calls), child]), [["room/mod.rs", "room/x.rs"]]);
}

#[test]
fn comments_literals_tests_and_names_of_modules_close_no_circle() {
    for a in [
        "pub struct A; // use crate::b::B;",
        "pub struct A; /* use /* crate::b::B; */ fn f() { crate::b::f() } */",
        "/// See [`B`](crate::b::B).\npub struct A;",
        "pub struct A; const TEXT: &str = \"crate::b::B\"; const RAW: &str = r#\"\" crate::b::B\"#;",
        "pub struct A; #[cfg(test)] mod tests { use crate::b::B; } ",
        "pub struct A; #[cfg(test)] #[allow(unused)] use crate::b::B;",
        "use crate::b; pub struct A;",
        "use std::fmt::{self, Debug}; pub struct A; fn f(c: char) -> bool { c == '\"' || c == '\\'' } fn g<'b>(_: &'b A) {}",
    ] {
        let b = "use crate::a::A; pub struct B; pub fn f() {}";
        assert!(circles_of(&[LIB, ("a.rs", a), ("b.rs", b)]).is_empty(), "{a}");
    }
    let only_for_tests = [
        ("lib.rs", "pub mod a; #[cfg(test)] mod testing;"),
        ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::testing::f; }"),
        ("testing.rs", "use crate::a::A; pub fn f() {}"),
    ];
    assert!(circles_of(&only_for_tests).is_empty());
}

#[test]
fn methods_far_from_their_type_are_noticed_and_traits_are_not() {
    let files = [
        ("lib.rs", "pub mod a; pub mod b;"),
        ("a.rs", "pub struct A<T>(T); pub trait Own {} impl<T> A<T> { fn near(&self) {} }"),
        (
            "b.rs",
            "use crate::a::{A, Own}; impl<T: Clone> A<T> where T: Copy { fn far(&self) {} } impl<T> Own for A<T> {}",
        ),
    ];
    let sources = files.iter().map(|&(file, text)| (file.to_owned(), text.to_owned())).collect();
    let found: Vec<_> = scattered(&sources).into_iter().map(|found| (found.from, found.to)).collect();
    assert_eq!(found, [("b.rs".to_owned(), "a.rs".to_owned())]);
}
