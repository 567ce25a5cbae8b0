//! Text pass from end to end, over any source of prompts.
//!
//! 1. [`census`]: equal prompts, templates, sampled exchanges.
//! 2. The text or vectors of a stratified sample, on which the space, the topics and the map are
//!    [fitted](super::fit) and stored.
//! 3. The outputs of every exchange, computed and stored [row group by row group](super::assign).

use super::assign::assign;
use super::census::{self, Census};
use super::fit::{FITTED, SEED, Sampled, fit};
use super::pending::{Fitted, Pending};
use super::prompts::{Prompts, collect};
use super::store::{Outputs, gather};
use super::template::template;
use super::templates::Template;
use super::words::TOKENISED_CHARS;
use crate::cache::{CacheError, RowId};
use crate::model::Watcher;

/// Completes a pass and returns its model and outputs. `offsets` are the first rows of the accounts.
///
/// # Errors
/// A prompt cannot be read, a step cannot be stored, or the work was cancelled. Stored steps are not
/// repeated by the next call.
pub(super) fn run(
    prompts: &dyn Prompts,
    offsets: &[RowId],
    pending: &Pending,
    watcher: &dyn Watcher,
) -> Result<(Fitted, Outputs), CacheError> {
    let fitted = match pending.fitted(prompts.rows())? {
        Some(fitted) => fitted,
        None => {
            let fitted = model(prompts, offsets, watcher)?;
            pending.keep(&fitted)?;
            fitted
        }
    };
    let Some(fit) = &fitted.fit else { return Ok((fitted, Outputs::default())) };
    assign(prompts, fit, &fitted.sampled, pending, watcher)?;
    let outputs = gather(prompts, &fitted.sampled, pending, watcher)?;
    Ok((fitted, outputs))
}

/// First and second pass.
fn model(prompts: &dyn Prompts, offsets: &[RowId], watcher: &dyn Watcher) -> Result<Fitted, CacheError> {
    if !prompts.has_text() && !prompts.has_vectors() {
        return Ok(Fitted::default());
    }
    let census = census::take(prompts, offsets, watcher)?;
    let sampled = census.exchanges(offsets, SEED);
    let rows = census.sample(offsets, FITTED, SEED);
    let distinct = census.distinct();
    let (samples, templates) = read_sample(prompts, census, &rows, watcher)?;
    let fit = fit(prompts, distinct, &rows, &samples, watcher)?;
    Ok(Fitted { fit, sampled, templates, not_utf8: prompts.not_utf8() })
}

/// Second pass: contents of the sample, and the words of the templates.
fn read_sample(
    prompts: &dyn Prompts,
    census: Census,
    sample: &[RowId],
    watcher: &dyn Watcher,
) -> Result<(Vec<Sampled>, Vec<Template>), CacheError> {
    let uses = census.templates;
    let by_vector = prompts.has_vectors();
    let mut samples = vec![Sampled::default(); sample.len()];
    let mut words = vec![String::new(); uses.len()];
    collect(
        prompts,
        "reading a sample",
        watcher,
        |row, content| {
            let sampled = sample.binary_search(&row).ok().map(|at| {
                let text = content.text.map(|text| text.chars().take(TOKENISED_CHARS).collect());
                let vector = content.vector.filter(|_| by_vector).map(<[f32]>::to_vec).unwrap_or_default();
                (at, Sampled { text, vector })
            });
            let begins = uses.binary_search_by_key(&row, |uses| uses.row).ok();
            let begins = begins.and_then(|at| Some((at, content.text.and_then(template)?)));
            (sampled.is_some() || begins.is_some()).then_some((sampled, begins))
        },
        |_, (sampled, begins)| {
            if let Some((at, sampled)) = sampled {
                samples[at] = sampled;
            }
            if let Some((at, begins)) = begins {
                words[at] = begins;
            }
        },
    )?;
    let templates = words.into_iter().zip(uses).map(|(words, uses)| Template { words, uses });
    let mut templates: Vec<Template> = templates.filter(|template| !template.words.is_empty()).collect();
    templates.sort_by(|a, b| a.words.cmp(&b.words));
    Ok((samples, templates))
}
