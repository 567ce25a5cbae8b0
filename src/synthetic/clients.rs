//! The programs that accounts call with.

use super::draw::Draw;

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

/// Indices of the clients of campaigns in [`CLIENTS`]: common ones, two for each campaign.
const HARNESS: [[usize; 2]; 2] = [[8, 9], [8, 7]];

/// An account's clients: user agent and TLS fingerprint, most used first.
pub fn clients(draw: &mut Draw, server: bool) -> Vec<(&'static str, &'static str)> {
    let weights = CLIENTS.map(|client| if server { client.3 } else { client.2 });
    let count = if server { 1 } else { draw.geometric(1.5, 3) };
    (0..count)
        .map(|_| {
            let client = &CLIENTS[draw.weighted(&weights)];
            (client.0, client.1)
        })
        .collect()
}

/// The two clients of a campaign's harness in the order in which a member uses them.
pub fn harness(campaign: usize, draw: &mut Draw) -> Vec<(&'static str, &'static str)> {
    let harness = HARNESS[campaign % 2];
    let main = draw.below(2);
    [harness[main], harness[1 - main]].map(|at| (CLIENTS[at].0, CLIENTS[at].1)).to_vec()
}
