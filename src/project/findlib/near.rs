//! What may have been meant by a name that is not known.

/// Up to three names of `known` that are near `name`, nearest first.
#[must_use]
pub fn near_names<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let limit = (name.len() / 3).max(1);
    let plain = |text: &str| text.to_lowercase().replace(['_', '.'], "-");
    let wanted = plain(name);
    let distance = |candidate: &'a str| {
        let other = plain(candidate);
        let is_part =
            other.len() > 2 && wanted.len() > 2 && (other.starts_with(&wanted) || wanted.starts_with(&other));
        // Letters that one has and the other lacks are edits, too: most names need no closer look.
        let n_apart = wanted.chars().count().abs_diff(other.chars().count());
        if n_apart > limit && !is_part {
            return None;
        }
        let edits = strsim::levenshtein(&wanted, &other);
        (edits <= limit || is_part).then_some((edits, candidate))
    };
    let mut near: Vec<_> = known.into_iter().filter_map(distance).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["lwt", "lwt_ssl", "cohttp-lwt", "yojson", "base"];
        assert_eq!(near_names("yosjon", known), ["yojson"]);
        assert_eq!(near_names("cohttp_lwt", known), ["cohttp-lwt"]);
        assert_eq!(near_names("zarith", known), [""; 0]);
    }
}
