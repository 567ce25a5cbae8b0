//! Time stamps (RFC 3161) of a bundle: the request beside the tag manifest, and the authority's answer, attached later.
//!
//! Both are about the SHA-256 of `tagmanifest-sha256.txt`, through which they hold for every file. What the answer
//! states is read here and has to be what the signed attributes have the hash of; the signature is not checked.

use std::path::Path;

use sha2::{Digest as _, Sha256, Sha512};

use super::bag::{
    BAG_INFO, MANIFEST, TAG_MANIFEST, TIME_ANSWER as ANSWER, TIME_REQUEST as REQUEST, TIME_REQUEST_LINE,
};
use super::contents::Contents;
use super::der::{Der, INTEGER, OBJECT, OCTETS, SEQUENCE, SET};
use super::fault::Fault;
use super::time_request::time_request;
use super::{BundleError, contents, custody};
use crate::case::Checkpoint;
use crate::files;
use crate::model::{Digest, Micros, visible};

/// Most bytes of an answer.
const BYTES: u64 = 64 << 10;
/// Difference of clocks that is no fault.
const SKEW: Micros = 3_600_000_000;

const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TIME_STAMP: &str = "1.2.840.113549.1.9.16.1.4";
const SHA_512: &str = "2.16.840.1.101.3.4.2.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const COMMON_NAME: &str = "2.5.4.3";
const ORGANISATION: &str = "2.5.4.10";

/// Statement of an authority on a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// Time that it states, microseconds UTC.
    pub time: Micros,
    /// Name of the authority, as the answer has it; hostile.
    pub authority: String,
    imprint: Digest,
}

/// Reads an answer: a response, or a token alone, as DER.
///
/// # Errors
/// Reason in words.
fn parse(bytes: &[u8]) -> Result<Timestamp, String> {
    let outer = Der::of(bytes).only(SEQUENCE).ok_or("is no time stamp as DER")?;
    let token = match Der::of(outer).next() {
        Some((OBJECT, _)) => outer,
        Some((SEQUENCE, status)) => {
            let granted =
                Der::of(status).next().is_some_and(|(tag, value)| tag == INTEGER && matches!(value, [0 | 1]));
            if !granted {
                return Err("is an answer that grants no time stamp".to_owned());
            }
            Der::of(outer).nth(SEQUENCE, 1).ok_or("has no time stamp in it")?
        }
        _ => return Err("is no time stamp as DER".to_owned()),
    };
    parts(token).ok_or_else(|| {
        "is no time stamp that can be read (RFC 3161 with SHA-256, DER, signed over what it states)"
            .to_owned()
    })
}

/// Statement of a token; `None` for a token of another form.
fn parts(token: &[u8]) -> Option<Timestamp> {
    let mut token = Der::of(token);
    if token.object()? != SIGNED_DATA {
        return None;
    }
    let signed = Der::of(token.take(0xa0)?).only(SEQUENCE)?;
    let mut signed = Der::of(signed);
    signed.take(INTEGER)?;
    signed.take(SET)?;
    let mut content = Der::of(signed.take(SEQUENCE)?);
    if content.object()? != TIME_STAMP {
        return None;
    }
    let stated = Der::of(content.take(0xa0)?).only(OCTETS)?;
    let mut info = Der::of(Der::of(stated).only(SEQUENCE)?);
    info.take(INTEGER)?;
    info.object()?;
    let mut imprint = Der::of(info.take(SEQUENCE)?);
    if Der::of(imprint.take(SEQUENCE)?).object()? != SHA_256 {
        return None;
    }
    let imprint = Digest(imprint.take(OCTETS)?.try_into().ok()?);
    info.take(INTEGER)?;
    let time = time_of(std::str::from_utf8(info.take(0x18)?).ok()?)?;
    // The name is a choice of forms; that of a directory has the tag 4.
    let named = std::iter::from_fn(|| info.next()).find(|(tag, _)| *tag == 0xa0);
    let named = named.and_then(|(_, name)| Der::of(name).take(0xa4)).and_then(name_of);
    let (issuer, is_signed) = signer(&mut signed, stated)?;
    if !is_signed {
        return None;
    }
    let authority = named.or(issuer).unwrap_or_else(|| "an authority without a name".to_owned());
    Some(Timestamp { time, authority, imprint })
}

