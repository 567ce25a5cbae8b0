//! `stillhunt import`: Parquet files into a case.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;

use super::progress::Terminal;
use super::{Outcome, how_to_finish, output, retire, wrong_use};
use crate::bundle::present_report;
use crate::cache::{LoadFacts, unreadable_in_words};
use crate::case::{Access, Case, report_in_words};
use crate::jobs::{
    self, AlreadyThere, ImportRequest, NotAllReadable, Session, SourceChange, SourceChangeRequest,
    TooManySetAside,
};
use crate::model::{MemoryBudget, counted, format_count};
use crate::snapshot::{self, CsvQuotes, Mapping, Sealing, Snapshot, SourceFile};

/// Create or extend a case from Parquet files or folders, to the end: accounts, links, topics,
/// leads. Without files it finishes an import that was stopped.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt import acme.stillhunt logs/2026-04/ --preset litellm
  stillhunt import acme.stillhunt logs/ --map map.toml --unit end_user_id
  stillhunt import acme.stillhunt            finish a stopped import
  stillhunt import acme.stillhunt --snapshot 3f2a9c01 --map columns.toml    replace a wrong mapping
  stillhunt import acme.stillhunt --adopt    make a case of sealed copies whose case.sqlite is lost

The import counts once it is in the journal. The case is usable from then on; topics and prompt
templates follow. After a stop, `stillhunt import CASE` or the window resumes at the same point.")]
pub(super) struct ImportArgs {
    /// The case's folder; made where there is none
    case: PathBuf,
    /// Parquet files, or folders in which to look for them; none to finish a stopped import
    paths: Vec<PathBuf>,
    /// Column preset. The default is the preset that fits the files' columns best
    #[arg(long, conflicts_with = "map", value_parser = PossibleValuesParser::new(snapshot::preset::names()))]
    preset: Option<String>,
    /// Column mapping, a TOML file
    #[arg(long)]
    map: Option<PathBuf>,
    /// Column that identifies the account: end_user_id, api_key_id, org_id, or a column of the files
    #[arg(long, value_name = "COLUMN")]
    unit: Option<String>,
    /// Leave out a file or folder, by its name in the messages. May be given several times
    #[arg(long, value_name = "NAME")]
    leave_out: Vec<String>,
    /// Import even if files are damaged, more than 1 % of the rows cannot be read, or more than 25 %
    /// have no account. These rows are set aside and listed
    #[arg(long)]
    accept_set_aside: bool,
    /// Way in which all CSV files write quotation marks: inside a field doubled or after a backslash, or
    /// unquoted, as text like any other. Without it the files show the way
    #[arg(long, value_name = "WAY", value_parser = PossibleValuesParser::new(["doubled", "backslash", "unquoted"]))]
    csv_quotes: Option<String>,
    /// List of the rows in JSON documents, with dots between the names around it: data.result. A dot alone
    /// takes each document as one row. rows_at in a mapping means the same
    #[arg(long, value_name = "PATH")]
    rows_at: Option<String>,
    /// Encoding of text files that are not UTF-8, such as windows-1252, windows-1251, gbk or shift_jis. Files that
    /// are UTF-8, and UTF-16 with its mark, are read as such. encoding in a mapping means the same
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Character between the fields of CSV files, where it is no comma, tab, semicolon or bar. delimiter in a mapping
    /// means the same
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// Leave the files where they are and keep path, size and SHA-256 instead of copying them
    #[arg(long)]
    reference: bool,
    /// Adopt the sealed copies in the case's folder that no journal names. Each is hashed again. A lost
    /// case.sqlite is made again; an unreadable one is kept beside it
    #[arg(long, conflicts_with_all = ["paths", "reference"])]
    adopt: bool,
    /// Replace the mapping of a snapshot by --map or --preset; SHA is the first digits of its SHA-256.
    /// Evidence already marked keeps its copy
    #[arg(long, value_name = "SHA", conflicts_with_all = ["paths", "reference", "adopt", "memory"])]
    snapshot: Option<String>,
    /// Reason for replacing the mapping, for the journal
    #[arg(long, requires = "snapshot", default_value = "the mapping was wrong")]
    reason: String,
    /// Memory limit of loading, such as 512MiB. Default: a quarter of the machine's memory, at most
    /// 4GiB. Larger loads use a temporary file
    #[arg(long)]
    memory: Option<MemoryBudget>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: ImportArgs) -> anyhow::Result<Outcome> {
    if let Some(digits) = &args.snapshot {
        return replace_mapping(&args, digits);
    }
    match args.csv_quotes.as_deref() {
        Some("doubled") => snapshot::choose_csv_quotes(CsvQuotes::Doubled),
        Some("backslash") => snapshot::choose_csv_quotes(CsvQuotes::Backslash),
        Some(_) => snapshot::choose_csv_quotes(CsvQuotes::Unquoted),
        None => {}
    }
    choose_reading(&args)?;
    let watcher = Terminal::new();
    let session = if args.adopt {
        adopt(&args, &watcher)?
    } else if args.paths.is_empty() {
        if args.preset.is_some() || args.map.is_some() || args.reference || args.memory.is_some() {
            return Err(wrong_use("there are no files to import: name them after the case"));
        }
        jobs::open(&args.case, Access::Write, &watcher)?
    } else {
        import(&args, &watcher)?
    };
    let session = session.finish_text(&watcher).with_context(|| {
        format!("the case is usable, but its text pass is unfinished; {}", how_to_finish(&args.case))
    })?;
    drop(watcher);
    report(&session, &args)?;
    // Damage that the load has met stops an import before; that of prompts is met by the text pass.
    match unreadable_in_words(&session.cache.load_facts()?.unreadable) {
        Some(words) if !args.accept_set_aside => Err(anyhow::anyhow!(
            "{words}. The case has all other values. Fetch the damaged files again and import them into a new case, or \
             take it as it is: open it, or import with --accept-set-aside"
        )),
        _ => Ok(Outcome::Done),
    }
}

