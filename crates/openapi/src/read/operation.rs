//! What an operation takes and answers.

use std::sync::Arc;

use model::{Bounds, GapKind, Parameter, Place, Schema, SchemaRef, ValueType};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Reader;
use crate::references::resolved;
use crate::tree::Node;
use crate::{Answer, Body, Content, Declared, Status, Version};

/// The media type of a form, where a document of Swagger 2 names none.
const FORM: &str = "application/x-www-form-urlencoded";
/// The media type of a form with files.
const MULTIPART: &str = "multipart/form-data";

/// What an operation takes.
pub(super) struct Taken {
    pub(super) parameters: Vec<Declared<Parameter>>,
    pub(super) body: Option<Declared<Body>>,
}

impl<'n> Reader<'n> {
    /// What an operation takes, with what its path item says for all methods.
    pub(super) fn taken(&mut self, item: &'n Node, operation: &'n Node) -> Taken {
        let nodes = self.parameters_of(item, operation);
        let mut parameters = Vec::new();
        let mut form: Vec<&Node> = Vec::new();
        let mut body = operation.get("requestBody").and_then(|node| self.request_body(node));
        for node in nodes {
            match node.text_of("in") {
                Some("body") if self.version == Version::Swagger2 => body = Some(self.body_parameter(node, operation)),
                Some("formData") if self.version == Version::Swagger2 => form.push(node),
                Some(place) => parameters.extend(self.parameter(place, node)),
                None => {}
            }
        }
        if !form.is_empty() {
            body = Some(self.form(&form, operation));
        }
        Taken { parameters, body }
    }

