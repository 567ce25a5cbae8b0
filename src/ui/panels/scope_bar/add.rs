//! The menu that adds a filter to a scope: an account, a time span, a topic, a value.

use super::field::field;
use crate::model::{AccountId, AttributeKind, Micros, Scope, TimeSpan, Zone, moment};
use crate::ui::view::ViewContext;
use crate::ui::words;

/// Maximum number of completions.
const COMPLETIONS: usize = 8;

/// Space below the menu, in points.
const BELOW: f32 = 24.0;

/// Text typed and not yet added.
#[derive(Default)]
pub struct AddMenu {
    account: String,
    from: String,
    to: String,
    topic: String,
    kind: Option<AttributeKind>,
    value: String,
    /// Problem of the typed times.
    problem: Option<&'static str>,
}

impl AddMenu {
    /// Draws the menu; returns a scope with one more filter once one was chosen.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, scope: &Scope) -> Option<Scope> {
        ui.set_min_width(340.0);
        // The menu ends inside the window, whatever is listed.
        let room = (ui.ctx().content_rect().bottom() - ui.cursor().top() - BELOW).max(120.0);
        let area = egui::ScrollArea::vertical().max_height(room);
        let drawn = area.show(ui, |ui| {
            self.add_account(ui, cx, scope)
                .or_else(|| self.add_span(ui, cx, scope))
                .or_else(|| self.add_topic(ui, cx, scope))
                .or_else(|| self.add_value(ui, cx, scope))
        });
        let changed = drawn.inner;
        if changed.is_some() {
            self.problem = None;
            ui.close();
        }
        changed
    }

    fn add_account(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, scope: &Scope) -> Option<Scope> {
        let entered = field(ui, "Account", &mut self.account, "account id or its first characters");
        if let Some(set) = &scope.accounts {
            // Everything else in this menu narrows the scope.
            let count = words::counted(set.ids.len() as u64, "account", "accounts");
            ui.weak(format!("Adds one to the {count} of the scope."));
        }
        let typed = self.account.trim();
        if typed.is_empty() {
            return None;
        }
        // Sorted by id, so ids with the typed prefix are adjacent.
        let accounts = cx.cache.accounts();
        let first = accounts.partition_point(|account| account.id.as_str() < typed);
        let mut chosen = None;
        for account in
            accounts[first..].iter().take(COMPLETIONS).take_while(|a| a.id.as_str().starts_with(typed))
        {
            let clicked = ui.button(words::line(account.id.as_str(), 60)).clicked();
            if clicked || (entered && chosen.is_none()) {
                chosen = Some(account.id.clone());
            }
        }
        if !accounts[first..].first().is_some_and(|account| account.id.as_str().starts_with(typed)) {
            ui.colored_label(ui.visuals().warn_fg_color, "0 accounts begin with these characters.");
        }
        let id = chosen?;
        self.account.clear();
        Some(with_one_more_account(scope, id))
    }

    fn add_span(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, scope: &Scope) -> Option<Scope> {
        ui.separator();
        // Examples of the log's own days.
        let [first, last] = cx.cache.hot().span().map_or([0; 2], |span| [span.start, span.end - 1]);
        let [first, last] = [first, last].map(|t| cx.zone.format_date(t));
        let from = field(ui, "From", &mut self.from, &format!("{first} or {first} 13:00"));
        let to = field(ui, "To", &mut self.to, &last);
        let label = format!("Set the time span ({})", cx.zone.name());
        let pressed = ui.button(label).clicked();
        // Beside its fields: the end of the menu may lie below the window.
        if let Some(problem) = self.problem {
            ui.colored_label(ui.visuals().error_fg_color, problem);
        }
        if !pressed && !from && !to {
            return None;
        }
        match span_of(&self.from, &self.to, cx.zone, cx.cache.hot().span()) {
            Ok(span) => Some(scope.clone().with_span(span)),
            Err(problem) => {
                self.problem = Some(problem);
                None
            }
        }
    }

    fn add_topic(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, scope: &Scope) -> Option<Scope> {
        let topics = cx.cache.topics();
        if topics.is_empty() {
            return None;
        }
        ui.separator();
        let entered = field(ui, "Topic", &mut self.topic, "topic number or a word of its label");
        let typed = self.topic.trim().to_lowercase();
        let mut chosen = None;
        let fits = |label: &str, id: u16| {
            typed.is_empty() || label.to_lowercase().contains(&typed) || id.to_string() == typed
        };
        for topic in topics.iter().filter(|topic| fits(&topic.label, topic.id)).take(COMPLETIONS) {
            let label = format!("{} {}", topic.id, words::line(&topic.label, 50));
            let clicked = ui.button(label).clicked();
            if clicked || (entered && !typed.is_empty() && chosen.is_none()) {
                chosen = Some((topic.id, topic.label.clone()));
            }
        }
        let (id, label) = chosen?;
        self.topic.clear();
        let mut all = scope.topics.clone().unwrap_or_default();
        all.insert(id, label);
        Some(scope.clone().with_topics(all))
    }

    fn add_value(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, scope: &Scope) -> Option<Scope> {
        ui.separator();
        let mut kind = self.kind.unwrap_or(AttributeKind::PaymentFingerprint);
        // No dropdown: it would be a second popup and close the menu.
        ui.horizontal_wrapped(|ui| {
            ui.set_max_width(340.0);
            for each in AttributeKind::ALL {
                ui.selectable_value(&mut kind, each, each.title());
            }
        });
        self.kind = Some(kind);
        let entered = field(ui, "Value", &mut self.value, "value or its first characters");
        let typed = self.value.trim();
        if typed.is_empty() {
            return None;
        }
        let values = cx.cache.values();
        let first = values.partition_point(|value| (value.kind, value.value.as_str()) < (kind, typed));
        let mut chosen = None;
        let fitting = values[first..].iter().take_while(|v| v.kind == kind && v.value.starts_with(typed));
        for value in fitting.take(COMPLETIONS) {
            let sharing = words::counted(u64::from(value.accounts), "account", "accounts");
            let clicked = ui.button(format!("{} ({sharing})", words::line(&value.value, 50))).clicked();
            if clicked || (entered && chosen.is_none()) {
                chosen = Some(value.value.clone());
            }
        }
        if !values[first..].first().is_some_and(|v| v.kind == kind && v.value.starts_with(typed)) {
            ui.colored_label(ui.visuals().warn_fg_color, "0 values begin with these characters.");
        }
        let value = chosen?;
        self.value.clear();
        Some(scope.clone().with_value(kind, &value))
    }
}

