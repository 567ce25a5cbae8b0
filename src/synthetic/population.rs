//! Who there is: all accounts with what they share, what they are after and how much they send.
//!
//! Made first and kept whole (about a kilobyte an account); everything later is drawn from it.
//! Addresses are from ranges that belong to nobody, domains end in `.example`, names are invented.

use super::campaign::{Addresses, Ages, Campaign, Clients, Timing};
use super::draw::{Draw, Purpose};
use super::kind::{CAMPAIGN, Client, Kind, LOOK_ALIKES, ORDINARY, Rhythm};
use super::plan::{Plan, SECONDS_A_DAY};
use super::rhythm;
use super::text::Grammar;

/// A country with its hours from UTC, its share of accounts, its language.
#[derive(Debug)]
pub struct Place {
    /// ISO 3166 code.
    pub country: &'static str,
    /// Hours to add to UTC.
    pub offset: f64,
    share: f64,
    language: &'static str,
}

const fn place(country: &'static str, offset: f64, share: f64, language: &'static str) -> Place {
    Place { country, offset, share, language }
}

const PLACES: [Place; 16] = [
    place("US", -5.0, 0.22, "en"),
    place("US", -8.0, 0.12, "en"),
    place("GB", 1.0, 0.09, "en"),
    place("DE", 2.0, 0.08, "de"),
    place("FR", 2.0, 0.06, "fr"),
    place("ES", 2.0, 0.04, "es"),
    place("IN", 5.5, 0.10, "en"),
    place("JP", 9.0, 0.06, "ja"),
    place("BR", -3.0, 0.04, "en"),
    place("MX", -6.0, 0.03, "es"),
    place("CA", -4.0, 0.04, "en"),
    place("AU", 10.0, 0.03, "en"),
    place("TW", 8.0, 0.03, "zh"),
    place("SG", 8.0, 0.03, "zh"),
    place("PL", 2.0, 0.02, "en"),
    place("NG", 1.0, 0.01, "en"),
];

/// Clients: user agent, TLS fingerprint, weight for people, weight for servers.
const CLIENTS: [(&str, &str, f64, f64); 14] = [
    ("atlas-python/1.42.0", "t13d1715h2_5b57614c22b0", 16.0, 18.0),
    ("atlas-python/1.40.2", "t13d1715h2_5b57614c22b0", 9.0, 9.0),
    ("atlas-python/1.38.1", "t13d1714h1_2a284e3b0c56", 4.0, 6.0),
    ("atlas-node/4.3.0", "t13d1516h2_8daaf6152771", 11.0, 14.0),
    ("atlas-node/4.1.7", "t13d1516h2_8daaf6152771", 6.0, 7.0),
    ("atlas-web/2026.16", "t13d1517h2_acb858a92679", 24.0, 0.0),
    ("atlas-web/2026.18", "t13d1518h2_acb858a92679", 14.0, 0.0),
    ("python-requests/2.32.3", "t13d1814h1_d0ec4ed4ab7c", 6.0, 9.0),
    ("python-httpx/0.28.1", "t13d1815h2_e7c285222651", 6.0, 9.0),
    ("aiohttp/3.11.11", "t13d1814h1_a0fbc1a7e2d9", 4.0, 8.0),
    ("curl/8.9.1", "t13d3112h2_e8f1e7e78f70", 4.0, 1.0),
    ("okhttp/4.12.0", "t13d1312h2_f57a46bbacb6", 3.0, 8.0),
    ("Go-http-client/2.0", "t13d1314h2_9b8d6c2f41aa", 2.0, 10.0),
    ("editor-plugin/0.9.4", "t13d1516h2_02713d6af862", 5.0, 0.0),
];

/// Where in [`CLIENTS`] a campaign's harness is: common clients, two for a campaign.
const HARNESS: [[usize; 2]; 2] = [[8, 9], [8, 7]];

const MAIL: [&str; 6] = [
    "mail.example",
    "post.example",
    "inbox.example",
    "webmail.example",
    "letterbox.example",
    "fastpost.example",
];
const THROWAWAY: [&str; 3] = ["quickdrop.example", "tempnook.example", "mailhatch.example"];

/// An address with its network.
#[derive(Clone, Debug)]
pub struct Address {
    /// IPv4 or IPv6.
    pub ip: String,
    /// Number of the network that announces it, from the private range.
    pub asn: i64,
    /// Country it is in.
    pub country: &'static str,
}

/// Which model an account calls.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Before it moves.
    pub before: &'static str,
    /// Afterwards.
    pub after: &'static str,
    /// When it moves, seconds since 1970; `i64::MAX` for never.
    pub at: i64,
}

