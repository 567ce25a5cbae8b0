//! The origin of a canonical column and its serialised forms, made from each other.

use super::Origin;
use super::origin_form::{False, Names, OriginForm, Table};

impl From<OriginForm> for Origin {
    fn from(form: OriginForm) -> Self {
        match form {
            OriginForm::Names(names) => Self { columns: names.into(), ..Self::default() },
            OriginForm::LeftOut(False) => Self::left_out(),
            OriginForm::Table(table) => Self {
                columns: table.column.into(),
                unit: table.unit,
                zone: table.zone,
                repeated: table.repeated,
                order: table.order,
                decimal: table.decimal,
                time: table.time,
                since: table.since,
                conversation: table.conversation,
                shared_by: table.shared_by,
                verbatim: table.verbatim,
                together: table.together,
                pattern: table.pattern,
            },
        }
    }
}

impl From<Origin> for OriginForm {
    fn from(origin: Origin) -> Self {
        if origin.columns.is_empty() {
            return Self::LeftOut(False);
        }
        if origin == (Origin { columns: origin.columns.clone(), ..Origin::default() }) {
            return Self::Names(origin.columns.into());
        }
        let Origin {
            columns,
            unit,
            zone,
            repeated,
            order,
            decimal,
            time,
            since,
            conversation,
            shared_by,
            verbatim,
            together,
            pattern,
        } = origin;
        let column = Names::from(columns);
        Self::Table(Table {
            column,
            unit,
            zone,
            repeated,
            order,
            decimal,
            time,
            since,
            conversation,
            shared_by,
            verbatim,
            together,
            pattern,
        })
    }
}
