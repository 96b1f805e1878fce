//! Tests of the table of weaknesses.

use std::collections::BTreeSet;

use super::*;

/// The requirements that STANDARDS names, and so the only ones that may be claimed.
const CLAIMED: &str = "1.2.4 1.2.5 1.2.9 1.2.10 1.3.2 1.3.6 1.3.7 1.3.12 1.5.1 1.5.2 1.5.3 \
    2.2.1 2.2.2 2.3.3 2.3.4 2.4.1 \
    3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.6 3.4.4 3.4.5 3.5.1 3.5.2 3.5.3 \
    4.1.1 4.1.2 4.1.3 4.1.4 4.2.1 4.2.2 4.2.3 4.2.4 4.3.1 4.3.2 4.4.1 4.4.2 4.4.3 4.4.4 \
    6.2.1 6.2.3 6.2.4 6.2.5 6.2.8 6.2.9 6.2.10 6.2.12 6.3.1 6.3.2 6.3.4 6.3.8 6.5.5 6.6.3 6.8.2 \
    7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 \
    8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.3.1 8.3.2 8.4.1 \
    9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4 \
    10.3.1 10.3.2 10.3.3 10.3.5 10.4.1 10.4.3 10.4.4 10.4.5 10.4.6 10.4.8 \
    11.2.3 11.2.4 11.3.1 11.3.2 11.4.1 11.4.2 11.5.1 \
    12.1.1 12.1.2 12.1.3 12.2.1 12.3.2 12.3.3 12.3.4 \
    13.2.3 13.2.4 13.2.5 13.2.6 13.3.1 13.4.1 13.4.2 13.4.4 13.4.5 13.4.6 \
    14.2.1 14.2.2 14.2.5 14.2.6 14.3.2 \
    15.1.2 15.2.1 15.2.2 15.2.3 15.3.1 15.3.2 15.3.3 15.3.4 15.3.7 15.4.2 \
    16.2.1 16.2.2 16.2.5 16.3.1 16.3.2 16.3.3 16.4.1 16.5.1 16.5.3 16.5.4";

#[test]
fn names_are_unique_and_kebab_case_of_the_variant() {
    let names: BTreeSet<_> = Weakness::ALL.iter().map(|weakness| weakness.name()).collect();
    assert_eq!(names.len(), Weakness::ALL.len());
    for weakness in Weakness::ALL {
        let mut kebab = String::new();
        for c in format!("{weakness:?}").chars() {
            if c.is_ascii_uppercase() && !kebab.is_empty() {
                kebab.push('-');
            }
            kebab.push(c.to_ascii_lowercase());
        }
        // Only a name that is written as one word outside code may differ.
        let name = weakness.name();
        assert_eq!(kebab.replace('-', ""), name.replace('-', ""));
        assert!(
            name.split('-')
                .all(|word| { !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) })
        );
    }
}

#[test]
fn names_round_trip_through_text_and_json() {
    for &weakness in Weakness::ALL {
        assert_eq!(weakness.name().parse(), Ok(weakness));
        let json = serde_json::to_string(&weakness).unwrap();
        assert_eq!(serde_json::from_str::<Weakness>(&json).unwrap(), weakness);
    }
    assert!("sqli".parse::<Weakness>().is_err());
}

#[test]
fn titles_are_clauses_and_differ() {
    let titles: BTreeSet<_> = Weakness::ALL.iter().map(|weakness| weakness.title()).collect();
    assert_eq!(titles.len(), Weakness::ALL.len());
    for title in titles {
        assert!(title.starts_with(char::is_uppercase) && !title.ends_with('.'), "{title}");
        assert!(title.len() <= 80, "{title}");
    }
}

#[test]
fn only_ids_of_the_standards_are_claimed() {
    let claimed: BTreeSet<_> = CLAIMED.split_whitespace().collect();
    let top_ten: BTreeSet<_> = (1..=10).map(|n| format!("API{n}:2023")).collect();
    for weakness in Weakness::ALL {
        for id in weakness.asvs() {
            assert!(claimed.contains(id), "{weakness}: {id}");
        }
        for id in weakness.owasp_api() {
            assert!(top_ten.contains(*id), "{weakness}: {id}");
        }
        assert!(!weakness.owasp_api().is_empty(), "{weakness}");
        let cwe: BTreeSet<_> = weakness.cwe().iter().collect();
        assert_eq!(cwe.len(), weakness.cwe().len(), "{weakness}");
    }
}

#[test]
fn every_risk_of_the_top_ten_has_a_weakness() {
    for n in 1..=10 {
        let id = format!("API{n}:2023");
        assert!(Weakness::ALL.iter().any(|weakness| weakness.owasp_api().contains(&&*id)), "{id}");
    }
}
