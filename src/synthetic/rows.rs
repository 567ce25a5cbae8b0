//! Content of one exchange: a pure function of the plan, its account and its key.

use sha2::{Digest, Sha256};

use super::account::Account;
use super::campaign::{Campaign, Profile, Templates};
use super::draw::{Draw, Purpose, mix};
use super::plan::{Plan, SECONDS_A_DAY};
use super::rhythm::Event;
use super::text::Grammar;

/// Length of a row's prompt hash: hexadecimal digits of the SHA-256 of the prompt.
const HASH_DIGITS: usize = 12;

/// Median length of a later prompt of a conversation, in bytes like all lengths here.
const FOLLOW_UP: f64 = 80.0;
/// Standard deviation of the logarithm of a prompt's length: the longest of a hundred is ten times
/// the median one.
const SPREAD: f64 = 1.0;
/// Maximum length of a prompt.
const MAX_PROMPT_BYTES: f64 = 16_000.0;
/// Length of the part of a response that the log keeps, in bytes.
const LOGGED_RESPONSE_BYTES: f64 = 480.0;
/// Shorter responses are a word or a number and are not lengthened.
const PROSE: usize = 60;

/// One exchange, as it is written.
#[derive(Debug)]
pub struct Row<'a> {
    /// Microseconds since 1970.
    pub ts: i64,
    /// True for extraction; false for cover traffic and for innocents.
    pub extraction: bool,
    /// Its account.
    pub account: &'a Account,
    /// Place of the key among the account's.
    pub key: usize,
    /// Place of the address among the account's.
    pub address: usize,
    /// Place of the client among the account's.
    pub client: usize,
    /// End user that the account names.
    pub end_user: Option<String>,
    /// Its conversation.
    pub conversation: String,
    /// The model called.
    pub model: &'static str,
    /// The prompt.
    pub prompt: String,
    /// First digits of the prompt's SHA-256.
    pub prompt_hash: String,
    /// The beginning of the response.
    pub response: String,
    /// Tokens in, history and hidden context included.
    pub input_tokens: i32,
    /// Tokens out, of the whole response.
    pub output_tokens: i32,
    /// Mean entropy of the response's tokens, in nats.
    pub entropy: f32,
    /// Milliseconds to the last token.
    pub latency: i64,
    /// Stop reason of the response.
    pub stop_reason: &'static str,
    /// True if it was streamed.
    pub is_stream: bool,
    /// True if log-probabilities were requested.
    pub logprobs: bool,
    /// Watermark detector's z-score over the response.
    pub watermark: f32,
    /// A point for the prompt; empty when none were asked for.
    pub embedding: Vec<f32>,
}

/// Maker of rows.
pub struct Author<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Grammar of texts.
    pub grammar: &'a Grammar,
    /// All accounts.
    pub accounts: &'a [Account],
    /// The subjects of each campaign.
    pub targets: Vec<Vec<u16>>,
    /// Details that lengthen texts of each section.
    details: Vec<Option<u16>>,
    /// The standing instructions that applications choose from.
    rules: Option<u16>,
}

impl<'a> Author<'a> {
    /// Prepares to write the rows of these accounts.
    pub fn new(plan: &'a Plan, grammar: &'a Grammar, accounts: &'a [Account]) -> Self {
        let broad = ["software", "agentic", "data", "science", "study", "writing", "business", "home"];
        let targets = plan
            .campaigns
            .iter()
            .map(|campaign| match campaign.profile {
                Profile::Broad => grammar.of_classes(&broad, campaign.language),
                Profile::Narrow => grammar.of_classes(&broad[..2], campaign.language),
            })
            .collect();
        let details = grammar.sections.iter().map(|section| grammar.details_of(section)).collect();
        Self { plan, grammar, accounts, targets, details, rules: grammar.named("standing-rules") }
    }

