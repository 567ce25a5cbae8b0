//! Choice between the ways of writing quotation marks in CSV, over a whole file: marks around fields, with those
//! inside doubled or after a backslash, or marks that are text like any other.
//!
//! The ways agree on most bytes. Where a caller of the API wrote a quotation mark at the beginning of a prompt,
//! before a delimiter or before a line break, the wrong one would end the record there, or would not end it, and
//! take exchanges of others for text. So no sample decides: a way that the file breaks anywhere is not the
//! writer's, whatever its callers write, and a file that two ways read equally well is refused.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use super::csv::Fields;
use super::encoding::Encoding;
use super::layout::{Dialect, Head, Layout};
use super::signs::Signs;
use super::split::Splitter;
use super::unpack::open;

/// Way of writing quotation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvQuotes {
    /// Around fields; two marks inside stand for one (RFC 4180).
    Doubled,
    /// Around fields; one inside follows a backslash (Spark, MySQL).
    Backslash,
    /// Text like any other; every line is a record (PostgreSQL's COPY, ClickHouse's TabSeparated).
    Unquoted,
}

const WAYS: [CsvQuotes; 3] = [CsvQuotes::Doubled, CsvQuotes::Backslash, CsvQuotes::Unquoted];

/// The way that the user named, counted from 1; 0 without.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// Takes one way for all CSV files whose layout no case keeps, from now on.
pub fn choose_csv_quotes(quotes: CsvQuotes) {
    let number = WAYS.iter().zip(1..).find(|(way, _)| **way == quotes);
    CHOSEN.store(number.map_or(0, |(_, number)| number), Ordering::Relaxed);
}

/// The way that the user named.
pub(super) fn chosen() -> Option<CsvQuotes> {
    let number = usize::from(CHOSEN.load(Ordering::Relaxed));
    number.checked_sub(1).and_then(|at| WAYS.get(at).copied())
}

/// The dialect of a file in an encoding, with the delimiter and the blanks of a dialect and this head.
///
/// # Errors
/// The file cannot be read, or two ways read it equally well and differ.
pub(super) fn decided(
    source: (&Path, Option<Encoding>),
    (own, head): (Dialect, Head),
    chosen: Option<CsvQuotes>,
) -> io::Result<Dialect> {
    let signs = Signs::of(source, own, head.above)?;
    // Names of columns are the writer's own, and show that it quotes.
    let has_quoted_header = signs.has_quoted_header && head.names.is_none();
    let misfits = |dialect| misfits(source, dialect, head);
    let quoted = |backslash: bool| Dialect { backslash, unquoted: false, ..own };
    let unquoted = Dialect { backslash: signs.is_escaped(), unquoted: true, ..own };
    match chosen {
        Some(CsvQuotes::Doubled) => return Ok(quoted(false)),
        Some(CsvQuotes::Backslash) => return Ok(quoted(true)),
        Some(CsvQuotes::Unquoted) => return Ok(unquoted),
        None => {}
    }
    if !signs.has_marks {
        return Ok(if unquoted.backslash { unquoted } else { quoted(false) });
    }
    if signs.breaks == [true, true] {
        let (doubled, backslash) = (misfits(quoted(false))?, misfits(quoted(true))?);
        // A writer that quotes, though not everywhere, has lines that only a quoted reading fits.
        let is_quoted = match signs.misfits {
            0 => has_quoted_header && doubled.min(backslash) == 0,
            lines => 2 * doubled.min(backslash) <= lines,
        };
        return Ok(if is_quoted { quoted(backslash < doubled) } else { unquoted });
    }
    let way = if signs.breaks == [false, false] && signs.escapes {
        let (doubled, backslash) = (misfits(quoted(false))?, misfits(quoted(true))?);
        match doubled.cmp(&backslash) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Greater => 1,
            std::cmp::Ordering::Equal => return Err(ambiguous("doubled", "backslash")),
        }
    } else {
        usize::from(signs.breaks[0])
    };
    if signs.misfits == 0 && signs.lines != signs.records[way] && !has_quoted_header {
        return Err(ambiguous(["doubled", "backslash"][way], "unquoted"));
    }
    Ok(quoted(way == 1))
}

fn ambiguous(one: &str, other: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!(
            "two readings of the quotation marks in this CSV fit equally well and give other rows; import it \
             with --csv-quotes {one} or --csv-quotes {other}, as its writer does"
        ),
    )
}

