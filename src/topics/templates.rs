//! Templates with their words, as attribute values.

use super::census::TemplateUse;
use crate::cache::Cache;
use crate::cache::store::SharedValue;

/// A template that recurs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    /// How prompts with it begin.
    pub words: String,
    /// Who uses it.
    pub uses: TemplateUse,
}

/// Templates as attribute values. The times are those of an account's first and last row with it.
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
