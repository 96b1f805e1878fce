//! What is raw beside the request: what third parties and language models answer, what comes through queues, the environment, and what a command is given. Who controls
//! them, or the way there, controls it; but for models that is for auditors.

use super::{RAW, Use};
use python::value::Labels;

/// Calls that give what somebody else wrote, by qualified names.
const ANSWERS: &[&str] = &[
    "requests.get",
    "requests.post",
    "requests.put",
    "requests.request",
    "requests.Session.get",
    "requests.Session.post",
    "requests.Session.request",
    "httpx.get",
    "httpx.post",
    "httpx.request",
    "httpx.Client.get",
    "httpx.Client.post",
    "httpx.Client.request",
    "httpx.AsyncClient.get",
    "httpx.AsyncClient.post",
    "httpx.AsyncClient.request",
    "aiohttp.ClientSession.get",
    "aiohttp.ClientSession.post",
    "aiohttp.ClientSession.request",
    "urllib.request.urlopen",
];

/// Calls that give what comes through a queue: whoever may put something there wrote it.
const MESSAGES: &[&str] = &[
    "kafka.KafkaConsumer",
    "kafka.KafkaConsumer.poll",
    "aiokafka.AIOKafkaConsumer",
    "aiokafka.AIOKafkaConsumer.getone",
    "confluent_kafka.Consumer.poll",
    "confluent_kafka.Consumer.consume",
    "pika.BlockingConnection.basic_get",
    "pika.BlockingConnection.consume",
    "aio_pika.connect.get",
    "aio_pika.connect_robust.get",
    "nats.connect.next_msg",
    "stomp.Connection.get",
    "pulsar.Client.receive",
    "azure.servicebus.ServiceBusClient.receive_messages",
];

/// What gives the variables of the environment, and fields of settings.
const ENVIRONMENT: &str = "os.environ";

/// What gives what a command is given: its line, and what is typed.
const COMMANDS: &[&str] = &[
    "sys.argv",
    "argparse.ArgumentParser.parse_args",
    "optparse.OptionParser.parse_args",
    "docopt.docopt",
    "input",
    "click.prompt",
    "typer.prompt",
    "questionary.text",
];

/// Calls that give what a language model answers: whoever writes to it, or what it reads, steers that.
#[rustfmt::skip]
pub(super) const MODELS: &[&str] = &[
    "openai.OpenAI.create", "openai.OpenAI.parse", "openai.AsyncOpenAI.create", "openai.AsyncOpenAI.parse", "openai.AzureOpenAI.create", "openai.AsyncAzureOpenAI.create",
    "openai.ChatCompletion.create", "openai.ChatCompletion.acreate", "openai.Completion.create", "openai.chat.completions.create", "openai.completions.create",
    "openai.responses.create", "anthropic.Anthropic.create", "anthropic.AsyncAnthropic.create", "anthropic.AnthropicBedrock.create", "litellm.completion",
    "litellm.acompletion", "litellm.text_completion", "ollama.chat", "ollama.generate", "ollama.Client.chat", "ollama.Client.generate", "ollama.AsyncClient.chat",
    "ollama.AsyncClient.generate", "groq.Groq.create", "groq.AsyncGroq.create", "mistralai.Mistral.complete", "mistralai.Mistral.complete_async",
    "mistralai.client.MistralClient.chat", "cohere.Client.chat", "cohere.ClientV2.chat", "together.Together.create",
    "google.generativeai.GenerativeModel.generate_content", "google.generativeai.GenerativeModel.generate_content_async",
    "google.generativeai.GenerativeModel.send_message", "vertexai.generative_models.GenerativeModel.generate_content", "google.genai.Client.generate_content",
    "google.genai.Client.send_message", "huggingface_hub.InferenceClient.chat_completion", "huggingface_hub.InferenceClient.text_generation",
    "langchain_openai.ChatOpenAI.invoke", "langchain_openai.ChatOpenAI.ainvoke", "langchain_openai.ChatOpenAI.predict", "langchain_openai.OpenAI.invoke",
    "langchain_openai.AzureChatOpenAI.invoke", "langchain_openai.AzureChatOpenAI.ainvoke", "langchain_anthropic.ChatAnthropic.invoke",
    "langchain_anthropic.ChatAnthropic.ainvoke", "langchain_ollama.ChatOllama.invoke", "langchain_ollama.OllamaLLM.invoke",
    "langchain_google_genai.ChatGoogleGenerativeAI.invoke", "langchain_community.chat_models.ChatOpenAI.invoke", "langchain_community.chat_models.ChatOpenAI.predict",
    "langchain_community.llms.Ollama.invoke", "langchain.chat_models.ChatOpenAI.invoke", "langchain.chat_models.ChatOpenAI.predict",
    "langchain.chat_models.init_chat_model.invoke", "langchain.llms.OpenAI.predict", "langchain.llms.OpenAI.invoke", "langchain.chains.LLMChain.run",
    "langchain.chains.LLMChain.predict",
];