/// One account.
#[derive(Debug)]
pub struct Account {
    /// Its number.
    pub number: u32,
    /// Its name in the log.
    pub id: String,
    /// Its label in the truth file.
    pub label: String,
    /// Its group in the truth file, or empty.
    pub group: String,
    /// Which campaign it is of.
    pub campaign: Option<usize>,
    /// Its place within its group.
    pub member: u32,
    /// What it is like.
    pub kind: &'static Kind,
    /// When it works.
    pub rhythm: Rhythm,
    /// Hours to add to UTC for its own time.
    pub offset: f64,
    /// Made at, seconds since 1970.
    pub created: i64,
    /// Verified at, seconds since 1970; none for the unverified.
    pub verified: Option<i64>,
    /// First and last day it may be seen on.
    pub span: (u32, u32),
    /// Its organisation.
    pub org: Option<String>,
    /// Its card.
    pub payment: Option<String>,
    /// Domain of its email address.
    pub email: String,
    /// What it said it would do.
    pub use_case: &'static str,
    /// What it may do.
    pub tier: &'static str,
    /// Its keys.
    pub keys: Vec<String>,
    /// Its addresses, most used first.
    pub addresses: Vec<Address>,
    /// Its clients: user agent and TLS fingerprint, most used first.
    pub clients: Vec<(&'static str, &'static str)>,
    /// Its subjects: places in the grammar.
    pub subjects: Vec<u16>,
    /// Its frame: a place in the grammar.
    pub frame: Option<u16>,
    /// Which model.
    pub model: Choice,
    /// Its key for what is bound once per account.
    pub binding: u64,
    /// How many exchanges on each day.
    pub days: Vec<u32>,
}

/// What members of one group have in common.
struct Group {
    name: String,
    key: u64,
    size: u32,
}

