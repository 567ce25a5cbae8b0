//! Recurring prompt templates as attribute values.

use super::census::TemplateUse;
use crate::cache::Cache;
use crate::cache::store::SharedValue;

/// Recurring prompt template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    /// First words of its prompts, masked.
    pub words: String,
    /// Accounts that use it.
    pub uses: TemplateUse,
}

/// Attribute values of the templates, with the times of each account's first and last use.
pub(super) fn values(cache: &Cache, templates: &[Template]) -> Vec<SharedValue> {
    let ts = &cache.hot().ts;
    let value = |template: &Template| SharedValue {
        value: template.words.clone(),
        accounts: template
            .uses
            .accounts
            .iter()
            .filter_map(|&(account, uses, first, last)| {
                Some((account, uses, *ts.get(first as usize)?, *ts.get(last as usize)?))
            })
            .collect(),
    };
    templates.iter().map(value).collect()
}