/// Parts of such an answer that hold nothing of its text.
const BESIDE_TEXT: &[&str] =
    &["ok", "status_code", "status", "is_success", "is_error", "elapsed", "raise_for_status", "getcode"];

/// By which names those go.
pub(super) fn beside_text() -> impl Iterator<Item = String> {
    ANSWERS.iter().flat_map(|name| BESIDE_TEXT.iter().map(move |part| format!("{name}.{part}")))
}

/// The names, and what their results are raw for.
pub(super) fn giving() -> impl Iterator<Item = (&'static str, u32)> {
    let harmless = Use::Url.bits() | Use::Log.bits() | Use::Session.bits() | Use::Document.bits() | Use::Suffix.bits();
    let answers = ANSWERS.iter().map(move |name| (*name, RAW & !harmless & !Use::Link.bits() | Labels::FAR));
    let messages = MESSAGES.iter().map(move |name| (*name, RAW & !harmless & !Use::Link.bits() | Labels::FAR));
    answers.chain(messages).chain(MODELS.iter().map(|name| (*name, OF_MODELS)))
}

/// The names of what gives without a request, and what that is raw for. Who runs a program may do more than it does; what it does on their word is
/// worth a look.
pub(super) fn outside() -> impl Iterator<Item = (&'static str, u32)> {
    let commands = COMMANDS.iter().map(|name| (*name, RUN | Labels::FAR));
    commands.chain([(ENVIRONMENT, RUN | Use::Url.bits() | Labels::FAR)])
}

/// Whether it is the environment.
pub(super) fn is_environment(giver: &str) -> bool {
    giver == ENVIRONMENT
}

/// Whether it is what a command is given.
pub(super) fn is_command_line(giver: &str) -> bool {
    COMMANDS.contains(&giver)
}

/// Whether a function that something of this name decorates is a command, and its parameters what that is given.
pub(super) fn makes_command(decorator: &str) -> bool {
    matches!(decorator.split('.').next(), Some("click" | "rich_click" | "asyncclick" | "typer" | "cyclopts"))
}

/// By what a flow of such a parameter goes, where it is worth a look: `None` where it is not.
pub(super) fn of_command(flow: &super::Flow) -> Option<&'static str> {
    let giver = COMMANDS[0];
    let runs = flow.used_as.bits() & RUN == flow.used_as.bits();
    (runs && !flow.is_minor && !is_meant(giver, flow.used_as, &flow.by, false)).then_some(giver)
}

