//! Texts that many items have in common, in memory once.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The different texts met so far.
#[derive(Debug, Default)]
pub struct SharedTexts(BTreeSet<Arc<str>>);

impl SharedTexts {
    /// Replaces a text by the equal one met before, if there is one.
    pub fn share(&mut self, text: &mut Arc<str>) {
        match self.0.get(text) {
            Some(met) => *text = Arc::clone(met),
            None => {
                self.0.insert(Arc::clone(text));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let [mut a, mut b, mut c]: [Arc<str>; 3] = ["same".into(), "same".into(), "other".into()];
        let mut texts = SharedTexts::default();
        for text in [&mut a, &mut b, &mut c] {
            texts.share(text);
        }
        assert!(Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &c));
        assert_eq!((&*b, &*c), ("same", "other"));
    }
}