/// The span between two typed times; an empty one is the beginning or the end of the log.
fn span_of(from: &str, to: &str, zone: &Zone, log: Option<TimeSpan>) -> Result<TimeSpan, &'static str> {
    let read = |typed: &str, or: fn(TimeSpan) -> Micros| match typed.trim() {
        "" => log.map(or),
        typed => moment::read(typed, zone),
    };
    if from.trim().is_empty() && to.trim().is_empty() {
        return Err("Enter a time first, such as 2026-04-22 or 2026-04-22 13:00.");
    }
    match (read(from, |log| log.start), read(to, |log| log.end)) {
        (Some(start), Some(end)) if start < end => Ok(TimeSpan { start, end }),
        (Some(_), Some(_)) => Err("The end must be later than the start."),
        _ => Err("Enter times as 2026-04-22 or 2026-04-22 13:00."),
    }
}

/// The scope with one more account; a named set loses its name because it has changed.
fn with_one_more_account(scope: &Scope, id: AccountId) -> Scope {
    let mut more = scope.clone();
    match &mut more.accounts {
        Some(set) if set.ids.contains(&id) => {}
        Some(set) => {
            (set.label, set.lead) = (None, None);
            set.ids.insert(id);
        }
        None => more = more.with_account(id),
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_of_a_span_is_enough() {
        let log = Some(TimeSpan { start: 5, end: 99_000_000_000_000 });
        let span = |from: &str, to: &str| span_of(from, to, &Zone::utc(), log);
        let day = 86_400_000_000;
        assert_eq!(span("", "1970-01-03"), Ok(TimeSpan { start: 5, end: 2 * day }));
        assert_eq!(span("1970-01-02 ", ""), Ok(TimeSpan { start: day, end: 99_000_000_000_000 }));
        assert!(span("", "").is_err() && span("1970-01-03", "1970-01-02").is_err());
        assert!(span("yesterday", "").is_err());
    }

    #[test]
    fn a_lead_with_one_more_account_is_no_longer_that_lead() {
        let ids: std::collections::BTreeSet<AccountId> = ["a".into(), "b".into()].into();
        let scope = Scope::default().with_lead(crate::model::LeadRef::of(1, ids.clone()), ids);
        let same = with_one_more_account(&scope, "a".into());
        assert_eq!(same, scope);
        let more = with_one_more_account(&scope, "c".into());
        assert_eq!(more.lead(), None);
        assert_eq!(more.accounts.unwrap().describe(), "3 accounts");
    }
}
