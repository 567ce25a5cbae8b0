//! A filter of rows by any column: words, `column:text`, `column>number`.
//!
//! All terms must hold. A number matches whole numbers only, so that `1` does not match 10.

/// Term of a filter.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    /// Beginning of a column's title; `None` for any column.
    column: Option<String>,
    is: Is,
}

#[derive(Clone, Debug, PartialEq)]
enum Is {
    Text(String),
    Over(f64),
    Under(f64),
}

/// A filter as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

/// Content of a cell.
pub struct Content<'a> {
    /// Title of its column.
    pub column: &'a str,
    /// Its text.
    pub text: String,
    /// Its number, where it has one.
    pub number: Option<f64>,
}

impl Filter {
    /// Parses a filter. A term without a valid comparison is a word to search for.
    pub fn parse(typed: &str) -> Self {
        Self { terms: typed.split_whitespace().map(Term::parse).collect() }
    }

    /// True if every row matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// True if every term holds in a row of these cells.
    pub fn fits(&self, cells: &[Content<'_>]) -> bool {
        self.terms.iter().all(|term| cells.iter().any(|cell| term.fits(cell)))
    }
}

impl Term {
    fn parse(word: &str) -> Self {
        let word = word.to_lowercase();
        let column = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        for (sign, over) in [('>', true), ('<', false)] {
            if let Some((name, number)) = word.split_once(sign)
                && let Ok(number) = number.replace(',', "").parse::<f64>()
            {
                return Self {
                    column: column(name),
                    is: if over { Is::Over(number) } else { Is::Under(number) },
                };
            }
        }
        match word.split_once(':') {
            Some((name, text)) if !name.is_empty() && !text.is_empty() => {
                Self { column: column(name), is: Is::Text(text.to_owned()) }
            }
            _ => Self { column: None, is: Is::Text(word) },
        }
    }

    fn fits(&self, cell: &Content<'_>) -> bool {
        let is_column =
            self.column.as_ref().is_none_or(|name| cell.column.to_lowercase().starts_with(name.as_str()));
        is_column
            && match &self.is {
                Is::Over(limit) => cell.number.is_some_and(|number| number > *limit),
                Is::Under(limit) => cell.number.is_some_and(|number| number < *limit),
                Is::Text(text) => has(&cell.text.to_lowercase(), text),
            }
    }
}

/// True if the text has the word; a word of digits only as a whole number.
fn has(text: &str, word: &str) -> bool {
    if !word.chars().all(|c| c.is_ascii_digit()) {
        return text.contains(word);
    }
    let plain = text.replace(',', "");
    plain.split(|c: char| !c.is_alphanumeric()).any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(typed: &str) -> bool {
        let cells = [
            Content { column: "Lead", text: "L-7f31ab".into(), number: None },
            Content { column: "Accounts", text: "1,204".into(), number: Some(1204.0) },
            Content { column: "Status", text: "looked at".into(), number: None },
        ];
        Filter::parse(typed).fits(&cells)
    }

    #[test]
    fn words_columns_and_numbers_filter() {
        assert!(fits("") && fits("7f31") && fits("LOOKED l-7f"));
        assert!(fits("accounts>1000 status:looked") && !fits("accounts<1,000"));
        assert!(fits("1204") && !fits("120") && !fits("1"), "a number is a whole number");
        assert!(!fits("status:dismissed") && !fits("lead:looked"));
        assert!(!fits("a:") && fits("> l"[2..].trim()));
    }
}
