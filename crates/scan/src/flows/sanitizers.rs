//! What makes a text clean for a use, by qualified names: what it gives, what it tests, and the characters that do harm.

use python::interp::Told;

use super::{
    CODE_BEGIN, CODE_END, CODE_INSIDE, LOG_FEED, LOG_RETURN, PATH_BESIDE, PATH_ROOT, PATH_UP, RAW, SQL_BARE,
    SQL_QUOTED, Use, XPATH_BARE, XPATH_DOUBLE, XPATH_SINGLE,
};

const SQL: u32 = Use::Sql.bits();
const COMMAND: u32 = Use::Command.bits();
const CODE: u32 = Use::Code.bits();
const TEMPLATE: u32 = Use::Template.bits();
const PATH: u32 = Use::Path.bits();
const URL: u32 = Use::Url.bits();
const REDIRECT: u32 = Use::Redirect.bits();
const HTML: u32 = Use::Html.bits();
const HEADER: u32 = Use::Header.bits();
const LOG: u32 = Use::Log.bits();
const LDAP: u32 = Use::Ldap.bits();
const XPATH: u32 = Use::Xpath.bits();
const REGEX: u32 = Use::Regex.bits();
const XML: u32 = Use::Xml.bits();
const ARCHIVE: u32 = Use::Archive.bits();
const CELL: u32 = Use::Cell.bits();
const SESSION: u32 = Use::Session.bits();

/// What encodes a text for an address: no other host, no other folder, no markup, no line.
const ENCODED: u32 = URL | REDIRECT | HTML | HEADER | LOG | PATH | XML;

/// What escapes for HTML.
const ESCAPING: &[&str] = &[
    "html.escape",
    "cgi.escape",
    "markupsafe.escape",
    "markupsafe.escape_silent",
    "markupsafe.Markup.escape",
    "jinja2.escape",
    "flask.escape",
    "bleach.clean",
    "bleach.linkify",
    "nh3.clean",
    "lxml.html.clean.clean_html",
    "django.utils.html.escape",
    "django.utils.html.conditional_escape",
    "django.utils.html.strip_tags",
    "django.utils.html.format_html",
    "xml.sax.saxutils.escape",
    "xml.sax.saxutils.quoteattr",
    "tornado.escape.xhtml_escape",
    "werkzeug.utils.escape",
];

/// What gives something that holds nothing of the text: numbers, digests, dates.
const TELLS_NOTHING: &[&str] = &[
    // What stands in a file is not its name.
    "open",
    "io.open",
    "codecs.open",
    "int",
    "float",
    "bool",
    "complex",
    "len",
    "ord",
    "hash",
    "id",
    // From a table.
    "mimetypes.guess_type",
    "mimetypes.guess_file_type",
    "mimetypes.guess_extension",
    "mimetypes.guess_all_extensions",
    "abs",
    "round",
    "sum",
    "hex",
    "oct",
    "bin",
    "isinstance",
    "issubclass",
    "hasattr",
    "callable",
    "any",
    "all",
    "divmod",
    "pow",
    "range",
    "hashlib.*",
    "hmac.*",
    "uuid.*",
    "zlib.crc32",
    "zlib.adler32",
    "binascii.crc32",
    "datetime.*",
    "decimal.Decimal",
    "fractions.Fraction",
    "time.*",
    "math.*",
    "random.*",
    "secrets.*",
    "bcrypt.*",
    "argon2.*",
    "passlib.*",
    "dateutil.*",
    "arrow.*",
    "pendulum.*",
    "werkzeug.security.generate_password_hash",
    "werkzeug.security.check_password_hash",
    "django.contrib.auth.hashers.make_password",
    "django.contrib.auth.hashers.check_password",
    "django.utils.dateparse.parse_date",
    "django.utils.dateparse.parse_datetime",
    "bson.ObjectId",
    "bson.objectid.ObjectId",
    "os.path.exists",
    "os.path.isfile",
    "os.path.isdir",
    "os.path.getsize",
    "fnmatch.fnmatch",
    "re.match",
    "flask.url_for",
    "django.urls.reverse",
    "django.urls.base.reverse",
];

