//! The mapping under edit, as a value and as the text of its file; both always mean the same.

use crate::snapshot::{Column, Mapping, Origin};

/// A mapping being edited.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingEdit {
    mapping: Mapping,
    /// Mapping that was last taken as a whole: proposed, of a preset, from a file.
    base: Mapping,
    text: String,
    fault: Option<String>,
}

impl MappingEdit {
    /// Editor of a mapping.
    pub fn new(mapping: Mapping) -> Self {
        Self { base: mapping.clone(), text: mapping.to_toml(), mapping, fault: None }
    }

    /// The mapping. While the text has a fault, the last one without.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The mapping that was last taken as a whole.
    pub fn base(&self) -> &Mapping {
        &self.base
    }

    /// True if something was changed by hand.
    pub fn is_changed(&self) -> bool {
        self.mapping != self.base || self.fault.is_some()
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Fault of the text; `None` if it is a mapping.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Replaces the whole mapping.
    pub fn take(&mut self, mapping: Mapping) {
        *self = Self::new(mapping);
    }

    /// Changes the mapping by fields. The text is written anew.
    pub fn change(&mut self, change: impl FnOnce(&mut Mapping)) {
        let before = self.mapping.clone();
        change(&mut self.mapping);
        if self.mapping != before {
            self.text = self.mapping.to_toml();
            self.fault = None;
        }
    }

    /// Changes the mapping by its text, which stays as it is typed.
    pub fn retype(&mut self, text: String) {
        match Mapping::from_toml(&text) {
            Ok(mapping) => {
                self.mapping = mapping;
                self.fault = None;
            }
            Err(error) => self.fault = Some(error.to_string()),
        }
        self.text = text;
    }

    /// Changes the origin of a column.
    pub fn change_origin(&mut self, column: Column, change: impl FnOnce(&mut Origin)) {
        self.change(|mapping| change(mapping.columns.entry(column.name().to_owned()).or_default()));
    }

    /// Sets the source of a column, or leaves the column out with `None`. Options that still apply stay.
    pub fn set_source(&mut self, column: Column, source: Option<String>) {
        self.change(|mapping| {
            let origin = mapping.columns.entry(column.name().to_owned()).or_default();
            match source {
                Some(name) if origin.columns.is_empty() => origin.columns.push(name),
                Some(name) => {
                    origin.columns.retain(|other| *other != name);
                    match origin.columns.first_mut() {
                        Some(first) => *first = name,
                        None => origin.columns.push(name),
                    }
                }
                None => *origin = Origin::left_out(),
            }
            if column == Column::AccountId {
                mapping.unit = None;
            }
        });
    }

    /// Makes another column the account; `None` for the one that the mapping had first.
    pub fn set_unit(&mut self, unit: Option<&str>) {
        let name = Column::AccountId.name();
        let usual = self.base.columns.get(name).filter(|_| self.base.unit.is_none()).cloned();
        self.change(|mapping| match (unit, usual) {
            (Some(unit), _) => *mapping = mapping.clone().with_unit(unit),
            (None, usual) => {
                mapping.unit = None;
                match usual {
                    Some(usual) => drop(mapping.columns.insert(name.to_owned(), usual)),
                    None => drop(mapping.columns.remove(name)),
                }
            }
        });
    }

    /// Number of canonical columns that are mapped.
    pub fn mapped(&self) -> usize {
        Column::ALL.into_iter().filter(|&column| self.mapping.origin(column).is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Unit;

    fn edit() -> MappingEdit {
        MappingEdit::new(
            Mapping::from_toml("ts = \"t\"\naccount_id = [\"user\", \"key\"]\nend_user_id = \"customer\"")
                .unwrap(),
        )
    }

    #[test]
    fn fields_and_text_are_one_value() {
        let mut edit = edit();
        edit.set_source(Column::Ts, Some("created".into()));
        edit.change_origin(Column::Ts, |origin| origin.unit = Some(Unit::Ms));
        assert!(edit.text().contains("ts = { column = \"created\", unit = \"ms\" }"), "{}", edit.text());
        let typed = format!("# a remark\n{}", edit.text()).replace("\"ms\"", "\"s\"");
        edit.retype(typed.clone());
        assert_eq!(edit.mapping().unit(Column::Ts), Some(Unit::S));
        assert_eq!(edit.text(), typed, "what is typed stays");
        edit.retype("ts = ".into());
        assert!(edit.fault().is_some() && edit.mapping().unit(Column::Ts) == Some(Unit::S));
        edit.set_source(Column::Ip, Some("addr".into()));
        assert!(edit.fault().is_none() && edit.text().contains("ip = \"addr\""));
    }

    #[test]
    fn the_first_source_is_replaced_and_its_fallbacks_stay() {
        let mut edit = edit();
        edit.set_source(Column::AccountId, Some("uid".into()));
        assert_eq!(edit.mapping().columns["account_id"].columns, ["uid", "key"]);
        edit.set_source(Column::AccountId, Some("key".into()));
        assert_eq!(edit.mapping().columns["account_id"].columns, ["key"]);
        edit.set_source(Column::Ip, None);
        assert!(edit.text().contains("ip = false"));
        assert_eq!(edit.mapped(), 3);
    }

    #[test]
    fn the_account_goes_to_another_column_and_back() {
        let mut edit = edit();
        edit.set_unit(Some("end_user_id"));
        assert_eq!(edit.mapping().source(Column::AccountId), Some("customer"));
        assert_eq!(edit.mapping().unit.as_deref(), Some("end_user_id"));
        edit.set_unit(None);
        assert!(!edit.is_changed());
    }
}
