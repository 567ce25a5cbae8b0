//! Quantised directions in topic space: 64 bytes each, for similarity search.

pub(crate) use crate::cache::samples::LENGTH;

/// Quantised direction: its first 64 dimensions, which carry most of the variance, one byte each,
/// scaled so that the largest is ±127. Shorter directions are padded with zeros.
pub(crate) fn quantise(direction: &[f32]) -> [i8; LENGTH] {
    let direction = &direction[..direction.len().min(LENGTH)];
    let largest = direction.iter().fold(0.0f32, |m, x| m.max(x.abs()));
    let mut kept = [0; LENGTH];
    if largest > 0.0 {
        for (byte, x) in kept.iter_mut().zip(direction) {
            *byte = (x / largest * 127.0).round() as i8;
        }
    }
    kept
}

/// Cosine similarity of two quantised directions; 0 if one is all zeros.
pub(crate) fn similarity(a: &[i8; LENGTH], b: &[i8; LENGTH]) -> f32 {
    let dot = |a: &[i8; LENGTH], b: &[i8; LENGTH]| -> i32 {
        a.iter().zip(b).map(|(&x, &y)| i32::from(i16::from(x) * i16::from(y))).sum()
    };
    let lengths = dot(a, a) as f32 * dot(b, b) as f32;
    if lengths > 0.0 { dot(a, b) as f32 / lengths.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_direction_keeps_its_angles() {
        let (a, b) = ([0.6, 0.8, 0.0], [0.0, 1.0, 0.0]);
        assert!((similarity(&quantise(&a), &quantise(&b)) - 0.8).abs() < 0.01);
        assert!((similarity(&quantise(&a), &quantise(&a)) - 1.0).abs() < 1e-6);
        assert_eq!(similarity(&quantise(&[0.0; 70]), &quantise(&b)), 0.0);
    }
}