/// What gives a text that is clean for some uses.
const CLEAN: &[(&str, u32)] = &[
    ("shlex.quote", COMMAND),
    ("pipes.quote", COMMAND),
    ("shlex.join", COMMAND),
    ("urllib.parse.quote", ENCODED & !PATH),
    ("urllib.parse.quote_plus", ENCODED),
    ("urllib.parse.urlencode", ENCODED),
    ("django.utils.http.urlencode", ENCODED),
    ("django.utils.http.urlquote", ENCODED),
    ("werkzeug.urls.url_quote", ENCODED & !PATH),
    ("json.dumps", HEADER | LOG | CODE | XML),
    ("os.path.basename", PATH),
    ("ntpath.basename", PATH),
    ("posixpath.basename", PATH),
    ("werkzeug.utils.secure_filename", PATH | HTML | COMMAND | SQL | HEADER | LOG | URL | REDIRECT),
    ("werkzeug.utils.safe_join", PATH),
    ("werkzeug.security.safe_join", PATH),
    ("flask.safe_join", PATH),
    ("django.utils._os.safe_join", PATH),
    ("django.utils.text.get_valid_filename", PATH | HTML | COMMAND | SQL | HEADER),
    ("django.utils.text.slugify", PATH | HTML | COMMAND | SQL | HEADER | LOG | URL | REDIRECT | LDAP | XPATH),
    ("slugify.slugify", PATH | HTML | COMMAND | SQL | HEADER | LOG | URL | REDIRECT | LDAP | XPATH),
    ("pathvalidate.sanitize_filename", PATH),
    // Which address it is, the client still says.
    ("ipaddress.*", RAW & !URL & !REDIRECT),
    ("re.escape", REGEX),
    ("regex.escape", REGEX),
    ("ldap.filter.escape_filter_chars", LDAP),
    ("ldap.dn.escape_dn_chars", LDAP),
    ("ldap3.utils.conv.escape_filter_chars", LDAP),
    ("ldap3.utils.dn.escape_rdn", LDAP),
    ("psycopg2.sql.Identifier", SQL),
    ("psycopg2.sql.Literal", SQL),
    ("psycopg.sql.Identifier", SQL),
    ("psycopg.sql.Literal", SQL),
    ("psycopg2.extensions.quote_ident", SQL),
    ("sqlalchemy.bindparam", SQL),
    ("ast.literal_eval", CODE),
    ("django.utils.html.escapejs", HTML | CODE),
    ("django.utils.html.json_script", HTML),
    ("werkzeug.utils.escape", HTML),
    // What is left of an address without its host.
    ("urllib.parse.urlparse.path", URL | REDIRECT),
    ("urllib.parse.urlparse.query", URL | REDIRECT),
    ("urllib.parse.urlparse.fragment", URL | REDIRECT),
    ("urllib.parse.urlparse.scheme", RAW),
    ("urllib.parse.urlparse.port", RAW),
    ("urllib.parse.urlsplit.path", URL | REDIRECT),
    ("urllib.parse.urlsplit.query", URL | REDIRECT),
    ("urllib.parse.urlsplit.fragment", URL | REDIRECT),
    ("urllib.parse.urlsplit.scheme", RAW),
    ("urllib.parse.urlsplit.port", RAW),
    ("str", Use::Document.bits()),
    ("builtins.str", Use::Document.bits()),
    ("pydantic.EmailStr", Use::Document.bits() | HEADER | LOG | PATH),
    ("repr", LOG | HEADER),
    ("ascii", LOG | HEADER),
];

/// Everything that gives a text which is clean for some uses.
pub(super) fn clean() -> impl Iterator<Item = (&'static str, u32)> {
    let escaping = ESCAPING.iter().map(|name| (*name, HTML | XML));
    let telling = TELLS_NOTHING.iter().map(|name| (*name, RAW));
    escaping.chain(telling).chain(CLEAN.iter().copied())
}

/// Methods that only tell something about a text.
pub(super) const TELLING: &[&str] = &[
    "isdigit",
    "isnumeric",
    "isdecimal",
    "isalpha",
    "isalnum",
    "isidentifier",
    "isspace",
    "isupper",
    "islower",
    "istitle",
    "isascii",
    "startswith",
    "endswith",
    "count",
    "find",
    "rfind",
    "index",
    "rindex",
    "__len__",
    "exists",
    "is_file",
    "is_dir",
    "is_absolute",
    "is_relative_to",
    "hexdigest",
    "digest",
    "timestamp",
    "isoformat",
    "strftime",
];

/// What holds only of a text that is clean for some uses. `isinstance` counts where the class is a number, a date or the like.
pub(super) const TESTING: &[(&str, u32)] = &[
    ("isdigit", RAW),
    ("isnumeric", RAW),
    ("isdecimal", RAW),
    // Whose text it is stays the same.
    ("isalpha", RAW & !SESSION),
    ("isalnum", RAW & !SESSION),
    ("isidentifier", RAW & !CODE & !SESSION),
    ("isinstance", RAW),
    ("django.utils.http.url_has_allowed_host_and_scheme", REDIRECT | URL),
    ("django.utils.http.is_safe_url", REDIRECT | URL),
];

