//! Values of a text file of a bundle, without what its format puts around them.
//!
//! A caller of the API may choose an id that looks like separators or markup, such as `,,,,,` or `</td><td>`; in the
//! file itself that is no name.

use serde_json::Value;

/// Line, from 1, of the first value for which `is` holds. Names of columns are not looked at, nor names in JSON.
pub(super) fn find(file: &str, text: &str, is: &dyn Fn(&str) -> bool) -> Option<usize> {
    let found = match file.rsplit_once('.').map_or("", |(_, end)| end) {
        "csv" => in_table(text, is),
        "dat" => {
            let mut lines = text.lines().zip(1..).skip(1);
            Some(lines.find(|(line, _)| line.split("þ\u{14}þ").any(is)).map(|(_, at)| at))
        }
        "xhtml" | "svg" => Some(line_of(text, &|line| in_markup(line, is))),
        "json" | "jsonld" => serde_json::from_str(text).ok().map(|value| in_json(&value, is).then_some(1)),
        "jsonl" => {
            let of = |line: &str| match serde_json::from_str(line) {
                Ok(value) => in_json(&value, is),
                Err(_) => is(line),
            };
            Some(line_of(text, &of))
        }
        _ => None,
    };
    // A file that is not of its format is taken as it is.
    found.unwrap_or_else(|| line_of(text, is))
}

fn line_of(text: &str, is: &dyn Fn(&str) -> bool) -> Option<usize> {
    text.lines().zip(1..).find(|(line, _)| is(line)).map(|(_, at)| at)
}

/// Cells of a table; `None` for a text that is none.
fn in_table(text: &str, is: &dyn Fn(&str) -> bool) -> Option<Option<usize>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    for row in reader.records() {
        let row = row.ok()?;
        if row.iter().any(|cell| cell.lines().any(is)) {
            return Some(row.position().and_then(|place| usize::try_from(place.line()).ok()).or(Some(1)));
        }
    }
    Some(None)
}

/// Text and values of attributes in a line of markup.
fn in_markup(line: &str, is: &dyn Fn(&str) -> bool) -> bool {
    let mut parts = line.split('<');
    parts.next().is_some_and(is)
        || parts.any(|part| {
            let (tag, text) = part.split_once('>').unwrap_or((part, ""));
            is(text) || tag.split('"').skip(1).step_by(2).any(is)
        })
}

fn in_json(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => text.lines().any(is),
        Value::Number(number) => is(&number.to_string()),
        Value::Array(parts) => parts.iter().any(|part| in_json(part, is)),
        Value::Object(parts) => parts.values().any(|part| in_json(part, is)),
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_markup_are_no_names() {
        let has = |file: &str, text: &str, name: &str| find(file, text, &|part| part.contains(name));
        let dat = "þAþ\u{14}þBþ\r\nþaþ\u{14}þbobbyþ\r\n";
        assert_eq!([has("x.dat", dat, "þ\u{14}þ"), has("x.dat", dat, "bobby")], [None, Some(2)]);
        let csv = "a,b,c,d,e,f\nx,,,,,bobby\n";
        assert_eq!([has("x.csv", csv, ",,,,"), has("x.csv", csv, "bobby")], [None, Some(2)]);
        let page = "<p>\n<td>bobby</td><td>x</td> <a href=\"#alice\">y</a>";
        assert_eq!(has("x.xhtml", page, "</td><td>"), None);
        assert_eq!([has("x.xhtml", page, "bobby"), has("x.svg", page, "alice")], [Some(2), Some(2)]);
        let json = "{\"a\": null, \"b\": [\"bobby\", 123456]}";
        assert_eq!([has("x.json", json, "\": null"), has("x.json", json, "bobby")], [None, Some(1)]);
        assert_eq!(has("x.jsonl", &format!("{{}}\n{json}"), "123456"), Some(2));
        assert_eq!(
            [has("x.txt", "a\nbobby", "bobby"), has("x.json", "no json bobby", "bobby")],
            [Some(2), Some(1)]
        );
    }
}
