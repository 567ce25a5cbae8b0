use super::*;

fn touch(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "x").unwrap();
}

fn names(found: &[(String, PathBuf)]) -> Vec<&str> {
    found.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn folders_are_searched_and_sorted_without_hidden_files() {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "day=2/b.parquet",
        "day=1/a.PARQUET",
        "c.pq",
        "_SUCCESS",
        "_x.parquet",
        ".h.parquet",
        "n.txt",
        "d.parquet.tmp",
    ] {
        touch(&dir.path().join(name));
    }
    touch(&dir.path().join(".cache/d.parquet"));
    let found = find(&[dir.path().to_owned()]).unwrap();
    assert_eq!(names(&found), ["c.pq", "day=1/a.PARQUET", "day=2/b.parquet"]);
}

#[test]
fn a_file_is_taken_as_it_is_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("export.bin");
    touch(&file);
    touch(&dir.path().join("a.parquet"));
    let found = find(&[file.clone(), dir.path().to_owned(), dir.path().join("a.parquet"), file]).unwrap();
    assert_eq!(names(&found), ["a.parquet", "export.bin"]);
}

#[test]
fn names_that_clash_get_their_folder_before_them() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["x/a.parquet", "y/a.parquet", "z/x/a.parquet"] {
        touch(&dir.path().join(name));
    }
    let found = find(&[dir.path().join("x"), dir.path().join("y")]).unwrap();
    assert_eq!(names(&found), ["x/a.parquet", "y/a.parquet"]);
    let clash = find(&[dir.path().join("x"), dir.path().join("z/x")]).unwrap_err();
    assert!(matches!(&clash, SnapshotError::SameName { file, .. } if file == "x/a.parquet"), "{clash}");
}

#[test]
fn a_case_is_no_input() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    touch(&at("logs/a.parquet"));
    for name in ["case.sqlite", "snapshots/ab/a.parquet"] {
        touch(&at("logs/acme.stillhunt").join(name));
        touch(&at("logs/other name").join(name));
    }
    touch(&at("logs/lost.stillhunt/snapshots/ab/b.parquet"));
    touch(&at("logs/only a name.stillhunt/c.parquet"));
    let found = find(&[at("logs")]).unwrap();
    assert_eq!(names(&found), ["a.parquet", "only a name.stillhunt/c.parquet"]);
    for inside in ["acme.stillhunt", "acme.stillhunt/snapshots", "acme.stillhunt/snapshots/ab/a.parquet"] {
        let error = find(&[at("logs").join(inside)]).unwrap_err();
        assert!(matches!(error, SnapshotError::InsideCase { .. }), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_into_a_case_is_no_input_either() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    touch(&at("logs/a.parquet"));
    touch(&at("acme.stillhunt/case.sqlite"));
    touch(&at("acme.stillhunt/snapshots/ab/b.parquet"));
    touch(&at("elsewhere/c.parquet"));
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(at(to), at(from)).unwrap();
    link("acme.stillhunt/snapshots/ab/b.parquet", "logs/b.parquet");
    link("elsewhere/c.parquet", "logs/c.parquet");
    link("acme.stillhunt/snapshots", "copies");
    assert_eq!(names(&find(&[at("logs")]).unwrap()), ["a.parquet", "c.parquet"]);
    let error = find(&[at("copies")]).unwrap_err();
    assert!(matches!(error, SnapshotError::InsideCase { .. }), "{error}");
}

#[test]
fn what_is_not_there_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let fail = |path: PathBuf| find(&[path]).unwrap_err();
    assert!(matches!(fail(dir.path().join("no")), SnapshotError::NoSuchPath { .. }));
    assert!(matches!(fail(dir.path().to_owned()), SnapshotError::NoParquet { .. }));
    touch(&dir.path().join("a\nb.parquet"));
    assert!(matches!(fail(dir.path().to_owned()), SnapshotError::BadName { .. }));
}

