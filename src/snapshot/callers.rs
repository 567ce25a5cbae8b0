//! Objects that a caller of the API may fill, by their names.

/// Words in names of such objects.
const WORDS: [&str; 8] = ["metadata", "tag", "label", "header", "custom", "extra", "baggage", "param"];

/// True for an object that a caller of the API may fill, such as `metadata`; one about the use of tokens is none.
pub(super) fn is_of_callers(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word)) && !name.contains("usage")
}

/// True for a path into such an object.
pub(super) fn is_below_callers(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(above, _)| above.split('.').any(is_of_callers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_metadata_are_a_caller_s() {
        for path in ["metadata.user", "request.headers.x-user", "body.Tags.model"] {
            assert!(is_below_callers(path), "{path}");
        }
        for path in ["metadata", "user.id", "response.usage_metadata.count"] {
            assert!(!is_below_callers(path), "{path}");
        }
    }
}
