//! What makes a text clean for a use, by qualified names: what it gives, what it tests, and the characters that do harm.

use super::{RAW, Use};

const SQL: u32 = Use::Sql.bit();
const COMMAND: u32 = Use::Command.bit();
const CODE: u32 = Use::Code.bit();
const TEMPLATE: u32 = Use::Template.bit();
const PATH: u32 = Use::Path.bit();
const URL: u32 = Use::Url.bit();
const REDIRECT: u32 = Use::Redirect.bit();
const HTML: u32 = Use::Html.bit();
const HEADER: u32 = Use::Header.bit();
const LOG: u32 = Use::Log.bit();
const LDAP: u32 = Use::Ldap.bit();
const XPATH: u32 = Use::Xpath.bit();
const REGEX: u32 = Use::Regex.bit();
const XML: u32 = Use::Xml.bit();
const MAIL: u32 = Use::Mail.bit();

/// What encodes a text for an address: no other host, no other folder, no markup, no line.
const ENCODED: u32 = URL | REDIRECT | HTML | HEADER | LOG | PATH | MAIL | XML;

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
    "int",
    "float",
    "bool",
    "complex",
    "len",
    "ord",
    "hash",
    "id",
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
    "ipaddress.*",
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
    ("isalpha", RAW),
    ("isalnum", RAW),
    ("isidentifier", RAW & !CODE),
    ("isinstance", RAW),
    ("is_relative_to", PATH),
    ("django.utils.http.url_has_allowed_host_and_scheme", REDIRECT | URL),
    ("django.utils.http.is_safe_url", REDIRECT | URL),
];

/// Without any of these characters a text does no harm in a use.
pub(super) const HARMFUL: &[(u32, &str)] = &[
    (SQL, "'\"`;\\()- \n\t"),
    (COMMAND, " \t\n;&|$`<>(){}[]'\"\\*?~#!"),
    (CODE, "()[]{}.'\"\\ \n"),
    (TEMPLATE, "{}%$"),
    (PATH, "/\\"),
    (URL, "/:@\\?#"),
    (REDIRECT, "/:\\"),
    (HTML, "<>\"'&"),
    (HEADER, "\r\n"),
    (LOG, "\r\n"),
    (LDAP, "()*\\=|&\0"),
    (XPATH, "'\"()[]/@"),
    (REGEX, "()[]{}*+?|\\"),
    (XML, "<&"),
    (MAIL, "\r\n"),
    (Use::Session.bit(), "\r\n <>'\""),
];
