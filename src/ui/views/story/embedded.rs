//! Timeline of a piece of evidence inside the story, computed from the present log.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Mesh, Rect, Role, Sense, Shape, WidgetInfo, pos2, vec2};

use crate::cache::CacheError;
use crate::case::{Evidence, EvidenceSource, StoryPart};
use crate::jobs::Slot;
use crate::model::{Scope, visible};
use crate::query::rhythm::{Timeline, timeline};
use crate::query::select;
use crate::ui::panels::inspector::go_to;
use crate::ui::view::ViewContext;
use crate::ui::widgets::crosshair;
use crate::ui::widgets::time_axis::TimeAxis;
use crate::ui::{theme, words};

/// Number of time slices.
const BINS: usize = 240;
/// Height of the picture, in points.
const HEIGHT: f32 = 46.0;

/// Counts and timeline of a scope.
struct Embedded {
    accounts: u64,
    exchanges: u64,
    timeline: Timeline,
}

/// Pictures by the number of the evidence, of which the scope never changes.
#[derive(Default)]
pub struct Charts {
    slots: BTreeMap<u64, (Arc<Scope>, Slot<u64, Embedded>)>,
}

impl Charts {
    /// Removes pictures of evidence that is no longer in the story.
    pub fn keep(&mut self, cx: &ViewContext<'_>) {
        let is_in_story = |id: &u64| cx.state.story.iter().any(|part| part.evidence == Some(*id));
        self.slots.retain(|id, _| is_in_story(id));
    }

    /// Draws the evidence of a part.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, part: &StoryPart) {
        let Some(id) = part.evidence else { return };
        let Some(evidence) = cx.state.evidence.get(&id) else {
            ui.colored_label(ui.visuals().warn_fg_color, format!("Evidence {id} is no longer in the list."));
            return;
        };
        ui.separator();
        ui.horizontal_wrapped(|ui| {
            ui.strong(format!("E{id}"));
            ui.label(words::evidence_source(&evidence.source, cx.zone));
            if let Some(exhibit) = &part.exhibit {
                ui.weak(format!("printed as {}", exhibit.replace('_', " ")));
            }
            if ui.small_button("Show").on_hover_text("Sets the scope to it").clicked() {
                go_to(cx, &evidence.source);
            }
        });
        if !self.slots.contains_key(&id)
            && let Some(scope) = scope_of(evidence)
        {
            self.slots.insert(id, (Arc::new(scope), Slot::default()));
        }
        self.picture(ui, cx, id);
    }

    fn picture(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u64) {
        let Some((scope, slot)) = self.slots.get_mut(&id) else { return };
        let (cache, asked) = (Arc::clone(cx.cache), Arc::clone(scope));
        slot.ask::<CacheError>(cx.jobs, None, cx.data_version, move |ticket| {
            let selection = select(&cache, &asked, ticket)?;
            let timeline = timeline(&cache, &selection, BINS, ticket)?;
            let (accounts, exchanges) = (selection.accounts.len() as u64, selection.exchanges);
            Ok(Embedded { accounts, exchanges, timeline })
        });
        slot.poll();
        let size = vec2(ui.available_width().min(640.0), HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let Some(of) = slot.answer() else {
            response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Timeline of the evidence"));
            if let Some(why) = slot.failure() {
                ui.colored_label(ui.visuals().error_fg_color, visible(why));
            }
            return;
        };
        paint(ui, rect, &of.timeline);
        let axis = TimeAxis { rect, span: of.timeline.span };
        if let Some(pos) = response.hover_pos() {
            crosshair::set(ui.ctx(), axis.time(pos.x));
        }
        crosshair::paint(ui, &axis);
        let summary = format!(
            "{}, {}; {} to {} {}; tallest bar: {}",
            words::counted(of.accounts, "account", "accounts"),
            words::counted(of.exchanges, "exchange", "exchanges"),
            cx.zone.format_date(of.timeline.span.start),
            cx.zone.format_date(of.timeline.span.end),
            cx.zone.name(),
            words::counted(highest(&of.timeline), "exchange", "exchanges"),
        );
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, "Timeline of the evidence");
            info.current_text_value = Some(summary.clone());
            info
        });
        ui.weak(summary);
    }
}

/// Scope of an account or of a marked scope.
fn scope_of(evidence: &Evidence) -> Option<Scope> {
    match &evidence.source {
        EvidenceSource::Exchange { .. } => None,
        EvidenceSource::Account { account } => Some(Scope::default().with_account(account.clone())),
        EvidenceSource::Scope { scope, .. } => Some(scope.clone()),
    }
}

/// Exchanges of the tallest bar.
fn highest(of: &Timeline) -> u64 {
    of.scope.iter().copied().max().unwrap_or(0)
}

fn paint(ui: &egui::Ui, rect: Rect, of: &Timeline) {
    ui.painter().rect_filled(rect, 2.0, ui.visuals().panel_fill);
    let highest = highest(of).max(1) as f32;
    let width = rect.width() / of.scope.len().max(1) as f32;
    let mut mesh = Mesh::default();
    for (at, &count) in of.scope.iter().enumerate().filter(|(_, count)| **count > 0) {
        let left = rect.left() + at as f32 * width;
        let top = rect.bottom() - (count as f32 / highest * rect.height()).max(1.0);
        let bar = Rect::from_min_max(pos2(left, top), pos2(left + width, rect.bottom()));
        mesh.add_colored_rect(bar, theme::scope(ui.visuals()));
    }
    ui.painter().add(Shape::mesh(mesh));
}
