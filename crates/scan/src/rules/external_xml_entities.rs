//! `external-xml-entities`: a parser of XML reads what the document tells it to.

use model::{Confidence, Persona, Severity, Weakness};

use super::flow::{self, Says};
use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};
use crate::flows::{Flow, Use};

pub(super) const RULE: Rule = Rule {
    name: "external-xml-entities",
    weakness: Weakness::XmlExternalEntity,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a parser of XML reads files and addresses that the document names",
    page: PAGE,
    checks: &[Check::Call(PARSES, of_call), Check::Flow(Use::Xml, Says { becomes: BECOMES, fix: FIX_OF_VERSION, counts: flow::always, judged: of_version })],
};

const PAGE: &str = r#"## What it does

Finds parsers of XML that are told to expand external entities: `parser.setFeature(feature_external_ges, True)` of `xml.sax`, also where `xml.dom.minidom` and
`xml.dom.pulldom` are given such a parser, and `lxml` with `resolve_entities=True` or `no_network=False`; and `lxml` with `huge_tree=True`, which takes away the limits that end a
document of entities inside entities. What they parse counts: a text that stands in the code is silent. `xml.etree`, `defusedxml` and `lxml` as they are today are silent.

Auditors are also told where `lxml` (without a parser of your own), `docx.Document` and `openpyxl` read what a client sent, office files among it: `lxml` before 5.0, python-docx before 0.8.6 and openpyxl before 2.4.2
expand entities.

## Why is this bad?

A document may name a file or an address, and the parser puts what is there into its place: the answer, or an error, shows it. One that names itself ten times on ten levels fills
the memory.

## Example

```python bad
import xml.sax

from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/orders")
async def read_order(request: Request):
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)
    parser.parse(await request.body())  # <- here
    return {"ok": True}
```

```python bad
from flask import Flask, request
from lxml import etree

app = Flask(__name__)


@app.post("/orders")
def read_order():
    parser = etree.XMLParser(resolve_entities=True, no_network=False)  # <- here
    return {"root": etree.fromstring(request.data, parser).tag}
```

Use instead:

```python good
import xml.etree.ElementTree
import xml.sax
from xml.dom import minidom

from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/orders")
async def read_order(request: Request):
    text = await request.body()
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, False)
    minidom.parseString(text, parser)
    return {"root": xml.etree.ElementTree.fromstring(text).tag}
```

```python good
from flask import Flask, request
from lxml import etree

app = Flask(__name__)


@app.post("/orders")
def read_order():
    parser = etree.XMLParser(resolve_entities=False)
    return {"root": etree.fromstring(request.data, parser).tag}
```

## Fix

Leave the feature off; `etree.XMLParser(resolve_entities=False)`; or `defusedxml`, which refuses documents that declare entities.
"#;

const PARSES: &[Watched] = &[
    Watched { name: "xml.sax.parse", needle: "feature_external" },
    Watched { name: "xml.sax.parse", needle: "external-general-entities" },
    Watched { name: "lxml.etree.XMLParser", needle: "resolve_entities" },
    Watched { name: "lxml.etree.XMLParser", needle: "no_network" },
    Watched { name: "lxml.etree.XMLParser", needle: "huge_tree" },
    Watched { name: "lxml.etree.iterparse", needle: "huge_tree" },
];
const FIX: &str = "leave the feature off; `etree.XMLParser(resolve_entities=False)`; or parse with `defusedxml`";
const NO_SHIELD: &str = "no layer of the gateway reads XML: a pattern of a virtual patch sees fields, not documents";

const BECOMES: &str = "is XML, of which old versions of its parser expand the entities";
const FIX_OF_VERSION: &str = "`lxml` 5.0, python-docx 0.8.6, openpyxl 2.4.2 or later; for older ones `etree.XMLParser(resolve_entities=False)` or `defusedxml`";

/// Which version runs is not known here.
fn of_version(draft: Draft, _: &Flow, _: &Whole<'_>) -> Draft {
    Draft { severity: Severity::Medium, confidence: Confidence::Low, ..draft.for_persona(Persona::Auditor) }
}

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let (message, severity) = if &*call.name == "xml.sax.parse" {
        let given = call.given(Some(0), "source")?;
        let is_constant = |given: &Given| matches!(given, Given::Text(_) | Given::Nothing);
        if given.alternatives().iter().all(is_constant) {
            return None;
        }
        let is_of_request = |given: &Given| matches!(given, Given::Unknown { of_request: true, .. });
        let severity = if given.alternatives().iter().any(is_of_request) { RULE.severity } else { Severity::Medium };
        ("the parser puts what files and addresses hold that the document names into their place", severity)
    } else {
        of_lxml(call)?
    };
    Some(Draft { severity, ..Draft::of(&RULE, Confidence::High, message.to_owned(), FIX, NO_SHIELD) })
}

fn of_lxml(call: &Call) -> Option<(&'static str, Severity)> {
    let is = |name: &str, truth: bool| call.given(None, name) == Some(&Given::Truth(truth));
    if is("resolve_entities", true) {
        return Some(("the parser puts what files hold that the document names into their place", Severity::Medium));
    }
    if is("no_network", false) && !is("resolve_entities", false) {
        return Some(("the parser fetches addresses that the document names", Severity::Medium));
    }
    if is("huge_tree", true) && !is("resolve_entities", false) {
        return Some(("without its limits the parser expands entities inside entities until the memory is full", Severity::Low));
    }
    None
}