#[test]
fn files_are_known_by_their_first_bytes_and_what_is_left_out_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in
        [("000000_0", "PAR1"), ("b.pqt", "x"), ("c.snappy", "PAR1"), ("notes", "hello"), ("d.gz", "PA")]
    {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    touch(&dir.path().join("_temporary/0/e.parquet"));
    touch(&dir.path().join("f.parquet.crdownload"));
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    assert_eq!(names(&found.files), ["000000_0", "b.pqt", "c.snappy"]);
    let left: Vec<&str> = found.left_out.iter().map(|left| left.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(left, ["_temporary", "d.gz", "f.parquet.crdownload", "notes"]);
}

#[test]
fn folders_of_partitions_above_are_part_of_the_name() {
    let dir = tempfile::tempdir().unwrap();
    touch(&dir.path().join("x/account_id=a/date=1/p.parquet"));
    let day = dir.path().join("x/account_id=a/date=1");
    let expected = ["account_id=a/date=1/p.parquet"];
    assert_eq!(names(&find(std::slice::from_ref(&day)).unwrap()), expected);
    assert_eq!(names(&find(&[day.join("p.parquet")]).unwrap()), expected);
    assert_eq!(names(&find(&[dir.path().join("x")]).unwrap()), expected);
}

#[cfg(unix)]
#[test]
fn links_to_folders_are_followed_and_loops_are_named() {
    let dir = tempfile::tempdir().unwrap();
    touch(&dir.path().join("elsewhere/a.parquet"));
    touch(&dir.path().join("logs/b.parquet"));
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(dir.path().join(to), dir.path().join(name)).unwrap();
    };
    link("elsewhere", "logs/day");
    link("logs", "logs/loop");
    let found = find_all(&[dir.path().join("logs")]).unwrap();
    assert_eq!(names(&found.files), ["b.parquet", "day/a.parquet"]);
    assert!(found.left_out[0].reason.contains("leads back"), "{:?}", found.left_out);
}

#[test]
fn links_that_became_text_are_followed_like_links() {
    let dir = tempfile::tempdir().unwrap();
    touch(&dir.path().join("elsewhere/deep/a.parquet"));
    touch(&dir.path().join("logs/b.parquet"));
    touch(&dir.path().join("acme.stillhunt/case.sqlite"));
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("logs/day2", "../elsewhere");
    write("logs/loop", "../logs");
    write("logs/nowhere", "../nothing");
    write("logs/case", "../acme.stillhunt");
    write("logs/root", "/");
    let found = find_all(&[dir.path().join("logs")]).unwrap();
    assert_eq!(names(&found.files), ["b.parquet", "day2/deep/a.parquet"]);
    assert!(found.files.iter().all(|(_, path)| path.exists()));
    let left = |name: &str| {
        let own = found.left_out.iter().find(|left| left.name.ends_with(name));
        own.map_or("", |left| left.reason.as_str())
    };
    assert!(left("logs/day2").contains("a link written as text"));
    assert!(left("../logs").contains("leads back"), "{:?}", found.left_out);
    assert_eq!(left("logs/case"), "a case");
    assert!(left("logs/nowhere").starts_with("not Parquet") && left("logs/root").starts_with("not Parquet"));
}

#[test]
fn text_is_taken_where_its_folder_is_another_day_of_parquet() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let line = "{\"ts\":1,\"account_id\":\"a\"}\n";
    write("day=1/a.parquet", "PAR1");
    write("day=2/a.jsonl", line);
    write("2026/04/22/a.parquet", "PAR1");
    write("2026/04/23/a.jsonl", line);
    write("day=1/notes.jsonl", line);
    write("manifests/m.json", line);
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    let names: Vec<&str> = found.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["2026/04/22/a.parquet", "2026/04/23/a.jsonl", "day=1/a.parquet", "day=2/a.jsonl"]);
    assert_eq!(found.left_out.len(), 2);
}

#[test]
fn bodies_beside_a_log_of_bedrock_are_no_logs() {
    let dir = tempfile::tempdir().unwrap();
    let row = r#"{"timestamp":"2026-04-22T13:05:09Z","accountId":"a","modelId":"m"}"#;
    fs::create_dir(dir.path().join("data")).unwrap();
    for name in ["log.json", "data/r1_input.json", "data/r1_output.json"] {
        fs::write(dir.path().join(name), row).unwrap();
    }
    let found = find_all(&[dir.path().to_owned()]).unwrap();
    assert_eq!(found.files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["log.json"]);
    assert!(found.left_out.iter().all(|left| left.reason.contains("Bedrock")), "{:?}", found.left_out);
    assert_eq!(found.left_out.len(), 2);
    assert_eq!(find(&[dir.path().join("data/r1_input.json")]).unwrap().len(), 1, "named by hand");
}
