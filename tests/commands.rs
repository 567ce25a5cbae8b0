//! A case from Parquet to verified bundle, through the commands alone.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::path::Path;

use stillhunt::signals::{self, context};

use common::{
    csv_rows, dump, everything, few_logs, files_under, lead_ids, output, run, said, small_case, small_logs,
    some_exchanges, stillhunt, tag_and_export, text,
};

#[test]
fn from_parquet_to_a_bundle_that_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = home.join("acme.stillhunt");
    let logs = small_logs(home);
    run(home, &["import", text(&case), text(&logs)]);

    let (header, rows) = csv_rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
    assert_eq!(header[..6], ["account_id", "rank", "score", "p_value", "campaign", "membership"]);
    let signals = signals::ALL.iter().map(|signal| signal.about().id);
    let columns: Vec<&str> = signals
        .chain(context::CONTEXT.iter().map(|context| context.about().id))
        .chain(["like_lead", "likeness", "member"])
        .collect();
    assert_eq!(header[6..], columns);
    assert_eq!(rows.len(), 240);
    let scores: Vec<f64> = rows.iter().map(|row| row[2].parse().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "ranked by falling score");

    let ids = lead_ids(home, &case);
    let in_leads: Vec<&Vec<String>> = rows.iter().filter(|row| !row[4].is_empty()).collect();
    assert!(in_leads.len() > 10 && in_leads.iter().all(|row| ids.contains(&row[4])));
    let members = header.iter().position(|name| name == "member").unwrap();
    assert!(rows.iter().all(|row| row[4].is_empty() == row[members].is_empty()));

    let dossier = run(home, &["account", text(&case), &rows[0][0], "--json"]);
    let dossier: serde_json::Value = serde_json::from_str(&dossier).unwrap();
    assert_eq!(dossier["rank"], 1);
    let from = format!("account:{}", rows[0][0]);
    run(home, &["pivot", text(&case), "--from", &from, "--by", "ip,payment_fingerprint", "--format", "json"]);

    let bag = tag_and_export(home, &case);
    run(home, &["verify", text(&bag)]);
    run(home, &["journal", text(&case), "--verify"]);
    let first = &ids[0];
    let of_bag = |path: &str| fs::read_to_string(bag.join("data").join(path)).unwrap();
    // Outside the id is keyed, since it is a hash over the core accounts.
    let filters: serde_json::Value = serde_json::from_str(&of_bag("06_custody/filters.json")).unwrap();
    let keyed = filters["scopes"][0]["lead"].as_str().unwrap();
    assert!(keyed.starts_with("L-") && keyed != first);
    let report = of_bag("01_report/report.xhtml");
    assert!(report.contains(&format!("Marked as evidence for lead {keyed}.")), "the report cites the id");
    assert!(report.contains(&format!("{keyed}: rank 1 of the present list")));
    for path in ["05_methods/alternatives.csv", "06_custody/filters.json"] {
        assert!(of_bag(path).contains(keyed) && !of_bag(path).contains(first.as_str()), "{path} has the id");
    }
}

