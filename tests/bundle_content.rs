//! Bundles whose content somebody changed who holds the key: every manifest and signature fits again, and
//! `verify` finds the change by comparing the files with one another.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::path::Path;

use common::sealing::{Change, edit, missed, one, read, replace, sha256, swap, write};
use common::{few_logs, legal_frame, output, run, tag_and_export, text};
use serde_json::{Value, json};

/// Changes the lines of the journal, and makes numbers aside the whole chain and the checkpoint fit again.
fn rewrite(bag: &Path, change: impl Fn(&mut Vec<Value>)) {
    const JOURNAL: &str = "06_custody/journal.jsonl";
    let mut lines: Vec<Value> =
        read(bag, JOURNAL).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    change(&mut lines);
    let mut prev = "0".repeat(64);
    for line in &mut lines {
        if let Some(fields) = line["fields"].as_array() {
            let commitments: String = fields
                .iter()
                .map(|field| match field["field"].as_str() {
                    Some(shown) => sha256(shown.as_bytes()) + "\n",
                    None => field["commitment"].as_str().unwrap().to_owned() + "\n",
                })
                .collect();
            line["body_hash"] = sha256(commitments.as_bytes()).into();
        }
        line["prev"] = prev.into();
        let body = line["body_hash"].as_str().unwrap();
        prev = sha256(format!("{} {body}\n", line["prev"].as_str().unwrap()).as_bytes());
        line["hash"] = prev.clone().into();
    }
    let text: String = lines.iter().map(|line| line.to_string() + "\n").collect();
    write(bag, JOURNAL, &text);
    let mut point: Value = serde_json::from_str(&read(bag, "06_custody/journal.checkpoint")).unwrap();
    point["head"] = prev.into();
    point["count"] = lines.len().into();
    write(bag, "06_custody/journal.checkpoint", &(point.to_string() + "\n"));
}