/// Name of the issuer of the certificate that signed, and true if the signed attributes have the hash of what is
/// stated: they are what the signature, which is not checked here, is made of.
fn signer(signed: &mut Der<'_>, stated: &[u8]) -> Option<(Option<String>, bool)> {
    let infos = std::iter::from_fn(|| signed.next()).filter(|(tag, _)| *tag == SET).last()?.1;
    let mut info = Der::of(Der::of(infos).take(SEQUENCE)?);
    info.take(INTEGER)?;
    // Another form than issuer and number names a key.
    let (form, of) = info.next()?;
    let issuer = Some(of).filter(|_| form == SEQUENCE).and_then(|of| name_in(Der::of(of).next()?.1));
    let hash: Vec<u8> = match Der::of(info.take(SEQUENCE)?).object()?.as_str() {
        SHA_256 => Sha256::digest(stated).to_vec(),
        SHA_512 => Sha512::digest(stated).to_vec(),
        _ => return None,
    };
    let mut attributes = Der::of(info.take(0xa0)?);
    let is_signed = std::iter::from_fn(|| attributes.next()).any(|(_, attribute)| {
        let mut attribute = Der::of(attribute);
        attribute.object().as_deref() == Some(MESSAGE_DIGEST)
            && attribute.take(SET).and_then(|set| Der::of(set).only(OCTETS)) == Some(&hash)
    });
    Some((issuer.map(|name| format!("the holder of a certificate of {name}")), is_signed))
}

fn name_of(name: &[u8]) -> Option<String> {
    name_in(Der::of(name).only(SEQUENCE)?)
}

/// Common name and organisation of a name.
fn name_in(parts: &[u8]) -> Option<String> {
    let (mut common, mut organisation) = (None, None);
    let mut sets = Der::of(parts);
    while let Some((SET, set)) = sets.next() {
        let mut part = Der::of(Der::of(set).take(SEQUENCE)?);
        let kind = part.object()?;
        let (_, value) = part.next()?;
        let value = String::from_utf8_lossy(value).chars().take(200).collect::<String>();
        match kind.as_str() {
            COMMON_NAME => common = Some(value),
            ORGANISATION => organisation = Some(value),
            _ => {}
        }
    }
    match (common, organisation) {
        (Some(common), Some(organisation)) if common != organisation => {
            Some(format!("{common}, {organisation}"))
        }
        (common, organisation) => common.or(organisation),
    }
}

/// Time of `20260605120000.123Z`.
fn time_of(text: &str) -> Option<Micros> {
    let text = text.strip_suffix('Z')?;
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !is_digits(whole) || !is_digits(part) {
        return None;
    }
    let cut = |from: usize, to: usize| &whole[from..to];
    let iso = format!(
        "{}-{}-{}T{}:{}:{}.{part:.6}Z",
        cut(0, 4),
        cut(4, 6),
        cut(6, 8),
        cut(8, 10),
        cut(10, 12),
        cut(12, 14)
    );
    iso.parse::<jiff::Timestamp>().ok().map(|time| time.as_microsecond())
}

/// Faults of the request and of the answer of a bundle, which may have neither.
pub(super) fn check(contents: &Contents) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(hash) = contents.digest(TAG_MANIFEST) else { return faults };
    if contents.has(REQUEST) && contents.bytes(REQUEST) != Some(time_request(hash)) {
        faults.push(Fault::new(REQUEST, format!("is not the request for the SHA-256 of {TAG_MANIFEST}")));
    }
    let info = contents.text(BAG_INFO).unwrap_or_default();
    if !contents.has(REQUEST) && info.lines().any(|line| line == TIME_REQUEST_LINE) {
        faults.push(Fault::new(REQUEST, format!("is missing; {BAG_INFO} names it")));
    }
    if !contents.has(ANSWER) {
        return faults;
    }
    let bytes = contents.bytes(ANSWER).filter(|bytes| bytes.len() as u64 <= BYTES);
    match bytes.ok_or_else(|| "is too large or cannot be read".to_owned()).and_then(|bytes| parse(&bytes)) {
        Err(why) => faults.push(Fault::new(ANSWER, why)),
        Ok(stamp) if stamp.imprint != hash => faults.push(Fault::new(ANSWER, other(&stamp, hash))),
        Ok(stamp) => {
            let point = contents.text(&format!("data/{}", custody::CHECKPOINT));
            let point = point.and_then(|text| serde_json::from_str::<Checkpoint>(&text).ok());
            if point.is_some_and(|point| stamp.time < point.ts.saturating_sub(SKEW)) {
                faults.push(Fault::new(ANSWER, "states a time before the last entry of the journal"));
            }
        }
    }
    faults
}