#[test]
fn a_lead_is_asked_for_by_its_id_and_never_by_its_rank() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = small_case(home);
    let ids = lead_ids(home, &case);
    let (header, rows) = csv_rows(&run(home, &["leads", text(&case), "--format", "csv"]));
    let contract = ["lead", "rank", "core", "joined", "evidence", "p_value", "q_value", "tested", "shares"];
    assert_eq!(header[..9], contract);
    let scope: serde_json::Value =
        serde_json::from_str(&run(home, &["leads", text(&case), "--scope", &ids[0]])).unwrap();
    let number = |at: usize| rows[0][at].parse::<usize>().unwrap();
    let accounts = &scope["accounts"];
    assert_eq!(accounts["lead"]["id"], ids[0].as_str());
    assert_eq!(accounts["lead"]["core"].as_array().unwrap().len(), number(2));
    assert_eq!(accounts["ids"].as_array().unwrap().len(), number(2) + number(3));

    for wrong in ["1", "L-000000", "campaign 1"] {
        let refused = output(home, &["leads", text(&case), "--scope", wrong]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
        assert!(said(&refused).contains(&ids[0]), "the ids are listed: {}", said(&refused));
    }
    let by_rank = output(home, &["leads", text(&case), "--scope", "1"]);
    assert!(said(&by_rank).contains("ranks do not"), "{}", said(&by_rank));

    // The evidence keeps the id, and the journal has the match of the lead.
    let file = home.join("lead.json");
    fs::write(&file, scope.to_string()).unwrap();
    run(home, &["tag", text(&case), "--scope", text(&file), "--as", "context"]);
    let (columns, entries) = csv_rows(&run(home, &["journal", text(&case), "--format", "csv"]));
    let last = entries.last().unwrap();
    assert_eq!(columns.last().unwrap(), "lead");
    assert_eq!(
        (last[3].as_str(), last[5].as_str()),
        (&*format!("evidence 1: lead {} tagged context", ids[0]), &*ids[0])
    );

    // A scope file whose id is not that of its core accounts is refused.
    let file = home.join("forged.json");
    fs::write(&file, scope.to_string().replace(&ids[0], "L-000000")).unwrap();
    let forged = output(home, &["tag", text(&case), "--scope", text(&file), "--as", "relied-on"]);
    assert_eq!(forged.status.code(), Some(2), "{}", said(&forged));
}

#[test]
fn one_thread_and_two_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let logs = small_logs(home);
    let results = ["1", "2"].map(|threads| {
        let case = home.join(format!("on-{threads}.stillhunt"));
        let run = |arguments: &[&str]| {
            let output = stillhunt(home).env("RAYON_NUM_THREADS", threads).args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", said(&output));
            output.stdout
        };
        run(&["import", text(&case), text(&logs)]);
        let leads = run(&["leads", text(&case), "--accounts", "--format", "csv"]);
        let groups = run(&["leads", text(&case), "--format", "json"]);
        let exhibits = ["hour_of_week", "raster", "topic_map", "links"].map(|kind| {
            let figure = home.join(format!("{kind}-{threads}.svg"));
            run(&["exhibit", text(&case), kind, "--scope", text(&everything(home)), "--out", text(&figure)]);
            fs::read(figure).unwrap()
        });
        (leads, groups, exhibits, dump(&case.join("cache.sqlite")))
    });
    let [one, two] = results;
    assert!(one.0 == two.0, "the accounts' ranking differs");
    assert!(one.1 == two.1, "the leads differ");
    assert!(one.2 == two.2, "the exhibits differ");
    assert!(one.3 == two.3, "the caches differ");
}

#[test]
fn a_deleted_cache_comes_back_the_same_and_files_may_come_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let logs = small_logs(home);
    let case = home.join("a.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    let before = dump(&case.join("cache.sqlite"));
    fs::remove_file(case.join("cache.sqlite")).unwrap();
    // A command that only reads does not wait for topics and says so.
    let leads = output(home, &["leads", text(&case)]);
    assert!(leads.status.success() && said(&leads).contains("stillhunt import"), "{}", said(&leads));
    run(home, &["import", text(&case)]);
    assert!(dump(&case.join("cache.sqlite")) == before, "the rebuilt cache differs");
    assert!(!said(&output(home, &["leads", text(&case)])).contains("text pass"));

    let mut files: Vec<String> = files_under(&logs)
        .iter()
        .filter(|file| text(file).ends_with(".parquet"))
        .map(|file| text(&logs.join(file)).to_owned())
        .collect();
    files.reverse();
    let other = home.join("b.stillhunt");
    let mut arguments = vec!["import", text(&other)];
    arguments.extend(files.iter().map(String::as_str));
    run(home, &arguments);
    assert!(dump(&other.join("cache.sqlite")) == before, "the order of files changed the cache");
}

