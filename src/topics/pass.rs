//! The text pass from end to end, over any source of prompts.
//!
//! 1. [`census`]: which prompts are the same; how they begin; which exchanges are sampled.
//! 2. The text or vectors of a stratified sample; on them the space, the topics and the map are
//!    [fitted](super::fit), and what was fitted is kept.
//! 3. Every exchange's outputs, [row group by row group](super::assign), each kept when it is done.

use super::assign::assign;
use super::census::{self, Census};
use super::fit::{FITTED, SEED, Sampled, fit};
use super::pending::{Fitted, Pending};
use super::prompts::{Prompts, collect};
use super::store::{Outputs, gather};
use super::template::template;
use super::templates::Template;
use super::words::LOOKED_AT;
use crate::cache::{CacheError, RowId};
use crate::model::Watcher;

/// Does what is left of a pass and gives what it comes to. `offsets` says where each account's
/// rows begin.
///
/// # Errors
/// Where a prompt cannot be read or a step not be kept, or the work was cancelled. What was kept
/// is there when it is called again.
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

/// The first two passes.
fn model(prompts: &dyn Prompts, offsets: &[RowId], watcher: &dyn Watcher) -> Result<Fitted, CacheError> {
    if !prompts.has_text() && !prompts.has_vectors() {
        return Ok(Fitted::default());
    }
    let census = census::take(prompts, offsets, watcher)?;
    let sampled = census.exchanges(offsets, SEED);
    let rows = census.sample(offsets, FITTED, SEED);
    let distinct = census.distinct();
    let (samples, templates) = closely(prompts, census, &rows, watcher)?;
    let fit = fit(prompts, distinct, &rows, &samples, watcher)?;
    Ok(Fitted { fit, sampled, templates })
}

/// The second pass: contents of the sample, and the words of the templates.
fn closely(
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
                let text = content.text.map(|text| text.chars().take(LOOKED_AT).collect());
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
