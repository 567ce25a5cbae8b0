//! Spelling of names: which of them are looked for in prose, and where one begins and ends.

/// Word that the pseudonym of a prompt template begins with. A template is text of prompts and not a name, so it is
/// kept in the text of an exchange that is disclosed.
pub(super) const TEMPLATE: &str = "template";
/// Minimum number of bytes of a name that is looked for in prose; a shorter one cannot be told from other
/// words.
pub(super) const MIN_PROSE_BYTES: usize = 5;
/// Minimum number of digits of a name of digits alone that is looked for.
const MIN_PROSE_DIGITS: usize = 6;

/// True for a name that looks like an identifier rather than a word of prose or a short number. A template
/// may be as short as a common word.
pub(super) fn is_telling(word: &str, name: &str) -> bool {
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.len() >= MIN_PROSE_DIGITS;
    }
    let is_number = name.matches('.').count() < 3
        && name.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | '%'));
    let is_odd = |c: char| c.is_ascii_digit() || c.is_whitespace() || (!c.is_ascii_alphabetic() && c != '-');
    let least = if word == TEMPLATE { 24 } else { MIN_PROSE_BYTES };
    name.len() >= least && !is_number && name.contains(is_odd)
}

/// True for a name of letters and hyphens alone, which may be a word; templates are text.
pub(super) fn is_plain_word(word: &str, name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'-';
    word != TEMPLATE && name.len() >= MIN_PROSE_BYTES && name.bytes().all(is_letter)
}

/// True for a character that a name cannot end or begin beside.
pub(super) fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The letters, digits and `_` that a text begins with; its first character where it begins with none.
pub(super) fn head(text: &str) -> &str {
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    if end > 0 { &text[..end] } else { &text[..text.chars().next().map_or(0, char::len_utf8)] }
}
