//! Route tables and requests with the answers of our match, as JSON lines: `cargo xtask test` asks the router that is named
//! (Starlette's, Werkzeug's, Django's) the same.
//! The same seed gives the same lines.

use std::fmt::Write as _;
use std::io::{self, Write};

use doorward_policy::{Match, Matcher, Policy, RequestPath, RouterKind};
use model::Method;
use serde_json::{Value, json};

/// Tables of routes.
const TABLES: u32 = 300;
/// Requests to each.
const REQUESTS: u32 = 60;

/// Words in templates.
const TEXTS: &[&str] = &["items", "items", "me", "a", "a.b", "é", "v1", ""];

/// Segments of templates; `N` is replaced so that no name stands twice in a template.
const PARAMETERS: &[&str] = &[
    "{pN}",
    "{pN}",
    "{pN}",
    "{pN:int}",
    "{pN:float}",
    "{pN:uuid}",
    "{pN:path}",
    "{pN}.{qN}",
    "v{pN:int}",
    "{pN:int}-{qN}",
    "{pN:path}.json",
    "x{pN}",
];

/// What Werkzeug has beside these: arguments, and a path before other text.
const OF_WERKZEUG: &[&str] =
    &["{pN:two}", "{pN:few}", "{pN:word}", "{pN:signed}", "{pN:path}-{qN:int}", "{pN:word}.{qN}"];

/// What Django has beside these: slugs, and expressions of `re_path`.
const OF_DJANGO: &[&str] =
    &["{pN:slug}", "{pN:slug}", "{pN:year}", "{pN:word}", "{pN:any}", "{pN:year}-{qN:slug}", "a{pN:any}"];

/// Converters of the policy: name, expression, weight, and what Werkzeug calls it.
const CONVERTERS: &[(&str, &str, u32, &str)] = &[
    ("two", "[^/]{2}", 100, "string(length=2)"),
    ("few", "[^/]{1,3}", 100, "string(maxlength=3)"),
    ("word", "(?:a|me|a\\.b|x\\.y)", 100, "any(a,me,\"a.b\",\"x.y\")"),
    ("signed", "-?\\d+", 50, "int(signed=True)"),
    ("year", "[0-9]{3,4}", 100, ""),
    ("any", "\\w*", 100, ""),
];

/// Segments of requests.
const WORDS: &[&str] = &[
    "items",
    "items",
    "me",
    "a",
    "a.b",
    "%C3%A9",
    "v1",
    "",
    "7",
    "007",
    "1.5",
    "1.",
    "x.y.z",
    "v12",
    "12-x",
    "a;b=1",
    "%69tems",
    "%2569tems",
    "a%20b",
    "00000000-0000-0000-0000-00000000000a",
    "0000000000000000000000000000000A",
    "q.json",
    "xé",
    "..",
    "%2e%2e",
    "a%2Fb",
    "x%00",
    "it%65ms",
    "%7Bp%7D",
    "-1",
    "1e5",
    "~",
    "a%3Fb",
    "%F0%9F%9A%AA",
    "%D9%A3",
    "2024",
    "ab",
    "-7",
    "x.y",
    "12.5-3",
    "00000000000000000000000000000000",
    "A0000000-0000-0000-0000-00000000000A",
];

const METHODS: &[&str] = &["GET", "GET", "POST", "DELETE", "HEAD", "OPTIONS", "WS"];

/// A generator of numbers (SplitMix64): a test wants the same ones every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap_or(0)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn template(&mut self, parameters: &[&str], ends_with_slash: bool) -> String {
        let segments = 1 + self.below(4);
        let mut path = String::new();
        for index in 0..segments {
            path.push('/');
            let segment = if self.below(3) == 0 { self.pick(TEXTS) } else { self.pick(parameters) };
            path.push_str(&segment.replace('N', &index.to_string()));
        }
        if ends_with_slash && !path.ends_with('/') { format!("{path}/") } else { path }
    }

    /// A segment with words in the places of its parameters.
    fn fitting(&mut self, segment: &str) -> String {
        let mut out = String::new();
        let mut rest = segment;
        while let Some((before, behind)) = rest.split_once('{') {
            let (inside, after) = behind.split_once('}').unwrap_or((behind, ""));
            out.push_str(before);
            out.push_str(self.pick(match inside.split_once(':').map_or("", |(_, converter)| converter) {
                "int" => &["7", "007", "42"],
                "float" => &["1.5", "7.0"],
                "uuid" => &["00000000-0000-0000-0000-00000000000a"],
                "path" => &["x", "x/y", "items/7", "a/", "x//y"],
                "two" => &["me", "ab", "a"],
                "few" => &["me", "a", "abcd"],
                "word" => &["me", "a", "a.b", "x.y"],
                "signed" => &["-7", "7", "--7"],
                "year" => &["2024", "999"],
                "slug" => &["a-b", "items", "A_1"],
                "any" => &["a_1", "me", ""],
                _ => WORDS,
            }));
            rest = after;
        }
        out + rest
    }

    /// A path that often fits a template of the table.
    fn request(&mut self, templates: &[String]) -> String {
        let like = templates[self.below(templates.len())].clone();
        let mut path = String::new();
        for segment in like.split('/').skip(1) {
            path.push('/');
            let word = if self.below(10) > 2 { self.fitting(segment) } else { self.pick(WORDS).to_owned() };
            path.push_str(&word.replace('é', "%C3%A9"));
        }
        match self.below(8) {
            0 => path.push('/'),
            1 => path.truncate(path.trim_end_matches('/').len().max(1)),
            2 => path = path.replacen('/', "//", 1),
            3 => path.push_str("/me"),
            _ => {}
        }
        path
    }
}

