//! The nearest valid name for one that does not exist: of keys and values, here and in the configuration of the command.

/// How alike two names must be for one to be proposed for the other; clap proposes flags from the same value on.
const LIKENESS_MIN: f64 = 0.7;

/// The valid name that is most like this one, if any is like it.
pub fn nearest<'a>(name: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    let name = plain(name);
    let likeness = |valid: &&str| strsim::jaro_winkler(&name, &plain(valid));
    valid
        .into_iter()
        .map(|valid| (likeness(&valid), valid))
        .filter(|(likeness, _)| *likeness > LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, valid)| valid)
}

/// `did you mean ...?`, where a name is like this one.
pub fn did_you_mean<'a>(name: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, valid).map(|valid| format!("did you mean `{valid}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_like_name_is_proposed() {
        let keys = ["min-severity", "persona", "select"];
        assert_eq!(nearest("min_severity", keys), Some("min-severity"));
        assert_eq!(nearest("Persna", keys), Some("persona"));
        assert_eq!(nearest("selct", keys), Some("select"));
        assert_eq!(nearest("zzz", keys), None);
    }
}