/// Whether what is given there is meant to be what it is used as. It names programs, modules and files: `$EDITOR`, `DJANGO_SETTINGS_MODULE`, a model to load.
pub(super) fn is_meant(giver: &str, used_as: Use, by: &str, is_whole: bool) -> bool {
    const MODULES: &[&str] = &[
        "importlib.import_module",
        "__import__",
        "runpy.run_path",
        "runpy.run_module",
        "werkzeug.utils.import_string",
        "django.utils.module_loading.import_string",
    ];
    const FILES: &[&str] = &["joblib.load", "torch.load", "shelve.open", "pandas.read_pickle"];
    const PROGRAMS: &[&str] =
        &["os.exec", "os.spawn", "os.posix_spawn", "os.startfile", "pty.spawn", "asyncio.create_subprocess_exec"];
    match used_as {
        Use::Command => is_environment(giver) && is_whole || PROGRAMS.iter().any(|begin| by.starts_with(begin)),
        Use::Code => MODULES.contains(&by),
        Use::Objects => FILES.contains(&by),
        _ => false,
    }
}

/// What runs, or becomes what runs.
const RUN: u32 = Use::Code.bits() | Use::Command.bits() | Use::Sql.bits() | Use::Objects.bits() | Use::Template.bits();

/// What the answer of a language model is raw for.
const OF_MODELS: u32 = RUN | Use::Path.bits() | Use::Html.bits();

/// What the values of a query are raw for that the query is not.
const OF_VALUES: u32 = Use::Url.bits() | Use::Redirect.bits();

/// Functions of libraries that read a file whose path they are given, or which is open.
pub(super) const READING: &[&str] = &[
    "tarfile.open",
    "tarfile.TarFile",
    "tarfile.TarFile.open",
    "zipfile.ZipFile",
    "shutil.unpack_archive",
    "docx.Document",
    "openpyxl.load_workbook",
    "pptx.Presentation",
    "lxml.etree.parse",
    "xml.etree.ElementTree.parse",
    "xml.sax.parse",
    "xml.dom.minidom.parse",
    "pandas.read_csv",
    "pandas.read_excel",
    "pandas.read_json",
    "pandas.read_pickle",
    "pickle.load",
    "dill.load",
    "cloudpickle.load",
    "joblib.load",
    "torch.load",
    "marshal.load",
    "json.load",
    "yaml.load",
    "yaml.load_all",
    "yaml.safe_load",
    "yaml.unsafe_load",
    "yaml.full_load",
    "tomllib.load",
    "csv.reader",
    "csv.DictReader",
];

/// What is raw for a use and holds what is raw for others, too: the names that a client gave the members of its archive, though what stands in a file
/// is not; the values of a query, which is no address itself.
pub(super) const HOLDING: &[(&str, u32, u32)] = &[
    ("urllib.parse.parse_qs", Use::Html.bits(), OF_VALUES),
    ("urllib.parse.parse_qsl", Use::Html.bits(), OF_VALUES),
    ("zipfile.ZipFile.namelist", Use::Archive.bits(), Use::Path.bits()),
    ("zipfile.ZipFile.filename", Use::Archive.bits(), Use::Path.bits()),
    ("zipfile.ZipFile.orig_filename", Use::Archive.bits(), Use::Path.bits()),
    ("tarfile.open.getnames", Use::Archive.bits(), Use::Path.bits()),
    ("tarfile.open.name", Use::Archive.bits(), Use::Path.bits()),
    ("tarfile.open.path", Use::Archive.bits(), Use::Path.bits()),
    ("tarfile.TarFile.getnames", Use::Archive.bits(), Use::Path.bits()),
    ("tarfile.TarFile.name", Use::Archive.bits(), Use::Path.bits()),
    ("tarfile.TarFile.open.getnames", Use::Archive.bits(), Use::Path.bits()),
    ("tarfile.TarFile.open.name", Use::Archive.bits(), Use::Path.bits()),
    ("rarfile.RarFile.namelist", Use::Archive.bits(), Use::Path.bits()),
    ("rarfile.RarFile.filename", Use::Archive.bits(), Use::Path.bits()),
    ("py7zr.SevenZipFile.getnames", Use::Archive.bits(), Use::Path.bits()),
];
