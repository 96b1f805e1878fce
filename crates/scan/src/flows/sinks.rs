//! What uses a text, by qualified names. A method of something that a library made goes by what made it: `httpx.Client.get`.

use super::Use;

/// Which arguments are used.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// One, by its place (the receiver of a described method has the first) or its name.
    Argument(usize, &'static str),
    /// All of them.
    Any,
    /// Those of a command, as `subprocess` takes it.
    Command,
    /// The name of a file that is opened to write.
    Written,
    /// The text that is matched, where the expression takes exponential time.
    Matched,
    /// What a method is called on.
    Receiver,
    /// The members of an archive that are unpacked, by their place, or else the archive; unless something filters them.
    Unpacked(usize),
    /// The text of a mail, as its lines are sent: who builds it by hand writes its head.
    Head(usize, &'static str),
    /// XML, unless a parser is named.
    Document(usize, &'static str),
    /// What a language model is told to be and to do: the messages of the system, and arguments that say the same.
    Instructions,
    /// The text of a page, unless another type of content is named.
    Page(usize, &'static str),
    /// What is written to something that knows its type of content.
    Answer,
}

/// A use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) used_as: Use,
    pub(super) at: At,
    pub(super) names: &'static [&'static str],
    /// Whether little follows from it.
    pub(super) is_minor: bool,
}

const fn row(used_as: Use, at: At, names: &'static [&'static str]) -> Row {
    Row { used_as, at, names, is_minor: false }
}

const fn minor(used_as: Use, at: At, names: &'static [&'static str]) -> Row {
    Row { used_as, at, names, is_minor: true }
}

