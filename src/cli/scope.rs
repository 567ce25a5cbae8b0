//! `stillhunt scope`: the saved scopes of a case.

use std::path::PathBuf;

use super::{Outcome, decision, output, read_scope, wrong_use};
use crate::case::{Access, Action, Case, SavedScope, ZONE};
use crate::model::{Zone, visible};

/// List the saved scopes of a case; save, rename or remove one.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt scope acme.stillhunt
  stillhunt scope acme.stillhunt --save \"first lead\" --scope L-7f31ab.json
  stillhunt scope acme.stillhunt --rename \"first lead\" --to \"one harness\"
  stillhunt scope acme.stillhunt --remove \"one harness\"
  stillhunt scope acme.stillhunt --print \"one harness\" > scope.json")]
#[command(group = clap::ArgGroup::new("what"))]
pub(super) struct ScopeArgs {
    /// The case's folder
    case: PathBuf,
    /// Save a scope under this name, in place of an earlier one of the name
    #[arg(long, group = "what", value_name = "NAME", requires = "scope")]
    save: Option<String>,
    /// The scope, a JSON file
    #[arg(long, value_name = "FILE", requires = "save")]
    scope: Option<PathBuf>,
    /// Rename the scope of this name
    #[arg(long, group = "what", value_name = "NAME", requires = "to")]
    rename: Option<String>,
    /// The new name
    #[arg(long, value_name = "NAME", requires = "rename")]
    to: Option<String>,
    /// Remove the scope of this name
    #[arg(long, group = "what", value_name = "NAME")]
    remove: Option<String>,
    /// Write the scope of this name as JSON, for `tag` and `exhibit`
    #[arg(long, group = "what", value_name = "NAME")]
    print: Option<String>,
    /// Write the entry, or the list, as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ScopeArgs) -> anyhow::Result<Outcome> {
    if let (Some(name), Some(file)) = (&args.save, &args.scope) {
        let (name, scope) = (named(name)?, read_scope(file)?);
        return decision::decide(
            &mut decision::open(&args.case)?,
            Action::ScopeSaved { name, scope },
            args.json,
        );
    }
    if let (Some(before), Some(to)) = (&args.rename, &args.to) {
        let (name, mut case) = (named(to)?, decision::open(&args.case)?);
        let SavedScope { name: before, scope } = saved(&case, before)?.clone();
        if case.state().scopes.iter().any(|saved| saved.name == name) {
            return Err(wrong_use(format!("the case already has a scope “{name}”")));
        }
        let renamed = vec![Action::ScopeSaved { name, scope }, Action::ScopeRemoved { name: before }];
        case.record_with_copies(renamed, &[])?;
        return decision::print_last(&case, args.json);
    }
    if let Some(name) = &args.remove {
        let mut case = decision::open(&args.case)?;
        let name = saved(&case, name)?.name.clone();
        return decision::decide(&mut case, Action::ScopeRemoved { name }, args.json);
    }
    let case = Case::open(&args.case, Access::ReadOnly)?;
    match &args.print {
        Some(name) => output::print_json(&serde_json::to_value(&saved(&case, name)?.scope)?)?,
        None => list(&case, args.json)?,
    }
    Ok(Outcome::Done)
}

fn named(name: &str) -> anyhow::Result<String> {
    match name.trim() {
        "" => Err(wrong_use("a saved scope needs a name")),
        name => Ok(name.to_owned()),
    }
}

fn saved<'a>(case: &'a Case, name: &str) -> anyhow::Result<&'a SavedScope> {
    let found = case.state().scopes.iter().find(|saved| saved.name == name.trim());
    found.ok_or_else(|| wrong_use(format!("the case has no saved scope “{}”", name.trim())))
}

/// Prints the saved scopes, each in words.
fn list(case: &Case, as_json: bool) -> anyhow::Result<()> {
    let state = case.state();
    if as_json {
        let scopes =
            state.scopes.iter().map(|saved| serde_json::json!({"name": saved.name, "scope": saved.scope}));
        return output::print_json(&scopes.collect());
    }
    let zone = state.settings.get(ZONE).and_then(|name| Zone::named(name).ok()).unwrap_or_default();
    let line = |saved: &SavedScope| format!("{}: {}", saved.name, saved.scope.describe(&zone));
    let lines = state.scopes.iter().map(|saved| visible(&line(saved)).replace(['\n', '\t'], " ") + "\n");
    output::print_text(&lines.collect::<String>())
}