/// Sets the place of the rows in JSON documents and the encoding, from the arguments or the mapping that they name.
fn choose_reading(args: &ImportArgs) -> anyhow::Result<()> {
    let mapping = match &args.map {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            let mapping = Mapping::from_toml(&text).map_err(|error| wrong_use(error.to_string()));
            mapping.with_context(|| path.display().to_string())?
        }
        None => Mapping::default(),
    };
    let stated = with_reading(mapping.reading(), args);
    stated.check().map_err(|error| wrong_use(error.to_string()))?;
    stated.choose_reading();
    Ok(())
}

/// The mapping with the place of the rows and the encoding that the arguments name.
fn with_reading(mut mapping: Mapping, args: &ImportArgs) -> Mapping {
    mapping.rows_at = args.rows_at.clone().or(mapping.rows_at);
    mapping.encoding = args.encoding.clone().or(mapping.encoding);
    mapping.delimiter = args.delimiter.clone().or(mapping.delimiter);
    mapping
}

/// Has a snapshot of the case read with the mapping that the arguments ask for.
fn replace_mapping(args: &ImportArgs, digits: &str) -> anyhow::Result<Outcome> {
    let case = Case::open(&args.case, Access::ReadOnly)?;
    let snapshot = jobs::named_snapshot(&case, digits).map_err(wrong_use)?;
    let files = jobs::files_of(&case.sources(), &snapshot);
    let mapping = mapping(args, &files)?;
    let mapping = mapping.ok_or_else(|| wrong_use("name the mapping: --map FILE or --preset NAME"))?;
    drop(case);
    let request = SourceChangeRequest {
        case_dir: args.case.clone(),
        snapshot: snapshot.sha256,
        change: SourceChange::Map(Box::new(mapping)),
        reason: args.reason.clone(),
    };
    retire::change(&request, args.json)
}

/// Makes snapshots of the sealed copies that no journal names.
fn adopt(args: &ImportArgs, watcher: &Terminal) -> anyhow::Result<Session> {
    let files = jobs::files_of_copies(&args.case)?;
    let mapping = mapping(args, &files)?;
    let memory = args.memory.unwrap_or_else(jobs::memory_of_machine);
    jobs::adopt(&args.case, mapping.as_ref(), memory, watcher)
}

/// Imports the files. Where they are in the case already and its text pass has not ended, an
/// import was stopped, and the case is opened instead.
fn import(args: &ImportArgs, watcher: &Terminal) -> anyhow::Result<Session> {
    let sealing = if args.reference { Sealing::Reference } else { Sealing::Copy };
    let mut request = ImportRequest {
        case_dir: args.case.clone(),
        paths: args.paths.clone(),
        mapping: None,
        sealing,
        memory: args.memory.unwrap_or_else(jobs::memory_of_machine),
        leave_out: args.leave_out.clone(),
        accept_set_aside: args.accept_set_aside,
    };
    if args.map.is_some() || args.preset.is_some() || args.unit.is_some() {
        request.mapping = mapping(args, &jobs::files_to_import(&request)?)?;
    }
    let error = match jobs::import(&request, watcher) {
        Err(error) if error.is::<AlreadyThere>() => error,
        Err(error) => return Err(with_way_out(error)),
        Ok(session) => return Ok(session),
    };
    let session = jobs::open(&args.case, Access::Write, watcher)?;
    if session.cache.has_text_pass() { Err(error) } else { Ok(session) }
}

/// Error with the option that lets the import go on, if there is one.
fn with_way_out(error: anyhow::Error) -> anyhow::Error {
    match error.is::<TooManySetAside>() || error.is::<NotAllReadable>() {
        true => anyhow::anyhow!("{error:#} with --accept-set-aside"),
        false => error,
    }
}

/// The mapping that the arguments ask for, for these files; `None` to let the presets decide.
fn mapping(args: &ImportArgs, files: &[(String, PathBuf)]) -> anyhow::Result<Option<Mapping>> {
    Ok(of_arguments(args, files)?.map(|mapping| with_reading(mapping, args)))
}

