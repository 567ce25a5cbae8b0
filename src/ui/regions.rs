//! Regions of the window that F6 moves the keyboard between.

use egui::{Id, Role, Sense, WidgetInfo, vec2};

use super::keyboard;

/// Part of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The case: snapshots, scopes, evidence.
    Case,
    /// The views.
    Views,
    /// The inspector.
    Inspector,
}

/// Every region, in the order of reading.
const ALL: [Region; 3] = [Region::Case, Region::Views, Region::Inspector];

impl Region {
    fn id(self) -> Id {
        Id::unique(("region", self as u8))
    }

    fn title(self) -> &'static str {
        match self {
            Self::Case => "Region: case",
            Self::Views => "Region: views",
            Self::Inspector => "Region: inspector",
        }
    }
}

/// State of the regions.
#[derive(Default)]
pub struct Regions {
    last: Option<usize>,
    /// Frame in which each region was drawn last.
    drawn: [u64; ALL.len()],
}

impl Regions {
    /// Marks the beginning of a region: Tab goes on from here. Call before its content.
    pub fn begin(&mut self, ui: &mut egui::Ui, region: Region) {
        self.drawn[region as usize] = ui.ctx().cumulative_frame_nr();
        let at = ui.cursor().min;
        let rect = egui::Rect::from_min_size(at, vec2(ui.available_width(), 1.0));
        let response = ui.interact(rect, region.id(), Sense::focusable_noninteractive());
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, region.title()));
        if response.has_focus() {
            // Over what the region draws itself, such as its tabs.
            let over = egui::LayerId::new(egui::Order::Foreground, region.id());
            let line = egui::Stroke::new(3.0, ui.visuals().selection.stroke.color);
            ui.ctx().layer_painter(over).hline(rect.x_range(), rect.top() + 1.5, line);
        }
    }

    /// Gives the keyboard to the next region, or with `back` to the previous one.
    pub fn go(&mut self, ctx: &egui::Context, back: bool) {
        let now = ctx.cumulative_frame_nr();
        let step = if back { ALL.len() - 1 } else { 1 };
        let mut next = self.last.unwrap_or(if back { 0 } else { ALL.len() - 1 });
        // Hidden regions are skipped.
        for _ in ALL {
            next = (next + step) % ALL.len();
            if self.drawn[next] + 1 >= now {
                break;
            }
        }
        self.last = Some(next);
        keyboard::give(ctx, ALL[next].id());
    }
}