/// Number of records with another number of fields than the first. An error at the end of damaged data ends
/// the count.
fn misfits((path, encoding): (&Path, Option<Encoding>), dialect: Dialect, head: Head) -> io::Result<u64> {
    let (_, input) = open(path, encoding)?;
    let mut splitter = Splitter::from_start(input, Layout::Csv(dialect, head))?;
    let (mut fields, mut width, mut misfits) = (Fields::new(dialect), None, 0);
    while let Ok(Some(record)) = splitter.next() {
        let count = fields.read(record.bytes);
        misfits += u64::from(*width.get_or_insert(count) != count || record.too_long);
    }
    Ok(misfits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(text: &str, delimiter: u8, chosen: Option<CsvQuotes>) -> Result<(bool, bool), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.csv");
        std::fs::write(&path, text).unwrap();
        let own = (Dialect::of(delimiter), Head::default());
        let found = decided((&path, None), own, chosen).map_err(|error| error.to_string())?;
        Ok((found.unquoted, found.backslash))
    }

    fn of(text: &str, chosen: Option<CsvQuotes>) -> Result<bool, String> {
        let (unquoted, backslash) = dialect(text, b',', chosen)?;
        assert!(!unquoted, "{text}");
        Ok(backslash)
    }

    #[test]
    fn a_forged_record_does_not_choose_the_dialect() {
        let honest = "ts,account,prompt\n1,a,\"say \\\"hi\\\" now\"\n";
        let forged = "2,b,\"x\\\"\n3,victim,y\n4,b,\\\"z\"\n";
        let several = "2,c,\"x\ny\"\n";
        assert_eq!(of(&format!("{honest}{several}{forged}"), None), Ok(true));
        let header = honest.replace("prompt", "\"prompt\"");
        assert_eq!(of(&format!("{header}{forged}"), None), Ok(true));
        assert!(
            of(&format!("{honest}{forged}"), None)
                .unwrap_err()
                .contains("backslash or --csv-quotes unquoted")
        );
        // A caller's own row is all that has such marks.
        let alone = format!("ts,account,prompt\n{}{forged}", "1,a,hello\n".repeat(9));
        assert!(of(&alone, None).unwrap_err().contains("--csv-quotes"));
        assert_eq!(of(&alone, Some(CsvQuotes::Backslash)), Ok(true));
        assert_eq!(of(&alone, Some(CsvQuotes::Doubled)), Ok(false));
    }

    #[test]
    fn plain_csv_has_doubled_marks() {
        for text in [
            "ts,prompt\n1,hello\n",
            "ts,prompt\n1,\"C:\\\"\n2,\"say \"\"hi\"\"\"\n",
            "ts,prompt\n1,\"{\"\"a\"\":\"\"say \\\"\"hi\\\"\"\"\"}\"\n",
            "ts,path,model\n1,\"C:\\\",m\n2,\"D:\\\",m\n",
            "ts,prompt\n1,\"\"\n",
        ] {
            assert_eq!(of(text, None), Ok(false), "{text}");
        }
        assert_eq!(of("ts,prompt,m\n1,\"\\\"\",m\n2,\"a \\\" b\",\"\"\n", None), Ok(true));
    }

    #[test]
    fn marks_are_text_in_a_file_whose_writer_does_not_quote() {
        // Prompts of which some begin with a mark that another one closes: a quoted reading has fewer rows.
        let rows = "1\ta\t\"open\n2\tb\tsay \"hi\" to me\n3\tc\tclosed\"\n4\td\tplain\n";
        let text = format!("ts\taccount\tprompt\n{rows}");
        assert_eq!(dialect(&text, b'\t', None), Ok((true, false)));
        // PostgreSQL and ClickHouse escape what would end a field.
        assert_eq!(dialect(&format!("{text}5\te\tx\\ty\\\\\n"), b'\t', None), Ok((true, true)));
        assert_eq!(dialect("ts\tprompt\n1\ta\\nb\n", b'\t', None), Ok((true, true)));
        for plain in ["ts\tprompt\n1\tC:\\dir\n", "ts\tprompt\n1\ta\\\n2\t\\nb\n", "ts\tprompt\n1\ta\n"] {
            assert_eq!(dialect(plain, b'\t', None), Ok((false, false)), "{plain}");
        }
        // Commas in prompts without marks misfit in every reading; marks still do not swallow rows.
        let naive = "ts,account,prompt\n1,a,\"open, and\n2,b,5\" pipe\n3,c,closed\"\n4,d,x, y\n5,e,y, z\n";
        assert_eq!(dialect(naive, b',', None), Ok((true, false)));
    }

    #[test]
    fn two_readings_that_nothing_tells_apart_are_refused() {
        let text = "ts,account,prompt\n1,a,\"open\n2,b,x\n3,c,closed\"\n";
        let refused = dialect(text, b',', None).unwrap_err();
        assert!(refused.contains("--csv-quotes doubled or --csv-quotes unquoted"), "{refused}");
        assert_eq!(dialect(text, b',', Some(CsvQuotes::Unquoted)), Ok((true, false)));
        assert_eq!(dialect(text, b',', Some(CsvQuotes::Doubled)), Ok((false, false)));
    }

    #[test]
    fn marks_in_bare_fields_do_not_undo_quoted_fields() {
        let several = "ts,prompt,m\n1,5\" pipe,a\n2,\"x, and\ny\",b\n";
        assert_eq!(dialect(several, b',', None), Ok((false, false)));
        let header = "\"ts\",\"prompt\"\n1,5\" pipe\n2,\"x\"\n";
        assert_eq!(dialect(header, b',', None), Ok((false, false)));
    }
}
