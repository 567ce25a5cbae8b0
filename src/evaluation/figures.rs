//! Figures of an evaluation as one long table, the same on a terminal, in a file and in a bundle.

use super::innocents::IN_LEADS_READ;
use super::{
    CampaignMatch, Estimate, Evaluation, InnocentClass, Interval, IntervalMethod, LastRead, Null, Ranked,
    Rate, Value,
};

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Section of the evaluation.
    pub section: &'static str,
    /// Subject: a campaign, a class of innocent accounts, a signal, a baseline. May be hostile text.
    pub subject: String,
    /// Name of the figure.
    pub figure: String,
    /// Value; `None` where it is undefined, infinite where a count has no end.
    pub value: Option<f64>,
    /// Interval at 95 %: of the resamples where the figure was resampled, else Wilson's where it is a share.
    pub interval: Option<Interval>,
    /// Numerator of a share.
    pub hits: Option<f64>,
    /// Denominator of a share.
    pub of: Option<usize>,
}

/// Figures of one section, in order.
struct Section<'a> {
    name: &'static str,
    figures: Vec<Figure>,
    estimates: &'a [Estimate],
}

impl Section<'_> {
    fn number(&mut self, subject: &str, figure: &str, value: Option<f64>) {
        let resampled = self.estimates.iter().find(|estimate| {
            let name = &estimate.name;
            name.section == self.name && name.subject == subject && name.figure == figure
        });
        self.figures.push(Figure {
            section: self.name,
            subject: subject.to_owned(),
            figure: figure.to_owned(),
            value,
            interval: resampled.and_then(|estimate| estimate.interval),
            hits: None,
            of: None,
        });
    }

    fn rate(&mut self, subject: &str, figure: &str, rate: Rate) {
        self.number(subject, figure, rate.share());
        if let Some(last) = self.figures.last_mut() {
            let (low, high) = rate.interval();
            let wilson = Interval { low, high, method: IntervalMethod::Wilson };
            (last.hits, last.of) = (Some(rate.hits), Some(rate.of));
            last.interval = last.interval.or(Some(wilson));
        }
    }

    /// The resampled figures of this section.
    fn resampled(&mut self) {
        let (estimates, section) = (self.estimates, self.name);
        for estimate in estimates.iter().filter(|estimate| estimate.name.section == section) {
            let (subject, figure) = (&estimate.name.subject, &estimate.name.figure);
            self.number(subject, figure, estimate.value.get());
            if let (Value::Share { hits, of }, Some(last)) = (estimate.value, self.figures.last_mut()) {
                // The weights are 1, so the sum is a whole number of accounts.
                (last.hits, last.of) = (Some(hits), Some(of as usize));
            }
        }
    }

    fn ranked(&mut self, subject: &str, ranked: &Ranked) {
        self.number(subject, "PR-AUC", ranked.average_precision);
        for rate in &ranked.precision {
            self.rate(subject, &format!("precision at {}", rate.of), *rate);
        }
    }
}

impl Evaluation {
    /// Every figure, section after section: `accounts`, `campaigns`, `reading`, `innocents`, `membership`,
    /// `null`, `without`, `baselines`.
    pub fn figures(&self) -> Vec<Figure> {
        let section = |name, fill: &dyn Fn(&mut Section<'_>)| {
            let mut section = Section { name, figures: Vec::new(), estimates: &self.estimates };
            fill(&mut section);
            section.figures
        };
        [
            section("accounts", &|s| accounts(s, &self.accounts)),
            section("campaigns", &|s| self.campaigns.iter().for_each(|found| campaign(s, found))),
            section("reading", &|s| s.resampled()),
            section("innocents", &|s| {
                s.number("leads read", read(self.innocents.last_read), rank(self.innocents.last_read));
                self.innocents.classes.iter().for_each(|class| innocents(s, class));
            }),
            section("membership", &|s| s.resampled()),
            section("null", &|s| self.null.iter().for_each(|of| null(s, of))),
            section("without", &|s| self.without(s)),
            section("baselines", &|s| {
                self.baselines.iter().for_each(|(name, ranked)| s.ranked(name, ranked));
            }),
        ]
        .concat()
    }

    fn without(&self, section: &mut Section<'_>) {
        for without in &self.without {
            let own = without.accounts.average_precision;
            section.number(without.signal, "PR-AUC without it", own);
            let added = self.accounts.average_precision.zip(own).map(|(with, without)| with - without);
            section.number(without.signal, "PR-AUC it adds", added);
            let surfaced = Rate { hits: without.surfaced as f64, of: self.campaigns.len() };
            section.rate(without.signal, "campaigns surfaced without it", surfaced);
        }
    }
}

fn accounts(section: &mut Section<'_>, ranked: &Ranked) {
    section.rate("all", "prevalence", ranked.prevalence);
    section.ranked("all", ranked);
    for recall in &ranked.recall {
        section.rate(&recall.campaign, &format!("recall at {}", recall.first), recall.rate);
    }
}

fn campaign(section: &mut Section<'_>, found: &CampaignMatch) {
    let name = &found.campaign;
    let best = found.best.as_ref();
    section.number(name, "rank of its best lead", best.map(|best| best.rank as f64));
    section.rate(name, "share held", best.map_or(Rate { hits: 0.0, of: found.accounts }, |best| best.held));
    if let Some(best) = best {
        section.rate(name, "purity", best.purity);
        section.number(name, "q of its best lead", best.q_value);
    }
    section.number(name, "surfaced as one lead", Some(f64::from(u8::from(found.surfaced()))));
}

fn innocents(section: &mut Section<'_>, class: &InnocentClass) {
    section.rate(&class.name, IN_LEADS_READ, class.in_leads);
    section.rate(&class.name, "among the first of the account list", class.among_first);
    let testable = Rate { hits: class.testable as f64, of: class.in_leads.of };
    section.rate(&class.name, "testable", testable);
}

fn null(section: &mut Section<'_>, null: &Null) {
    section.number(&null.of, "distance from uniform", null.uniformity.map(|test| test.distance));
    section.number(&null.of, "Kolmogorov-Smirnov p", null.uniformity.map(|test| test.p));
    for (level, rate) in &null.at_most {
        section.rate(&null.of, &format!("p at most {level}"), *rate);
    }
    if null.smallest_q.is_some() {
        section.number(&null.of, "smallest q", null.smallest_q);
    }
}

/// Words for the range of leads that count as read.
fn read(last_read: LastRead) -> &'static str {
    match last_read {
        LastRead::LastCampaign(_) => "down to the last lead of a true campaign: its rank",
        LastRead::Discoveries => "no lead is of a campaign: leads with q at most 0.1",
    }
}

fn rank(last_read: LastRead) -> Option<f64> {
    match last_read {
        LastRead::LastCampaign(rank) => Some(rank as f64),
        LastRead::Discoveries => None,
    }
}