fn of_arguments(args: &ImportArgs, files: &[(String, PathBuf)]) -> anyhow::Result<Option<Mapping>> {
    let Some(unit) = &args.unit else { return by_map_or_preset(args, files) };
    let mapping = match by_map_or_preset(args, files)? {
        Some(mapping) => mapping,
        None => snapshot::propose(files, None)?.mapping,
    };
    let mapping = mapping.with_unit(unit);
    let problems = snapshot::problems(files, &mapping)?;
    if problems.is_empty() { Ok(Some(mapping)) } else { Err(wrong_use(problems.join("; "))) }
}

fn by_map_or_preset(args: &ImportArgs, files: &[(String, PathBuf)]) -> anyhow::Result<Option<Mapping>> {
    if let Some(path) = &args.map {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        return hand_made(&text, files).map(Some).with_context(|| path.display().to_string());
    }
    let Some(preset) = &args.preset else { return Ok(None) };
    let proposal = snapshot::propose(files, Some(preset))?;
    // With --unit another column is the account, so a missing account column is no problem.
    if proposal.problems.is_empty() || args.unit.is_some() {
        return Ok(Some(proposal.mapping));
    }
    Err(wrong_use(format!("the preset {preset} does not fit these files: {}", proposal.problems.join("; "))))
}

/// A mapping from TOML, completed as [`Mapping::completed`] says, so that a file of five lines does
/// not hide the other columns.
fn hand_made(text: &str, files: &[(String, PathBuf)]) -> anyhow::Result<Mapping> {
    let mapping = Mapping::from_toml(text).map_err(|error| wrong_use(error.to_string()))?;
    let mapping = mapping.completed(&snapshot::propose(files, None)?);
    let problems = snapshot::problems(files, &mapping)?;
    if problems.is_empty() { Ok(mapping) } else { Err(wrong_use(problems.join("; "))) }
}

/// The files of the case that have the same bytes as another, each with that one.
fn identical_in_words(session: &Session) -> Vec<String> {
    let label = |(snapshot, file): (&Snapshot, &SourceFile)| {
        format!("{} of snapshot {}", file.name, snapshot.sha256.short())
    };
    snapshot::identical_files(&session.sources.snapshots)
        .iter()
        .map(|same| {
            format!(
                "{} has the same bytes as {}: its {} count once",
                label(same.file),
                label(same.counted),
                counted(same.file.1.rows, "row", "rows")
            )
        })
        .collect()
}

/// The warning about `request_id`s that do not name one exchange; `None` where all do.
fn shared_ids_in_words(facts: &LoadFacts) -> Option<String> {
    (facts.shared_ids > 0).then(|| {
        format!(
            "{} exchanges share {}: they differ in account, time or content, and each is counted",
            format_count(facts.exchanges_of_shared_ids),
            counted(facts.shared_ids, "request id", "request ids")
        )
    })
}

/// Items of a list that are printed; more are counted.
const LISTED: usize = 12;

fn report(session: &Session, args: &ImportArgs) -> anyhow::Result<()> {
    let (cache, counts) = (&session.cache, session.cache.counts());
    let leads = session.leads.groups.len();
    let Some(snapshot) = session.sources.snapshots.last() else { return Ok(()) };
    let identical = identical_in_words(session);
    let facts = cache.load_facts()?;
    let report = present_report(session.case.state(), cache, &session.sources, snapshot)?;
    if args.json {
        return output::print_json(&serde_json::json!({
            "snapshot": snapshot.sha256, "files": snapshot.files.len(), "mapping": snapshot.mapping,
            "rows": counts.raw, "exchanges": counts.distinct, "accounts": cache.accounts().len(),
            "topics": cache.topics().len(), "leads": leads,
            "unreadable": unreadable_in_words(&facts.unreadable), "identical_files": identical, "merged": report.merged,
            "shared_request_ids": facts.shared_ids, "exchanges_of_shared_request_ids": facts.exchanges_of_shared_ids,
            "report": report,
        }));
    }
    output::print_text(&format!(
        "snapshot {}\n{}, columns mapped by preset {}\n{}, {} of {} in the case\n{}, {} to review\n",
        snapshot.sha256,
        counted(snapshot.files.len() as u64, "file", "files"),
        snapshot.mapping.preset,
        counted(counts.raw, "row", "rows"),
        counted(counts.distinct, "distinct exchange", "distinct exchanges"),
        counted(cache.accounts().len() as u64, "account", "accounts"),
        counted(cache.topics().len() as u64, "topic", "topics"),
        counted(leads as u64, "lead", "leads"),
    ))?;
    let shared = shared_ids_in_words(&facts);
    let unreadable = unreadable_in_words(&facts.unreadable);
    let lines = report_in_words(&report, LISTED);
    identical
        .iter()
        .chain(&shared)
        .chain(&unreadable)
        .chain(&lines)
        .try_for_each(|line| output::print_text(&format!("{line}\n")))
}
