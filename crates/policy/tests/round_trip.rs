//! What is printed is read back as the same policy, whatever the policy and its comments hold.

use std::num::NonZeroU32;

use doorward_policy::*;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_-]{0,8}|[a-z\"\\\\.é]{1,6}"
}

fn text() -> impl Strategy<Value = String> {
    "[ -~]{1,12}|\\PC{1,8}|[\"\\\\\\n\\t#\u{0}-\u{1f}]{1,4}"
}

fn number() -> impl Strategy<Value = NonZeroU32> {
    (1..u32::MAX).prop_map(|number| NonZeroU32::new(number).unwrap())
}

fn pointer() -> impl Strategy<Value = Pointer> {
    "[ -~é]{0,8}".prop_map(|name| Pointer::member(&name))
}

fn date() -> impl Strategy<Value = Date> {
    (0..40_000_i64).prop_map(Date::of_unix_days)
}

fn names() -> impl Strategy<Value = Option<AllOf>> {
    prop::option::of(prop::collection::vec(text(), 1..3).prop_map(AllOf::new))
}

/// An identity whose tokens carry everything that a grant may ask for.
fn identity() -> impl Strategy<Value = Identity> {
    let since = prop::option::of(date());
    let subject = prop::option::of(text());
    (prop::option::of(text()), prop::collection::vec(text(), 0..3), pointer(), subject, any::<bool>(), since).prop_map(
        |(issuer, audience, place, subject, symmetric, keys_since)| {
            let key = Policy::parse(&format!(
                "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [\"{}\"]\nkeys = {{ env = \"KEY\" }}\n",
                if symmetric { "HS256" } else { "RS256" }
            ));
            let Identity::Jwt(base) = key.unwrap().identity[0].1.clone() else { unreachable!() };
            let refuse_keys = audience.iter().map(|text| KeyDigest::of(text.as_bytes())).collect();
            Identity::Jwt(JwtIdentity {
                issuer,
                audience,
                roles: Some(place.clone()),
                permissions: Some(place.clone()),
                scopes: Some(place),
                refuse_keys,
                keys_since,
                subject: subject.map(Subject::Claim),
                ..base
            })
        },
    )
}

/// An identity that the application verifies, with any of its carriers.
fn delegated() -> impl Strategy<Value = Identity> {
    (any::<bool>(), prop::option::of(text()), prop::option::of(text())).prop_map(|(has_header, cookie, query)| {
        let header = has_header.then(|| "X-Api-Key".parse().unwrap());
        Identity::Application(ApplicationIdentity { header, cookie, query })
    })
}

