//! Imports that fail: what mends them is in front and has the keyboard.

use super::*;

fn anyhow_of(error: impl std::error::Error + Send + Sync + 'static) -> anyhow::Error {
    error.into()
}

#[test]
fn a_refused_import_offers_the_tick_and_another_mapping_takes_it_away() {
    let columns =
        vec![("ts", texts(9, |_| "2026-04-22T13:00:00Z".into())), ("account_id", texts(9, |_| "a".into()))];
    let mut window = Window::on(columns, SIZE);
    let refused = crate::jobs::TooManySetAside { set_aside: 3, rows: 9, reasons: "no account in 3".into() };
    window.harness.state_mut().dialog.failed(NotOpened::from(anyhow_of(refused)));
    window.rest();
    assert!(
        window.shows("3 of 9 rows (33.3 %) cannot be exchanges") && window.shows("Import the other rows")
    );
    assert!(!window.shows("--"), "the window has no options of the command line");
    window.pick("Source of ip", "account");
    assert!(!window.shows("Import the other rows"));
}

#[test]
fn the_field_to_be_mended_has_the_keyboard_after_a_failed_import() {
    let columns =
        vec![("ts", texts(9, |_| "2026-04-22T13:00:00Z".into())), ("account_id", texts(9, |_| "a".into()))];
    let mut window = Window::on(columns, SIZE);
    let there = crate::jobs::AlreadyThere { snapshot: crate::model::Digest([7; 32]) };
    window.harness.state_mut().dialog.failed(NotOpened::from(anyhow_of(there)));
    window.rest();
    assert!(window.shows("these files are in the case already"));
    let folder = || by().role(Role::TextInput).label("Case folder");
    assert!(window.demand(folder()).is_focused(), "another folder can be typed at once");

    let refused = crate::jobs::TooManySetAside { set_aside: 3, rows: 9, reasons: "no account in 3".into() };
    window.harness.state_mut().dialog.failed(NotOpened::from(anyhow_of(refused)));
    window.rest();
    let consent = by().role(Role::CheckBox).label_contains("Import the other rows");
    assert!(window.demand(consent).is_focused(), "the consent");

    window.harness.state_mut().dialog.failed(NotOpened::from("the disk is full".to_owned()));
    window.rest();
    assert!(window.button("Import").is_focused(), "where nothing else is known to mend it");
}
