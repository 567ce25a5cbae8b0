use super::*;
use crate::cache::testing::{cache, row, snapshot};
use crate::case::State;

#[test]
fn names_in_prose_are_found_between_marks_and_numbers_are_left() {
    let folder = tempfile::tempdir().unwrap();
    let rows = vec![row("acct_0001", 1), row("org:team 7", 2), row("12345", 3), row("records", 4)];
    let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
    let vocabulary = BTreeSet::from(["records".to_owned()]);
    let names = Names::pseudonyms(&cache, Digest::of(b"key"), &vocabulary).unwrap();
    let one = names.id(&"acct_0001".into());
    assert!(one.as_str().starts_with("account-") && one.as_str().len() == 24);
    let text = names.text("see “acct_0001”, (user=acct_0001): org:team 7; 12345 records of acct_00012.");
    let team = names.id(&"org:team 7".into());
    assert_eq!(text, format!("see “{one}”, (user={one}): {team}; 12345 records of acct_00012."));
    assert!(names.check("f", text.as_bytes()).is_ok());
    assert!(names.check("f", b"x\nof acct_0001").unwrap_err().to_string().contains("line 2"));
    assert_eq!(Names::open(&cache).text("acct_0001"), "acct_0001");
}

#[test]
fn a_renamed_cache_finds_its_accounts_by_their_pseudonyms() {
    let folder = tempfile::tempdir().unwrap();
    let rows = vec![row("b", 1), row("a", 2)];
    let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
    let names = Names::pseudonyms(&cache, Digest::of(b"key"), &BTreeSet::new()).unwrap();
    let renamed = cache.renamed(&names);
    for (at, account) in cache.accounts().iter().enumerate() {
        assert_eq!(renamed.account_index(&names.id(&account.id)), Some(at as u32));
        assert_eq!(renamed.account_index(&account.id), None);
    }
}

/// A scope with pseudonyms selects in the renamed cache what the scope selects in the cache.
#[test]
fn a_renamed_scope_selects_the_same_rows() {
    use crate::cache::testing::Row;
    use crate::model::{Scope, Silent};
    use crate::query::select;
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..400_i64).map(|at| Row {
        account: format!("acct_{:03}", at % 40),
        ts: at,
        ip: Some(format!("10.0.{}.{}", at % 4, at % 9)),
        payment: Some(format!("pm_{}", at % 7)),
        ..Row::default()
    });
    let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows.collect())])]);
    let names = Names::pseudonyms(&cache, Digest::of(b"key"), &BTreeSet::new()).unwrap();
    let renamed = cache.renamed(&names);
    let many = (0..30).map(|at| AccountId(format!("acct_{at:03}"))).collect();
    let scopes = [
        Scope::default(),
        Scope::default().with_accounts("many", many),
        Scope::default().with_account("acct_007".into()),
        Scope::default().with_value(AttributeKind::Ip24, "10.0.1.0/24"),
        Scope::default().with_value(AttributeKind::Ip, "10.0.1.1"),
        Scope::default().with_value(AttributeKind::PaymentFingerprint, "pm_3"),
    ];
    for scope in scopes {
        let wanted = select(&cache, &scope, &Silent).unwrap();
        assert!(wanted.exchanges > 0, "{scope:?}");
        let found = select(&renamed, &names.scope(&scope), &Silent).unwrap();
        assert_eq!((found.runs, found.accounts), (wanted.runs, wanted.accounts), "{scope:?}");
    }
}

