//! Mappings as TOML files.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::mapping::{CUSTOM, Join, RowRule, Without};
use super::origin_form::{False, OriginForm};
use super::{Column, Mapping, Origin, SnapshotError};

impl Mapping {
    /// Mapping from TOML with one line for each canonical column:
    ///
    /// ```toml
    /// preset = "custom"                                  # where it came from
    /// ts = { column = "created", unit = "ms" }           # s, ms, us, ns, ticks, filetime, epoch (any of these), excel
    /// account_id = ["user", "metadata.$.key_owner"]      # the first that has a value
    /// verified_at = { column = "seen", zone = "Europe/Berlin", repeated = "later" }
    /// org_id = { column = "org", verbatim = true }       # `None` and `null` are values
    /// end_user_id = { column = "user", shared_by = "session" }
    /// api_key_id = { column = ["tenant", "key"], together = true }  # `tenant/key`
    /// org_id = { column = "path", pattern = "/v1/orgs/{}/*" }  # the part at `{}`; `*` is any text
    /// input_tokens = { column = "tokens", decimal = "," }  # 1.234 is one thousand
    /// prompt_text = { column = "messages", conversation = true }
    /// is_stream = false                                  # left out
    /// rows = { column = "type", is = ["GENERATION"] }    # the others are counted and left out
    /// join = { by = "CorrelationId", order = "SequenceNumber" }
    /// latest = "updated_at"
    /// unit = "end_user_id"                               # the column that is the account
    /// rows_at = "data.result"                             # the list of rows in a JSON document
    /// encoding = "windows-1252"                           # of text files that are not UTF-8
    /// delimiter = "~"                                     # between the fields of CSV; "\\u0001" of Hive
    /// ```
    ///
    /// `rows = []`, `join = false` and `latest = false` keep a preset from adding such a rule.
    ///
    /// # Errors
    /// The text is not valid TOML of this form, a name is not a canonical column, or a unit or time zone
    /// is given for a column that takes none.
    pub fn from_toml(text: &str) -> Result<Self, SnapshotError> {
        let file: File =
            toml::from_str(text).map_err(|e| SnapshotError::BadMapping { reason: e.to_string() })?;
        let has_rows = file.rows.is_some();
        let rows = file.rows.map_or_else(Vec::new, |rows| match rows {
            Rules::One(rule) => vec![rule],
            Rules::Several(rules) => rules,
        });
        let without = Without {
            rows: has_rows && rows.is_empty(),
            join: matches!(file.join, Some(Given::No(_))),
            latest: matches!(file.latest, Some(Given::No(_))),
        };
        let columns: BTreeMap<String, Origin> =
            file.columns.into_iter().map(|(name, form)| (name, Origin::from(form))).collect();
        let time =
            columns.get(Column::Ts.name()).and_then(Origin::first).unwrap_or(Column::Ts.name()).to_owned();
        let mapping = Self {
            preset: file.preset.unwrap_or_else(|| CUSTOM.to_owned()),
            columns,
            rows,
            join: file
                .join
                .and_then(Given::rule)
                .map(|join| Join { by: join.by, order: join.order.unwrap_or(time) }),
            latest: file.latest.and_then(Given::rule),
            unit: file.unit,
            rows_at: file.rows_at,
            encoding: file.encoding,
            delimiter: file.delimiter,
            without,
        };
        mapping.check()?;
        Ok(mapping)
    }

    /// Mapping as TOML that [`from_toml`](Self::from_toml) reads, columns in canonical order.
    /// Names that are not canonical are left out.
    pub fn to_toml(&self) -> String {
        let mut text = format!("preset = {}\n", quoted(&self.preset));
        for column in Column::ALL {
            if let Some(origin) = self.columns.get(column.name()) {
                text += &format!("{} = {}\n", column.name(), origin_in_toml(origin));
            }
        }
        let rules: Vec<String> = self.rows.iter().map(rule_in_toml).collect();
        match &rules[..] {
            [] if self.without.rows => text += "rows = []\n",
            [] => {}
            [rule] => text += &format!("rows = {rule}\n"),
            _ => text += &format!("rows = [{}]\n", rules.join(", ")),
        }
        if let Some(Join { by, order }) = &self.join {
            text += &format!("join = {{ by = {}, order = {} }}\n", quoted(by), quoted(order));
        }
        for (key, is_left_out) in [("join", self.without.join), ("latest", self.without.latest)] {
            text += &if is_left_out { format!("{key} = false\n") } else { String::new() };
        }
        let texts = [
            ("latest", &self.latest),
            ("unit", &self.unit),
            ("rows_at", &self.rows_at),
            ("encoding", &self.encoding),
            ("delimiter", &self.delimiter),
        ];
        for (key, value) in texts {
            text += &value.as_ref().map_or_else(String::new, |value| format!("{key} = {}\n", quoted(value)));
        }
        text
    }
}