fn main() -> io::Result<()> {
    let kind = std::env::args().nth(1).unwrap_or_else(|| "starlette".to_owned());
    let kind = RouterKind::ALL.iter().copied().find(|known| known.word() == kind).expect("a router");
    let mut out = io::stdout().lock();
    let mut numbers = Numbers(3);
    for _ in 0..TABLES {
        writeln!(out, "{}", table(kind, &mut numbers))?;
    }
    Ok(())
}

/// The head of a policy, with rules of this router.
fn head(kind: RouterKind, numbers: &mut Numbers) -> (String, Value) {
    let mut text = format!("version = 1\n[router]\nkind = \"{}\"\n", kind.word());
    let slashes = numbers.pick(match kind {
        RouterKind::Starlette => &["strict", "redirect", "redirect"][..],
        RouterKind::Werkzeug => &["redirect-to-slash", "redirect-to-slash", "ignored"],
        RouterKind::Django => &["strict", "redirect-to-slash", "redirect-to-slash"],
    });
    let merges = kind == RouterKind::Werkzeug && numbers.below(4) > 0;
    // Werkzeug adds HEAD to each GET.
    let head = kind == RouterKind::Werkzeug || numbers.below(2) == 0;
    let options = kind != RouterKind::Starlette && numbers.below(2) == 0;
    let _ = writeln!(text, "trailing_slash = \"{slashes}\"\nimplicit_head = {head}\nimplicit_options = {options}");
    text.push_str(if merges { "double_slash = \"redirect\"\n" } else { "" });
    if kind != RouterKind::Starlette {
        text.push_str("[router.converters]\n");
        for (name, regex, weight, _) in CONVERTERS {
            let _ = writeln!(text, "{name} = {{ regex = '{regex}', weight = {weight} }}");
        }
    }
    let rules = json!({ "slashes": slashes, "merges": merges, "implicit_head": head, "implicit_options": options });
    (text, rules)
}

/// Routes of a policy with their templates.
fn routes(kind: RouterKind, numbers: &mut Numbers) -> (String, Vec<String>) {
    let parameters: Vec<&str> = match kind {
        RouterKind::Starlette => PARAMETERS.to_vec(),
        RouterKind::Werkzeug => [PARAMETERS, OF_WERKZEUG].concat(),
        RouterKind::Django => {
            PARAMETERS.iter().filter(|one| !one.contains("float")).chain(OF_DJANGO).copied().collect()
        }
    };
    let mut text = String::new();
    let mut templates: Vec<String> = Vec::new();
    for _ in 0..=numbers.below(12) {
        let ends_with_slash = kind != RouterKind::Starlette && numbers.below(2) == 0;
        let (method, mut template) = (numbers.pick(METHODS), numbers.template(&parameters, ends_with_slash));
        // The same path with another method.
        if !templates.is_empty() && numbers.below(4) == 0 {
            template.clone_from(&templates[numbers.below(templates.len())]);
        }
        // Templates that converters tell apart have a variant; the same one twice is refused and never reached.
        let sections = ["", " variant=2", " variant=3"]
            .map(|variant| format!("{text}[routes.\"{method} {template}{variant}\"]\n"));
        let is_valid = |section: &String| Policy::parse(&format!("version = 1\n{section}")).is_ok();
        if let Some(section) = sections.into_iter().find(is_valid) {
            text = section;
            templates.push(template);
        }
    }
    if templates.is_empty() {
        text.push_str("[routes.\"GET /\"]\n");
        templates.push("/".to_owned());
    }
    (text, templates)
}

fn table(kind: RouterKind, numbers: &mut Numbers) -> Value {
    let (head, rules) = head(kind, numbers);
    let (routes, templates) = routes(kind, numbers);
    let policy = Policy::parse(&format!("{head}{routes}")).expect("the generator writes policies");
    let matcher = Matcher::new(&policy.routes, &policy.router);
    let routes: Vec<Value> = policy
        .routes
        .iter()
        .map(|route| {
            let key = route.key.to_string();
            let (method, path) = key.split_once(' ').expect("a key has a method");
            let path = path.split_once(" variant=").map_or(path, |(path, _)| path);
            json!([method, path, route.key.pattern().parameters().map(|one| one.name.to_string()).collect::<Vec<_>>()])
        })
        .collect();
    let requests: Vec<Value> = (0..REQUESTS)
        .map(|_| {
            let (method, path) = (numbers.pick(METHODS), numbers.request(&templates));
            json!([method, path, answer(&policy, &matcher, method, &path)])
        })
        .collect();
    let converters: serde_json::Map<String, Value> =
        CONVERTERS.iter().map(|(name, regex, _, werkzeug)| ((*name).to_owned(), json!([regex, werkzeug]))).collect();
    json!({ "rules": rules, "converters": converters, "routes": routes, "requests": requests })
}

fn answer(policy: &Policy, matcher: &Matcher, method: &str, raw: &str) -> Value {
    let path = match RequestPath::new(raw.as_bytes()) {
        Ok(path) => path,
        Err(refusal) => return json!({ "refused": refusal.to_string() }),
    };
    let method: Method = method.parse().expect("a method");
    match matcher.find(&method, None, &path) {
        Match::Found(found) => {
            let pattern = policy.routes[found.route].key.pattern();
            let parameters: serde_json::Map<String, Value> =
                pattern.parameters().map(|one| (one.name.to_string(), json!(found.parameter(&one.name)))).collect();
            json!({ "route": found.route, "by_framework": found.by_framework, "parameters": parameters })
        }
        Match::MethodNotAllowed { allow } => json!({ "allow": allow }),
        Match::Redirect { path, status } => json!({ "redirect": path, "status": status }),
        Match::Unclear { route } => json!({ "unclear": route }),
        Match::NotFound => json!({ "unknown": true }),
    }
}
