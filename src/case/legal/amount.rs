//! Amount of money, exact to a millionth of the currency's unit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Millionths in one unit.
const UNIT: u64 = 1_000_000;
/// Decimals of a millionth.
const DECIMALS: usize = 6;

/// Amount of money in millionths of the currency's unit; never negative. Written as a decimal number: `15.00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub u64);

impl Amount {
    /// Cost of tokens at this amount a million tokens, in millionths of the unit, rounded half up.
    pub fn of_tokens(self, tokens: u64) -> u128 {
        (u128::from(self.0) * u128::from(tokens) + u128::from(UNIT / 2)) / u128::from(UNIT)
    }

    /// Millionths as a decimal number with two to six decimals, without separators.
    pub fn written(millionths: u128) -> String {
        let (whole, part) = (millionths / u128::from(UNIT), millionths % u128::from(UNIT));
        let part = format!("{part:0DECIMALS$}");
        let kept = part.trim_end_matches('0').len().max(2);
        format!("{whole}.{}", &part[..kept])
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::written(self.0.into()))
    }
}

/// Text that is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an amount; write it as 15 or 0.25, with at most six decimals and no separators")]
pub struct NoAmount(String);

impl FromStr for Amount {
    type Err = NoAmount;

    fn from_str(text: &str) -> Result<Self, NoAmount> {
        let refused = || NoAmount(text.chars().take(40).collect());
        let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || part.len() > DECIMALS {
            return Err(refused());
        }
        let part: u64 = format!("{part:0<DECIMALS$}").parse().map_err(|_| refused())?;
        let whole: u64 = whole.parse().map_err(|_| refused())?;
        whole.checked_mul(UNIT).and_then(|all| all.checked_add(part)).map(Self).ok_or_else(refused)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_come_back() {
        for (text, millionths, written) in
            [("15", 15_000_000, "15.00"), ("0.25", 250_000, "0.25"), ("3.000001", 3_000_001, "3.000001")]
        {
            let amount: Amount = text.parse().unwrap();
            assert_eq!((amount.0, amount.to_string().as_str()), (millionths, written));
            assert_eq!(written.parse(), Ok(amount));
        }
        for text in ["", "-1", "1,5", "1.", ".5", "1e3", "0.0000001", "99999999999999999999", "１"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        // 28.8 million tokens at 15 a million.
        assert_eq!(Amount::written("15".parse::<Amount>().unwrap().of_tokens(28_800_000)), "432.00");
        assert_eq!(Amount(1).of_tokens(500_000), 1, "rounded half up");
        assert_eq!(
            Amount(u64::MAX).of_tokens(u64::MAX) / u128::from(u64::MAX),
            u128::from(u64::MAX) / 1_000_000
        );
    }
}
