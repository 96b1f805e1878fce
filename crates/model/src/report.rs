//! The report of a scan: everything that `doorward scan --format json` writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};

use crate::{Application, Endpoint, Finding, Gap, ObjectModel, Schema};

/// The report of a scan. Same input, same bytes: `sort` brings it into the order in which it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this format.
    pub schema_version: SchemaVersion,
    /// What wrote it.
    pub tool: Tool,
    /// What was scanned.
    pub project: Project,
    /// The endpoints of all applications. Their registration order is in each application's `endpoints`.
    pub endpoints: Vec<Endpoint>,
    /// The schemas by name, one map for all applications.
    pub schemas: IndexMap<Arc<str>, Schema>,
    /// The object models.
    pub objects: Vec<ObjectModel>,
    /// The applications.
    pub applications: Vec<Application>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// What was not read or understood.
    pub gaps: Vec<Gap>,
    /// The OpenAPI documents beside the code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<ApiDocument>,
}

/// An OpenAPI document that lies beside the code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ApiDocument {
    /// Relative to the scanned root, with `/`.
    pub file: Arc<str>,
    /// The title that it gives the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Arc<str>>,
    /// The application that it describes; null where too little of it is in the code: it belongs to another service.
    pub application: Option<Arc<str>>,
    /// How many operations it has.
    pub operations: usize,
    /// How many of them are endpoints of that application.
    pub in_code: usize,
}

/// The version of the report's format: always 1 here; another one is refused when read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
pub struct SchemaVersion;

/// What wrote a report.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `doorward`.
    pub name: Arc<str>,
    /// Its version (Semantic Versioning).
    pub version: Arc<str>,
}

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// The folder, as the user named it.
    pub root: String,
    /// The number of source files that were read.
    pub files: usize,
    /// The number of their lines.
    pub lines: usize,
    /// The frameworks that applications use, in lower case, sorted.
    pub frameworks: Vec<Arc<str>>,
    /// The files that could not be read, or not wholly, sorted; the reasons are among the gaps.
    pub unreadable: Vec<Arc<str>>,
    /// How many calls were resolved, where flows were followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<CallShare>,
}

/// How many calls could be resolved. One that cannot passes taint on and never guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct CallShare {
    /// Calls in the code that was followed.
    pub total: usize,
    /// Those whose target is known.
    pub resolved: usize,
}

impl Report {
    /// A report of a project in which nothing was found.
    pub fn new(tool: Tool, project: Project) -> Self {
        Self {
            schema_version: SchemaVersion,
            tool,
            project,
            endpoints: Vec::new(),
            schemas: IndexMap::new(),
            objects: Vec::new(),
            applications: Vec::new(),
            findings: Vec::new(),
            gaps: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Brings everything into its one order, whatever order it was found in, and drops repeated gaps. Endpoints go by
    /// application, path and method; findings by place; an application's own list keeps its registration order.
    pub fn sort(&mut self) {
        self.endpoints.sort_by(|a, b| (&a.application, a.id()).cmp(&(&b.application, b.id())));
        self.schemas.sort_unstable_keys();
        self.objects.sort_by(|a, b| (&a.name, &a.evidence).cmp(&(&b.name, &b.evidence)));
        self.applications.sort_by(|a, b| a.name.cmp(&b.name));
        self.findings.sort_by(|a, b| {
            let place = |finding: &Finding| (finding.rule.clone(), finding.fingerprint);
            (a.location.cmp(&b.location)).then_with(|| place(a).cmp(&place(b)))
        });
        for names in [&mut self.project.frameworks, &mut self.project.unreadable] {
            names.sort();
            names.dedup();
        }
        self.gaps.sort_by(|a, b| (&a.file, a.line, a.kind, &a.reason).cmp(&(&b.file, b.line, b.kind, &b.reason)));
        self.gaps.dedup();
        self.documents.sort();
    }

    /// The endpoints of one application.
    pub fn endpoints_of<'a>(&'a self, application: &'a str) -> impl Iterator<Item = &'a Endpoint> {
        self.endpoints.iter().filter(move |endpoint| &*endpoint.application == application)
    }

    /// How many findings there are of each severity, the worst first.
    pub fn severities(&self) -> BTreeMap<std::cmp::Reverse<crate::Severity>, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(std::cmp::Reverse(finding.severity)).or_default() += 1;
        }
        counts
    }

    /// The JSON Schema (2020-12) of what a report is written as.
    pub fn json_schema() -> schemars::Schema {
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Self>()
    }
}

impl SchemaVersion {
    /// The number.
    pub const NUMBER: u32 = 1;
}

impl From<SchemaVersion> for u32 {
    fn from(_: SchemaVersion) -> Self {
        SchemaVersion::NUMBER
    }
}

impl TryFrom<u32> for SchemaVersion {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if number == Self::NUMBER {
            Ok(Self)
        } else {
            Err(format!("`schema_version` is {number}; this version reads {}", Self::NUMBER))
        }
    }
}

impl JsonSchema for SchemaVersion {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SchemaVersion".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": SchemaVersion::NUMBER })
    }
}
