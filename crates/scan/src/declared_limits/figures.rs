//! The figures of limits as the libraries write them: how many requests, in how many seconds.

/// The figures of a text of the library `limits`: `5/minute;100 per 2 hours`. Nothing where a part of it is something else.
pub(super) fn rates(text: &str) -> Option<Vec<(u64, u64)>> {
    let parts = text.split([',', ';', '|']).map(str::trim).filter(|part| !part.is_empty());
    let all: Option<Vec<_>> = parts.map(rate).collect();
    all.filter(|all| !all.is_empty())
}

fn rate(text: &str) -> Option<(u64, u64)> {
    const UNITS: [(&str, u64); 6] =
        [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400), ("month", 2_592_000), ("year", 31_104_000)];
    let text = text.to_ascii_lowercase();
    let (quota, window) = text.split_once('/').or_else(|| text.split_once(" per "))?;
    let window = window.trim();
    let digits = window.len() - window.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (many, unit) = window.split_at_checked(digits)?;
    let unit = unit.trim();
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    let many = if many.is_empty() { 1 } else { many.parse().ok()? };
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some((quota.trim().parse().ok()?, seconds.checked_mul(many)?))
}

/// The figures of a text of django-ratelimit: `5/m`, `10/30s`.
pub(super) fn short_rate(text: &str) -> Option<(u64, u64)> {
    let (quota, window) = text.split_once('/')?;
    let (many, unit) = window.split_at_checked(window.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let many: u64 = if many.is_empty() { 1 } else { many.parse().ok()? };
    Some((quota.trim().parse().ok()?, many.checked_mul(seconds)?))
}

/// The figures of a text of Django REST framework: of the period the first letter counts. `10/min`, `3/hour`.
pub(super) fn throttle_rate(text: &str) -> Option<(u64, u64)> {
    let (quota, period) = text.split_once('/')?;
    let seconds = match period.chars().next()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    Some((quota.trim().parse().ok()?, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_the_libraries_read_them() {
        assert_eq!(rates("5/minute"), Some(vec![(5, 60)]));
        assert_eq!(rates("1 per second; 100 per 2 hours"), Some(vec![(1, 1), (100, 7200)]));
        assert_eq!(rates("10/5minutes, 200 per day"), Some(vec![(10, 300), (200, 86_400)]));
        for text in ["", ";", "5", "5/fortnight", "x/minute", "5/minute;often", "5/18446744073709551615 hours"] {
            assert_eq!(rates(text), None, "{text}");
        }
        assert_eq!(short_rate("5/m"), Some((5, 60)));
        assert_eq!(short_rate("10/30s"), Some((10, 30)));
        for text in ["", "5", "5/", "5/x", "m/5", "5/é"] {
            assert_eq!(short_rate(text), None, "{text}");
        }
        assert_eq!(throttle_rate("10/min"), Some((10, 60)));
        assert_eq!(throttle_rate("1000/day"), Some((1000, 86_400)));
        // Of `minutes` and `months` the first letter is the same.
        assert_eq!(throttle_rate("2/s"), Some((2, 1)));
        for text in ["", "5", "5/", "5/5m", "m/5", "/m", "5/ m", "-1/m"] {
            assert_eq!(throttle_rate(text), None, "{text}");
        }
    }
}