/// Makes all accounts of a plan.
pub fn make(plan: &Plan, grammar: &Grammar) -> Vec<Account> {
    let mut accounts = Vec::with_capacity(plan.accounts as usize);
    for (place, campaign) in plan.campaigns.iter().enumerate() {
        let size = campaign.accounts_of(plan.accounts);
        let group = Group { name: format!("campaign-{}", place + 1), key: place as u64, size };
        for member in 0..size {
            accounts.push(conspirator(plan, grammar, campaign, place, &group, member, accounts.len() as u32));
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

/// The look-alikes: of each kind so many groups for every 1,500 accounts, at least one, however
/// small.
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
    let common = &PLACES[shared.weighted(&PLACES.map(|place| place.share))];
    let wide = ["vpn_exit", "reseller", "new_power_user", "synthetic_data_hobbyist", "homework"];
    let wide = wide.contains(&kind.label);
    let place = match (grouped && !wide, kind.rhythm) {
        (true, Rhythm::FollowTheSun) => &PLACES[[0, 3, 7][member as usize % 3]],
        (true, _) => common,
        (false, _) => &PLACES[own.weighted(&PLACES.map(|place| place.share))],
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
    let mut account = blank(plan, kind, group, member, number, &mut own, created_day);
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
fn conspirator(
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
    let place = &PLACES[own.weighted(&PLACES.map(|place| place.share))];
    let mut account = blank(plan, &CAMPAIGN, group, member, number, &mut own, created);
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
        Clients::Harness => {
            let harness = HARNESS[index % 2];
            let main = own.below(2);
            [harness[main], harness[1 - main]].map(|at| (CLIENTS[at].0, CLIENTS[at].1)).to_vec()
        }
    };
    account.subjects = subjects(grammar, &CAMPAIGN, campaign.language, &mut own);
    account.binding = own.bits();
    let at = release(plan) + own.between(1_800.0, 72_000.0) as i64;
    account.model = Choice { before: "atlas-2-large", after: "atlas-3-large", at };
    account
}

/// The part of an account that is made alike for all.
fn blank(
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

/// When the new model appears: past the middle of the span, at 16:00 UTC.
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

/// A line at home: 100.64.0.0/10, whose /16 belong to four providers a country.
fn home(place: &Place, draw: &mut Draw) -> Address {
    let country = PLACES.iter().position(|other| std::ptr::eq(other, place)).unwrap_or(0);
    let provider = draw.weighted(&[0.5, 0.25, 0.15, 0.1]);
    let second = 64 + country * 4 + provider;
    let asn = 64_600 + (country * 4 + provider) as i64;
    let ip = if draw.chance(0.12) {
        format!("2001:db8:{second:x}:{:x}::{:x}", draw.below(65_536), 1 + draw.below(65_535))
    } else {
        format!("100.{second}.{}.{}", draw.below(256), 1 + draw.below(254))
    };
    Address { ip, asn, country: place.country }
}

/// A machine in a data centre: 198.18.0.0/15.
fn hosted(draw: &mut Draw) -> Address {
    let cloud = draw.below(2);
    let country = ["US", "DE"][draw.weighted(&[0.7, 0.3])];
    let ip = format!("198.{}.{}.{}", 18 + cloud, draw.below(256), 1 + draw.below(254));
    Address { ip, asn: 64_520 + cloud as i64, country }
}

fn innocent_addresses(
    kind: &Kind,
    group: &Group,
    place: &Place,
    own: &mut Draw,
    shared: &mut Draw,
) -> Vec<Address> {
    let number = (group.key & 0xf_ffff) as usize;
    match (kind.client, kind.label) {
        (Client::Nat, "vpn_exit") => (0..3)
            .map(|_| Address {
                ip: format!("203.0.113.{}", 1 + (number * 6 + own.below(6)) % 254),
                asn: 64_540,
                country: "SE",
            })
            .collect(),
        (Client::Nat, "carrier_nat") => {
            let base = home(place, shared);
            let prefix = format!("100.127.{}", number % 256);
            (0..2).map(|_| Address { ip: format!("{prefix}.{}", 1 + own.below(4)), ..base.clone() }).collect()
        }
        (Client::Nat, _) => {
            let of_kind = group.key >> 20 & 0x3ff;
            let nat = Address {
                ip: format!("100.125.{of_kind}.{}", 1 + number % 254),
                asn: 64_550 + ((of_kind as usize * 7 + number) % 40) as i64,
                country: place.country,
            };
            vec![nat, home(place, own)]
        }
        (Client::Server, _) if kind.one_payer => (0..4).map(|_| hosted(shared)).collect(),
        (Client::Server, _) => (0..1 + own.below(4)).map(|_| hosted(own)).collect(),
        (Client::Office, _) if kind.one_payer && kind.rhythm != Rhythm::FollowTheSun => {
            vec![home(place, shared), home(place, own)]
        }
        _ => (0..own.geometric(1.8, 4)).map(|_| home(place, own)).collect(),
    }
}

fn campaign_addresses(
    plan: &Plan,
    campaign: &Campaign,
    group: &Group,
    place: &Place,
    own: &mut Draw,
) -> Vec<Address> {
    let count = 3 + own.below(4);
    if campaign.ips == Addresses::Disjoint {
        return (0..count).map(|_| home(place, own)).collect();
    }
    let pool = (group.size as usize * 2).max(2);
    (0..count)
        .map(|_| {
            let slot = own.below(pool) as u64;
            let mut exit = Draw::keyed(plan.seed, Purpose::Group, group.key, 1 << 32 | slot);
            let place = &PLACES[exit.weighted(&PLACES.map(|place| place.share))];
            if exit.chance(0.25) { hosted(&mut exit) } else { home(place, &mut exit) }
        })
        .collect()
}

fn clients(draw: &mut Draw, server: bool) -> Vec<(&'static str, &'static str)> {
    let weights = CLIENTS.map(|client| if server { client.3 } else { client.2 });
    let count = if server { 1 } else { draw.geometric(1.5, 3) };
    (0..count)
        .map(|_| {
            let client = &CLIENTS[draw.weighted(&weights)];
            (client.0, client.1)
        })
        .collect()
}

/// An account's subjects; people whose language is another one have half of them in it.
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

/// Says how many exchanges each account has on each day; the sums are exactly those asked for.
fn volumes(plan: &Plan, accounts: &mut [Account]) {
    let mut from = 0;
    let mut left = plan.exchanges;
    for campaign in &plan.campaigns {
        let to = from + campaign.accounts_of(plan.accounts) as usize;
        let total = campaign.exchanges_of(plan.exchanges);
        share_out(plan, &mut accounts[from..to], total);
        (from, left) = (to, left - total);
    }
    share_out(plan, &mut accounts[from..], left);
}

/// Exchanges that every look-alike has where the log is large enough: what signals need at least.
const ENOUGH: f64 = 30.0;

/// Gives each account its least number of exchanges and its weighted share of the others, by
/// cumulative rounding. A look-alike with too few exchanges to be measured would be no control.
fn share_out(plan: &Plan, accounts: &mut [Account], total: u64) {
    let mean = total as f64 / accounts.len().max(1) as f64;
    let enough = ((mean * 0.8).min(ENOUGH) as u64).max(1);
    let least =
        |account: &Account| if account.campaign.is_none() && !account.group.is_empty() { enough } else { 1 };
    let spare = total.saturating_sub(accounts.iter().map(least).sum()) as f64;
    let weights: Vec<f64> = accounts.iter().map(|account| weight(plan, account)).collect();
    let sum: f64 = weights.iter().sum();
    let (mut cumulative, mut given) = (0.0, 0_u64);
    let last = accounts.len().saturating_sub(1);
    for (place, (account, weight)) in accounts.iter_mut().zip(&weights).enumerate() {
        cumulative += weight;
        let upto = if place == last { spare } else { (cumulative / sum * spare).floor().min(spare) } as u64;
        account.days = rhythm::days(plan, account, least(account) + upto - given);
        given = upto;
    }
}

/// How much an account sends beside the others of its like.
fn weight(plan: &Plan, account: &Account) -> f64 {
    let mut draw = Draw::keyed(plan.seed, Purpose::Volume, account.number.into(), 0);
    let seen = f64::from(account.span.1 - account.span.0 + 1) / f64::from(plan.days);
    // Server-side kinds vary less, so that no single customer is half of a log.
    let sigma = if account.campaign.is_some() {
        0.3
    } else if account.kind.volume > 2.0 {
        0.5
    } else {
        0.9
    };
    account.kind.volume * seen * draw.log_normal(1.0, sigma)
}
