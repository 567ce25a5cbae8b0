//! `stillhunt demo`: the bundled sample, in the window or written out.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::progress::Terminal;
use super::{Outcome, WindowOn, leads, output};
use crate::bundle::{self, Audience, ExportOptions, Paper, SigningKey};
use crate::case::legal::Profile;
use crate::case::{Action, EvidenceSource};
use crate::exhibit::{self, Subject};
use crate::jobs::{self, Session};
use crate::model::{AccountSet, Scope, Tag, Watcher, Zone};
use crate::query::select;

/// Number of exchanges of the first lead that the headless demonstration marks.
const MARKED: usize = 20;

/// Load the bundled sample into a throw-away case and open the window.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  stillhunt demo\n  stillhunt demo --headless out")]
pub(super) struct DemoArgs {
    /// Write the exhibits and the bundle to this folder instead
    #[arg(long, value_name = "DIR")]
    headless: Option<PathBuf>,
}

pub(super) fn run(args: DemoArgs) -> anyhow::Result<Outcome> {
    let Some(out) = args.headless else {
        return Ok(Outcome::OpenWindow(WindowOn::Sample));
    };
    let watcher = Terminal::new();
    let mut sample = jobs::sample_case(&watcher)?;
    let session = &mut sample.session;
    let first = leads::first_scope(session)?;
    let mut written = write_exhibits(session, &first, &out.join("exhibits"), &watcher)?;
    mark(session, &first, &watcher)?;
    let key = SigningKey::load_or_create_in(sample.folder.path())?;
    let options = ExportOptions {
        audience: Audience::Production,
        out: out.clone(),
        include_text: false,
        profile: Profile::Recorded,
        paper: Paper::A4,
        key,
    };
    let exported = bundle::export(&mut session.case, &session.cache, &session.leads, &options, &watcher)?;
    drop(watcher);
    written.push(exported.bag.clone());
    let names: String = written.iter().map(|path| format!("{}\n", path.display())).collect();
    output::print_text(&names)?;
    eprintln!("check the bundle with: stillhunt verify {}", exported.bag.display());
    Ok(Outcome::Done)
}

/// Every kind of exhibit, over everything and over the first lead.
fn write_exhibits(
    session: &Session,
    first: &Scope,
    out: &Path,
    watcher: &dyn Watcher,
) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let mut written = Vec::new();
    for (name, scope) in [("all", &Scope::default()), ("first-lead", first)] {
        let (zone, events) = (Zone::utc(), &session.case.state().events);
        let subject = Subject { cache: &session.cache, leads: &session.leads, scope, zone: &zone, events };
        for kind in exhibit::KINDS {
            let exhibit = exhibit::make(kind.name, &subject, watcher)?;
            let mut files = vec![("csv", Some(exhibit.table))];
            files.push(("svg", exhibit.figure));
            for (ending, bytes) in files {
                let Some(bytes) = bytes else { continue };
                let path = out.join(format!("{name}-{}.{ending}", kind.name));
                output::write_file(&path, &bytes)?;
                written.push(path);
            }
        }
    }
    Ok(written)
}

/// Marks the lead and some of its exchanges, as an investigator would.
fn mark(session: &mut Session, lead: &Scope, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let selection = select(&session.cache, lead, watcher)?;
    let step = (usize::try_from(selection.exchanges)? / MARKED).max(1);
    let rows: Vec<_> = selection.rows().step_by(step).take(MARKED).collect();
    let Session { case, cache, sources, .. } = session;
    let note = "every so many exchanges of the first lead, by the demonstration";
    jobs::mark_exchanges(case, cache, sources, &rows, &Tag::ReliedOn, note, watcher)?;
    let title = lead.accounts.as_ref().and_then(AccountSet::name).unwrap_or_default();
    let source = EvidenceSource::Scope { scope: lead.clone(), title };
    let id = case.state().next_evidence();
    let note = "the first lead of the sample, marked by the demonstration".to_owned();
    case.record(Action::Tagged { id, source, tag: Tag::ReliedOn, note })?;
    Ok(())
}