#[test]
fn several_things_are_tagged_at_once_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = small_case(home);
    let everything = everything(home);
    let (_, accounts) = csv_rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
    let two = some_exchanges(home, &case, &everything, 2);
    let tag = |account: &str, tag: &str| {
        let exchanges = ["--exchange", &two[0], "--exchange", &two[1], "--account", account];
        output(home, &[&["tag", text(&case), "--as", tag, "--json"][..], &exchanges[..]].concat())
    };
    assert_eq!(tag("nobody", "context").status.code(), Some(2));
    assert_eq!(tag(&accounts[0][0], " ").status.code(), Some(2));
    // A tag that looks like another one.
    assert_eq!(tag(&accounts[0][0], "rel\u{456}ed-on").status.code(), Some(2));
    let (_, before) = csv_rows(&run(home, &["journal", text(&case), "--format", "csv"]));
    assert!(before.iter().all(|entry| !entry[3].contains("tagged")), "{before:?}");
    let done = tag(&accounts[0][0], "context");
    assert!(done.status.success(), "{}", said(&done));
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(printed["evidence"], serde_json::json!([1, 2, 3]));
    run(home, &["export", text(&case), "--out", text(&home.join("out")), "--audience", "production"]);
}

#[test]
fn wrong_use_and_wrong_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = home.join("c.stillhunt");
    let code = |arguments: &[&str]| {
        let output = output(home, arguments);
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(code(&["tag", "x", "--as", "context"]).0, 2);
    assert_eq!(code(&["no-such-command"]).0, 2);
    let (status, said) = code(&["import", text(&case), text(&home.join("nowhere"))]);
    assert_eq!(status, 3);
    assert!(said.contains("nowhere"), "{said}");
    assert!(!case.exists(), "a failed import leaves no case");

    let logs = small_logs(home);
    let (status, said) = code(&["import", text(&case), text(&logs), "--preset", "no-such"]);
    assert_eq!(status, 2, "{said}");
    let (status, said) = code(&["generate", "--out", text(&logs), "--accounts", "9", "--exchanges", "5"]);
    assert_eq!(status, 2, "{said}");
    let day = logs.join(files_under(&logs).iter().find(|file| text(file).ends_with(".parquet")).unwrap());
    let whole = fs::read(&day).unwrap();
    fs::write(home.join("cut.parquet"), &whole[..whole.len() / 2]).unwrap();
    let (status, said) = code(&["import", text(&case), text(&home.join("cut.parquet"))]);
    assert_eq!(status, 3);
    assert!(said.contains("cut.parquet"), "{said}");
    assert!(!case.exists());

    run(home, &["import", text(&case), text(&day)]);
    let (status, said) = code(&["account", text(&case), "nobody"]);
    assert_eq!(status, 2, "{said}");
    let (status, said) = code(&["import", text(&case), text(&day)]);
    assert_eq!(status, 3);
    assert!(said.contains("already"), "{said}");
    let (status, said) =
        code(&["export", text(&case), "--out", text(&home.join("out")), "--audience", "production"]);
    assert_eq!(status, 1, "nothing is tagged: {said}");
}