/// Changes the value of a disclosed field of the first entry with an action.
fn field(bag: &Path, action: &str, pointer: &str, value: &Value) {
    rewrite(bag, |lines| {
        let line =
            lines.iter_mut().find(|line| line.to_string().contains(&format!(r#"\"/action\",\"{action}\""#)));
        for field in line.unwrap()["fields"].as_array_mut().unwrap() {
            let Some(shown) = field["field"].as_str() else { continue };
            let (salt, own, _): (String, String, Value) = serde_json::from_str(shown).unwrap();
            if own == pointer {
                *field = json!({"field": json!([salt, own, value]).to_string()});
            }
        }
    });
}

/// Deliberate changes by somebody who can sign.
fn changes() -> Vec<Change> {
    let account = |bag: &Path| -> String {
        let text = read(bag, "04_summaries/S-001.csv");
        text.lines().nth(1).unwrap().split(',').next().unwrap().to_owned()
    };
    vec![
        one("a summary counts more", |bag| {
            let text = read(bag, "04_summaries/S-002.csv");
            let row = text.lines().nth(1).unwrap();
            write(bag, "04_summaries/S-002.csv", &text.replace(row, &format!("{row}7")));
        }),
        swap("a summary's SQL counts twice", "04_summaries/S-001.sql", "count(*)", "2 * count(*)"),
        one("a summary names another account", move |bag| {
            let own = account(bag);
            replace(bag, "04_summaries/S-001.csv", &own, "account-0123456789abcdef");
        }),
        one("a summary too many", |bag| write(bag, "04_summaries/S-099.csv", "day,exchanges\n")),
        one("a summary's inputs name another file", |bag| {
            edit(bag, "04_summaries/S-001.inputs.json", |json| json["inputs"][0]["file"] = "x".into());
        }),
        one("all summaries gone", |bag| fs::remove_dir_all(bag.join("data/04_summaries")).unwrap()),
        one("all records gone", |bag| fs::remove_dir_all(bag.join("data/02_records")).unwrap()),
        one("all exhibits gone", |bag| fs::remove_dir_all(bag.join("data/03_exhibits")).unwrap()),
        one("a figure's bar is longer", |bag| figure(bag, "fill=\"#0b4f8a\"", "fill=\"#ffffff\"")),
        one("a figure has a script", |bag| figure(bag, "</svg>", "<script>1</script></svg>")),
        one("a figure loads something", |bag| figure(bag, "</svg>", "<image href=\"http://a\"/></svg>")),
        one("a figure's caption says another scope", |bag| figure(bag, "Scope: ", "Scope: not ")),
        one("a table of a figure counts more", |bag| {
            let text = read(bag, "03_exhibits/EX-0002.csv");
            write(bag, "03_exhibits/EX-0002.csv", &text.replace("Mon,0,UTC,", "Mon,0,UTC,9"));
        }),
        one("a table has a formula", |bag| {
            let text = read(bag, "03_exhibits/EX-0005.csv");
            write(bag, "03_exhibits/EX-0005.csv", &text.replace("\naccount-", "\n=HYPERLINK(1)&account-"));
        }),
        one("an exhibit too many", |bag| write(bag, "03_exhibits/EX-0099.csv", "a\n1\n")),
        one("an exhibit without its table", |bag| {
            fs::remove_file(bag.join("data/03_exhibits/EX-0002.csv")).unwrap();
        }),
        one("the schema says fewer rows", |bag| {
            edit(bag, "02_records/EX-0001.schema.json", |json| json["rows"] = 1.into());
        }),
        one("the schema has another type", |bag| {
            edit(bag, "02_records/EX-0001.schema.json", |json| json["columns"][0]["type"] = "int64".into());
        }),
        one("the schema lacks a column", |bag| {
            edit(bag, "02_records/EX-0001.schema.json", |json| {
                json["columns"].as_array_mut().unwrap().pop();
            });
        }),
        one("the schema says that text is there", |bag| {
            edit(bag, "02_records/EX-0001.schema.json", |json| json["withheld_columns"] = json!([]));
        }),
        one("the schema has another hash", |bag| {
            edit(bag, "02_records/EX-0001.schema.json", |json| json["sha256"] = "00".repeat(32).into());
        }),
        one("the schema counts other missing values", |bag| {
            edit(bag, "02_records/EX-0001.schema.json", |json| {
                for column in json["columns"].as_array_mut().unwrap() {
                    if column["rows_without_value"].is_number() {
                        column["rows_without_value"] = 9_999.into();
                    }
                }
            });
        }),
        one("a source's schema says that a column is withheld", |bag| {
            edit(bag, "02_records/EX-0001.source-01.schema.json", |json| {
                for column in json["columns"].as_array_mut().unwrap() {
                    column["withheld"] = true.into();
                }
            });
        }),
        one("a source is not of the journal", |bag| {
            let text = read(bag, "06_custody/sources.csv");
            let row = text.lines().nth(1).unwrap();
            write(
                bag,
                "06_custody/sources.csv",
                &format!("{text}{}\n", row.replace(".parquet", "x.parquet")),
            );
        }),
        one("a source is gone", |bag| {
            let text = read(bag, "06_custody/sources.csv");
            let row = text.lines().nth(1).unwrap().to_owned() + "\n";
            write(bag, "06_custody/sources.csv", &text.replace(&row, ""));
        }),
        one("a source has another hash", |bag| {
            let text = read(bag, "06_custody/sources.csv");
            let hash = text.lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned();
            replace(bag, "06_custody/sources.csv", &hash, &"ab".repeat(32));
        }),
        one("the journal lost its last entry", |bag| rewrite(bag, |lines| drop(lines.pop()))),
        one("the journal lost a tag", |bag| {
            rewrite(bag, |lines| {
                let at = lines.iter().position(|line| line.to_string().contains("tagged")).unwrap();
                lines.remove(at);
                for (line, seq) in lines.iter_mut().zip(1_u64..) {
                    line["seq"] = seq.into();
                }
            });
        }),
        one("the journal has another person", |bag| field(bag, "tagged", "/actor", &json!("somebody"))),
        one("the journal has an earlier time", |bag| field(bag, "tagged", "/ts", &json!(1))),
        one("the journal has another tag", |bag| field(bag, "tagged", "/tag", &json!("context"))),
        one("the journal has another number", |bag| field(bag, "tagged", "/id", &json!(77))),
        one("the journal's import has other rows", |bag| {
            field(bag, "snapshot_added", "/snapshot/files/0/rows", &json!(1));
        }),
        one("the journal has another program", |bag| field(bag, "opened", "/version", &json!("9.9.9"))),
        one("the journal hides an action", |bag| {
            rewrite(bag, |lines| {
                let line = lines.last_mut().unwrap();
                for field in line["fields"].as_array_mut().unwrap() {
                    let shown = field["field"].as_str().unwrap_or_default().to_owned();
                    if shown.contains("\"/action\"") {
                        *field = json!({"withheld": "/action", "commitment": sha256(shown.as_bytes()), "reason": "privacy"});
                    }
                }
            });
        }),
        one("the journal gives another reason", |bag| {
            rewrite(bag, |lines| {
                for line in lines {
                    for field in line["fields"].as_array_mut().unwrap() {
                        if field["withheld"] == "/note" {
                            field["reason"] = "privacy".into();
                        }
                    }
                }
            });
        }),
        one("the journal shows a pseudonym of another", |bag| {
            rewrite(bag, |lines| {
                for line in lines {
                    for field in line["fields"].as_array_mut().unwrap() {
                        if field["withheld"] == "/source/record" {
                            field["instead"] = "ab".repeat(32).into();
                        }
                    }
                }
            });
        }),
        one("the checkpoint has another time", |bag| {
            edit(bag, "06_custody/journal.checkpoint", |json| json["ts"] = 5.into());
        }),
        one("the journal's table says otherwise", |bag| {
            replace(bag, "06_custody/journal.csv", "tagged", "exported");
        }),
        one("the journal's table has one row less", |bag| {
            let text = read(bag, "06_custody/journal.csv");
            let rows: Vec<&str> = text.lines().collect();
            write(bag, "06_custody/journal.csv", &(rows[..rows.len() - 1].join("\n") + "\n"));
        }),
        one("the redaction log lost an entry", |bag| {
            let text = read(bag, "08_legal/redaction_log.csv");
            let rows: Vec<&str> = text.lines().collect();
            write(bag, "08_legal/redaction_log.csv", &(rows[..rows.len() - 1].join("\n") + "\n"));
        }),
        swap("the redaction log gives another reason", "08_legal/redaction_log.csv", "work product: ", ""),
        one("the redaction log has an entry too many", |bag| {
            let text = read(bag, "08_legal/redaction_log.csv");
            let row = "06_custody/journal.jsonl,1,/note,,00,,work product";
            write(bag, "08_legal/redaction_log.csv", &format!("{text}{row}\n"));
        }),
        swap(
            "an element has another statement",
            "08_legal/elements.csv",
            "that is not shown",
            "that is shown",
        ),
        swap("an empty element has support", "08_legal/elements.csv", "empty", "stated, with support"),
        swap("a clause has other words", "08_legal/tos/T1.txt", "alert(1)", "alert(2)"),
        swap("a table of clauses has other words", "08_legal/tos/clauses.csv", "alert(1)", "alert(2)"),
        swap("a notice is of another kind", "08_legal/notices.csv", "revocation", "notice"),
        swap("a measure is older", "08_legal/measures.csv", "2025-11", "2024-11"),
        swap("a loss is higher", "08_legal/losses.csv", "12500", "92500"),
        swap("acceptance is of another version", "08_legal/tos/acceptance.csv", "2026-01,", "2025-01,"),
        swap("acceptance has another day", "08_legal/tos/acceptance.csv", ",time,", ",whole day in UTC,"),
        swap(
            "a gap of acceptance has another finding",
            "08_legal/tos/acceptance_gaps.csv",
            "used before acceptance",
            "accepted before the first exchange",
        ),
        swap("a price ends later", "08_legal/prices.csv", "2026-", "2027-"),
        swap("a cost is at another price", "08_legal/harm.csv", ",7,USD,", ",9,USD,"),
        swap("the harm is dearer", "08_legal/harm.csv", "USD,", "USD,9"),
        swap("exchanges are after another notice", "08_legal/after_revocation.csv", "N5,", "N6,"),
        one("exchanges after a notice are before it", |bag| {
            let text = read(bag, "08_legal/after_revocation.csv");
            let year = text.lines().nth(1).unwrap().split(',').nth(7).unwrap()[..5].to_owned();
            replace(bag, "08_legal/after_revocation.csv", &format!(",{year}"), ",2019-");
        }),
        one("the price list is gone", |bag| fs::remove_file(bag.join("data/08_legal/prices.csv")).unwrap()),
        one("bag-info is for another proceeding", |bag| {
            info(bag, "Profile: as-recorded", "Profile: trade-secret")
        }),
        one("bag-info is for no proceeding", |bag| info(bag, "Profile: as-recorded\n", "")),
        one("the scopes lost one", |bag| {
            edit(bag, "06_custody/filters.json", |json| json["scopes"] = json!([]));
        }),
        one("the scopes name another account", |bag| {
            edit(bag, "06_custody/filters.json", |json| {
                json["scopes"][0]["scope"]["accounts"]["ids"][0] = "account-0000000000000000".into();
            });
        }),
        one("a table of accounts counts otherwise", |bag| {
            let text = read(bag, "03_exhibits/EX-0005.csv");
            let cells: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
            let other = text.replacen(
                &format!("{},{},", cells[0], cells[1]),
                &format!("{},9{},", cells[0], cells[1]),
                1,
            );
            write(bag, "03_exhibits/EX-0005.csv", &other);
        }),
        swap(
            "SQL of an exhibit returns nothing",
            "04_summaries/underlying/EX-0002.sql",
            "IS DISTINCT FROM",
            "<",
        ),
        swap(
            "SQL of the signals takes the greatest",
            "04_summaries/underlying/E1.signals.sql",
            "AS median",
            "AS middle",
        ),
        swap("a median of a signal is higher", "04_summaries/underlying/E1.signals.csv", "C2,", "C2,1"),
        swap(
            "a joined member is a core member",
            "04_summaries/underlying/E1.members.csv",
            ",core,",
            ",joined,",
        ),
        one("the scopes name an exhibit that is not there", |bag| {
            edit(bag, "06_custody/filters.json", |json| {
                json["scopes"][0]["exhibits"][0] = "EX-0777".into();
            });
        }),
        one("the report cites another head", |bag| {
            let report = read(bag, "01_report/report.xhtml");
            let at = report.find("Its SHA-256 is ").unwrap() + "Its SHA-256 is ".len();
            let head = report[at..at + 64].to_owned();
            write(bag, "01_report/report.xhtml", &report.replace(&head, &format!("f{head}")));
        }),
        one("the report has another figure", |bag| {
            replace(bag, "01_report/report.xhtml", "fill=\"#0b4f8a\"", "fill=\"#0b4f8b\"");
        }),
        swap("the narrative says otherwise", "01_report/report.xhtml", "They met in May", "They met in June"),
        swap(
            "the narrative has a part more",
            "01_report/report.xhtml",
            ">Narrative</h2>",
            ">Narrative</h2>\n<p class=\"plain\">Guilty.</p>",
        ),
        one("the narrative is gone", |bag| {
            let page = read(bag, "01_report/report.xhtml");
            let start = page[..page.find(">Narrative</h2>").unwrap()].rfind("<h2").unwrap();
            let end = start + 3 + page[start + 3..].find("<h2").unwrap();
            write(bag, "01_report/report.xhtml", &format!("{}{}", &page[..start], &page[end..]));
        }),
        swap("the report relies on more accounts", "01_report/report.xhtml", "relies on ", "relies on 9"),
        swap("the report cites another row", "01_report/report.xhtml", " row 3</a>", " row 4</a>"),
        swap("the report has another method", "01_report/report.xhtml", "conformal p-value", "exact p-value"),
        swap(
            "the report has another term",
            "01_report/report.xhtml",
            "the expected share of wrong ones",
            "the share of wrong ones",
        ),
        swap(
            "a declaration certifies more",
            "01_report/report.xhtml",
            "regular practice",
            "perfect practice",
        ),
        one("the report prints another cell", |bag| {
            let page = read(bag, "01_report/report.xhtml");
            let row = page.find("<tr id=\"x-EX-00").unwrap();
            let cell = row + page[row..].find("</td><td>").unwrap() + "</td><td>".len();
            write(bag, "01_report/report.xhtml", &format!("{}7{}", &page[..cell], &page[cell..]));
        }),
        one("the report lost a row of a table", |bag| {
            let page = read(bag, "01_report/report.xhtml");
            let start = page.find("<tr id=\"x-EX-00").unwrap();
            let end = start + page[start..].find("</tr>\n").unwrap() + "</tr>\n".len();
            write(bag, "01_report/report.xhtml", &format!("{}{}", &page[..start], &page[end..]));
        }),
        one("the PDF is another one", |bag| {
            let path = bag.join("data/01_report/report.pdf");
            let mut pdf = fs::read(&path).unwrap();
            pdf.extend_from_slice(b"% \n");
            fs::write(path, pdf).unwrap();
        }),
        swap("the annex is CONFIDENTIAL", "01_report/records.xhtml", "EYES ONLY", "EYES"),
        swap(
            "the annex prints another token",
            "01_report/records.xhtml",
            "<td>input_tokens</td><td><span class=\"said\">",
            "<td>input_tokens</td><td><span class=\"said\">7",
        ),
        one("the annex is gone", |bag| {
            for name in ["records.xhtml", "records.pdf"] {
                fs::remove_file(bag.join("data/01_report").join(name)).unwrap();
            }
        }),
        one("the PDF is gone", |bag| fs::remove_file(bag.join("data/01_report/report.pdf")).unwrap()),
        swap(
            "the README promises more",
            "00_README.txt",
            "no probability of guilt",
            "a probability of guilt",
        ),
        swap(
            "the README says that text is there",
            "00_README.txt",
            "are left out of the records",
            "are in the records",
        ),
        swap("the README names another key", "00_README.txt", "SHA256:", "SHA256:A"),
        swap("the report names another key", "01_report/report.xhtml", "SHA256:", "SHA256:A"),
        one("bag-info names another key", |bag| info(bag, "Signing-Key: SHA256:", "Signing-Key: SHA256:A")),
        one("bag-info is for another audience", |bag| {
            info(bag, "Audience: PRODUCTION", "Audience: INTERNAL")
        }),
        one("bag-info names no audience", |bag| info(bag, "Audience: PRODUCTION\n", "")),
        one("bag-info names two audiences", |bag| {
            info(bag, "Audience: PRODUCTION", "Audience: PRODUCTION\nAudience: SHARE")
        }),
        swap("the report has a script", "01_report/report.xhtml", "</body>", "<script>1</script></body>"),
        swap("the report allows scripts", "01_report/report.xhtml", "default-src 'none'", "default-src *"),
        one("bag-info has words of somebody else", |bag| {
            info(
                bag,
                "Audience: PRODUCTION",
                "Internal-Sender-Description: all admitted\nAudience: PRODUCTION",
            );
        }),
        one("bag-info describes another bundle", |bag| info(bag, "without notes.", "with proof.")),
        one("bag-info is another version", |bag| info(bag, "Bundle-Version: 1", "Bundle-Version: 2")),
        one("bag-info has another designation", |bag| info(bag, "Designation: ATT", "Designation: NO ATT")),
        swap("the changes are of another version", "00_CHANGES.txt", "Version 1", "Version 3"),
        swap(
            "the rules are others",
            "05_methods/hashes.txt",
            "SHA-256 of the file's bytes",
            "SHA-1 of the file",
        ),
        swap("the rule of records is another", "05_methods/record_hash.txt", "null", "zero"),
        swap("a draft to be signed is another", "08_legal/cert_902_11_DRAFT.txt", "at or near", "long after"),
        swap(
            "the environment is another",
            "05_methods/environment.json",
            "\"version\": \"0",
            "\"version\": \"7",
        ),
        one("the environment says more", |bag| {
            edit(bag, "05_methods/environment.json", |json| json["note"] = "guilty".into());
        }),
        one("the filters say more", |bag| {
            edit(bag, "06_custody/filters.json", |json| json["note"] = "guilty".into());
        }),
        one("the methods lost a file", |bag| {
            fs::remove_file(bag.join("data/05_methods/signals.json")).unwrap()
        }),
        one("a file of counsel", |bag| {
            fs::create_dir(bag.join("data/10_internal")).unwrap();
            write(bag, "10_internal/notes.csv", "note\n");
        }),
        one("a name that deceives", |bag| write(bag, "03_exhibits/EX-0002\u{202e}.csv", "a\n")),
        one("a look-alike name", |bag| write(bag, "03_exhibits/ЕХ-0002.csv", "a\n")),
        one("a file that no bundle has", |bag| write(bag, "06_custody/journal.jsonl.bak", "a\n")),
    ]
}

fn info(bag: &Path, from: &str, to: &str) {
    let old = fs::read_to_string(bag.join("bag-info.txt")).unwrap();
    assert!(old.contains(from), "{old}");
    fs::write(bag.join("bag-info.txt"), old.replacen(from, to, 1)).unwrap();
}

/// Changes a figure and its copy in the report alike.
fn figure(bag: &Path, from: &str, to: &str) {
    for file in ["03_exhibits/EX-0004.svg", "03_exhibits/EX-0002.svg"] {
        let old = read(bag, file);
        if old.contains(from) {
            let new = old.replacen(from, to, 1);
            let report = read(bag, "01_report/report.xhtml");
            write(bag, "01_report/report.xhtml", &report.replace(old.trim_end(), new.trim_end()));
            return write(bag, file, &new);
        }
    }
    panic!("no figure has {from}");
}

#[test]
fn content_that_was_changed_and_signed_again_is_found() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    run(home, &["person", text(&case), "--name", "Ada"]);
    legal_frame(home, &case);
    let story = "# How\n\nThey met in May [E1 timeline]. 12 accounts shared cards [E1].";
    run(home, &["story", text(&case), "--text", "a draft that nobody else reads"]);
    run(home, &["story", text(&case), "--part", "1", "--text", story]);
    run(home, &["story", text(&case), "--text", "Then they left [E1 links]."]);
    run(home, &["story", text(&case), "--in-production", "yes"]);
    let sound = tag_and_export(home, &case);
    let journal = read(&sound, "06_custody/journal.jsonl");
    assert!(journal.contains("They met in May") && !journal.contains("a draft that nobody"));
    let whole = output(home, &["verify", text(&sound), "--json"]);
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!(whole["faults"], json!([]));
    let signer = whole["signer"].as_str().unwrap();
    assert!(run(home, &["verify", text(&sound), "--signer", signer]).contains("sound"));
    let allowed = sound.join("data/06_custody/allowed_signers");
    assert!(run(home, &["verify", text(&sound), "--allowed-signers", text(&allowed)]).contains("sound"));
    let other = output(home, &["verify", text(&sound), "--signer", &format!("SHA256:{}", "a".repeat(43))]);
    assert_eq!(other.status.code(), Some(1));

    let all = changes();
    println!("{} kinds of changes", all.len());
    let missed = missed(home, &sound, &all, |_| true);
    assert!(missed.is_empty(), "not found: {missed:?}");
    assert!(all.len() >= 40);
}
