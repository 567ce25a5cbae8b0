//! Legal frame of a case: terms and clauses, breaches, acceptance, notices, measures, prices, losses, and the
//! elements that have to be shown. One value a file; [`decision`] is what the journal has, [`fold`] the state.

mod acceptance;
mod amount;
mod decision;
mod document;
mod element;
mod fold;
mod item;
mod measure;
mod money;
mod notice;
mod profile;
mod terms;

pub use acceptance::{Acceptance, AcceptanceRow};
pub use amount::{Amount, NoAmount};
pub use decision::LegalDecision;
pub use document::Document;
pub use element::{ABOUT, About, Element, Frame, NoElement, SECRET_CAUTION};
pub use fold::Legal;
pub use item::LegalItem;
pub use measure::{Measure, MeasureKind};
pub use money::{Loss, Price};
pub use notice::{Notice, NoticeKind};
pub use profile::Profile;
pub use terms::{Breach, Clause, TermsVersion};
