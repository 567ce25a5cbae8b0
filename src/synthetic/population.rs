//! Population: all accounts with their attributes, goals and volumes.
//!
//! Made first and kept whole (about a kilobyte an account); everything later is drawn from it.
//! Domains end in `.example`, names are invented.

use super::account::{Account, Choice, Group};
use super::campaign::{Ages, Campaign, Clients, Timing};
use super::clients::{clients, harness};
use super::draw::{Draw, Purpose};
use super::kind::{CAMPAIGN, Client, Kind, ORDINARY, Rhythm};
use super::look_alikes::LOOK_ALIKES;
use super::places::{PLACES, campaign_addresses, innocent_addresses};
use super::plan::{Plan, SECONDS_A_DAY};
use super::rhythm;
use super::text::Grammar;
use super::volumes::volumes;

const MAIL: [&str; 6] = [
    "mail.example",
    "post.example",
    "inbox.example",
    "webmail.example",
    "letterbox.example",
    "fastpost.example",
];
const THROWAWAY: [&str; 3] = ["quickdrop.example", "tempnook.example", "mailhatch.example"];

/// Makes all accounts of a plan.
pub fn make(plan: &Plan, grammar: &Grammar) -> Vec<Account> {
    let mut accounts = Vec::with_capacity(plan.accounts as usize);
    for (place, campaign) in plan.campaigns.iter().enumerate() {
        let size = campaign.accounts_of(plan.accounts);
        let group = Group { name: format!("campaign-{}", place + 1), key: place as u64, size };
        for member in 0..size {
            accounts.push(campaign_account(
                plan,
                grammar,
                campaign,
                place,
                &group,
                member,
                accounts.len() as u32,
            ));
        }
    }
    look_alikes(plan, grammar, &mut accounts);
    let shares = ORDINARY.map(|kind| kind.share);
    while (accounts.len() as u32) < plan.accounts {
        let number = accounts.len() as u32;
        let kind = &ORDINARY[Draw::keyed(plan.seed, Purpose::Population, number.into(), 0).weighted(&shares)];
        let group = Group { name: String::new(), key: 1 << 40 | u64::from(number), size: 1 };
        accounts.push(innocent(plan, grammar, kind, &group, 0, number));
    }
    volumes(plan, &mut accounts);
    accounts
}

/// Look-alikes: for each kind a number of groups for every 1,500 accounts, at least one.
fn look_alikes(plan: &Plan, grammar: &Grammar, accounts: &mut Vec<Account>) {
    let scale = f64::from(plan.accounts) / 1_500.0;
    for (place, kind) in LOOK_ALIKES.iter().enumerate() {
        let groups = (kind.groups * scale).round().max(1.0);
        let size = kind.share * kind.groups * scale / groups;
        for group in 0..groups as u32 {
            let key = 1 << 30 | (place as u64) << 20 | u64::from(group);
            let stretch = match group {
                0 => 1.0,
                _ => Draw::keyed(plan.seed, Purpose::Group, key, 1).between(0.6, 1.5),
            };
            let size = (size.min(kind.share) * stretch).round() as u32;
            let group = Group { name: format!("{}-{}", kind.label, group + 1), key, size };
            for member in 0..size.min(plan.accounts.saturating_sub(accounts.len() as u32)) {
                accounts.push(innocent(plan, grammar, kind, &group, member, accounts.len() as u32));
            }
        }
    }
}

