//! Values in the path of a file: of partition columns such as `account_id=a7`, and by a pattern, as
//! `path:tenants/{}/` is the folder below `tenants`.

use super::pattern::fitting;

/// Beginning of a source that is part of the path.
const PREFIX: &str = "path:";

/// The pattern of a source such as `path:{}/`; `None` for any other source.
pub(super) fn pattern_of(source: &str) -> Option<&str> {
    source.strip_prefix(PREFIX).map(str::trim)
}

/// Part of a file's name inside the snapshot that stands at `{}` of a pattern; `None` if the name does not fit. A
/// pattern that ends with `/` is one of folders, else its last part is the file; `*` is any text. Of several places
/// that fit, the one nearest to the beginning counts.
pub(super) fn at_pattern<'a>(name: &'a str, pattern: &str) -> Option<&'a str> {
    let parts: Vec<&str> = name.split('/').collect();
    let (folders, is_folder) = match pattern.strip_suffix('/') {
        Some(folders) => (folders, true),
        None => (pattern, false),
    };
    let wanted: Vec<&str> = folders.split('/').collect();
    let places = match (is_folder, parts.split_last()) {
        (true, Some((_, above))) => above,
        _ => &parts[parts.len().saturating_sub(wanted.len())..],
    };
    places.windows(wanted.len()).find_map(|run| {
        let mut found = None;
        for (part, wanted) in run.iter().zip(&wanted) {
            found = fitting(part, wanted)?.or(found);
        }
        found
    })
}

/// Values of the partition columns in a file's name inside the snapshot.
pub(super) fn partitions(name: &str) -> Vec<(String, Option<String>)> {
    let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
    let pairs = folders.split('/').filter_map(|folder| folder.split_once('='));
    pairs
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| {
            let value = unescaped(value);
            (unescaped(key), (value != "__HIVE_DEFAULT_PARTITION__").then_some(value))
        })
        .collect()
}

/// Text with percent-encoded bytes such as `%2F` decoded.
pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_the_path_are_read_as_hive_writes_them() {
        let pair = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        assert_eq!(
            partitions("x/account_id=a%2Fb/date=__HIVE_DEFAULT_PARTITION__/part=1.parquet"),
            [pair("account_id", Some("a/b")), pair("date", None)]
        );
        assert_eq!(partitions("part-0.parquet"), []);
        assert_eq!(unescaped("100%"), "100%");
    }

    #[test]
    fn parts_of_a_path_are_found_by_a_pattern() {
        let of = |name: &'static str, pattern: &str| at_pattern(name, pattern);
        assert_eq!(of("acme/2026/a.jsonl", "{}/"), Some("acme"));
        assert_eq!(of("x/tenants/acme/2026/a.jsonl", "tenants/{}/"), Some("acme"));
        assert_eq!(of("x/tenants/acme/2026/a.jsonl", "tenants/*/{}/"), Some("2026"));
        assert_eq!(of("x/tenant-acme/a.jsonl", "tenant-{}/"), Some("acme"));
        assert_eq!(of("logs/acme.jsonl.gz", "{}.jsonl*"), Some("acme"));
        assert_eq!(of("logs/acme-2026-04.csv", "{}-*.csv"), Some("acme"));
        assert_eq!(of("acme/a.csv", "{}/a.csv"), Some("acme"));
        assert_eq!(of("größe/a.csv", "{}/"), Some("größe"));
        for (name, pattern) in
            [("a.jsonl", "{}/"), ("acme/a.csv", "tenants/{}/"), ("acme/a.csv", "*/"), ("a/b.csv", "{}.json")]
        {
            assert_eq!(of(name, pattern), None, "{name} {pattern}");
        }
        assert_eq!(pattern_of("path: {}/"), Some("{}/"));
        assert_eq!(pattern_of("path"), None);
    }
}
