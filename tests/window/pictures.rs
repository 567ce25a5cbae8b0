//! The look of a few pages in light, in dark and at 200 %, and pictures that the window writes.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers, ScreenshotCallback, ViewportCommand};
use egui_kittest::Harness;
use egui_kittest::kittest::by;
use stillhunt::ui::{Command, Start, WindowCommand};

use crate::driver::{Window, small_case};
use crate::painted::{Textures, check};

/// The pages, with their keys.
const PAGES: [(&str, Key); 3] = [("leads", Key::Num1), ("links", Key::Num4), ("exchanges", Key::Num5)];

impl Window {
    fn send(&mut self, command: WindowCommand) {
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().as_mut().unwrap().carry_out(&ctx, Command::Window(command));
        self.rest();
    }

    /// Draws frames until one is asked for as a picture, and hands it over as a desktop does.
    fn hand_over_a_frame(&mut self, textures: &Textures) {
        for _ in 0..60 {
            self.harness.step();
            let outputs = self.harness.output().viewport_output.values();
            let asked = outputs.flat_map(|output| &output.commands).find_map(|command| match command {
                ViewportCommand::Screenshot(callback) => Some(ScreenshotCallback::clone(callback)),
                _ => None,
            });
            if let Some(callback) = asked {
                callback.complete(Arc::new(textures.paint(&self.harness)));
                return;
            }
        }
        panic!("no frame was asked for");
    }

    /// Compares each page with its stored picture.
    fn check_pages(&mut self, textures: &Textures, look: &str) {
        for (page, key) in PAGES {
            self.ctrl(key);
            // No widget has the keyboard, and no toast is on screen.
            self.keys(Modifiers::NONE, Key::Escape);
            self.rest();
            check(&format!("{page}-{look}"), &textures.paint(&self.harness));
        }
    }
}

#[test]
fn the_look_of_pages_in_light_in_dark_and_at_200_percent() {
    let home = tempfile::tempdir().unwrap();
    let case = small_case(home.path());
    let textures = Textures::default();
    let builder = Harness::builder().allow_missing_glyphs().renderer(textures.clone());
    let mut window = Window::build(home, Start::Case(case), builder);
    window.stop_the_text_pass();
    window.wait_for_case();
    window.pick_first_lead();
    window.check_pages(&textures, "dark");
    window.send(WindowCommand::SwitchTheme);
    window.check_pages(&textures, "light");
    for _ in 0..10 {
        window.send(WindowCommand::ZoomIn);
    }
    window.check_pages(&textures, "light-200");
}

#[test]
fn a_view_is_written_as_it_stands_on_screen() {
    let home = tempfile::tempdir().unwrap();
    let case = small_case(home.path());
    let textures = Textures::default();
    let builder = Harness::builder().allow_missing_glyphs().renderer(textures.clone());
    let mut window = Window::build(home, Start::Case(case), builder);
    window.stop_the_text_pass();
    window.wait_for_case();
    window.click_button("Write Leads as a file");
    window.demand(by().role(Role::Button).label("as on screen, PNG")).click();
    window.hand_over_a_frame(&textures);
    window.wait_for("Leads as on screen, PNG");
    window.press("Write");
    window.wait_for("Written: ");
    let file = std::fs::File::open(window.path("leads_screen.png")).unwrap();
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    let (width, height) = reader.info().size();
    assert!((600..1280).contains(&width) && (150..700).contains(&height), "{width} by {height}");
    let description = reader.info().utf8_text[0].get_text().unwrap();
    assert!(description.starts_with("Scope: ") && description.contains("240 accounts"), "{description}");
}