/// An account that is of no campaign.
fn innocent(
    plan: &Plan,
    grammar: &Grammar,
    kind: &'static Kind,
    group: &Group,
    member: u32,
    number: u32,
) -> Account {
    let mut own = Draw::keyed(plan.seed, Purpose::Account, number.into(), 0);
    let mut shared = Draw::keyed(plan.seed, Purpose::Group, group.key, 0);
    let grouped = !group.name.is_empty();
    let common = &PLACES[shared.weighted(&PLACES.each_ref().map(|place| place.share))];
    let wide = ["vpn_exit", "reseller", "new_power_user", "synthetic_data_hobbyist", "homework"];
    let wide = wide.contains(&kind.label);
    let place = match (grouped && !wide, kind.rhythm) {
        (true, Rhythm::FollowTheSun) => &PLACES[[0, 3, 7][member as usize % 3]],
        (true, _) => common,
        (false, _) => &PLACES[own.weighted(&PLACES.each_ref().map(|place| place.share))],
    };
    let created_day = if kind.rhythm == Rhythm::Event {
        f64::from(rhythm::event_day(plan)) - own.between(0.3, 2.0)
    } else if own.chance(kind.new) && plan.days > 1 {
        own.between(-10.0, f64::from(plan.days) * 0.75)
    } else {
        -own.exponential(260.0) - 1.0
    };
    let server = kind.client == Client::Server;
    let office = server || kind.client == Client::Office;
    let domain = format!("{}.example", shared.hex(7));
    let (org, card) = (format!("org_{}", shared.hex(8)), format!("pm_{}", shared.hex(10)));
    let free = !office && own.chance(0.3);
    let own_card = format!("pm_{}", own.hex(10));
    let own_org = format!("org_{}", own.hex(8));
    let mut account = base_account(plan, kind, group, member, number, &mut own, created_day);
    account.label = format!("benign:{}", kind.label);
    account.offset = place.offset;
    account.payment = if kind.one_payer {
        Some(card)
    } else if free {
        None
    } else {
        Some(own_card)
    };
    account.org = if kind.one_payer {
        kind.declared.then_some(org)
    } else if office {
        Some(own_org)
    } else {
        None
    };
    account.email = match (kind.one_payer || kind.client == Client::Office, kind.label) {
        (true, _) | (_, "campus" | "class_deadline" | "classroom") => domain,
        _ if office => format!("{}.example", own.hex(7)),
        _ => (*own.pick(&MAIL)).to_owned(),
    };
    account.tier = if free {
        "free"
    } else {
        ["tier-1", "tier-2", "tier-3", "enterprise"]
            [own.weighted(if office { &[0.1, 0.4, 0.3, 0.2] } else { &[0.6, 0.3, 0.1, 0.0] })]
    };
    account.addresses = innocent_addresses(kind, group, place, &mut own, &mut shared);
    account.clients = clients(if kind.one_payer { &mut shared } else { &mut own }, server);
    account.subjects =
        subjects(grammar, kind, place.language, if kind.one_payer { &mut shared } else { &mut own });
    account.frame = (!kind.frames.is_empty())
        .then(|| *(if grouped { &mut shared } else { &mut own }).pick(kind.frames))
        .and_then(|frame| grammar.named(frame));
    account.binding = if kind.one_payer || kind.rhythm == Rhythm::Deadline { group.key } else { own.bits() };
    account.model = model(plan, &mut own, kind);
    account
}

/// An account of a campaign.
fn campaign_account(
    plan: &Plan,
    grammar: &Grammar,
    campaign: &Campaign,
    index: usize,
    group: &Group,
    member: u32,
    number: u32,
) -> Account {
    let mut own = Draw::keyed(plan.seed, Purpose::Account, number.into(), 0);
    let days = campaign_days(plan, campaign);
    let wave = member % campaign.waves;
    // The waves fall into the first third of the campaign, the first one just before it.
    let lag = f64::from(wave) * f64::from(days.1 - days.0 + 1) / 3.0 / f64::from(campaign.waves);
    let created = match campaign.ages {
        Ages::New => f64::from(days.0) + lag - 0.6 + own.between(0.0, 0.25),
        Ages::Mixed => f64::from(days.0) - own.exponential(160.0) - 1.0,
    };
    let place = &PLACES[own.weighted(&PLACES.each_ref().map(|place| place.share))];
    let mut account = base_account(plan, &CAMPAIGN, group, member, number, &mut own, created);
    account.verified = Some(account.created + own.between(600.0, 30_000.0) as i64);
    account.label = format!("{}:{}", group.name, campaign.name());
    account.campaign = Some(index);
    account.span = (account.span.0.max(days.0), days.1.max(account.span.0));
    account.rhythm = match campaign.timing {
        Timing::Shift => Rhythm::Shift,
        Timing::Human => *own.pick(&[Rhythm::Evening, Rhythm::Office, Rhythm::Student]),
        Timing::Poisson => Rhythm::Poisson,
    };
    account.offset = place.offset;
    // Members of one wave are next to each other on a card, so cards and waves overlap in part.
    let card =
        Draw::keyed(plan.seed, Purpose::Group, group.key, 1_000 + u64::from(member / campaign.cards)).hex(10);
    account.payment = Some(format!("pm_{card}"));
    account.email =
        (*if own.chance(0.35) { own.pick(&THROWAWAY[index % 2..]) } else { own.pick(&MAIL) }).to_owned();
    account.tier = *own.pick(&["tier-1", "tier-1", "tier-2"]);
    account.addresses = campaign_addresses(plan, campaign, group, place, &mut own);
    account.clients = match campaign.clients {
        Clients::Varied => clients(&mut own, false),
        Clients::Harness => harness(index, &mut own),
    };
    account.subjects = subjects(grammar, &CAMPAIGN, campaign.language, &mut own);
    account.binding = own.bits();
    let at = release(plan) + own.between(1_800.0, 72_000.0) as i64;
    account.model = Choice { before: "atlas-2-large", after: "atlas-3-large", at };
    account
}

