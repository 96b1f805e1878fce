//! Routes: who is admitted to an endpoint, and what else holds there.

use std::num::NonZeroU32;

use crate::condition::{Condition, Operand};
use crate::key::RouteKey;
use crate::learned::{Gives, Learned};
use crate::login::Login;
use crate::settings::Mode;
use crate::value::{AllOf, Date, Pattern, Pointer};

/// An endpoint that the policy knows. Any other is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePolicy {
    /// The method and path template.
    pub key: RouteKey,
    /// What holds there.
    pub settings: RouteSettings,
}

table! {
    /// Who is admitted to an endpoint, and what else holds there.
    pub struct RouteSettings {
        /// The upstream that answers; absent: the only one.
        pub upstream: Option<String>,
        /// Whether what is refused here counts; absent: as the layer, or the policy, says.
        pub mode: Option<Mode>,
        /// `public`: everybody, on purpose. Nothing else means everybody.
        pub access: Option<Access>,
        /// Who is admitted: one of these. An absent or empty list admits nobody.
        pub allow: Vec<Grant>,
        /// The limits that hold, by name.
        pub limits: Vec<String>,
        /// What holds for wrong passwords, where it is a login.
        pub login: Option<Login>,
        /// How much of each limit a request takes; absent: one. For what costs more than others.
        pub cost: Option<NonZeroU32>,
        /// Which ids its answers give to the caller.
        pub gives: Vec<Gives>,
        /// Whether answers may be kept.
        pub cache: Option<Cache>,
        /// Since when it is deprecated (RFC 9745).
        pub deprecated: Option<Date>,
        /// When it stops answering (RFC 8594).
        pub sunset: Option<Date>,
        /// What a request may hold.
        pub request: Option<RequestRules>,
        /// What a response may hold.
        pub response: Option<ResponseRules>,
        /// What blocks a finding until the code is mended.
        pub shields: Vec<Shield>,
    }
}

words! {
    /// The one word for everybody.
    pub enum Access {
        /// Everybody is admitted.
        Public = "public",
    }
}

table! {
    /// One way to be admitted: everything in it must hold.
    pub struct Grant {
        /// The identity that must have been shown.
        pub identity: String,
        /// The scopes that it must carry: all of them.
        pub scope: Option<AllOf>,
        /// The roles that it must have: all of them.
        pub role: Option<AllOf>,
        /// The permissions that it must have: all of them.
        pub permission: Option<AllOf>,
        /// What must be the principal's subject.
        pub owner: Option<Owner>,
        /// What must be the principal's tenant.
        pub tenant: Option<Tenant>,
        /// Which id the caller must have been given before.
        pub learned: Option<Learned>,
        /// What else must hold of the principal and of the request.
        pub when: Option<Condition>,
    }
}

one_of! {
    /// What must be equal to the subject of the identity.
    pub enum Owner, "{ response = \"/owner_id\" }" {
        /// A field of the response, which is withheld otherwise: safe methods only.
        Response(Pointer) = "response",
        /// A parameter of the path.
        Parameter(String) = "parameter",
        /// A field of what the application shows the caller of the object before the request goes on.
        Lookup(OwnerLookup) = "lookup",
    }
}

table! {
    /// A question to the application about the object, asked with the credential of the caller before the request goes on. Where
    /// the answer is a list, `key` and `parameter` say which item is the object.
    pub struct OwnerLookup {
        /// The endpoint that shows the object: `GET`, with parameters that the route has.
        pub endpoint: RouteKey,
        /// Where the object holds what must be the subject.
        pub field: Pointer,
        /// Where an item of the list holds its key.
        pub key: Option<Pointer>,
        /// The parameter of the path that holds the key of the object.
        pub parameter: Option<String>,
    }
}

table! {
    /// What must be equal to a claim that names the tenant. Exactly one of `parameter` and `response` says it.
    pub struct Tenant {
        /// Where the claims hold the tenant.
        pub claim: Pointer,
        /// A parameter of the path.
        pub parameter: Option<String>,
        /// A field of the response, which is withheld otherwise: safe methods only.
        pub response: Option<Pointer>,
    }
}

table! {
    /// How long answers may be kept.
    pub struct Cache {
        /// Seconds.
        pub ttl_s: NonZeroU32,
    }
}

table! {
    /// What a request may hold.
    pub struct RequestRules {
        /// What happens to fields of the body that its schema does not name.
        pub unknown_fields: Option<UnknownFields>,
        /// The most bytes of a body.
        pub body_bytes_max: Option<NonZeroU32>,
    }
}

words! {
    /// What happens to fields that a schema does not name.
    pub enum UnknownFields {
        /// Nothing.
        Allow = "allow",
        /// They are reported.
        Report = "report",
        /// They are taken out.
        Strip = "strip",
        /// The message is refused.
        Refuse = "refuse",
    }
}

