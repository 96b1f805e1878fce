//! What leaves the application: processes, files, requests, mail.

use model::{Effect, OutsideEffect};

/// Makes the effect that a call is.
type Make = fn(OutsideEffect) -> Effect;

/// Calls that leave the application, by the begin of their qualified name.
const CALLS: &[(&str, Make)] = &[
    ("subprocess.", Effect::Process),
    ("asyncio.create_subprocess", Effect::Process),
    ("asyncio.subprocess.", Effect::Process),
    ("os.system", Effect::Process),
    ("os.popen", Effect::Process),
    ("os.exec", Effect::Process),
    ("os.spawn", Effect::Process),
    ("pty.spawn", Effect::Process),
    ("open", Effect::File),
    ("io.open", Effect::File),
    ("os.remove", Effect::File),
    ("os.unlink", Effect::File),
    ("os.rename", Effect::File),
    ("os.makedirs", Effect::File),
    ("os.mkdir", Effect::File),
    ("os.rmdir", Effect::File),
    ("shutil.", Effect::File),
    ("aiofiles.", Effect::File),
    ("anyio.open_file", Effect::File),
    ("pathlib.Path", Effect::File),
    ("zipfile.ZipFile", Effect::File),
    ("tarfile.", Effect::File),
    ("django.core.files.storage.", Effect::File),
    ("requests.", Effect::OutboundHttp),
    ("httpx.", Effect::OutboundHttp),
    ("aiohttp.", Effect::OutboundHttp),
    ("urllib.request.", Effect::OutboundHttp),
    ("urllib3.", Effect::OutboundHttp),
    ("boto3.", Effect::OutboundHttp),
    ("smtplib.", Effect::Mail),
    ("django.core.mail.send_m", Effect::Mail),
    ("django.core.mail.mail_", Effect::Mail),
    ("django.core.mail.Email", Effect::Mail),
    ("aiosmtplib.", Effect::Mail),
    ("fastapi_mail.", Effect::Mail),
    ("emails.", Effect::Mail),
    ("sendgrid.", Effect::Mail),
    ("resend.", Effect::Mail),
    ("twilio.", Effect::Mail),
    ("flask_mail.", Effect::Mail),
    ("postmarker.", Effect::Mail),
    ("mailjet_rest.", Effect::Mail),
    ("sparkpost.", Effect::Mail),
    ("stripe.", Effect::Money),
    ("braintree.", Effect::Money),
    ("paypalrestsdk.", Effect::Money),
    ("paypalcheckoutsdk.", Effect::Money),
    ("square.", Effect::Money),
    ("razorpay.", Effect::Money),
    ("Adyen.", Effect::Money),
    ("adyen.", Effect::Money),
    ("mollie.", Effect::Money),
    ("plaid.", Effect::Money),
];

/// A duration: how long a token is valid.
const DURATION: &str = "datetime.timedelta";

/// The names that are watched.
pub(crate) const WATCHED: &[&str] = &{
    let mut names = [DURATION; CALLS.len() + 1];
    let mut index = 0;
    while index < CALLS.len() {
        names[index] = CALLS[index].0;
        index += 1;
    }
    names
};

/// What a call is.
pub(super) fn of(call: &str, effect: OutsideEffect) -> Option<Effect> {
    let is = |(begin, _): &&(&str, Make)| call.starts_with(begin) && (*begin != "open" || call == "open");
    // Exceptions are named when they are caught, and called by nobody who does harm.
    let is_error = call.ends_with("Error") || call.ends_with("Exception");
    // What only describes a connection makes none.
    let is_part = ["requests.auth.", "requests.adapters."].iter().any(|begin| call.starts_with(begin));
    CALLS.iter().find(is).filter(|_| !is_error && !is_part).map(|(_, make)| make(effect))
}
