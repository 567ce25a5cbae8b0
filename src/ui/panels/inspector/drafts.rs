//! Notes being typed in the inspector, by what they are about: another selection keeps them.

use crate::model::LeadRef;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Selected, ViewContext};
use crate::ui::widgets::mark::MarkForm;

/// Subject of a note.
#[derive(Clone, Debug, PartialEq)]
enum About {
    /// A lead, by its accounts: its place in the list changes.
    Lead(LeadRef),
    /// Any other selection.
    Other(Selected),
}

impl About {
    fn of(cx: &ViewContext<'_>) -> Self {
        let lead = match cx.selected {
            Selected::Lead(at) => cx.decisions.list().leads().get(*at),
            _ => None,
        };
        lead.map_or_else(|| Self::Other(cx.selected.clone()), |lead| Self::Lead(lead.clone()))
    }

    /// True if `now` is this subject in the present list of leads.
    fn is_now(&self, cx: &ViewContext<'_>, now: &Self) -> bool {
        match (self, now) {
            (Self::Lead(before), Self::Lead(now)) => is_lead_now(cx, before, now),
            _ => self == now,
        }
    }

    fn in_words(&self, cx: &ViewContext<'_>) -> String {
        match self {
            Self::Lead(lead) => format!("note on lead {}", lead.id),
            Self::Other(Selected::Account(at)) => match cx.cache.accounts().get(*at as usize) {
                Some(account) => format!("note on account {}", account.id),
                None => "note on an account".to_owned(),
            },
            Self::Other(Selected::Evidence(id)) => format!("note on evidence {id}"),
            Self::Other(Selected::Saved(name)) => format!("note on group {name}"),
            Self::Other(_) => "note on an exchange".to_owned(),
        }
    }
}

/// True if the lead that was `before` is `now` in the present list.
pub fn is_lead_now(cx: &ViewContext<'_>, before: &LeadRef, now: &LeadRef) -> bool {
    let list = cx.decisions.list();
    before == now || list.follow(before).at().is_some_and(|at| list.leads().get(at) == Some(now))
}

/// The form of the selection, and those of other subjects that hold text.
#[derive(Default)]
pub struct Drafts {
    about: Option<About>,
    form: MarkForm,
    others: Vec<(About, MarkForm)>,
}

impl Drafts {
    /// The form of the selection.
    pub fn form(&mut self, cx: &ViewContext<'_>) -> &mut MarkForm {
        let now = About::of(cx);
        if self.about.as_ref() != Some(&now) {
            self.turn_to(cx, now);
        }
        &mut self.form
    }

    fn turn_to(&mut self, cx: &ViewContext<'_>, now: About) {
        let before = self.about.replace(now.clone());
        if before.as_ref().is_some_and(|before| before.is_now(cx, &now)) {
            return;
        }
        let kept = self.others.iter().position(|(about, _)| about.is_now(cx, &now));
        let form = match (kept, &now) {
            (Some(at), _) => self.others.remove(at).1,
            (None, About::Other(Selected::Evidence(id))) => {
                let evidence = cx.state.evidence.get(id);
                evidence.map_or_else(MarkForm::default, |known| MarkForm::editing(&known.tag, &known.note))
            }
            (None, _) => MarkForm::default(),
        };
        let left = std::mem::replace(&mut self.form, form);
        if let Some(before) = before.filter(|_| left.unsent("").is_some()) {
            self.others.push((before, left));
        }
    }

    /// Notes typed and not sent.
    pub fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let present = self.about.iter().map(|about| (about, &self.form));
        let others = self.others.iter().map(|(about, form)| (about, form));
        present.chain(others).filter_map(|(about, form)| form.unsent(&about.in_words(cx))).collect()
    }
}
