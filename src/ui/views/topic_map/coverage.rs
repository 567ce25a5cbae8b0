//! Topic coverage: share of each topic in the scope and in all other exchanges.

use std::cmp::Reverse;
use std::sync::Arc;

use egui::{Rect, Role, Sense, WidgetInfo, pos2, vec2};

use super::lasso::with_topics;
use crate::jobs::Slot;
use crate::model::{Cancelled, Scope};
use crate::query::topic_map::{TopicShare, coverage};
use crate::ui::view::{Command, PivotFrom, SideNames, ViewContext, is_compared};
use crate::ui::widgets::picture;
use crate::ui::{pivot, theme, words};

const ROW: f32 = 30.0;

/// The list's own state.
#[derive(Default)]
pub struct CoverageList {
    shares: Slot<(u64, u64), (Shares, SideNames)>,
}

/// The shares with their totals, computed once.
struct Shares {
    topics: Vec<TopicShare>,
    scope: u64,
    peers: u64,
    /// The largest share, which has the longest bar.
    largest: f32,
    /// Number of topics with at least one exchange of the scope.
    touched: usize,
}

impl Shares {
    /// Shares, the largest of the scope first, then the largest of the peers.
    fn of(mut topics: Vec<TopicShare>) -> Self {
        topics.sort_by_key(|topic| (Reverse(topic.scope), Reverse(topic.peers), topic.topic));
        let scope = topics.iter().map(|topic| topic.scope).sum();
        let peers = topics.iter().map(|topic| topic.peers).sum();
        let touched = topics.iter().filter(|topic| topic.scope > 0).count();
        let largest =
            topics.iter().map(|t| part(t.scope, scope).max(part(t.peers, peers))).fold(0.0, f32::max);
        Self { topics, scope, peers, largest, touched }
    }
}

impl CoverageList {
    /// Asks for the shares of the scope.
    pub fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let (cache, names) = (Arc::clone(cx.cache), cx.sides());
            self.shares.ask::<Cancelled>(cx.jobs, None, cx.pair_version(), move |ticket| {
                Ok((Shares::of(pair.ask(|selection| coverage(&cache, selection, ticket))?), names))
            });
        }
        self.shares.poll();
    }

    /// Draws the list.
    pub fn ui(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let top = ui.available_rect_before_wrap();
        let [scope, others] = self.shares.answer().map_or_else(|| cx.sides(), |(_, names)| *names);
        let title = ui.strong(format!("Topic coverage: {scope} and {others}"));
        title.on_hover_text("Upper bar: share of the scope's exchanges in the topic. Lower bar: share of the exchanges that it is compared with. Largest share of the scope first. Click adds or removes the topic; double-click selects it alone.");
        let Some((shares, names)) = self.shares.answer() else {
            picture::of_slot(ui, top, &self.shares, cx);
            return;
        };
        ui.weak(format!(
            "{} of {} in the scope",
            words::count(shares.touched as u64),
            words::counted(shares.topics.len() as u64, "topic", "topics")
        ));
        if shares.peers == 0 {
            ui.weak(format!("0 exchanges of {others} to compare with: the scope has all."));
        }
        egui::ScrollArea::vertical().id_salt("coverage").auto_shrink([false, false]).show_rows(
            ui,
            ROW,
            shares.topics.len(),
            |ui, visible| {
                for topic in &shares.topics[visible] {
                    line(ui, cx, (shares, *names), topic);
                }
            },
        );
        picture::of_slot(ui, top, &self.shares, cx);
    }
}

fn line(ui: &mut egui::Ui, cx: &ViewContext<'_>, (shares, names): (&Shares, SideNames), topic: &TopicShare) {
    let label = cx
        .cache
        .topics()
        .get(usize::from(topic.topic))
        .map_or_else(String::new, |t| words::line(&t.label, 60));
    let is_in = cx.scope.topics.as_ref().is_some_and(|topics| topics.contains_key(&topic.topic));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let visuals = ui.visuals();
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 2.0, visuals.widgets.hovered.weak_bg_fill);
    } else if is_in {
        ui.painter().rect_filled(rect, 2.0, visuals.selection.bg_fill);
    }
    let galley =
        ui.painter().layout_no_wrap(label.clone(), egui::FontId::proportional(12.5), visuals.text_color());
    let (scope, peers) = (part(topic.scope, shares.scope), part(topic.peers, shares.peers));
    let figures = match shares.peers {
        0 => format!("{:.1} %", 100.0 * scope),
        _ => format!("{:.1} · {:.1} %", 100.0 * scope, 100.0 * peers),
    };
    let figures =
        ui.painter().layout_no_wrap(figures, egui::FontId::proportional(11.0), visuals.weak_text_color());
    let edge = rect.right() - figures.size().x - 4.0;
    let clipped = ui.painter().with_clip_rect(rect.with_max_x(edge - 4.0).intersect(ui.clip_rect()));
    clipped.galley(rect.min + vec2(3.0, 1.0), galley, visuals.text_color());
    ui.painter().galley(pos2(edge, rect.top() + 2.0), figures, visuals.weak_text_color());
    let [own, other] = theme::sides(visuals, is_compared(names));
    for (share, top, colour) in [(scope, 18.0, own), (peers, 23.0, other)] {
        let length = share / shares.largest.max(1e-6) * (rect.width() - 6.0);
        let from = pos2(rect.left() + 3.0, rect.top() + top);
        ui.painter().rect_filled(Rect::from_min_size(from, vec2(length, 4.0)), 1.0, colour);
    }
    let [own, other] = names;
    let hint = format!(
        "{label}: {} of {} exchanges of {own} ({:.1} %), {} of {} of {other} ({:.1} %)",
        words::count(topic.scope),
        words::count(shares.scope),
        100.0 * scope,
        words::count(topic.peers),
        words::count(shares.peers),
        100.0 * peers,
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_in, &hint));
    pivot::on(&response, cx, || PivotFrom::Topic(topic.topic));
    if response.double_clicked() {
        cx.send(Command::SetScope(with_topics(cx, &[topic.topic])));
    } else if response.clicked() {
        cx.send(Command::SetScope(toggled(cx, topic.topic)));
    }
    response.on_hover_text(hint);
}

/// The scope with the topic added, or without it where it was in.
fn toggled(cx: &ViewContext<'_>, topic: u16) -> Scope {
    let mut topics: Vec<u16> = cx.scope.topics.iter().flat_map(|topics| topics.keys().copied()).collect();
    match topics.iter().position(|known| *known == topic) {
        Some(at) => {
            topics.remove(at);
        }
        None => topics.push(topic),
    }
    if topics.is_empty() {
        Scope { topics: None, ..Scope::clone(cx.scope) }
    } else {
        with_topics(cx, &topics)
    }
}

fn part(count: u64, of: u64) -> f32 {
    if of == 0 { 0.0 } else { (count as f64 / of as f64) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_scope_and_peers_apart() {
        let share = |topic, scope, peers| TopicShare { topic, scope, peers };
        let shares = Shares::of(vec![share(0, 3, 0), share(1, 1, 6), share(2, 0, 2)]);
        assert_eq!((shares.scope, shares.peers, shares.touched, shares.largest), (4, 8, 2, 0.75));
        assert_eq!(Shares::of(Vec::new()).largest, 0.0);
    }
}
