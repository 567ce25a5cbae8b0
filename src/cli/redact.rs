//! `stillhunt redact`: words that bundles for readers outside leave out.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use serde_json::json;

use super::{Outcome, decision, output, wrong_use};
use crate::bundle::{RedactionCount, redaction_counts};
use crate::case::{Action, Case, EvidenceSource, Redacted, RedactionRule};
use crate::model::{Digest, ExchangeRef, format_count, visible};
use crate::snapshot::Column;

/// Redact words of the marked exchanges in bundles for readers outside: by rule, from a list, or by hand.
/// Without a choice, list the redactions and count what each rule finds.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  stillhunt redact acme.stillhunt
  stillhunt redact acme.stillhunt --rule email,phone,secret,card --reason \"personal data of customers\"
  stillhunt redact acme.stillhunt --words \"Jane Roe\" --reason \"a private person\"
  stillhunt redact acme.stillhunt --exchange SNAPSHOT/FILE#ROW --field prompt --text \"Project Heron\" \\
      --reason \"trade secret of a customer\"
  stillhunt redact acme.stillhunt --remove 3")]
#[command(group = clap::ArgGroup::new("what").multiple(false))]
pub(super) struct RedactArgs {
    /// The case's folder
    case: PathBuf,
    /// Rules to turn on
    #[arg(long, group = "what", value_delimiter = ',', requires = "reason")]
    rule: Vec<Rule>,
    /// Words to leave out wherever they stand. May be given several times
    #[arg(long, group = "what", value_name = "TEXT", requires = "reason")]
    words: Vec<String>,
    /// File with words to leave out, one to a line
    #[arg(long, group = "what", value_name = "FILE", requires = "reason")]
    words_file: Option<PathBuf>,
    /// A marked exchange, as SNAPSHOT-SHA-256/FILE#ROW
    #[arg(long, group = "what", value_name = "REF", requires_all = ["reason", "field"])]
    exchange: Option<ExchangeRef>,
    /// Number of a redaction to remove
    #[arg(long, group = "what", value_name = "NUMBER")]
    remove: Option<u64>,
    /// Part of the exchange
    #[arg(long, requires = "exchange")]
    field: Option<Part>,
    /// Characters of the part, from 0, the last not included, as 10..25
    #[arg(long, value_name = "FROM..TO", requires = "exchange", conflicts_with = "text")]
    chars: Option<String>,
    /// Words of the part; every place where they stand is left out
    #[arg(long, requires = "exchange")]
    text: Option<String>,
    /// Reason, which stands in the redaction log
    #[arg(long)]
    reason: Option<String>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Rule {
    /// E-mail addresses
    Email,
    /// Telephone numbers
    Phone,
    /// Keys, tokens and passwords
    Secret,
    /// Card numbers with a right check digit
    Card,
    /// IP addresses
    Ip,
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// The prompt
    Prompt,
    /// The response
    Response,
}

impl Rule {
    fn rule(self) -> RedactionRule {
        RedactionRule::ALL[self as usize]
    }
}

impl Part {
    fn column(self) -> Column {
        match self {
            Self::Prompt => Column::PromptText,
            Self::Response => Column::ResponseText,
        }
    }
}

pub(super) fn run(args: &RedactArgs) -> anyhow::Result<Outcome> {
    let mut case = decision::open(&args.case)?;
    if let Some(id) = args.remove {
        return decision::decide(&mut case, Action::RedactionRemoved { id }, args.json);
    }
    let wanted = wanted(args, &case)?;
    if wanted.is_empty() {
        return list(&case, args.json);
    }
    let reason = args.reason.as_deref().map(str::trim).unwrap_or_default();
    if reason.is_empty() {
        return Err(wrong_use("a redaction needs a reason; the redaction log has it"));
    }
    let already = |what: &Redacted| case.state().redactions.iter().any(|redaction| redaction.what == *what);
    let first = case.state().next_redaction();
    let new = wanted.into_iter().filter(|what| !already(what)).zip(first..);
    let actions: Vec<Action> =
        new.map(|(what, id)| Action::RedactionAdded { id, what, reason: reason.to_owned() }).collect();
    if actions.is_empty() {
        return Err(wrong_use("these redactions are in effect already"));
    }
    let numbers: Vec<u64> = (first..).take(actions.len()).collect();
    case.record_with_copies(actions, &[])?;
    if args.json {
        output::print_json(&json!({"redactions": numbers}))?;
    } else {
        let numbers: Vec<String> = numbers.iter().map(|id| format!("R{id}")).collect();
        output::print_text(&format!("redactions in effect: {}\n", numbers.join(", ")))?;
    }
    Ok(Outcome::Done)
}

/// Redactions that the arguments ask for; none for a list.
fn wanted(args: &RedactArgs, case: &Case) -> anyhow::Result<Vec<Redacted>> {
    let rules = args.rule.iter().map(|rule| Redacted::Rule { rule: rule.rule() });
    let mut listed = args.words.clone();
    if let Some(path) = &args.words_file {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        listed.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    if listed.iter().any(|words| words.trim().is_empty()) {
        return Err(wrong_use("words to redact need a letter or a digit"));
    }
    let words = listed.into_iter().map(|words| Redacted::Words { words: words.trim().to_owned() });
    let mut found: Vec<Redacted> = rules.chain(words).collect();
    if let (Some(exchange), Some(part)) = (&args.exchange, args.field) {
        found.extend(by_hand(args, case, exchange, part.column())?);
    }
    Ok(found)
}

/// Redactions of one text of a marked exchange.
fn by_hand(
    args: &RedactArgs,
    case: &Case,
    exchange: &ExchangeRef,
    column: Column,
) -> anyhow::Result<Vec<Redacted>> {
    let text = marked_text(case, exchange, column)?;
    let text_sha256 = Digest::of(text.as_bytes());
    let length = text.chars().count() as u64;
    let span =
        |start: u64, end: u64| Redacted::Span { exchange: exchange.clone(), column, start, end, text_sha256 };
    if let Some(words) = &args.text {
        let count = words.chars().count() as u64;
        let places = text.match_indices(words.as_str()).filter(|_| count > 0);
        let found: Vec<Redacted> = places
            .map(|(at, _)| text[..at].chars().count() as u64)
            .map(|start| span(start, start + count))
            .collect();
        if found.is_empty() {
            return Err(wrong_use("the words do not stand in that part of the exchange"));
        }
        return Ok(found);
    }
    let Some(chars) = &args.chars else {
        return Ok(vec![Redacted::Field { exchange: exchange.clone(), column }]);
    };
    let bounds = chars.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match bounds {
        Some((start, end)) if start < end && end <= length => Ok(vec![span(start, end)]),
        _ => Err(wrong_use(format!("--chars needs FROM..TO within 0..{length}"))),
    }
}

/// Prompt or response of a marked exchange, as the case has it.
fn marked_text(case: &Case, wanted: &ExchangeRef, column: Column) -> anyhow::Result<String> {
    for evidence in case.state().evidence.values() {
        let EvidenceSource::Exchange { exchange, record, reading, .. } = &evidence.source else { continue };
        if exchange != wanted {
            continue;
        }
        if let Some(copy) = case.record_copy(exchange, *record, *reading)? {
            let text = copy.text(column.name());
            return text.map(str::to_owned).ok_or_else(|| wrong_use("the exchange has no text there"));
        }
    }
    Err(wrong_use(format!("{wanted} is not marked as evidence; `stillhunt tag` marks it")))
}

fn list(case: &Case, as_json: bool) -> anyhow::Result<Outcome> {
    let (counts, exchanges) = redaction_counts(case)?;
    if as_json {
        let all: Vec<_> = counts
            .iter()
            .map(|one| {
                let redaction = &one.redaction;
                json!({
                    "redaction": (redaction.id > 0).then_some(redaction.id), "what": redaction.what,
                    "in_words": redaction.what.describe(), "reason": redaction.reason, "hits": one.hits,
                    "exchanges": one.exchanges,
                })
            })
            .collect();
        output::print_json(&json!({"redactions": all, "marked_exchanges": exchanges}))?;
        return Ok(Outcome::Done);
    }
    for one in &counts {
        output::print_text(&format!("{}\n", visible(&in_words(one, exchanges)).replace(['\n', '\t'], " ")))?;
    }
    Ok(Outcome::Done)
}

/// `R3 e-mail addresses: 12 hits in 5 of 20 marked exchanges; personal data`.
fn in_words(one: &RedactionCount, of: u64) -> String {
    let redaction = &one.redaction;
    let number = if redaction.id > 0 { format!("R{}", redaction.id) } else { "off".to_owned() };
    let hits = if one.hits == 1 { "hit" } else { "hits" };
    let found = format!(
        "{number} {}: {} {hits} in {} of {} marked exchanges",
        redaction.what.describe(),
        format_count(one.hits),
        format_count(one.exchanges),
        format_count(of)
    );
    if redaction.reason.is_empty() { found } else { format!("{found}; {}", redaction.reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_those_of_cases_in_their_order() {
        for (rule, own) in Rule::value_variants().iter().zip(RedactionRule::ALL) {
            assert_eq!(
                rule.to_possible_value().map(|word| word.get_name().to_owned()),
                Some(own.word().to_owned())
            );
            assert_eq!(rule.rule(), own);
        }
        assert_eq!(Rule::value_variants().len(), RedactionRule::ALL.len());
    }
}
