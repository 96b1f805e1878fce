//! A text as a policy: it is read whole or refused with every mistake at a place of the text, and what was read is written and
//! read back as the same policy.

#![no_main]

use doorward_policy::{Matcher, Mode, Notes, Policy, RequestPath, diff, print};
use model::Method;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(mistakes) => {
            assert!(!mistakes.all().is_empty());
            for mistake in mistakes.all() {
                assert!(mistake.span.end <= text.len() + 1, "{mistake:?}");
                mistakes.place(mistake);
            }
            return;
        }
    };
    let printed = print(&policy, &Notes::default());
    assert_eq!(Policy::parse(&printed).as_ref(), Ok(&policy), "{printed}");
    assert!(diff(&policy, &policy).is_empty());
    assert!(!policy.clone().all_in(Mode::Report).enforces_anything(Mode::Report));
    let matcher = Matcher::new(&policy.routes, &policy.router);
    let path = RequestPath::new(b"/a/7").expect("a plain path");
    matcher.find(&Method::Get, Some("a.example"), &path);
    policy.not_enforced(&std::collections::BTreeSet::new());
});
