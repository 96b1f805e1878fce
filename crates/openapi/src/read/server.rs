//! Where an API is served.

use std::sync::Arc;

use model::PathPattern;

use crate::tree::Node;
use crate::{Server, Version};

/// The servers of a document.
pub(super) fn of_document(root: &Node, version: Version) -> Vec<Server> {
    match version {
        Version::Swagger2 => of_swagger(root).into_iter().collect(),
        Version::V3_0 | Version::V3_1 => own(root),
    }
}

/// The servers that a document, a path item or an operation names itself.
pub(super) fn own(node: &Node) -> Vec<Server> {
    let servers = node.get("servers").into_iter().flat_map(Node::items);
    servers.filter_map(|one| Some(server(&url(one.text_of("url")?, one), one.line))).collect()
}

/// `host`, `basePath` and the first of `schemes`.
fn of_swagger(root: &Node) -> Option<Server> {
    let (host, base) = (root.get("host"), root.get("basePath"));
    let line = base.or(host)?.line;
    let scheme = root.get("schemes").and_then(|schemes| schemes.items().next()?.text());
    let mut url = String::new();
    if let Some(host) = host.and_then(Node::text) {
        url = format!("{}://{host}", scheme.unwrap_or("https"));
    }
    let base = base.and_then(Node::text).unwrap_or_default();
    if !base.is_empty() && !base.starts_with('/') {
        url.push('/');
    }
    Some(server(&(url + base), line))
}

/// An address with the defaults of its variables.
fn url(template: &str, node: &Node) -> String {
    let mut url = template.to_owned();
    for (name, variable) in node.get("variables").into_iter().flat_map(Node::entries) {
        if let Some(default) = variable.get("default").and_then(Node::scalar) {
            url = url.replace(&format!("{{{name}}}"), &default);
        }
    }
    url
}

fn server(url: &str, line: u32) -> Server {
    let address = url.split(['?', '#']).next().unwrap_or_default();
    let after_scheme = match address.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => Some(rest),
        _ => address.strip_prefix("//"),
    };
    let (host, path) = match after_scheme {
        Some(rest) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            ((!host.is_empty()).then_some(host), path)
        }
        // An address without a scheme is one below where the document itself is served.
        None => (None, address),
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_prefix('.').unwrap_or(path);
    let prefix = if path.is_empty() { PathPattern::default() } else { PathPattern::from_display(path).rooted() };
    Server { url: url.into(), host: host.map(Arc::from), prefix, line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_the_path_of_an_address() {
        for (url, host, prefix) in [
            ("https://api.example.com/v1/", Some("api.example.com"), "/v1"),
            ("https://api.example.com", Some("api.example.com"), ""),
            ("//api.example.com:8443/v1", Some("api.example.com:8443"), "/v1"),
            ("/api/v1?x=/y", None, "/api/v1"),
            ("/", None, ""),
            ("", None, ""),
            ("v2", None, "/v2"),
            ("./v2", None, "/v2"),
            ("https://{tenant}.example.com/{base}", Some("{tenant}.example.com"), "/{base}"),
        ] {
            let read = server(url, 1);
            assert_eq!((read.host.as_deref(), &*read.prefix.to_string()), (host, prefix), "{url}");
        }
    }

    #[test]
    fn variables_have_defaults() {
        let text =
            "servers: [{url: 'https://{host}/{base}', variables: {base: {default: v3}, host: {default: a.example}}}]";
        let servers = own(&Node::read(text).unwrap());
        let read: Vec<_> = servers.iter().map(|one| (&*one.url, one.prefix.to_string())).collect();
        assert_eq!(read, [("https://a.example/v3", "/v3".to_owned())]);
    }

    #[test]
    fn swagger_has_a_host_and_a_base_path() {
        for (text, url, prefix) in [
            ("{host: a.example, basePath: /v2, schemes: [http]}", "http://a.example/v2", "/v2"),
            ("{basePath: v2/}", "/v2/", "/v2"),
            ("{host: a.example}", "https://a.example", ""),
        ] {
            let read = of_document(&Node::read(text).unwrap(), Version::Swagger2);
            let read: Vec<_> = read.iter().map(|one| (&*one.url, one.prefix.to_string())).collect();
            assert_eq!(read, [(url, prefix.to_owned())], "{text}");
        }
        assert!(of_document(&Node::read("{}").unwrap(), Version::Swagger2).is_empty());
    }
}