/// The owner in the answer, or looked up first.
fn owner() -> impl Strategy<Value = Owner> {
    (pointer(), any::<bool>()).prop_map(|(field, is_looked_up)| match is_looked_up {
        true => {
            let endpoint = "GET /mine".parse().unwrap();
            Owner::Lookup(OwnerLookup { endpoint, field, key: None, parameter: None })
        }
        false => Owner::Response(field),
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let operand = prop_oneof![
        text().prop_map(Operand::Value),
        text().prop_map(Operand::Query),
        pointer().prop_map(Operand::Body),
        Just(Operand::Header("X-Tenant".parse().unwrap())),
    ];
    let one = prop_oneof![
        text().prop_map(Condition::Scope),
        text().prop_map(Condition::Role),
        text().prop_map(Condition::Permission),
        (pointer(), operand).prop_map(|(claim, is)| Condition::Claim(ClaimIs { claim, is })),
    ];
    one.prop_recursive(3, 12, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            several.clone().prop_map(Condition::All),
            several.prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn settings() -> impl Strategy<Value = RouteSettings> {
    let asked = (names(), names(), names(), prop::option::of(owner()), prop::option::of(condition()));
    let grant = asked.prop_map(|(scope, role, permission, owner, when)| Grant {
        identity: "users".to_owned(),
        scope,
        role,
        permission,
        owner,
        tenant: None,
        learned: None,
        when,
    });
    let fields = prop::collection::vec(pointer(), 0..3);
    let shield = (text(), date(), text(), fields).prop_map(|(finding, expires, reason, refuse_fields)| {
        let patch = Patch { parameter: None, pattern: None, refuse_fields };
        Shield { finding, patch: Some(patch).filter(|patch| !patch.refuse_fields.is_empty()), expires, reason }
    });
    let who = prop_oneof![
        Just((None, Vec::new())),
        Just((Some(Access::Public), Vec::new())),
        prop::collection::vec(grant, 1..4).prop_map(|allow| (None, allow)),
    ];
    (
        who,
        any::<bool>(),
        prop::option::of(number()),
        prop::option::of(date()),
        prop::collection::vec(pointer(), 0..3),
        prop::collection::vec(shield, 0..3),
        prop::option::of(prop::sample::select(Mode::ALL)),
    )
        .prop_map(|((access, allow), limited, ttl, sunset, remove, shields, mode)| RouteSettings {
            mode,
            access,
            allow,
            limits: if limited { vec!["default".to_owned()] } else { Vec::new() },
            cache: ttl.map(|ttl_s| Cache { ttl_s }),
            sunset,
            response: (!remove.is_empty()).then_some(ResponseRules { remove, unknown_fields: None }),
            shields,
            ..RouteSettings::closed()
        })
}

/// Fields that answers get.
fn headers() -> impl Strategy<Value = Option<Headers>> {
    let value = || prop::option::of("[!-~]([ -~]{0,8}[!-~])?".prop_map(|text| text.parse::<FieldValue>().unwrap()));
    let off = prop::sample::subsequence(SecurityField::ALL, 0..SecurityField::ALL.len());
    let documentation = prop::collection::vec("/[a-z]{1,4}".prop_map(|path| path.parse().unwrap()), 0..3);
    prop::option::of((off, documentation, value(), value()).prop_map(|(off, documentation, one, other)| Headers {
        off,
        documentation,
        documentation_policy: one.clone(),
        cache_control: other.clone(),
        content_security_policy: one,
        permissions_policy: other,
        ..Headers::usual()
    }))
}

/// What answers must not tell.
fn redact() -> impl Strategy<Value = Option<Redact>> {
    let names = || prop::collection::vec("[A-Z][a-z]{1,3}-[A-Z]", 0..3);
    let section = (prop::option::of(any::<bool>()), names(), names());
    prop::option::of(section.prop_map(|(replace_error_bodies, removed, kept)| Redact {
        replace_error_bodies,
        remove_headers: removed.iter().map(|name| name.parse().unwrap()).collect(),
        keep_headers: kept.iter().map(|name| name.parse().unwrap()).collect(),
    }))
}

/// Which pages may read answers.
fn cors() -> impl Strategy<Value = Option<Cors>> {
    let names = || prop::collection::vec("[A-Z][a-z]{1,3}-[A-Z]", 0..3);
    let origins = prop_oneof![
        Just(vec!["*".to_owned()]),
        prop::collection::vec("https?://[a-z]{1,4}(:[1-9]{5})?", 1..3)
            .prop_filter("a port", |all| { all.iter().all(|one| one.parse::<Origin>().is_ok()) }),
    ];
    let section = (origins, any::<bool>(), names(), names(), prop::option::of(0..PREFLIGHT_AGE_S_MAX));
    prop::option::of(section.prop_map(|(origins, credentials, headers, expose, max_age_s)| {
        let read = |names: Vec<String>| names.iter().map(|name| name.parse().unwrap()).collect();
        Cors {
            credentials: Some(credentials && origins != ["*"]),
            origins: origins.iter().map(|origin| origin.parse().unwrap()).collect(),
            headers: read(headers),
            expose: read(expose),
            max_age_s,
        }
    }))
}

/// The rules of a router, with converters.
fn router() -> impl Strategy<Value = RouterSettings> {
    let converters = prop::sample::subsequence(vec!["[a-z]{2}", "-?\\d+", "(?i)a|\"b\"", "\\."], 0..4);
    (prop::sample::select(RouterKind::ALL), converters, any::<[bool; 5]>()).prop_map(
        |(kind, converters, [slash, merges, status, head, options])| {
            let mut settings = RouterSettings {
                trailing_slash: match (slash, kind) {
                    (false, _) => TrailingSlash::Strict,
                    (true, RouterKind::Starlette) => TrailingSlash::Redirect,
                    (true, RouterKind::Werkzeug) => TrailingSlash::Ignored,
                    (true, RouterKind::Django) => TrailingSlash::RedirectToSlash,
                },
                redirect_status: status.then_some(308),
                implicit_head: head,
                implicit_options: options && kind != RouterKind::Starlette,
                ..RouterSettings::of(kind)
            };
            if merges && kind == RouterKind::Werkzeug {
                settings.double_slash = DoubleSlash::Redirect;
            }
            for (at, regex) in converters.into_iter().enumerate() {
                let weight = NonZeroU32::new(u32::try_from(at).unwrap());
                settings.converters.named(ConverterSettings { regex: regex.parse().unwrap(), weight, slashes: slash });
            }
            settings
        },
    )
}

/// Where it listens, what it holds of clients, what it writes, and layers in a mode of their own.
fn operation() -> impl Strategy<Value = (Option<Listen>, Option<Log>, Layers)> {
    let limits = prop::option::of((prop::option::of(number()), prop::option::of(number()), prop::option::of(number())));
    let listen = (any::<bool>(), limits).prop_map(|(speaks, limits)| Listen {
        address: "127.0.0.1:80".parse().unwrap(),
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        forwarded_by: None,
        tls: None,
        plain: None,
        proxy_protocol: Some(speaks),
        connections: limits.map(|(all, per_address, requests)| ConnectionLimits { all, per_address, requests }),
    });
    let log = number().prop_map(|number| Log { access_one_in: Some(number) });
    let layers = prop::sample::subsequence(ModeLayer::ALL, 0..ModeLayer::ALL.len()).prop_map(|layers| {
        let mode = |index: usize| if index.is_multiple_of(2) { Mode::Report } else { Mode::Enforce };
        layers.into_iter().enumerate().map(|(index, layer)| (layer, LayerSettings { mode: mode(index) })).collect()
    });
    (prop::option::of(listen), prop::option::of(log), layers)
}

/// A policy that says what answers get and lose, how it is operated, and nothing else.
fn answers() -> impl Strategy<Value = Policy> {
    let cross_site = prop::option::of(prop::sample::select(CrossSite::ALL));
    let all = (headers(), redact(), cors(), cross_site, operation());
    all.prop_map(|(headers, redact, cors, cross_site, (listen, log, layers))| Policy {
        listen,
        log,
        layers,
        headers,
        redact,
        cors,
        cross_site,
        ..Policy::closed()
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let template = prop::sample::subsequence(
        vec![
            "GET /",
            "GET /a/{id}",
            "GET /a/{id:int} variant=2",
            "HEAD /é%20x",
            "GET /f/{p:path}",
            "GET {t}.example.com/x",
            "OPTIONS /~",
        ],
        0..7,
    );
    let routes = template.prop_flat_map(|keys| {
        let settings = prop::collection::vec(settings(), keys.len());
        (Just(keys), settings)
    });
    let counting = prop::option::of(prop::sample::select(Counting::ALL));
    let counted = prop::option::of(prop::sample::select(Counted::ALL));
    let limit = (number(), number(), counting, counted).prop_map(|(quota, window_s, counting, counted)| Limit {
        quota,
        window_s,
        // Whether what is under way fails is not known.
        counted: counted.filter(|_| counting != Some(Counting::Concurrent)),
        counting,
        by: vec![
            CountBy::Principal,
            CountBy::Body(Pointer::member("user/name")),
            CountBy::Header("X-A".parse().unwrap()),
        ],
        action: Some(Action::Delay(window_s)),
        mode: (counting != Some(Counting::Concurrent)).then_some(Sharing::Leased),
        when_store_down: Some(WhenStoreDown::Closed),
    });
    ((identity(), delegated()), limit, name(), routes, any::<bool>(), router(), answers()).prop_map(
        |((identity, delegated), limit, other, (keys, settings), report, router, base)| {
            let mut policy = base;
            policy.mode = if report { Mode::Report } else { Mode::Enforce };
            policy.identity = vec![("users".to_owned(), identity), ("hook".to_owned(), delegated)];
            policy.limits = vec![("default".to_owned(), limit.clone())];
            if other != "default" {
                policy.limits.push((other, limit));
            }
            policy.router = router;
            for (key, settings) in keys.iter().zip(settings) {
                // How the other routers compare hosts is not known, so that nobody may be admitted there.
                let has_host = key.contains("example.com");
                let settings = match policy.router.kind {
                    RouterKind::Starlette => settings,
                    _ if has_host => RouteSettings::closed(),
                    _ => settings,
                };
                let text = format!("version = 1\n[routes.\"{key}\"]\n");
                let key = Policy::parse(&text).unwrap().routes[0].key.clone();
                policy.routes.push(RoutePolicy { key, settings });
            }
            policy
        },
    )
}

proptest! {
    #[test]
    fn a_policy_is_read_back_from_what_is_printed(policy in policy(), note in text(), head in text()) {
        let mut notes = Notes { head: vec![head], ..Notes::default() };
        for route in &policy.routes {
            notes.routes.insert(route.key.clone(), vec![note.clone()]);
        }
        let text = print(&policy, &notes);
        let read = Policy::parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&policy), "{}", text);
        prop_assert_eq!(print(&read.unwrap(), &notes), text);
    }

    #[test]
    fn no_text_makes_reading_fail(text in "\\PC{0,200}|(version = 1\n)?(\\[(routes|identity|limits)\\.[a-z\"/{} ]{0,9}\\]\n([a-z]{1,9} = [a-z0-9\"{}=\\[\\] ]{0,9}\n){0,3}){0,3}") {
        let _ = Policy::parse(&text);
    }
}