/// All uses.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // Statements of SQL that are made before they run.
    row(Use::Sql, At::Argument(0, "text"), &[
        "sqlalchemy.sql.expression.text", "sqlalchemy.sql.expression.literal_column", "sqlalchemy.literal_column", "django.db.models.expressions.RawSQL",
        "django.db.models.RawSQL",
    ]),
    // Processes.
    row(Use::Command, At::Command, &[
        "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    ]),
    row(Use::Command, At::Argument(0, "cmd"), &[
        "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput", "commands.getstatusoutput",
        "asyncio.create_subprocess_shell", "asyncio.subprocess.create_subprocess_shell", "pexpect.spawn", "pexpect.run", "popen2.popen2",
        "invoke.run", "fabric.api.run", "fabric.api.local", "fabric.api.sudo", "sh.bash", "plumbum.local",
    ]),
    row(Use::Command, At::Argument(0, "command"), &[
        "paramiko.SSHClient.exec_command", "paramiko.client.SSHClient.exec_command", "asyncssh.connect.run", "fabric.Connection.run",
        "fabric.Connection.local", "fabric.Connection.sudo", "docker.from_env.exec_run",
    ]),
    row(Use::Command, At::Any, &[
        "asyncio.create_subprocess_exec", "os.execl", "os.execle", "os.execlp", "os.execv", "os.execve", "os.execvp", "os.spawnl", "os.spawnlp",
        "os.spawnv", "os.spawnvp", "os.posix_spawn", "os.startfile", "pty.spawn",
    ]),
    // Python.
    row(Use::Code, At::Argument(0, "source"), &["eval", "exec", "compile", "code.InteractiveInterpreter.runsource", "code.interact", "numexpr.evaluate", "pandas.eval"]),
    row(Use::Code, At::Argument(0, "name"), &["importlib.import_module", "__import__", "runpy.run_path", "runpy.run_module", "werkzeug.utils.import_string", "django.utils.module_loading.import_string"]),
    row(Use::Code, At::Argument(0, "s"), &["open(.py).write", "open(.sh).write", "open(.php).write", "open(.js).write"]),
    row(Use::Code, At::Argument(0, "expression"), &["PIL.ImageMath.eval", "PIL.ImageMath.unsafe_eval", "simpleeval.simple_eval", "asteval.Interpreter.eval"]),
    // Templates.
    row(Use::Template, At::Argument(0, "s"), &["open(.html).write", "open(.jinja2).write", "open(.jinja).write", "open(.j2).write", "open(.mako).write"]),
    row(Use::Template, At::Argument(0, "source"), &[
        "flask.helpers.render_template_string", "flask.templating.render_template_string", "flask.render_template_string", "jinja2.Template",
        "jinja2.sandbox.SandboxedEnvironment.from_string", "django.template.Template", "django.template.base.Template",
        "django.template.engine.Engine.from_string", "django.template.Engine.from_string", "django.template.Engine.get_default.from_string", "django.template.engine.Engine.get_default.from_string", "mako.template.Template", "tornado.template.Template", "chameleon.PageTemplate", "Cheetah.Template.Template",
        "airspeed.Template", "genshi.template.MarkupTemplate", "quart.render_template_string", "quart.templating.render_template_string",
    ]),
    row(Use::Template, At::Argument(1, "source"), &["jinja2.environment.Environment.from_string"]),
    // Files.
    row(Use::Path, At::Argument(0, "file"), &[
        "open", "io.open", "codecs.open", "os.open", "aiofiles.open", "aiofiles.threadpool.open", "anyio.open_file", "gzip.open", "bz2.open", "lzma.open", "tarfile.open",
        "zipfile.ZipFile", "shelve.open", "dbm.open", "linecache.getline", "fileinput.input", "os.fdopen",
    ]),
    row(Use::Path, At::Argument(0, "path"), &[
        "os.remove", "os.unlink", "os.rmdir", "os.removedirs", "os.mkdir", "os.makedirs", "os.listdir", "os.scandir", "os.walk", "os.chmod", "os.chown", "os.truncate",
        "os.readlink", "os.utime", "shutil.rmtree", "shutil.unpack_archive", "aiofiles.os.remove", "aiofiles.os.unlink", "aiofiles.os.makedirs",
        "starlette.responses.FileResponse", "fastapi.responses.FileResponse", "flask.send_file", "werkzeug.utils.send_file", "django.http.FileResponse",
        "pandas.read_csv", "pandas.read_excel", "pandas.read_json", "pandas.read_parquet", "numpy.load", "PIL.Image.open", "cv2.imread",
        "aiohttp.web.FileResponse", "aiohttp.web_fileresponse.FileResponse", "sanic.response.file", "bottle.static_file",
    ]),
    row(Use::Path, At::Any, &["os.rename", "os.renames", "os.replace", "os.link", "os.symlink", "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move"]),
    row(Use::Path, At::Argument(0, "self"), &[
        "pathlib.Path.open", "pathlib.Path.read_text", "pathlib.Path.read_bytes", "pathlib.Path.write_text", "pathlib.Path.write_bytes",
        "pathlib.Path.unlink", "pathlib.Path.rmdir", "pathlib.Path.mkdir", "pathlib.Path.touch", "pathlib.Path.rename", "pathlib.Path.replace",
        "pathlib.Path.iterdir", "pathlib.Path.symlink_to",
    ]),
    row(Use::Path, At::Argument(1, "dst"), &["werkzeug.datastructures.FileStorage.save", "werkzeug.datastructures.file_storage.FileStorage.save"]),
    // Whether there is a file of some name.
    minor(Use::Path, At::Argument(0, "self"), &["pathlib.Path.exists", "pathlib.Path.is_file", "pathlib.Path.is_dir", "pathlib.Path.stat"]),
    minor(Use::Path, At::Argument(0, "path"), &["os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.getsize", "os.stat", "os.access"]),
    // Files that are kept under a name of the client's.
    row(Use::Suffix, At::Argument(1, "dst"), &["werkzeug.datastructures.file_storage.FileStorage.save"]),
    row(Use::Suffix, At::Argument(0, "self"), &["pathlib.Path.write_bytes", "pathlib.Path.write_text"]),
    row(Use::Suffix, At::Argument(0, "name"), &["django.core.files.storage.default_storage.save", "django.core.files.storage.FileSystemStorage.save"]),
    row(Use::Suffix, At::Written, &["open", "io.open", "aiofiles.open", "anyio.open_file"]),
    // Texts that are matched.
    row(Use::Matched, At::Matched, &["re.Pattern.match", "re.Pattern.search", "re.Pattern.fullmatch", "re.Pattern.sub", "re.match", "re.search", "re.fullmatch", "re.sub", "re.subn", "re.split", "re.findall", "re.finditer"]),
    // Requests.
    row(Use::Url, At::Argument(0, "url"), &[
        "requests.get", "requests.post", "requests.put", "requests.patch", "requests.delete", "requests.head", "requests.options",
        "requests.Session.get", "requests.Session.post", "requests.Session.put", "requests.Session.patch", "requests.Session.delete", "requests.Session.head",
        "requests.session.get", "requests.session.post", "requests.sessions.Session.get",
        "httpx.get", "httpx.post", "httpx.put", "httpx.patch", "httpx.delete", "httpx.head", "httpx.options",
        "httpx.Client.get", "httpx.Client.post", "httpx.Client.put", "httpx.Client.patch", "httpx.Client.delete", "httpx.Client.head",
        "httpx.AsyncClient.get", "httpx.AsyncClient.post", "httpx.AsyncClient.put", "httpx.AsyncClient.patch", "httpx.AsyncClient.delete", "httpx.AsyncClient.head",
        "aiohttp.ClientSession.get", "aiohttp.ClientSession.post", "aiohttp.ClientSession.put", "aiohttp.ClientSession.patch", "aiohttp.ClientSession.delete",
        "aiohttp.ClientSession.head", "aiohttp.ClientSession.ws_connect", "urllib.request.urlopen", "urllib.request.urlretrieve", "urllib.request.Request", "urllib.urlopen",
        "urllib2.urlopen", "urllib2.Request", "wget.download", "pycurl.Curl.setopt", "feedparser.parse", "pandas.read_html", "newspaper.Article",
        "weasyprint.HTML", "pdfkit.from_url", "imgkit.from_url", "tornado.httpclient.AsyncHTTPClient.fetch", "tornado.httpclient.HTTPClient.fetch",
        "websockets.connect", "websocket.create_connection", "playwright.async_api.Page.goto", "selenium.webdriver.Chrome.get",
    ]),
    row(Use::Url, At::Argument(1, "url"), &[
        "requests.request", "requests.Session.request", "httpx.request", "httpx.stream", "httpx.Client.request", "httpx.Client.stream", "httpx.AsyncClient.request",
        "httpx.AsyncClient.stream", "aiohttp.request", "aiohttp.ClientSession.request", "urllib3.PoolManager.request", "urllib3.request",
    ]),
    row(Use::Url, At::Argument(0, "host"), &[
        "http.client.HTTPConnection", "http.client.HTTPSConnection", "httplib.HTTPConnection", "httplib.HTTPSConnection", "socket.create_connection", "smtplib.SMTP", "ftplib.FTP",
        "telnetlib.Telnet", "asyncio.open_connection",
    ]),
    row(Use::Url, At::Argument(99, "endpoint_url"), &["boto3.client", "boto3.resource", "boto3.session.Session.client", "aioboto3.Session.client"]),
    // Redirects.
    row(Use::Redirect, At::Argument(0, "location"), &[
        "werkzeug.utils.redirect", "flask.redirect", "quart.redirect", "django.shortcuts.redirect", "bottle.redirect", "sanic.response.redirect",
    ]),
    row(Use::Redirect, At::Argument(0, "url"), &["starlette.responses.RedirectResponse", "fastapi.responses.RedirectResponse", "litestar.response.Redirect"]),
    row(Use::Redirect, At::Argument(0, "redirect_to"), &[
        "django.http.HttpResponseRedirect", "django.http.HttpResponsePermanentRedirect", "django.http.response.HttpResponseRedirect",
        "django.http.response.HttpResponsePermanentRedirect", "aiohttp.web.HTTPFound", "aiohttp.web_exceptions.HTTPFound", "aiohttp.web.HTTPSeeOther",
    ]),
    // HTML.
    row(Use::Html, At::Argument(0, "s"), &[
        "markupsafe.Markup", "flask.Markup", "jinja2.Markup", "django.utils.safestring.mark_safe", "django.utils.safestring.SafeString", "django.utils.safestring.SafeText",
        "django.utils.html.mark_safe", "wtforms.widgets.HTMLString",
    ]),
    row(Use::Html, At::Argument(0, "content"), &["starlette.responses.HTMLResponse", "fastapi.responses.HTMLResponse", "sanic.response.html"]),
    row(Use::Html, At::Page(0, "content"), &["django.http.HttpResponse", "django.http.response.HttpResponse"]),
    row(Use::Html, At::Page(99, "text"), &["aiohttp.web.Response", "aiohttp.web_response.Response"]),
    row(Use::Html, At::Answer, &["http.server._Answer.write"]),
    // LDAP.
    row(Use::Ldap, At::Argument(1, "search_filter"), &["ldap3.Connection.search", "ldap3.core.connection.Connection.search"]),
    row(Use::Ldap, At::Argument(0, "search_base"), &["ldap3.Connection.search", "ldap3.core.connection.Connection.search"]),
    row(Use::Ldap, At::Argument(2, "filterstr"), &[
        "ldap.initialize.search", "ldap.initialize.search_s", "ldap.initialize.search_st", "ldap.initialize.search_ext", "ldap.initialize.search_ext_s",
    ]),
    row(Use::Ldap, At::Argument(0, "base"), &["ldap.initialize.search_s", "ldap.initialize.simple_bind_s", "ldap.initialize.bind_s"]),
    // XPath.
    row(Use::Xpath, At::Argument(0, "path"), &[
        "lxml.etree.XPath", "lxml.etree.ETXPath", "lxml.etree.parse.xpath", "lxml.etree.fromstring.xpath", "lxml.etree.XML.xpath", "lxml.etree.HTML.xpath",
        "lxml.html.fromstring.xpath", "lxml.etree.parse.find", "lxml.etree.parse.findall", "lxml.etree.parse.findtext", "lxml.etree.parse.iterfind",
        "xml.etree.ElementTree.parse.find", "xml.etree.ElementTree.parse.findall", "xml.etree.ElementTree.parse.findtext", "xml.etree.ElementTree.parse.iterfind",
        "xml.etree.ElementTree.fromstring.find", "xml.etree.ElementTree.fromstring.findall", "xml.etree.ElementTree.fromstring.findtext",
        "xml.etree.ElementTree.fromstring.iterfind", "parsel.Selector.xpath", "lxml.etree.XPathEvaluator.evaluate",
    ]),
    row(Use::Xpath, At::Argument(1, "expression"), &["elementpath.select", "elementpath.iter_select", "elementpath.Selector.select"]),
    row(Use::Xpath, At::Argument(0, "expression"), &["elementpath.Selector", "libxml2.parseFile.xpathEval", "lxml.etree.XPathEvaluator"]),
    // Objects.
    row(Use::Objects, At::Argument(0, "data"), &[
        "pickle.loads", "pickle.load", "pickle.Unpickler", "cPickle.loads", "cPickle.load", "_pickle.loads", "dill.loads", "dill.load", "cloudpickle.loads", "cloudpickle.load",
        "joblib.load", "torch.load", "jsonpickle.decode", "jsonpickle.loads", "marshal.loads", "marshal.load", "shelve.open", "yaml.unsafe_load", "yaml.unsafe_load_all",
        "yaml.full_load", "ruamel.yaml.load", "pandas.read_pickle",
    ]),
    // Regular expressions.
    row(Use::Regex, At::Argument(0, "pattern"), &["re.compile", "re.match", "re.search", "re.fullmatch", "re.sub", "re.subn", "re.split", "re.findall", "re.finditer"]),
    // Sessions.
    row(Use::Session, At::Any, &[
        "flask.globals._Session.__setitem__", "flask.globals._Session.update", "flask.globals._Session.setdefault", "starlette.datastructures.Session.__setitem__",
    ]),
    // Logs.
    row(Use::Log, At::Any, &[
        "logging.debug", "logging.info", "logging.warning", "logging.warn", "logging.error", "logging.critical", "logging.exception", "logging.log",
        "logging.getLogger.debug", "logging.getLogger.info", "logging.getLogger.warning", "logging.getLogger.warn", "logging.getLogger.error",
        "logging.getLogger.critical", "logging.getLogger.exception", "logging.getLogger.log", "loguru.logger.debug", "loguru.logger.info",
        "loguru.logger.warning", "loguru.logger.error", "loguru.logger.exception", "structlog.get_logger.info",
    ]),
    row(Use::Log, At::Argument(0, "s"), &["open(.log).write"]),
    // Heads of answers and mails, where nothing refuses ends of lines.
    row(Use::Header, At::Head(2, "msg"), &["smtplib.SMTP.sendmail", "smtplib.SMTP_SSL.sendmail", "aiosmtplib.SMTP.sendmail"]),
    row(Use::Header, At::Argument(2, "value"), &["http.server.BaseHTTPRequestHandler.send_header"]),
    // Links that somebody else is sent.
    row(Use::Link, At::Any, &[
        "flask_mail.Mail.send", "flask_mail.Mail.send_message", "flask_mail.Connection.send", "smtplib.SMTP.sendmail", "smtplib.SMTP_SSL.sendmail", "smtplib.SMTP.send_message", "smtplib.SMTP_SSL.send_message",
        "aiosmtplib.send", "email.mime.text.MIMEText", "email.message.EmailMessage.set_content", "email.message.EmailMessage.add_alternative", "email.message.MIMEPart.set_content",
        "fastapi_mail.MessageSchema", "sendgrid.helpers.mail.Mail", "sendgrid.helpers.mail.Content", "resend.Emails.send", "yagmail.SMTP.send", "emails.html", "emails.Message",
        "postmarker.core.PostmarkClient.send",
    ]),
    minor(Use::Link, At::Argument(0, "location"), &["werkzeug.utils.redirect", "flask.redirect", "quart.redirect"]),
    minor(Use::Link, At::Argument(0, "url"), &["starlette.responses.RedirectResponse", "fastapi.responses.RedirectResponse"]),
    // Cells.
    row(Use::Cell, At::Any, &[
        "csv.writer.writerow", "csv.writer.writerows", "csv.DictWriter.writerow", "csv.DictWriter.writerows", "openpyxl.Workbook.append", "openpyxl.Workbook.cell",
        "openpyxl.load_workbook.append", "openpyxl.load_workbook.cell", "xlsxwriter.Workbook.write", "xlsxwriter.Workbook.write_row", "xlsxwriter.Workbook.write_column",
        "xlwt.Workbook.write", "tablib.Dataset.append",
    ]),
    row(Use::Cell, At::Receiver, &["pandas.DataFrame.to_csv", "pandas.DataFrame.to_excel", "polars.DataFrame.write_csv", "tablib.Dataset.export"]),
    // Instructions of language models.
    row(Use::Prompt, At::Instructions, super::sources::MODELS),
    row(Use::Prompt, At::Argument(0, "content"), &[
        "langchain_core.messages.SystemMessage", "langchain_core.messages.system.SystemMessage", "langchain.schema.SystemMessage", "langchain.schema.messages.SystemMessage",
        "langchain.prompts.SystemMessagePromptTemplate.from_template", "langchain_core.prompts.SystemMessagePromptTemplate.from_template",
    ]),
    row(Use::Prompt, At::Instructions, &[
        "google.generativeai.GenerativeModel", "vertexai.generative_models.GenerativeModel", "google.genai.types.GenerateContentConfig",
        "langchain_core.prompts.ChatPromptTemplate.from_messages", "langchain.prompts.ChatPromptTemplate.from_messages", "langchain_core.prompts.chat.ChatPromptTemplate.from_messages",
    ]),
    // XML that some versions of its parser read as it tells them.
    row(Use::Xml, At::Document(0, "text"), &["lxml.etree.fromstring", "lxml.etree.XML", "lxml.etree.parse", "lxml.etree.fromstringlist"]),
    row(Use::Xml, At::Argument(0, "docx"), &["docx.Document", "docx.api.Document", "openpyxl.load_workbook", "openpyxl.reader.excel.load_workbook"]),
    // Archives.
    row(Use::Archive, At::Unpacked(1), &["tarfile.open.extractall", "tarfile.TarFile.extractall", "tarfile.TarFile.open.extractall"]),
    row(Use::Archive, At::Unpacked(0), &[
        "tarfile.open.extract", "tarfile.TarFile.extract", "tarfile.TarFile.open.extract", "shutil.unpack_archive",
    ]),
    row(Use::Packed, At::Receiver, &[
        "zipfile.ZipFile.extractall", "zipfile.ZipFile.extract", "zipfile.ZipFile.read", "tarfile.open.extractall", "tarfile.TarFile.extractall",
        "tarfile.TarFile.open.extractall", "gzip.GzipFile.read", "gzip.open.read", "bz2.open.read", "lzma.open.read",
    ]),
    row(Use::Packed, At::Argument(0, "data"), &[
        "gzip.decompress", "zlib.decompress", "bz2.decompress", "lzma.decompress", "brotli.decompress", "zstandard.decompress", "snappy.decompress", "shutil.unpack_archive",
    ]),
];

/// The names that are noted.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    const ALSO: &[&str] = &["yaml.load", "yaml.load_all"];
    ROWS.iter().flat_map(|row| row.names).chain(ALSO).copied()
}