/// Part of an account that is made in the same way for all kinds.
fn base_account(
    plan: &Plan,
    kind: &'static Kind,
    group: &Group,
    member: u32,
    number: u32,
    own: &mut Draw,
    created_day: f64,
) -> Account {
    let created = plan.first_second + (created_day * SECONDS_A_DAY as f64) as i64;
    let first = ((created_day + 0.5).max(0.0) as u32).min(plan.days - 1);
    Account {
        number,
        id: format!("acct_{}", own.hex(10)),
        label: String::new(),
        group: group.name.clone(),
        campaign: None,
        member,
        kind,
        rhythm: kind.rhythm,
        offset: 0.0,
        created,
        verified: own.chance(0.8).then(|| created + own.exponential(90_000.0) as i64),
        span: (first, plan.days - 1),
        org: None,
        payment: None,
        email: String::new(),
        use_case: kind.uses[own.below(kind.uses.len())],
        tier: "free",
        keys: (0..own.geometric(1.3, 4)).map(|_| format!("key_{}", own.hex(8))).collect(),
        addresses: Vec::new(),
        clients: Vec::new(),
        subjects: Vec::new(),
        frame: None,
        model: Choice { before: "atlas-2-mini", after: "atlas-2-mini", at: i64::MAX },
        binding: 0,
        days: Vec::new(),
    }
}

/// First and last day of a campaign, both within the plan.
pub fn campaign_days(plan: &Plan, campaign: &Campaign) -> (u32, u32) {
    let first = campaign.start.min(plan.days - 1);
    let days = campaign.days.unwrap_or(plan.days).clamp(1, plan.days - first);
    (first, first + days - 1)
}

/// Launch of the new model: after the middle of the span, at 16:00 UTC.
pub fn release(plan: &Plan) -> i64 {
    plan.first_second + i64::from(plan.days * 11 / 20) * SECONDS_A_DAY + 16 * 3_600
}

fn model(plan: &Plan, own: &mut Draw, kind: &Kind) -> Choice {
    let before = ["atlas-2-large", "atlas-2-mini", "atlas-2-code"][own.weighted(match kind.classes[0] {
        "software" | "agentic" => &[0.5, 0.15, 0.35],
        "reviews" | "support" => &[0.1, 0.9, 0.0],
        _ => &[0.5, 0.5, 0.0],
    })];
    let slow = kind.client == Client::Server;
    let moves = before != "atlas-2-mini" && own.chance(if slow { 0.35 } else { 0.7 });
    let at = release(plan) + own.exponential(8.0 * SECONDS_A_DAY as f64) as i64;
    Choice { before, after: "atlas-3-large", at: if moves { at } else { i64::MAX } }
}

/// Subjects of an account. People with another language than English have half of them in it.
fn subjects(grammar: &Grammar, kind: &Kind, language: &str, draw: &mut Draw) -> Vec<u16> {
    let all = grammar.of_classes(kind.classes, "en");
    let foreign = grammar.of_classes(kind.classes, language);
    if kind.favourites == 0 {
        return all;
    }
    (0..kind.favourites)
        .map(
            |_| if !foreign.is_empty() && draw.chance(0.5) { *draw.pick(&foreign) } else { *draw.pick(&all) },
        )
        .collect()
}