/// A name is found in any letter case and between any marks; a word of the program and a name in the name of a
/// log file stop no export.
#[test]
fn names_are_found_in_every_form_and_words_of_the_program_are_left() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ["acct_0001", "48213377", "bob@harvest.example", "漢字 7", "sha256sum", "acct_0009", "bob"];
    let rows = ids.iter().zip(1..).map(|(id, at)| row(id, at)).collect();
    let file = "account_id=acct_0009.parquet";
    let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[(file, rows)])]);
    let vocabulary = BTreeSet::from(["sha256sum".to_owned()]);
    let names = Names::pseudonyms(&cache, Digest::of(b"key"), &vocabulary).unwrap();
    for (form, id) in [
        ("acct_0001's", "acct_0001"),
        ("acct_0001—which", "acct_0001"),
        ("*acct_0001*", "acct_0001"),
        ("Acct_0001", "acct_0001"),
        ("account 48213377; all time", "48213377"),
        ("to Bob@Harvest.example.", "bob@harvest.example"),
        ("漢字 7", "漢字 7"),
    ] {
        let renamed = names.text(form);
        assert!(renamed.contains(names.id(&id.into()).as_str()), "{form}: {renamed}");
        assert!(!renamed.to_lowercase().contains(id), "{form}: {renamed}");
    }
    for left in ["sha256sum -c", "xacct_0001", "acct_0001x", "1482133770", "bob"] {
        assert_eq!(names.text(left), left);
    }
    for allowed in ["a,acct_0001\nsha256sum", "x\n48213377", "x\naccount_id=acct_0009.parquet"] {
        names.check("f.csv", allowed.as_bytes()).unwrap();
    }
    names.check("f.json", b"{\"acct_0001\": 1}").unwrap();
    names.check("f.json", b"{\"a\": \"acct_0001\"}").unwrap_err();
    let title = names.title("account bob; all time", Some("bob"), &[], &[]);
    assert_eq!(title, format!("account {}; all time", names.id(&"bob".into())));
}

/// A name of letters alone is replaced in what people and callers wrote; the program's sentences and prompts keep it as
/// a word, and it stops no export.
#[test]
fn names_of_letters_alone_are_replaced_in_notes_and_values() {
    let folder = tempfile::tempdir().unwrap();
    let rows = vec![row("acmecorp", 1), row("accounts", 2), row("john", 3)];
    let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
    let vocabulary = BTreeSet::from(["accounts".to_owned()]);
    let names = Names::pseudonyms(&cache, Digest::of(b"key"), &vocabulary).unwrap();
    let acme = names.id(&"acmecorp".into());
    assert_eq!(names.text("AcmeCorp's accounts, john"), format!("{acme}'s accounts, john"));
    assert_eq!(names.text("acmecorporation"), "acmecorporation");
    assert_eq!(names.attribute(AttributeKind::UserAgent, "acmecorp-bot/1.0"), format!("{acme}-bot/1.0"));
    assert_eq!(names.sentence("acmecorp of 9"), "acmecorp of 9");
    let exchange: ExchangeRef = format!("{}/a.parquet#0", Digest::of(b"s")).parse().unwrap();
    assert_eq!(names.of_exchange(&exchange, Column::PromptText, "for acmecorp").0, "for acmecorp");
    assert_eq!(names.of_exchange(&exchange, Column::StatedUseCase, "for acmecorp").0, format!("for {acme}"));
    names.check("f.txt", b"acmecorp").unwrap();
}

