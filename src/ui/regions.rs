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
    /// The reasons in the inspector.
    Reasons,
    /// The form of the inspector that marks as evidence.
    Mark,
    /// The benign explanations in the inspector.
    Explanations,
    /// The time brush.
    Timeline,
}

/// Every region, in the order of reading.
const ALL: [Region; 7] = [
    Region::Case,
    Region::Views,
    Region::Inspector,
    Region::Mark,
    Region::Explanations,
    Region::Reasons,
    Region::Timeline,
];

impl Region {
    fn id(self) -> Id {
        Id::unique(("region", self as u8))
    }

    fn title(self) -> &'static str {
        match self {
            Self::Case => "Region: case",
            Self::Views => "Region: views",
            Self::Inspector => "Region: inspector",
            Self::Reasons => "Region: reasons",
            Self::Mark => "Region: mark as evidence",
            Self::Explanations => "Region: benign explanations",
            Self::Timeline => "Region: timeline",
        }
    }
}

/// State of the regions.
#[derive(Default)]
pub struct Regions {
    last: Option<usize>,
}

/// Marks the beginning of a region: Tab goes on from here. Call before its content.
pub fn begin(ui: &mut egui::Ui, region: Region) {
    let frame = ui.ctx().cumulative_frame_nr();
    ui.data_mut(|data| data.insert_temp(region.id(), frame));
    let at = ui.cursor().min;
    let rect = egui::Rect::from_min_size(at, vec2(ui.available_width(), 1.0));
    let response = ui.interact(rect, region.id(), Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, region.title()));
    if response.has_focus() {
        // Over what the region draws itself, such as its tabs.
        let over = egui::LayerId::new(egui::Order::Foreground, region.id());
        let line = egui::Stroke::new(3.0, ui.visuals().selection.stroke.color);
        let painter = ui.ctx().layer_painter(over).with_clip_rect(ui.clip_rect());
        painter.hline(rect.x_range(), rect.top() + 1.5, line);
    }
}

impl Regions {
    /// Gives the keyboard to the next region, or with `back` to the previous one.
    pub fn go(&mut self, ctx: &egui::Context, back: bool) {
        let step = if back { ALL.len() - 1 } else { 1 };
        let mut next = self.last.unwrap_or(if back { 0 } else { ALL.len() - 1 });
        // Hidden regions are skipped.
        for _ in ALL {
            next = (next + step) % ALL.len();
            if is_drawn(ctx, ALL[next]) {
                break;
            }
        }
        self.last = Some(next);
        keyboard::give(ctx, ALL[next].id());
    }

    /// Gives the keyboard to a region, if it is on the screen.
    pub fn to(&mut self, ctx: &egui::Context, region: Region) {
        if is_drawn(ctx, region) {
            self.is_in(region);
            keyboard::give(ctx, region.id());
        }
    }

    /// Notes the region that has the keyboard, so that the next one follows it.
    pub fn is_in(&mut self, region: Region) {
        self.last = ALL.iter().position(|known| *known == region);
    }
}

/// True for the id of a region.
pub fn is_region(id: Id) -> bool {
    ALL.iter().any(|region| region.id() == id)
}

/// True if a region was drawn in this frame or the last.
fn is_drawn(ctx: &egui::Context, region: Region) -> bool {
    let drawn: Option<u64> = ctx.data(|data| data.get_temp(region.id()));
    drawn.is_some_and(|frame| frame + 1 >= ctx.cumulative_frame_nr())
}