#[derive(Deserialize)]
struct File {
    preset: Option<String>,
    rows: Option<Rules>,
    join: Option<Given<JoinForm>>,
    latest: Option<Given<String>>,
    unit: Option<String>,
    rows_at: Option<String>,
    encoding: Option<String>,
    delimiter: Option<String>,
    #[serde(flatten)]
    columns: BTreeMap<String, OriginForm>,
}

/// A join, by the order of times where it names none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinForm {
    by: String,
    order: Option<String>,
}

/// A rule, or `false` where there is to be none.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "write join = { by = \"…\", order = \"…\" }, latest = \"a column's name\", or false for either"
)]
enum Given<T> {
    Rule(T),
    No(False),
}

impl<T> Given<T> {
    fn rule(self) -> Option<T> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::No(_) => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "{ column = \"…\", is = [\"…\"] }, or a list of these")]
enum Rules {
    One(RowRule),
    Several(Vec<RowRule>),
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(names: &[String]) -> String {
    match names {
        [one] => quoted(one),
        _ => format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")),
    }
}

fn rule_in_toml(rule: &RowRule) -> String {
    let is: Vec<String> = rule.is.iter().map(|value| quoted(value)).collect();
    match is[..] {
        [] => format!("{{ column = {} }}", quoted(&rule.column)),
        _ => format!("{{ column = {}, is = [{}] }}", quoted(&rule.column), is.join(", ")),
    }
}

fn origin_in_toml(origin: &Origin) -> String {
    if origin.columns.is_empty() {
        return "false".to_owned();
    }
    let texts = [
        ("unit", origin.unit.map(|unit| unit.name().to_owned())),
        ("zone", origin.zone.clone()),
        ("repeated", origin.repeated.map(|repeated| repeated.name().to_owned())),
        ("order", origin.order.map(|order| order.name().to_owned())),
        ("decimal", origin.decimal.map(|mark| mark.name().to_owned())),
        ("time", origin.time.clone()),
        ("since", origin.since.clone()),
        ("shared_by", origin.shared_by.clone()),
        ("pattern", origin.pattern.clone()),
    ];
    let mut more: Vec<String> =
        texts.iter().filter_map(|(key, text)| Some(format!("{key} = {}", quoted(text.as_ref()?)))).collect();
    more.extend(origin.conversation.then(|| "conversation = true".to_owned()));
    more.extend(origin.verbatim.then(|| "verbatim = true".to_owned()));
    more.extend(origin.together.then(|| "together = true".to_owned()));
    match more[..] {
        [] => list(&origin.columns),
        _ => format!("{{ column = {}, {} }}", list(&origin.columns), more.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::unit::{DecimalMark, Repeated};
    use crate::snapshot::{DayOrder, Unit};

    #[test]
    fn toml_as_the_help_shows_it() {
        let mapping = Mapping::from_toml(
            "account_id = [\"user\", \"api_key\"]\nts = { column = \"created\", unit = \"ms\", zone = \"Asia/Shanghai\" }\n\
             is_stream = false\nrows = { column = \"type\", is = [\"GENERATION\"] }\nlatest = \"updated_at\"\n\
             prompt_text = { column = \"messages\", conversation = true }",
        )
        .unwrap();
        assert_eq!(mapping.preset, "custom");
        assert_eq!(mapping.origin(Column::AccountId).unwrap().columns, ["user", "api_key"]);
        assert_eq!(mapping.source(Column::Ts), Some("created"));
        assert_eq!(mapping.unit(Column::Ts), Some(Unit::Ms));
        assert_eq!(mapping.origin(Column::Ts).unwrap().zone.as_deref(), Some("Asia/Shanghai"));
        assert_eq!(mapping.source(Column::IsStream), None);
        assert!(mapping.columns.contains_key("is_stream"), "left out, not forgotten");
        assert_eq!(mapping.rows[0].is, ["GENERATION"]);
        assert_eq!(mapping.latest.as_deref(), Some("updated_at"));
        let join = Mapping::from_toml("ts = \"at\"\njoin = { by = \"call\" }").unwrap().join;
        assert_eq!(join, Some(Join { by: "call".into(), order: "at".into() }));
        assert!(mapping.origin(Column::PromptText).unwrap().conversation);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let refused = |text: &str| Mapping::from_toml(text).unwrap_err().to_string();
        let unknown = refused("acount_id = \"user\"");
        assert!(
            unknown.contains("“acount_id”") && unknown.contains("ts, account_id, request_id"),
            "{unknown}"
        );
        assert!(refused("model = { column = \"m\", unit = \"s\" }").contains("takes none"));
        assert!(refused("model = { column = \"m\", zone = \"UTC\" }").contains("a zone"));
        assert!(refused("model = { column = \"m\", decimal = \",\" }").contains("a decimal mark"));
        assert!(refused("ts = { column = \"t\", zone = \"Mars/Olympus\" }").contains("Mars/Olympus"));
        assert!(refused("ts = { column = \"t\", repeated = \"later\" }").contains("without a zone"));
        assert!(refused("ts = { column = \"t\", unit = \"h\" }").contains("cannot be read"));
        assert!(refused("ip = { column = \"x\", pattern = \"a*\" }").contains("without one {}"));
        assert!(refused("encoding = \"cp850\"").contains("“cp850”"));
        assert!(refused("ts = 3").contains("cannot be read"));
        assert!(refused("ts = true").contains("cannot be read"));
        assert!(refused("ts").contains("cannot be read"));
    }

    /// An origin that makes sense for a column.
    fn origin(column: Column, columns: Vec<String>, unit: Option<Unit>, on: [bool; 4]) -> Origin {
        if columns.is_empty() {
            return Origin::left_out();
        }
        let is_time = column.kind() == crate::snapshot::ColumnType::Time;
        let together = column == Column::AccountId && on[2] && !on[0] && columns.len() > 1;
        Origin {
            columns,
            together,
            unit: unit.filter(|_| column.takes_unit()),
            zone: (is_time && on[0]).then(|| "Europe/Berlin".to_owned()),
            repeated: (is_time && on[0] && on[3]).then_some(Repeated::Later),
            order: (is_time && on[1]).then_some(DayOrder::Dmy),
            decimal: (column.kind() == crate::snapshot::ColumnType::Int && on[2])
                .then_some(DecimalMark::Comma),
            time: (is_time && on[2]).then(|| "clock \"x\"".to_owned()),
            since: (column == Column::LatencyMs && on[3]).then(|| "start".to_owned()),
            conversation: column == Column::PromptText && on[0],
            shared_by: (column == Column::AccountId && on[0]).then(|| "key".to_owned()),
            verbatim: column == Column::AccountId && on[1],
            pattern: (column == Column::AccountId && on[3]).then(|| "/t/{}/*".to_owned()),
        }
    }

    proptest! {
        #[test]
        fn a_mapping_survives_toml_and_json(
            preset in ".{0,12}",
            origins in proptest::collection::vec(
                (0..Column::ALL.len(), proptest::collection::vec(".{0,20}", 0..3), proptest::option::of(0..4_usize), any::<[bool; 4]>()),
                0..12,
            ),
            values in proptest::collection::vec(".{0,9}", 0..3),
            texts in proptest::collection::vec(proptest::option::of(".{0,9}"), 3),
        ) {
            let mut mapping = Mapping { preset, latest: texts[0].clone(), ..Mapping::default() };
            mapping.encoding = texts[1].as_ref().map(|_| "gbk".to_owned());
            mapping.delimiter = texts[1].as_ref().map(|_| "\u{1}".to_owned());
            mapping.rows.extend(texts[1].clone().map(|column| RowRule { column, is: values }));
            mapping.join = texts[2].clone().map(|by| Join { by, order: "n".into() });
            for (at, columns, unit, on) in origins {
                let (column, unit) = (Column::ALL[at], unit.map(|at| [Unit::S, Unit::Ms, Unit::Us, Unit::Ns][at]));
                mapping.columns.insert(column.name().to_owned(), origin(column, columns, unit, on));
            }
            prop_assert_eq!(&Mapping::from_toml(&mapping.to_toml()).unwrap(), &mapping);
            let json = serde_json::to_string(&mapping).unwrap();
            prop_assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
        }
    }
}