/// The words of a prompt that equal a template's are the prompt: they stay where the prompt is disclosed, and a name in
/// them is replaced. Elsewhere the template has its pseudonym.
#[test]
fn a_disclosed_text_keeps_the_words_that_a_template_has() {
    let folder = tempfile::tempdir().unwrap();
    let rows = vec![row("acct_0001", 1), row("acct_0002", 2)];
    let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
    let mut names = Names::pseudonyms(&cache, Digest::of(b"key"), &BTreeSet::new()).unwrap();
    let short = "rate the following answer from 1 to 10";
    let long = format!("compare the two answers {}", "with regard to style ".repeat(8));
    names.words.insert(short.to_owned(), (TEMPLATE, short.to_owned()));
    names.lengths.insert(head(short).to_owned(), vec![short.len()]);
    let pseudonym = names.pseudonym(TEMPLATE, &long);
    names.long_templates = search((vec![long.clone()], vec![pseudonym])).unwrap();

    let exchange: ExchangeRef = format!("{}/a.parquet#0", Digest::of(b"s")).parse().unwrap();
    let prompt = format!("For acct_0001: Rate the following answer from 1 to 10. {long}");
    let hidden = names.text(&prompt);
    assert!(!hidden.contains("following") && !hidden.contains("style"), "{hidden}");
    let (shown, _, is_renamed) = names.of_exchange(&exchange, Column::PromptText, &prompt);
    assert_eq!(shown, prompt.replace("acct_0001", names.id(&"acct_0001".into()).as_str()));
    assert!(is_renamed);
    let (other, ..) = names.of_exchange(&exchange, Column::UserAgent, &prompt);
    assert_eq!(other, hidden, "another column discloses no prompt");
    names.check("f.txt", shown.as_bytes()).unwrap_err();
    let names = names.disclosing([shown.as_str()]);
    names.check("f.txt", shown.as_bytes()).unwrap();
    names.check("f.txt", prompt.as_bytes()).unwrap_err();
    assert_eq!(names.text(&prompt), hidden, "titles are the same with and without texts");
}

/// Names of log files, with the accounts in them, under the key of the tests.
fn file_names(files: &[&str], accounts: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let rows = |at: i64| accounts.iter().zip(at..).map(|(id, at)| row(id, at)).collect::<Vec<_>>();
    let rows: Vec<_> = files.iter().zip(1..).map(|(name, at)| (*name, rows(at * 100))).collect();
    let snapshot = snapshot(folder.path(), &rows);
    let (cache, _) = cache(folder.path(), vec![snapshot.clone()]);
    let state = State { snapshots: vec![snapshot], ..State::default() };
    let names = Names::pseudonyms(&cache, Digest::of(b"key"), &BTreeSet::new()).unwrap();
    let names = names.hiding_files(&state).unwrap();
    let key = Digest::of(b"key");
    let mut found: Vec<String> = files.iter().map(|file| names.file_name_of(file)).collect();
    for own in &mut found {
        for id in accounts {
            *own = own.replace(&keyed(key, ACCOUNT, id), &format!("<{id}>"));
        }
    }
    found
}

#[test]
fn accounts_in_names_of_log_files_stand_as_pseudonyms_and_days_stay() {
    let files = [
        ("account_id=acct_7/part-0.parquet", "account_id=<acct_7>/part-0.parquet"),
        ("acct_7/2026-04.parquet", "<acct_7>/2026-04.parquet"),
        ("acct_7.parquet", "<acct_7>.parquet"),
        ("logs_acct_7_2026-04.parquet", "logs_<acct_7>_2026-04.parquet"),
        ("account_id=org%3Ateam%207/a.parquet", "account_id=<org:team 7>/a.parquet"),
        ("org_team_7/a.parquet", "<org:team 7>/a.parquet"),
        ("ACCT_7/b.parquet", "<acct_7>/b.parquet"),
        ("user=12/c.parquet", "user=<12>/c.parquet"),
        ("user-12.parquet", "user-<12>.parquet"),
        ("12.parquet", "<12>.parquet"),
        ("day=12/part-12.parquet", "day=12/part-12.parquet"),
        ("day=20260302/d.parquet", "day=20260302/d.parquet"),
        ("exchanges-20260302.parquet", "exchanges-20260302.parquet"),
        ("user=20260302/d.parquet", "user=<20260302>/d.parquet"),
        ("exchanges-48213377.parquet", "exchanges-<48213377>.parquet"),
        ("acmecorp/e.parquet", "<acmecorp>/e.parquet"),
        ("x-acmecorp.parquet", "x-<acmecorp>.parquet"),
        ("acct_70/part-0.parquet", "acct_70/part-0.parquet"),
        ("bob@x.example/f.parquet", "<bob@x.example>/f.parquet"),
    ];
    let accounts =
        ["acct_7", "org:team 7", "12", "20260302", "48213377", "acmecorp", "bob@x.example", "part"];
    let (own, expected): (Vec<&str>, Vec<&str>) = files.into_iter().unzip();
    assert_eq!(file_names(&own, &accounts), expected);
}

