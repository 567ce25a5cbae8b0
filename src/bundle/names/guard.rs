//! The last look at every file of a bundle: none that still has a name in it is written.

use super::{Names, Sought, TEMPLATE, parts};
use crate::bundle::BundleError;

impl Names<'_> {
    /// Refuses bytes that still have a name in them. Not looked at are the header of a table and keys of JSON,
    /// which are the program's words, names that names of log files have, and numbers, which figures may equal.
    ///
    /// # Errors
    /// A file that would disclose a name.
    pub(in crate::bundle) fn check(&self, file: &str, bytes: &[u8]) -> Result<(), BundleError> {
        if self.key.is_none() {
            return Ok(());
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
        self.check_redacted(file, text)?;
        let is_in_texts = |words: &str| self.in_texts.contains(&words.to_ascii_lowercase());
        let discloses = |line: &str| {
            let is_long = self.long.as_ref().is_some_and(|(found, _)| found.is_match(line));
            let mut templates = self.long_templates.iter().flat_map(|(found, _)| found.find_iter(line));
            is_long
                || !self.files.hits(line).is_empty()
                || templates.any(|found| !is_in_texts(&line[found.range()]))
                || self.hits(line, Sought::Templates).into_iter().any(|(range, (word, name))| {
                    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
                    let words = &line[range];
                    let is_disclosed = self.disclosed.contains(&words.to_ascii_lowercase())
                        || *word == TEMPLATE && is_in_texts(words);
                    !is_number && !is_disclosed
                })
        };
        match parts::find(file, text, &discloses) {
            None => Ok(()),
            Some(line) => Err(BundleError::Refused(format!(
                "{file} would disclose an account, card, address, organisation or prompt in line {line}; rename \
                 what holds it (a title, a statement), or report this as a fault of the program"
            ))),
        }
    }

    /// Refuses a text that has words that are left out.
    fn check_redacted(&self, file: &str, text: &str) -> Result<(), BundleError> {
        if let Some(id) = self.redactor.words_in(text).first() {
            return Err(BundleError::Refused(format!(
                "{file} has words that redaction R{id} lists, and the program cannot leave them out there; list \
                 longer words, or remove the redaction and redact the words in the exchange (--exchange, --field, --text)"
            )));
        }
        match self.gone.as_ref().is_some_and(|gone| gone.is_match(text)) {
            false => Ok(()),
            true => Err(BundleError::Refused(format!(
                "{file} has words that are redacted in a record; redact them there as listed words"
            ))),
        }
    }
}
