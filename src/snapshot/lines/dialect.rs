//! Choice between the two ways of writing a quotation mark inside a field of CSV, over a whole file.
//!
//! Both ways agree on most bytes. Where a caller of the API wrote a quotation mark before a delimiter or a
//! line break, the wrong one would end the record there and take what follows for other exchanges. So no
//! sample decides, and a file that both ways read equally well is refused.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use super::csv::Fields;
use super::layout::{Dialect, Layout};
use super::split::Splitter;
use super::unpack::open;

/// Way of writing a quotation mark inside a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvQuotes {
    /// Two quotation marks (RFC 4180).
    Doubled,
    /// A backslash before it (Spark, MySQL).
    Backslash,
}

/// The way that the user named; 0 without.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// Takes one way for files that both ways read equally well, from now on.
pub fn choose_csv_quotes(quotes: CsvQuotes) {
    let number = match quotes {
        CsvQuotes::Doubled => 1,
        CsvQuotes::Backslash => 2,
    };
    CHOSEN.store(number, Ordering::Relaxed);
}

/// The way that the user named.
pub(super) fn chosen() -> Option<CsvQuotes> {
    [None, Some(CsvQuotes::Doubled), Some(CsvQuotes::Backslash)]
        [usize::from(CHOSEN.load(Ordering::Relaxed)).min(2)]
}

/// The dialect of a file with this delimiter.
///
/// # Errors
/// The file cannot be read, or both ways read it equally well and differ.
pub(super) fn decided(path: &Path, delimiter: u8, chosen: Option<CsvQuotes>) -> io::Result<Dialect> {
    let of = |backslash: bool| Dialect { delimiter, backslash };
    let signs = Signs::of(path, delimiter)?;
    if signs.breaks != [false, false] && signs.breaks != [true, true] || !signs.escapes {
        return Ok(of(signs.breaks == [true, false]));
    }
    if let Some(quotes) = chosen {
        return Ok(of(quotes == CsvQuotes::Backslash));
    }
    let (doubled, backslash) = (misfits(path, of(false))?, misfits(path, of(true))?);
    match doubled.cmp(&backslash) {
        std::cmp::Ordering::Less => Ok(of(false)),
        std::cmp::Ordering::Greater => Ok(of(true)),
        std::cmp::Ordering::Equal => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "backslashes stand before quotation marks in this CSV, and two readings with other rows fit it \
             equally well; import it with --csv-quotes doubled or --csv-quotes backslash, as its writer does",
        )),
    }
}

/// Number of records with another number of fields than the first. An error at the end of damaged data ends
/// the count.
fn misfits(path: &Path, dialect: Dialect) -> io::Result<u64> {
    let (_, input) = open(path)?;
    let mut splitter = Splitter::new(input, Layout::Csv(dialect), 1, 0);
    let (mut fields, mut width, mut misfits) = (Fields::new(dialect), None, 0);
    while let Ok(Some(record)) = splitter.next() {
        let count = fields.read(record.bytes);
        misfits += u64::from(*width.get_or_insert(count) != count || record.too_long);
    }
    Ok(misfits)
}

/// Signs of the ways in a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Signs {
    /// True for a way that the file breaks, doubled marks first: something else than a delimiter or a line
    /// break follows a closing mark. A writer never breaks its own way, whatever its callers write.
    breaks: [bool; 2],
    /// True if a mark follows a backslash inside a field.
    escapes: bool,
}

/// Place in a file that is read in one way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Begin,
    Bare,
    Quoted,
    /// After a backslash that takes the meaning from the next byte.
    Escape,
    /// After a quotation mark inside a field.
    Mark,
}

impl Signs {
    fn of(path: &Path, delimiter: u8) -> io::Result<Self> {
        let (_, mut input) = open(path)?;
        let (mut signs, mut places, mut before) = (Self::default(), [At::Begin; 2], 0);
        loop {
            let chunk = match input.fill_buf() {
                Ok(chunk) => chunk,
                // Damage is reported by the reading itself.
                Err(error) if error.kind() != io::ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            for &byte in chunk {
                signs.escapes |= byte == b'"' && before == b'\\' && places != [At::Bare; 2];
                for (way, at) in places.iter_mut().enumerate() {
                    *at = signs.after(way, *at, byte, delimiter);
                }
                before = byte;
            }
            let length = chunk.len();
            input.consume(length);
        }
        Ok(signs)
    }

    fn after(&mut self, way: usize, at: At, byte: u8, delimiter: u8) -> At {
        let is_backslash = way == 1;
        let is_end = byte == delimiter || byte == b'\n' || byte == b'\r';
        match at {
            At::Begin if byte == b'"' => At::Quoted,
            At::Begin | At::Bare | At::Mark if is_end => At::Begin,
            At::Begin | At::Bare => At::Bare,
            At::Quoted if byte == b'"' => At::Mark,
            At::Quoted if byte == b'\\' && is_backslash => At::Escape,
            At::Quoted | At::Escape => At::Quoted,
            At::Mark if byte == b'"' && !is_backslash => At::Quoted,
            At::Mark => {
                self.breaks[way] = true;
                At::Quoted
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, chosen: Option<CsvQuotes>) -> Result<bool, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.csv");
        std::fs::write(&path, text).unwrap();
        decided(&path, b',', chosen).map(|dialect| dialect.backslash).map_err(|error| error.to_string())
    }

    #[test]
    fn a_forged_record_does_not_choose_the_dialect() {
        let honest = "ts,account,prompt\n1,a,\"say \\\"hi\\\" now\"\n";
        let forged = "2,b,\"x\\\"\n3,victim,y\n4,b,\\\"z\"\n";
        assert_eq!(of(&format!("{honest}{forged}"), None), Ok(true));
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
}