/// Two files never have one name: the second has a mark behind it.
#[test]
fn files_whose_names_would_be_equal_stay_two() {
    let found = file_names(&["acct-7.parquet", "acct_7.parquet"], &["acct_7"]);
    assert_eq!(found, ["<acct_7>.parquet", "<acct_7>.parquet~"]);
}

/// State, cache and prose have the pseudonyms of a file; the snapshot's hash is that of the names as they stand, and
/// the files are in their order. A person may state that names stand in clear.
#[test]
fn a_file_has_one_name_in_state_cache_and_prose() {
    let folder = tempfile::tempdir().unwrap();
    let ids: Vec<String> = (0..9).map(|at| format!("acct_{at:04}")).collect();
    let own: Vec<String> = ids.iter().map(|id| format!("account_id={id}/a.parquet")).collect();
    let files: Vec<_> =
        own.iter().zip(&ids).zip(1..).map(|((file, id), at)| (file.as_str(), vec![row(id, at)])).collect();
    let snapshot = snapshot(folder.path(), &files);
    let (cache, _) = cache(folder.path(), vec![snapshot.clone()]);
    let mut state = State { snapshots: vec![snapshot.clone()], ..State::default() };
    let pseudonyms = || Names::pseudonyms(&cache, Digest::of(b"key"), &BTreeSet::new()).unwrap();
    let names = pseudonyms().hiding_files(&state).unwrap();
    let renamed = names.state(&state).snapshots.remove(0);
    let listed: Vec<(Digest, &str)> =
        renamed.files.iter().map(|file| (file.sha256, file.name.as_str())).collect();
    assert!(listed.is_sorted_by_key(|(_, name)| *name));
    assert_eq!(crate::snapshot::snapshot_digest(listed.iter().copied()), renamed.sha256);
    assert_ne!(renamed.sha256, snapshot.sha256);
    let of = |digest: Digest| snapshot.files.iter().find(|file| file.sha256 == digest).unwrap().name.as_str();
    let order: Vec<&str> = listed.iter().map(|(sha256, _)| of(*sha256)).collect();
    assert!(!order.is_sorted(), "the order of the log's own names would help to guess them");

    let cached = cache.renamed(&names);
    for (row, id) in ids.iter().enumerate() {
        let clear = cache.exchange_ref(row as u32).unwrap();
        let shown = cached.exchange_ref(row as u32).unwrap();
        assert_eq!(shown, names.exchange(&clear));
        assert_eq!(cached.row_of(&shown).unwrap(), Some(row as u32));
        let pseudonym = names.id(&id.as_str().into()).0;
        assert_eq!(shown.file, format!("account_id={pseudonym}/a.parquet"));
        let prose = names.text(&format!("{clear}, file {}, {id}", clear.file));
        assert_eq!(prose, format!("{shown}, file {}, {pseudonym}", shown.file));
        names.check("f.csv", format!("a\n{shown}").as_bytes()).unwrap();
        names.check("f.csv", format!("a\n{clear}").as_bytes()).unwrap_err();
        let commitment = names.record(&clear, Digest::of(b"r"));
        let salt = names.salt(Digest::of(b"key"), &clear, "record");
        let line = serde_json::json!([salt, shown.to_string(), "record", Digest::of(b"r").to_string()]);
        assert_eq!(
            commitment,
            Digest::of(line.to_string().as_bytes()).to_string(),
            "without the file's own name"
        );
    }

    state.settings.insert(crate::case::FILE_NAMES.to_owned(), "clear".to_owned());
    let clear = pseudonyms().hiding_files(&state).unwrap();
    assert_eq!(clear.state(&state).snapshots, [snapshot]);
    assert!(Names::open(&cache).renamed_files().next().is_none());
}