    /// The parameters, references resolved; an operation's own stands for the path's with the same place and name.
    fn parameters_of(&mut self, item: &'n Node, operation: &'n Node) -> Vec<&'n Node> {
        let mut found: Vec<&'n Node> = Vec::new();
        for node in [item, operation].into_iter().filter_map(|node| node.get("parameters")).flat_map(Node::items) {
            let node = match resolved(self.root, node) {
                Ok(node) => node,
                Err(error) => {
                    self.gaps.add_reference(GapKind::UnresolvedSchema, node.line, error);
                    continue;
                }
            };
            let identity = |node: &'n Node| (node.text_of("in"), node.get("name").and_then(Node::scalar));
            match found.iter_mut().find(|other| identity(other) == identity(node)) {
                Some(other) => *other = node,
                None => found.push(node),
            }
        }
        found
    }

    fn parameter(&mut self, place: &str, node: &'n Node) -> Option<Declared<Parameter>> {
        let name = node.get("name").and_then(Node::scalar)?;
        let place = match place {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => return None,
        };
        // OpenAPI 3.1 section 4.8.12.2: these three are not described as parameters.
        let ignored = ["accept", "content-type", "authorization"];
        if place == Place::Header && ignored.iter().any(|field| name.eq_ignore_ascii_case(field)) {
            return None;
        }
        let (reference, schema) = self.schema_of_parameter(node);
        let value = Parameter {
            required: place == Place::Path || node.get("required").is_some_and(Node::is_true),
            bounds: Bounds::deserialize(schema.as_value()).unwrap_or_default(),
            schema: reference,
            ..Parameter::new(Arc::<str>::from(&*name), place, ValueType::of_schema(&schema))
        };
        Some(Declared { value, line: node.line })
    }

    /// The schema as the document writes it, and as it is through references.
    fn schema_of_parameter(&mut self, node: &'n Node) -> (Option<SchemaRef>, Schema) {
        if self.version == Version::Swagger2 {
            let schema = self.schemas.of_parameter(node, &mut self.gaps);
            return (Some(SchemaRef::Inline(schema.clone())), schema);
        }
        let content = || node.get("content")?.entries().next()?.1.get("schema");
        let Some(schema) = node.get("schema").or_else(content) else { return (None, Schema::any()) };
        let reference = self.schemas.reference(schema, &mut self.gaps);
        let meant = match (&reference, resolved(self.root, schema)) {
            (SchemaRef::Named(_), Ok(meant)) => self.schemas.convert(meant, &mut self.gaps),
            (SchemaRef::Inline(schema), _) => schema.clone(),
            (SchemaRef::Named(_), Err(_)) => Schema::any(),
        };
        (Some(reference), meant)
    }

    fn request_body(&mut self, node: &'n Node) -> Option<Declared<Body>> {
        let line = node.line;
        let node = match resolved(self.root, node) {
            Ok(node) => node,
            Err(error) => {
                self.gaps.add_reference(GapKind::UnresolvedSchema, line, error);
                return None;
            }
        };
        let required = node.get("required").is_some_and(Node::is_true);
        let name = node.text_of("x-body-name").map(Arc::from);
        Some(Declared { value: Body { name, required, content: self.content(node) }, line })
    }

    fn body_parameter(&mut self, node: &'n Node, operation: &'n Node) -> Declared<Body> {
        let schema = node.get("schema").map(|schema| self.schemas.reference(schema, &mut self.gaps));
        let required = node.get("required").is_some_and(Node::is_true);
        let content = self.media_types(operation, "consumes", schema.as_ref());
        let name = node.text_of("name").map(Arc::from);
        Declared { value: Body { name, required, content }, line: node.line }
    }

    /// The fields of a form as the properties of one schema.
    fn form(&mut self, fields: &[&'n Node], operation: &'n Node) -> Declared<Body> {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in fields {
            let Some(name) = field.get("name").and_then(Node::scalar) else { continue };
            if field.get("required").is_some_and(Node::is_true) {
                required.push(Value::String(name.to_string()));
            }
            properties.insert(name.into_owned(), self.schemas.of_parameter(field, &mut self.gaps).into());
        }
        let has_file = fields.iter().any(|field| field.text_of("type") == Some("file"));
        let is_required = !required.is_empty();
        let mut keywords = Map::from_iter([("type".to_owned(), json!("object"))]);
        keywords.insert("properties".to_owned(), Value::Object(properties));
        if is_required {
            keywords.insert("required".to_owned(), Value::Array(required));
        }
        let schema = SchemaRef::Inline(Schema::object(keywords));
        let mut content = self.media_types(operation, "consumes", Some(&schema));
        let is_form = |one: &Content| [FORM, MULTIPART].contains(&&*one.media_type);
        content.retain(is_form);
        if content.is_empty() {
            let media_type = if has_file { MULTIPART } else { FORM };
            content.push(Content { media_type: media_type.into(), schema: Some(schema) });
        }
        let line = fields.first().map_or(operation.line, |field| field.line);
        Declared { value: Body { name: None, required: is_required, content }, line }
    }

    /// `consumes` or `produces` of an operation, or else of the document.
    fn media_types(&self, operation: &'n Node, key: &str, schema: Option<&SchemaRef>) -> Vec<Content> {
        let listed = operation.get(key).or_else(|| self.root.get(key));
        let names = listed.into_iter().flat_map(Node::items).filter_map(Node::text);
        let of = |name: &str| Content { media_type: name.into(), schema: schema.cloned() };
        let content: Vec<Content> = names.map(of).collect();
        if content.is_empty() { vec![of("")] } else { content }
    }

    fn content(&mut self, node: &'n Node) -> Vec<Content> {
        let entries = node.get("content").into_iter().flat_map(Node::entries);
        let mut found = Vec::new();
        for (name, media) in entries {
            let schema = media.get("schema").map(|schema| self.schemas.reference(schema, &mut self.gaps));
            found.push(Content { media_type: name.into(), schema });
        }
        found
    }

    /// What an operation answers.
    pub(super) fn answers(&mut self, operation: &'n Node) -> Vec<Declared<Answer>> {
        let mut found = Vec::new();
        for (key, node) in operation.get("responses").into_iter().flat_map(Node::entries) {
            let Some(status) = status(key) else { continue };
            let line = node.line;
            let content = match resolved(self.root, node) {
                Ok(node) if self.version == Version::Swagger2 => {
                    let schema = node.get("schema").map(|schema| self.schemas.reference(schema, &mut self.gaps));
                    schema.map(|schema| self.media_types(operation, "produces", Some(&schema))).unwrap_or_default()
                }
                Ok(node) => self.content(node),
                Err(error) => {
                    self.gaps.add_reference(GapKind::UnresolvedSchema, line, error);
                    Vec::new()
                }
            };
            found.push(Declared { value: Answer { status, content }, line });
        }
        found
    }
}

fn status(key: &str) -> Option<Status> {
    if key == "default" {
        return Some(Status::Default);
    }
    let digit = key.chars().next()?.to_digit(10)?;
    if key.len() == 3 && key[1..].eq_ignore_ascii_case("xx") {
        return Some(Status::Class(u8::try_from(digit).ok()?));
    }
    key.parse().ok().filter(|code| (100..600).contains(code)).map(Status::Code)
}