    /// The exchange of one event.
    pub fn row(&self, day: u32, event: Event) -> Row<'a> {
        let account = &self.accounts[event.account as usize];
        let at = u64::from(day) << 48 | u64::from(event.conversation) << 16;
        let mut talk = Draw::keyed(self.plan.seed, Purpose::Conversation, account.number.into(), at);
        let mut draw =
            Draw::keyed(self.plan.seed, Purpose::Turn, account.number.into(), at | u64::from(event.turn));
        let second = self.plan.first_second + i64::from(day) * SECONDS_A_DAY;
        let conversation = format!("conv_{}", talk.hex(8));
        let binding = talk.bits();
        // The first item of a list is used most.
        let mut favoured = |count: usize| talk.geometric(1.6, count.max(1) as u32) as usize - 1;
        let (key, client) = (favoured(account.keys.len()), favoured(account.clients.len()));
        let end_user = (account.kind.end_users > 0 && account.campaign.is_none()).then(|| {
            format!(
                "u{:x}",
                mix(account.binding, talk.below(account.kind.end_users as usize) as u64) & 0xff_ffff
            )
        });
        let address = if account.campaign.is_some() {
            talk.below(account.addresses.len())
        } else {
            talk.geometric(1.6, account.addresses.len() as u32) as usize - 1
        };
        let campaign = account.campaign.map(|place| &self.plan.campaigns[place]);
        let extraction = campaign.is_some_and(|campaign| !talk.chance(campaign.dilution));
        let subjects = match account.campaign {
            Some(place) if extraction => &self.targets[place],
            _ => &account.subjects,
        };
        let subject = *talk.pick(subjects);
        let frame = self.frame(account, campaign.filter(|_| extraction));
        let (prompt, ask) = self.prompt(account, subject, frame, binding, event.turn, &mut talk, &mut draw);
        let output =
            draw.log_normal(if extraction { 420.0 } else { account.kind.output }, 0.75).clamp(1.0, 4_096.0);
        let response = self.response(subject, binding, output, &mut draw);
        let history = f64::from(event.turn) * account.kind.output * 1.1;
        let context = draw.log_normal(40.0, 0.8);
        let model = if second * 1_000 + i64::from(event.time) >= account.model.at.saturating_mul(1_000) {
            account.model.after
        } else {
            account.model.before
        };
        let slowness = if model.ends_with("mini") { 6.0 } else { 14.0 };
        let tools = self.grammar.sections[subject as usize].class == "agentic" && draw.chance(0.3);
        let hash = Sha256::digest(prompt.as_bytes());
        Row {
            ts: (second * 1_000 + i64::from(event.time)) * 1_000,
            extraction,
            account,
            key,
            address,
            client,
            end_user,
            conversation,
            model,
            prompt_hash: hash.iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect(),
            input_tokens: (prompt.chars().count() as f64 / 4.0 + history + context) as i32,
            output_tokens: output as i32,
            // Short and factual responses have less entropy.
            entropy: ((0.34 + 0.05 * output.ln() + 0.11 * draw.normal()).max(0.02) * 100.0).round() as f32
                / 100.0,
            latency: draw.log_normal(320.0 + slowness * output, 0.22) as i64 / 10 * 10,
            stop_reason: if output >= 4_096.0 {
                "max_tokens"
            } else if tools {
                "tool_use"
            } else {
                "end_turn"
            },
            is_stream: (account.binding % 10) < 6 && account.kind.turns > 1.0,
            logprobs: account.kind.label == "eval_harness" || (account.binding >> 20).is_multiple_of(60),
            watermark: ((0.21 * output.sqrt() + draw.normal()) * 10.0).round() as f32 / 10.0,
            embedding: self.embedding(subject, ask, &mut draw),
            prompt,
            response,
        }
    }

    /// The section one of whose templates the prompt is put into; of a campaign for its task.
    fn frame(&self, account: &Account, task_of: Option<&Campaign>) -> Option<u16> {
        let Some(campaign) = task_of else { return account.frame };
        let name = match (campaign.templates, campaign.profile, campaign.language) {
            (Templates::None, ..) => return None,
            (Templates::Paraphrased, _, "en") => "harvest-reworded",
            (Templates::Paraphrased, _, other) => {
                return self.grammar.named(&format!("harvest-reworded-{other}"));
            }
            (Templates::Fixed, Profile::Broad, "en") => "harvest-broad",
            (Templates::Fixed, Profile::Narrow, "en") => "harvest-narrow",
            (Templates::Fixed, _, other) => return self.grammar.named(&format!("harvest-{other}")),
        };
        self.grammar.named(name)
    }

    /// The prompt of a turn, and which of the subject's sentences it is made of.
    #[expect(clippy::too_many_arguments, reason = "all of it decides the prompt")]
    fn prompt(
        &self,
        account: &Account,
        subject: u16,
        frame: Option<u16>,
        binding: u64,
        turn: u16,
        talk: &mut Draw,
        draw: &mut Draw,
    ) -> (String, u64) {
        let section = &self.grammar.sections[subject as usize];
        let first = talk.bits();
        let marked = talk.chance(0.0006);
        let sentences = if turn == 0 { &section.asks } else { &section.follows };
        let ask = (first + u64::from(turn)) % sentences.len() as u64;
        let mut text = String::new();
        section.write(&mut text, &sentences[ask as usize], binding, draw, "");
        if let Some(details) = self.details[subject as usize] {
            let median = if turn == 0 { account.kind.prompt } else { FOLLOW_UP };
            let length = draw.log_normal(median, SPREAD).min(MAX_PROMPT_BYTES) as usize;
            self.grammar.sections[details as usize].lengthen(&mut text, length, draw);
        }
        if marked {
            hide(&mut text, draw);
        }
        let Some(frame) = frame.filter(|_| turn == 0) else { return (text, ask) };
        let frame = &self.grammar.sections[frame as usize];
        let template = if account.campaign.is_some() { draw.below(frame.asks.len()) } else { 0 };
        let mut framed = String::new();
        let (least, most) = account.kind.rules;
        if let Some(rules) = self.rules.filter(|_| most > 0) {
            let count = least + mix(account.binding, 7) % (most - least + 1);
            self.grammar.sections[rules as usize].write_rules(&mut framed, count, account.binding, draw);
        }
        frame.write(&mut framed, &frame.asks[template], account.binding, draw, &text);
        (framed, ask)
    }

    /// The beginning of a response, four characters a token, as far as logs keep it.
    fn response(&self, subject: u16, binding: u64, output: f64, draw: &mut Draw) -> String {
        let section = &self.grammar.sections[subject as usize];
        let mut text = String::new();
        section.write(&mut text, draw.pick(&section.answers), binding, draw, "");
        let length = (4.0 * output).min(LOGGED_RESPONSE_BYTES) as usize;
        let Some(details) = self.details[subject as usize].filter(|_| length >= PROSE) else { return text };
        let details = &self.grammar.sections[details as usize];
        let first = draw.below(details.answers.len());
        for place in 0..details.answers.len() {
            if text.len() >= length {
                break;
            }
            text.push(' ');
            let sentence = &details.answers[(first + place) % details.answers.len()];
            details.write(&mut text, sentence, binding, draw, "");
        }
        text
    }

    /// A point near its subject's and its sentence's, rounded to sixteenths.
    fn embedding(&self, subject: u16, ask: u64, draw: &mut Draw) -> Vec<f32> {
        let class = self.grammar.sections[subject as usize].class;
        let class = class.bytes().fold(0, |sum, byte| mix(sum, byte.into()));
        let axis = |key: u64, place: u64| (mix(key, place) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
        (0..u64::from(self.plan.embeddings))
            .map(|place| {
                let value = 0.45 * axis(class, place)
                    + 0.6 * axis(1 + u64::from(subject), place)
                    + 0.2 * axis(mix(1 + u64::from(subject), 1 + ask), place)
                    + 0.09 * draw.normal();
                ((value * 16.0).round() / 16.0) as f32
            })
            .collect()
    }
}

/// Inserts characters that are invisible or that turn the direction of the text after them.
fn hide(text: &mut String, draw: &mut Draw) {
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let hidden = ["\u{200b}", "\u{202e}", "\u{2066}\u{200d}", "\u{feff}"];
    text.insert_str(middle, hidden[draw.below(hidden.len())]);
}