fn other(stamp: &Timestamp, hash: Digest) -> String {
    format!("is a time stamp of SHA-256 {}, but {TAG_MANIFEST} has {hash}", stamp.imprint)
}

/// Statement of the authority on a bundle; `None` where there is none that can be read. It does not mean that the
/// bundle is without faults.
pub fn timestamp(bag: &Path) -> Option<Timestamp> {
    parse(&read(&bag.join(ANSWER)).ok()?).ok()
}

fn read(path: &Path) -> Result<Vec<u8>, BundleError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    contents::open(path)
        .and_then(|file| file.take(BYTES + 1).read_to_end(&mut bytes))
        .map_err(BundleError::io(path))?;
    Ok(bytes)
}

/// Attaches the answer of a time stamp authority to a bundle.
///
/// # Errors
/// No bundle, no time stamp, one of another hash, or another one that is attached already.
pub fn attach_timestamp(bag: &Path, answer: &Path) -> Result<Timestamp, BundleError> {
    let refused = |path: &Path, why: String| BundleError::Timestamp { path: path.to_owned(), why };
    if !bag.join(MANIFEST).is_file() {
        return Err(BundleError::NotABag { path: bag.to_owned() });
    }
    let manifest = bag.join(TAG_MANIFEST);
    let file = contents::open(&manifest).map_err(BundleError::io(&manifest))?;
    let (hash, _) = files::sha256(file, |error| BundleError::io(&manifest)(error), |_| Ok(()))?;
    let bytes = read(answer)?;
    if bytes.len() as u64 > BYTES {
        return Err(refused(answer, format!("has more than {} KiB", BYTES >> 10)));
    }
    let stamp = parse(&bytes).map_err(|why| refused(answer, why))?;
    if stamp.imprint != hash {
        return Err(refused(answer, other(&stamp, hash)));
    }
    let target = bag.join(ANSWER);
    if target.symlink_metadata().is_ok() && read(&target)? != bytes {
        return Err(refused(
            &target,
            "is another time stamp, attached before; move it away first".to_owned(),
        ));
    }
    files::write(&target, &bytes, files::Readers::Usual).map_err(BundleError::io(&target))?;
    Ok(stamp)
}

impl Timestamp {
    /// `2026-06-05 12:00:00 UTC by Example TSA; the authority's signature was not checked`.
    pub fn in_words(&self) -> String {
        let time = crate::model::Zone::utc().format_exact(self.time);
        format!(
            "time stated by {}: {time}; the authority's signature was not checked",
            visible(&self.authority).replace(['\n', '\t'], " ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_fractions() {
        assert_eq!(time_of("20260422130509Z"), Some(1_776_863_109_000_000));
        assert_eq!(time_of("20260422130509.25Z"), Some(1_776_863_109_250_000));
        for odd in
            ["20260422130509", "2026042213050Z", "20261322130509Z", "20260422130509.Z", "é0260422130509Z"]
        {
            assert_eq!(time_of(odd), None, "{odd}");
        }
    }

    #[test]
    fn bytes_of_any_kind_are_refused_without_a_panic() {
        for length in 0..40_usize {
            for byte in [0x30_u8, 0x80, 0xff, 0x06, 0xa0] {
                assert!(parse(&vec![byte; length]).is_err());
            }
        }
    }
}