/// Attributes that are tests of an address of a network: what resolves to one that is not private is nothing of the program's own.
pub(super) const ATTRIBUTES: &[(&str, bool, u32)] = &[("is_private", false, URL), ("is_global", true, URL)];

/// Without any of these characters a text does no harm in a use.
pub(super) const HARMFUL: &[(u32, &str)] = &[
    (SQL_QUOTED, "'\"`\\"),
    (SQL_BARE, "'\"`;\\()- \n\t"),
    (COMMAND, " \t\n;&|$`<>(){}[]'\"\\*?~#!"),
    (CODE, "()[]{}.'\"\\ \n"),
    (TEMPLATE, "{}%$"),
    (PATH, "/\\"),
    (URL, "/:@\\?#"),
    (REDIRECT, "/:\\"),
    (HTML, "<>\"'&"),
    (HEADER, "\r\n"),
    (LOG_FEED, "\n"),
    (LOG_RETURN, "\r"),
    (LDAP, "()*\\=|&\0"),
    (XPATH_SINGLE, "'"),
    (XPATH_DOUBLE, "\""),
    (XPATH_BARE, "'\"()[]/@|= "),
    (REGEX, "()[]{}*+?|\\"),
    (XML, "<&"),
    (CELL, "=+-@\t\r"),
];

/// What a path goes by from which `..` was taken.
const NORMAL_PATH: &str = "<normal path>";

/// Parts of a text that tell something of the whole: where they are as a condition says, the whole is clean for these uses.
pub(super) const TELLING_OF_WHOLE: &[(&str, u32)] = &[
    ("os.path.commonpath", PATH | ARCHIVE),
    ("split", PATH_UP | PATH_BESIDE | ARCHIVE),
    ("parts", PATH_UP | PATH_BESIDE | ARCHIVE),
    (NORMAL_PATH, PATH | ARCHIVE),
    // The name of a member of an archive tells of the archive.
    ("name", ARCHIVE),
    ("path", ARCHIVE),
    ("getnames", ARCHIVE),
    ("is_private", URL),
    ("is_global", URL),
    ("netloc", URL | REDIRECT),
    ("hostname", URL | REDIRECT),
    ("host", URL | REDIRECT),
    ("[1:-1]", CODE_INSIDE),
];

/// What a text is clean for that begins or ends like this, or in which this does not stand. No list of what is forbidden is complete but where
/// nothing else does harm: a text in quotes ends with that quote alone.
pub(super) fn told(what: Told, name: Option<&str>, text: &str) -> u32 {
    match (what, text) {
        (Told::Begins, "'" | "\"") => CODE_BEGIN,
        (Told::Ends, "'" | "\"") => CODE_END,
        (Told::Ends, text) if text.ends_with(|c: char| c.is_ascii_alphanumeric()) => Use::Suffix.bits(),
        (Told::Begins, text) if is_origin(text) => URL | REDIRECT,
        (Told::Lacks, "'") => XPATH_SINGLE | CODE_INSIDE,
        (Told::Lacks, "\"") => XPATH_DOUBLE | CODE_INSIDE,
        (Told::Lacks, "/") => PATH | ARCHIVE,
        (Told::Lacks, "\n") => LOG_FEED,
        (Told::Lacks, "\r") => LOG_RETURN,
        (Told::Lacks, ".." | "../") => PATH_UP | PATH_BESIDE | ARCHIVE,
        (Told::BeginsNot, "/") => PATH_ROOT | ARCHIVE,
        (Told::BeginsNot, "=" | "+" | "-" | "@" | "\t" | "\r" | "\n" | "|" | "%") => CELL,
        // Without the slash `/srv/files` is the begin of `/srv/files-private`.
        (Told::Begins, text) if name == Some(NORMAL_PATH) && text.len() > 1 && text.ends_with('/') => PATH | ARCHIVE,
        (Told::Begins, text) if name == Some(NORMAL_PATH) && text.len() > 1 => PATH_UP | PATH_ROOT | ARCHIVE,
        _ => 0,
    }
}

/// Whether a text is scheme and host, and the path has begun.
fn is_origin(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && rest.find('/').is_some_and(|at| at > 0))
}
