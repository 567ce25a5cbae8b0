//! Files that the mapping under edit has opened in another way.

use super::*;

fn on_text(name: &str, bytes: &[u8]) -> Window {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("logs")).unwrap();
    std::fs::write(home.path().join("logs").join(name), bytes).unwrap();
    let dialog = ImportDialog::new(vec![home.path().join("logs")], None);
    Window::of(dialog, home, SIZE)
}

fn type_mapping(window: &mut Window, text: &str) {
    window.press("Columns");
    window.click(by().role(Role::MultilineTextInput).label("Mapping as TOML"));
    window.keys(Modifiers::COMMAND, Key::A);
    window.type_text(text);
    window.rest();
}

#[test]
fn the_place_of_the_rows_is_that_of_the_mapping_under_edit() {
    let call = |n: u32| format!(r#"{{"created_at":"2026-04-22T13:05:0{n}Z","prompt":"p{n}"}}"#);
    let text = format!(r#"[{{"owner":"amy","deep":{{"calls":[{},{}]}}}}]"#, call(1), call(2));
    let mut window = on_text("a.json", text.as_bytes());
    assert!(!window.can("Import"));
    let mapping = "ts = \"created_at\"\naccount_id = \"^.owner\"\nrows_at = \"deep.calls\"";
    type_mapping(&mut window, mapping);
    assert!(window.can("Import"), "{:#?}", window.harness.root());
    window.press("Import");
    let request = window.harness.state().request.clone().unwrap();
    assert_eq!(request.mapping.unwrap().rows_at.as_deref(), Some("deep.calls"));
}

#[test]
fn the_encoding_is_that_of_the_mapping_under_edit() {
    let mut window = on_text("a.csv", b"ts,account_id\n2026-04-22T13:05:09Z,M\xfcller\n");
    assert!(!window.shows("Müller"));
    type_mapping(&mut window, "ts = \"ts\"\naccount_id = \"account_id\"\nencoding = \"windows-1252\"");
    window.press("Columns");
    assert!(window.shows("Müller"));
}

#[test]
fn fields_say_how_files_are_opened() {
    let mut window = on_text("a.csv", b"ts~account_id\n2026-04-22T13:05:09Z~amy\n");
    window.press("Columns of the files");
    window.click(by().role(Role::TextInput).label("Delimiter of CSV"));
    window.type_text("~");
    window.rest();
    window.press("Columns");
    assert!(window.shows("amy"), "{:#?}", window.harness.root());
}
