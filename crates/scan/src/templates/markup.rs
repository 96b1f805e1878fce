//! Where on a page something is printed: escaping makes it harmless in a text and in a value in quotes, and nowhere else.

/// A place of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A text, or a value in quotes.
    Text,
    /// The value of an attribute without quotes.
    Unquoted,
    /// The begin of an address.
    Address,
    /// A script, or what runs on an event.
    Script,
}

/// Attributes that hold an address which runs as a script if it says so.
const ADDRESSES: &[&str] = &["href", "src", "action", "formaction", "xlink:href", "data"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Comment,
    /// The name of an element.
    Element,
    /// Between attributes, or in the name of one.
    Inside,
    /// Behind `=`.
    Assigned,
    /// In the value of an attribute that ends at this, or at a space.
    Value(Option<u8>),
    /// In a script, in a text of it that ends at this.
    Script(Option<u8>),
}

/// A page as far as it was read.
#[derive(Debug)]
pub(super) struct Markup {
    state: State,
    /// The element, and the attribute in it, in lower case.
    element: String,
    attribute: String,
    /// Whether the value of the attribute has begun.
    has_begun: bool,
}

impl Default for Markup {
    fn default() -> Self {
        Self { state: State::Text, element: String::new(), attribute: String::new(), has_begun: false }
    }
}

/// The most bytes of a name that are kept.
const NAME_BYTES_MAX: usize = 16;

fn push(name: &mut String, byte: u8) {
    if name.len() < NAME_BYTES_MAX {
        name.push(char::from(byte.to_ascii_lowercase()));
    }
}

impl Markup {
    /// Goes on over a text of the template.
    pub(super) fn advance(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            at += self.step(*byte, &bytes[at..]);
        }
    }

    /// Goes on over one byte, or several that belong together; says how many.
    fn step(&mut self, byte: u8, rest: &[u8]) -> usize {
        let is_space = byte.is_ascii_whitespace();
        match (self.state, byte) {
            (State::Text, b'<') if rest.starts_with(b"<!--") => self.state = State::Comment,
            (State::Text, b'<') if rest.get(1).is_some_and(|next| next.is_ascii_alphabetic() || *next == b'/') => {
                self.state = State::Element;
                self.element.clear();
            }
            (State::Comment, b'-') if rest.starts_with(b"-->") => self.state = State::Text,
            (State::Element | State::Inside | State::Assigned | State::Value(None), b'>') => self.opened(),
            (State::Element | State::Value(None), _) if is_space => self.between(),
            (State::Element, _) => push(&mut self.element, byte),
            (State::Inside, b'=') => {
                self.state = State::Assigned;
                self.has_begun = false;
            }
            (State::Inside, _) if is_space => self.attribute.clear(),
            (State::Inside, _) => push(&mut self.attribute, byte),
            (State::Assigned, _) if is_space => {}
            (State::Assigned, b'"' | b'\'') => self.state = State::Value(Some(byte)),
            (State::Assigned, _) => {
                self.state = State::Value(None);
                self.has_begun = true;
            }
            (State::Value(Some(quote)), _) if quote == byte => self.between(),
            (State::Value(_), _) => self.has_begun = true,
            (State::Script(quote), _) => return self.step_of_script(quote, byte, rest),
            (State::Text | State::Comment, _) => {}
        }
        1
    }

    fn step_of_script(&mut self, quote: Option<u8>, byte: u8, rest: &[u8]) -> usize {
        let ends = rest.get(..8).is_some_and(|end| end.eq_ignore_ascii_case(b"</script"));
        let line = || rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()).max(1);
        match (quote, byte) {
            (_, b'<') if ends => {
                self.state = State::Element;
                self.element.clear();
            }
            (None, b'/') if rest.starts_with(b"//") => return line(),
            (None, b'"' | b'\'' | b'`') => self.state = State::Script(Some(byte)),
            (Some(_), b'\\') => return 2,
            (Some(quote), _) if quote == byte || (byte == b'\n' && quote != b'`') => self.state = State::Script(None),
            _ => {}
        }
        1
    }

    fn between(&mut self) {
        self.state = State::Inside;
        self.attribute.clear();
    }

    /// Behind the `>` of an element.
    fn opened(&mut self) {
        self.state = if self.element == "script" { State::Script(None) } else { State::Text };
    }

    /// Something is printed here: where that is.
    pub(super) fn printed(&mut self) -> Place {
        let begins = !std::mem::replace(&mut self.has_begun, true);
        match self.state {
            State::Script(None) => Place::Script,
            State::Value(_) if self.attribute.starts_with("on") => Place::Script,
            State::Assigned => {
                self.state = State::Value(None);
                Place::Unquoted
            }
            State::Value(None) => Place::Unquoted,
            State::Value(Some(_)) if begins && ADDRESSES.contains(&self.attribute.as_str()) => Place::Address,
            _ => Place::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(before: &str) -> Place {
        let mut markup = Markup::default();
        markup.advance(before);
        markup.printed()
    }

    #[test]
    fn places() {
        for before in [
            "<p>",
            "a < b ",
            "<p title=\"",
            "<p title='x ",
            "<a href=\"/users/",
            "<script>f()</script><p>",
            "<script>let x = \"",
            "<script>// don't\nlet x = '",
            "<!-- <script> -->",
            "<img src='a.png' alt='",
            "<textarea>",
        ] {
            assert_eq!(place(before), Place::Text, "{before}");
        }
        for before in ["<p class=", "<p class=a", "<input value = "] {
            assert_eq!(place(before), Place::Unquoted, "{before}");
        }
        for before in ["<a href=\"", "<A\nHREF='", "<form id=\"x\" action=\"", "<iframe src=\""] {
            assert_eq!(place(before), Place::Address, "{before}");
        }
        for before in ["<script>", "<script type='x'>let x = ", "<script>let s = 'it\\'s'; f(", "<a onclick=\"f('"] {
            assert_eq!(place(before), Place::Script, "{before}");
        }
    }

    #[test]
    fn a_second_one_is_no_begin_of_an_address() {
        let mut markup = Markup::default();
        markup.advance("<a href=\"");
        assert_eq!([markup.printed(), markup.printed()], [Place::Address, Place::Text]);
    }

    #[test]
    fn names_have_a_bound() {
        let at = format!("<a {}=\"", "o".repeat(NAME_BYTES_MAX));
        let past = format!("<a {}n=\"", "o".repeat(NAME_BYTES_MAX));
        for text in [at, past] {
            let mut markup = Markup::default();
            markup.advance(&text);
            assert_eq!(markup.attribute.len(), NAME_BYTES_MAX);
        }
    }
}
