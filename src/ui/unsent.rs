//! Text that was typed in a form and not sent: closing lists it before it is lost.

use super::words;

/// Maximum number of listed characters of the text.
const LISTED: usize = 80;

/// Text of one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Name of the form: `note on evidence 4`.
    pub form: String,
    /// The text as typed.
    pub text: String,
}

impl Unsent {
    /// Text of a form; `None` if it is blank.
    pub fn of(form: impl Into<String>, text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self { form: form.into(), text: text.to_owned() })
    }

    /// The form and the beginning of its text, in one line.
    pub fn in_words(&self) -> String {
        format!("{}: “{}”", self.form, words::line(&self.text, LISTED))
    }
}