#[test]
fn three_real_days_go_the_whole_way() {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/realmix/dev");
    if !real.is_dir() {
        eprintln!("skipped: {} is not there", real.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = home.join("real.stillhunt");
    let days = ["02", "03", "04"].map(|day| real.join(format!("exchanges-202603{day}.parquet")));
    let mut arguments = vec!["import", text(&case)];
    arguments.extend(days.iter().map(|day| text(day)));
    arguments.push("--reference");
    run(home, &arguments);
    let (_, rows) = csv_rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
    assert!(rows.len() > 1000);
    run(home, &["tag", text(&case), "--account", &rows[0][0], "--as", "relied-on", "--note", "first"]);
    let out = home.join("out");
    run(home, &["export", text(&case), "--out", text(&out), "--audience", "production"]);
    let bag = fs::read_dir(&out).unwrap().next().unwrap().unwrap().path();
    run(home, &["verify", text(&bag)]);
}

/// Everything that the window can decide, by commands alone, to a bundle that verifies.
#[test]
fn every_decision_has_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = home.join("c.stillhunt");
    let case = text(&case);
    run(home, &["import", case, text(&few_logs(home))]);
    let (_, accounts) = csv_rows(&run(home, &["leads", case, "--accounts", "--format", "csv"]));
    let (_, leads) = csv_rows(&run(home, &["leads", case, "--format", "csv"]));
    let (account, lead) = (accounts[0][0].as_str(), leads[0][0].as_str());

    run(home, &["tag", case, "--account", account, "--as", "relied-on", "--note", "first"]);
    run(home, &["note", case, "1", "--note", "the busiest"]);
    run(home, &["note", case, "1", "--as", "relied-on", "--note", ""]);
    for subject in [["--lead", lead], ["--account", account]] {
        let weigh =
            ["--explanation", "shared-nat", "--against", "no address shared", "--verdict", "ruled-out"];
        let printed = run(home, &[&["weigh", case, "--json"][..], &subject[..], &weigh[..]].concat());
        let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert!(printed["what"].as_str().unwrap().contains("shared NAT weighed"), "{printed}");
    }
    run(home, &["zone", case, "Europe/Berlin"]);
    run(home, &["event", case, "--at", "2026-05-12 13:00", "--label", "terms changed"]);
    run(home, &["event", case, "--at", "2026-05-12 13:00", "--label", "terms changed", "--remove"]);
    run(home, &["undo", case]);
    run(home, &["undo", case]);
    run(home, &["redo", case]);
    run(home, &["clocks", case, "synchronised by NTP"]);
    let file = home.join("scope.json");
    fs::write(&file, run(home, &["leads", case, "--scope", lead])).unwrap();
    run(home, &["scope", case, "--save", "first lead", "--scope", text(&file)]);
    run(home, &["scope", case, "--rename", "first lead", "--to", "one harness"]);
    let listed = run(home, &["scope", case]);
    assert!(listed.starts_with("one harness: ") && listed.contains(lead), "{listed}");
    assert_eq!(run(home, &["scope", case, "--print", "one harness"]), fs::read_to_string(&file).unwrap());
    run(home, &["scope", case, "--remove", "one harness"]);
    assert_eq!(run(home, &["scope", case, "--json"]).trim(), "[]");
    run(home, &["undo", case]);
    assert_eq!(run(home, &["scope", case]), listed);
    run(home, &["sources", case, "--kept", "routine"]);
    let (_, journal) = csv_rows(&run(home, &["journal", case, "--format", "csv"]));
    assert!(
        journal.last().unwrap()[3].contains("record-keeping of the sources set to routine"),
        "{journal:?}"
    );

    for wrong in [
        &["redo", case][..],
        &["zone", case, "Middle-earth"],
        &["event", case, "--at", "yesterday", "--label", "x"],
        &["note", case, "9", "--note", "x"],
        &["note", case, "1"],
        &["scope", case, "--remove", "no such name"],
        &["scope", case, "--save", "no scope given"],
        &["scope", case, "--save", " ", "--scope", text(&file)],
        &["retire", case, "000000", "--reason", "x"],
        &["weigh", case, "--lead", lead, "--explanation", "aliens", "--for", "x", "--verdict", "open"],
    ] {
        assert_eq!(output(home, wrong).status.code(), Some(2), "{wrong:?}");
    }

    run(home, &["export", case, "--out", text(&home.join("out")), "--audience", "production"]);
    let bag = fs::read_dir(home.join("out")).unwrap().next().unwrap().unwrap().path();
    run(home, &["verify", text(&bag)]);
    let sources = fs::read_to_string(bag.join("data/06_custody/sources.csv")).unwrap();
    let (_, sources) = csv_rows(&sources);
    assert!(sources.iter().all(|row| row[6] == "routine"), "{sources:?}");
    let exhibits: Vec<String> = files_under(&bag.join("data/03_exhibits"))
        .iter()
        .filter(|file| text(file).ends_with(".csv"))
        .map(|file| fs::read_to_string(bag.join("data/03_exhibits").join(file)).unwrap())
        .collect();
    let dossier = exhibits.iter().find(|exhibit| exhibit.starts_with("account_id,section,name"));
    assert!(dossier.is_some(), "account evidence has its exhibit");
    assert!(exhibits.iter().all(|exhibit| !exhibit.contains(account)), "production names no account");
    let report = fs::read_to_string(bag.join("data/01_report/report.xhtml")).unwrap();
    assert!(report.contains("Dossier of the accounts (E1)"));
}

/// A wrong mapping and a wrong snapshot are put right by commands; evidence stays.
#[test]
fn a_wrong_mapping_is_replaced_and_a_snapshot_retired() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = home.join("c.stillhunt");
    let logs = few_logs(home);
    fs::write(home.join("wrong.toml"), "ts = \"account_created_at\"\naccount_id = \"account_id\"\n").unwrap();
    run(home, &["import", text(&case), text(&logs), "--map", text(&home.join("wrong.toml"))]);
    fs::write(home.join("all.json"), "{}").unwrap();
    let exchanges = some_exchanges(home, &case, &home.join("all.json"), 1);
    run(home, &["tag", text(&case), "--exchange", &exchanges[0], "--as", "relied-on"]);
    let snapshot = |at: usize| {
        let (_, rows) = csv_rows(&run(home, &["sources", text(&case), "--format", "csv"]));
        rows[at].clone()
    };
    let first = snapshot(0)[0].clone();
    run(home, &["import", text(&case), "--snapshot", &first[..8], "--preset", "canonical"]);
    assert!(snapshot(0)[4].contains("mapping canonical"), "{:?}", snapshot(0));
    let fresh = home.join("fresh.stillhunt");
    run(home, &["import", text(&fresh), text(&logs)]);
    assert!(
        dump(&case.join("cache.sqlite")) == dump(&fresh.join("cache.sqlite")),
        "as if the mapping had been right from the start"
    );

    let only = output(home, &["retire", text(&case), &first[..8], "--reason", "test system"]);
    assert_eq!(only.status.code(), Some(2), "{}", said(&only));
    let more = home.join("more");
    fs::create_dir(&more).unwrap();
    run(
        home,
        &[
            "generate",
            "--out",
            text(&more),
            "--accounts",
            "30",
            "--exchanges",
            "300",
            "--days",
            "2",
            "--seed",
            "9",
        ],
    );
    run(home, &["import", text(&case), text(&more)]);
    let rows = |accounts: &str| csv_rows(accounts).1.len();
    let both = rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
    run(home, &["retire", text(&case), &first[..8], "--reason", "logs of the test system"]);
    let one = rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
    assert!(one < both, "{one} of {both}");
    assert_eq!(snapshot(1)[6], "logs of the test system");
    assert!(case.join("snapshots").join(&first).is_dir(), "the sealed copy stays");
    run(home, &["export", text(&case), "--out", text(&home.join("out")), "--audience", "production"]);
    let bag = fs::read_dir(home.join("out")).unwrap().next().unwrap().unwrap().path();
    run(home, &["verify", text(&bag)]);
    let (header, sources) = csv_rows(&fs::read_to_string(bag.join("data/06_custody/sources.csv")).unwrap());
    assert_eq!(header[9], "retired_because");
    assert!(sources.iter().any(|row| row[0] == first && row[9] == "logs of the test system"), "{sources:?}");
    let report = fs::read_to_string(bag.join("data/01_report/report.xhtml")).unwrap();
    assert!(report.contains("read with mapping custom"), "the evidence names the mapping it was read with");
    run(home, &["undo", text(&case)]);
    assert_eq!(rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"])), both);
    run(home, &["journal", text(&case), "--verify"]);
}
