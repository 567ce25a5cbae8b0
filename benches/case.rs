//! Times of the steps of a case: import, open, select, pivot, an account's timeline, export.
//!
//! `cargo bench --bench case -- CASE`; without a case, the sample is loaded first. The case's own
//! files are imported again, by reference, into a throw-away case; the case itself is only read.

mod common;

use common::{RUNS, Subject, forget_peak, median_and_worst, peak_bytes, timed};
use stillhunt::bundle::{self, Audience, ExportOptions, Paper, SigningKey};
use stillhunt::case::legal::Profile;
use stillhunt::case::{Access, Action, EvidenceSource};
use stillhunt::jobs::{ImportRequest, import, memory_of_machine, open};
use stillhunt::model::{AttributeKind, Scope, Silent, Tag};
use stillhunt::query::pivot::pivot;
use stillhunt::query::rhythm::timeline;
use stillhunt::query::select;
use stillhunt::snapshot::Sealing;

fn main() -> anyhow::Result<()> {
    let subject = Subject::chosen()?;
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("measured.stillhunt");
    let given = open(&subject.case, Access::ReadOnly, &Silent)?;
    let sources = &given.sources;
    let paths = sources
        .snapshots
        .iter()
        .flat_map(|snapshot| snapshot.files.iter().map(|file| sources.path_of(snapshot, file)))
        .collect();
    let request = ImportRequest {
        case_dir: dir.clone(),
        paths,
        mapping: given.case.state().snapshots.first().map(|snapshot| snapshot.mapping.clone()),
        sealing: Sealing::Reference,
        memory: memory_of_machine(),
        leave_out: Vec::new(),
        accept_set_aside: false,
    };
    drop(given);
    forget_peak();
    let (ms, session) = timed(|| import(&request, &Silent));
    let counts = session?.cache.counts();
    println!("{}: {} rows, {} exchanges", subject.case.display(), counts.raw, counts.distinct);
    println!("peak memory of the import: {:.2} GiB\n", peak_bytes() as f64 / f64::from(1 << 30));
    println!("{:<20}{:>12}{:>12}", "", "median ms", "worst ms");
    println!("{:<20}{ms:>12.1}", "import (once)");

    say("open", || open(&dir, Access::Write, &Silent))?;
    let mut session = open(&dir, Access::Write, &Silent)?;
    let cache = &session.cache;
    say("select everything", || select(cache, &Scope::default(), &Silent))?;
    let Some(lead) = session.leads.accounts.first() else { anyhow::bail!("the case has no account") };
    let id = cache.accounts()[lead.account as usize].id.clone();
    let one = Scope::default().with_account(id.clone());
    say("select an account", || select(cache, &one, &Silent))?;
    say("pivot an account", || anyhow::Ok(pivot(cache, &[lead.account], &AttributeKind::ALL)))?;
    say("account timeline", || {
        let selection = select(cache, &one, &Silent)?;
        anyhow::Ok(timeline(cache, &selection, 360, &Silent)?)
    })?;

    let source = EvidenceSource::Account { account: id };
    let evidence = session.case.state().next_evidence();
    session.case.record(Action::Tagged { id: evidence, source, tag: Tag::ReliedOn, note: String::new() })?;
    let (out, keys) = (folder.path().join("out"), folder.path().join("keys"));
    say("export", || {
        let key = SigningKey::load_or_create_in(&keys)?;
        let options = ExportOptions {
            audience: Audience::Production,
            out: out.clone(),
            include_text: false,
            profile: Profile::Recorded,
            paper: Paper::A4,
            key,
        };
        let (cache, leads) = (&session.cache, &session.leads);
        anyhow::Ok(bundle::export(&mut session.case, cache, leads, &options, &Silent)?)
    })
}

/// Measures a step a few times and prints it.
fn say<T, E: Into<anyhow::Error>>(name: &str, mut step: impl FnMut() -> Result<T, E>) -> anyhow::Result<()> {
    let mut runs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let (ms, done) = timed(&mut step);
        done.map_err(Into::into)?;
        runs.push(ms);
    }
    let (median, worst) = median_and_worst(runs);
    println!("{name:<20}{median:>12.1}{worst:>12.1}");
    Ok(())
}