table! {
    /// What a response may hold.
    pub struct ResponseRules {
        /// Fields that are taken out.
        pub remove: Vec<Pointer>,
        /// What happens to fields that the schema of the response does not name.
        pub unknown_fields: Option<UnknownFields>,
    }
}

table! {
    /// What blocks a finding until the code is mended. Without `patch` it is the rest of the route that blocks it.
    pub struct Shield {
        /// The fingerprint of the finding.
        pub finding: String,
        /// A rule for requests.
        pub patch: Option<Patch>,
        /// The day on which somebody must look again.
        pub expires: Date,
        /// Why it is there.
        pub reason: String,
    }
}

table! {
    /// A rule for values of a request: `parameter` with `pattern`, `refuse_fields`, or both.
    pub struct Patch {
        /// The parameter of path or query.
        pub parameter: Option<String>,
        /// What its whole value must match.
        pub pattern: Option<Pattern>,
        /// Fields of the body with which a request is refused. In a form, where there is no depth, their first name.
        pub refuse_fields: Vec<Pointer>,
    }
}

/// Who is admitted to a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits<'p> {
    /// Everybody, on purpose.
    Everybody,
    /// Nobody.
    Nobody,
    /// Who meets one of these; never empty.
    AnyOf(&'p [Grant]),
}

impl RouteSettings {
    /// Nothing is said: nobody is admitted.
    pub fn closed() -> Self {
        Self {
            upstream: None,
            mode: None,
            access: None,
            allow: Vec::new(),
            limits: Vec::new(),
            login: None,
            cost: None,
            gives: Vec::new(),
            cache: None,
            deprecated: None,
            sunset: None,
            request: None,
            response: None,
            shields: Vec::new(),
        }
    }

    /// Who is admitted.
    pub fn admits(&self) -> Admits<'_> {
        match (self.access, self.allow.as_slice()) {
            (Some(Access::Public), _) => Admits::Everybody,
            (None, []) => Admits::Nobody,
            (None, grants) => Admits::AnyOf(grants),
        }
    }
}

impl Grant {
    /// Everybody whom an identity identifies.
    pub fn of(identity: impl Into<String>) -> Self {
        Self {
            identity: identity.into(),
            scope: None,
            role: None,
            permission: None,
            owner: None,
            tenant: None,
            learned: None,
            when: None,
        }
    }

    /// Whether it asks for more than the identity.
    pub fn restricts(&self) -> bool {
        self != &Self::of(&*self.identity)
    }

    /// It as a reader says it: `users` with the role `admin`.
    pub fn told(&self) -> String {
        let mut parts = Vec::new();
        for (kind, names) in [("scope", &self.scope), ("role", &self.role), ("permission", &self.permission)] {
            for name in names.iter().flat_map(AllOf::names) {
                parts.push(format!("the {kind} `{name}`"));
            }
        }
        match &self.owner {
            Some(Owner::Parameter(name)) => parts.push(format!("`{name}` as its subject")),
            Some(Owner::Response(pointer)) => {
                parts.push(format!("`{}` of the answer as its subject", pointer.as_str()));
            }
            Some(Owner::Lookup(lookup)) => {
                parts.push(format!("`{}` of `{}` as its subject", lookup.field.as_str(), lookup.endpoint));
            }
            None => {}
        }
        if let Some(tenant) = &self.tenant {
            parts.push(format!("its tenant (`{}`)", tenant.claim.as_str()));
        }
        if let Some(learned) = &self.learned {
            parts.push(format!("`{}` among the `{}` that it was given", learned.parameter, learned.objects));
        }
        parts.extend(self.when.as_ref().map(Condition::told));
        if parts.is_empty() {
            format!("any `{}`", self.identity)
        } else {
            format!("`{}` with {}", self.identity, parts.join(" and "))
        }
    }
}

impl Grant {
    /// The parameters of the path that it compares.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        let of_condition = self.when.iter().flat_map(Condition::operands).filter_map(Operand::parameter);
        let of_tenant = self.tenant.as_ref().and_then(|tenant| tenant.parameter.as_deref());
        let of_learned = self.learned.as_ref().map(|learned| &*learned.parameter);
        self.owner.iter().flat_map(Owner::parameters).chain(of_tenant).chain(of_condition).chain(of_learned)
    }
}

impl Owner {
    /// The parameters of the path that it looks at.
    pub fn parameters(&self) -> Vec<&str> {
        match self {
            Self::Response(_) => Vec::new(),
            Self::Parameter(name) => vec![name],
            Self::Lookup(lookup) => {
                let of_path = lookup.endpoint.pattern().parameters().map(|one| &*one.name);
                of_path.chain(lookup.parameter.as_deref()).collect()
            }
        }
    }
}

impl Shield {
    /// Whether the day has come on which somebody must look again.
    pub fn is_due(&self, today: Date) -> bool {
        self.expires <= today
    }
}
