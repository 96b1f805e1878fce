//! What TLS is made of: files that the policy or a flag names, or a certificate made up for this machine.

use std::fs;
use std::path::{Path, PathBuf};

use ::guard::{CertificateText, TlsMaterial};
use model::Secret;
use policy::{SecretRef, TlsVersion};
use rcgen::{CertificateParams, KeyPair};

use super::{Given, file_of};
use crate::arguments::{Guard, GuardTls};
use crate::outcome::{Exit, Failure};
use crate::output::palette::{OPEN, paint};
use crate::output::text::shown;
use crate::streams::Streams;

/// For whom a made-up certificate is.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// TLS as flags and policy have it. A made-up certificate stays the same while the gateway runs.
#[derive(Default)]
pub(super) struct Source {
    made_up: Option<CertificateText>,
}

impl Source {
    /// Reads the files, or makes a certificate up.
    pub(super) fn material(
        &mut self,
        flags: &Guard,
        given: &Given,
        streams: &Streams,
    ) -> Result<Option<TlsMaterial>, Failure> {
        let of_policy =
            given.policy.as_ref().and_then(|policy| policy.listen.as_ref()).and_then(|one| one.tls.as_ref());
        let client_ca = of_policy.and_then(|tls| tls.client_ca.as_deref());
        let certificates = match (&flags.tls, of_policy) {
            (Some(GuardTls::SelfSigned), _) => vec![self.made_up(given, streams)?],
            (Some(GuardTls::Files(certificate, key)), _) => {
                vec![text_of(certificate, &SecretRef::File(key.display().to_string()), streams)?]
            }
            (None, Some(tls)) => {
                let more = tls.certificates.iter().map(|one| (&one.certificate, &one.key));
                let all = [(&tls.certificate, &tls.key)].into_iter().chain(more);
                all.map(|(certificate, key)| text_of(Path::new(certificate), key, streams)).collect::<Result<_, _>>()?
            }
            (None, None) => return Ok(None),
        };
        let client_ca = match client_ca {
            Some(file) => Some((file.to_owned(), read(Path::new(file), "listen.tls.client_ca")?)),
            None => None,
        };
        let minimum = of_policy.and_then(|tls| tls.minimum).unwrap_or(TlsVersion::Tls12);
        Ok(Some(TlsMaterial { certificates, client_ca, minimum }))
    }

    /// A certificate that nobody vouches for: on this machine alone, because elsewhere it teaches people to click warnings away.
    fn made_up(&mut self, given: &Given, streams: &Streams) -> Result<CertificateText, Failure> {
        if !given.listen.ip().is_loopback() {
            return Err(Failure::usage(format!("`--tls self-signed` on {}, which others can reach", given.listen))
                .hint("give `--tls CERT,KEY` a certificate that clients trust, or listen on 127.0.0.1"));
        }
        if let Some(known) = &self.made_up {
            return Ok(known.clone());
        }
        let failed = |error: rcgen::Error| Failure::new(Exit::Internal, format!("a certificate: {error}"));
        let key = KeyPair::generate().map_err(failed)?;
        let params = CertificateParams::new(LOCAL_NAMES.map(str::to_owned)).map_err(failed)?;
        let chain = params.self_signed(&key).map_err(failed)?.pem();
        let file = std::env::temp_dir().join(format!("doorward-{}.pem", std::process::id()));
        match fs::write(&file, &chain) {
            Ok(()) => streams.remark(&format!(
                "{} the certificate is made up and ends with this process; to trust it: curl --cacert {file}, or in Python \
                 ssl.create_default_context(cafile=\"{file}\")",
                paint(OPEN, "note:"),
                file = file.display()
            )),
            Err(error) => streams.remark(&format!(
                "{} the certificate is made up; `{}` cannot be written ({error}), so that nobody can trust it",
                paint(OPEN, "note:"),
                file.display()
            )),
        }
        let key = Secret::new(key.serialize_pem().into_bytes());
        let made = CertificateText { name: "self-signed".to_owned(), chain: chain.into_bytes(), key };
        Ok(self.made_up.insert(made).clone())
    }
}

/// The files that TLS is read from.
pub(super) fn files(flags: Option<&GuardTls>, given: &Given) -> Vec<PathBuf> {
    if let Some(GuardTls::Files(certificate, key)) = flags {
        return vec![certificate.clone(), key.clone()];
    }
    let tls = given.policy.as_ref().and_then(|policy| policy.listen.as_ref()).and_then(|listen| listen.tls.as_ref());
    let certificates = tls.iter().flat_map(|tls| {
        let more = tls.certificates.iter().map(|one| (&one.certificate, &one.key));
        [(&tls.certificate, &tls.key)].into_iter().chain(more)
    });
    let of_certificates = certificates.flat_map(|(certificate, key)| [Some(PathBuf::from(certificate)), file_of(key)]);
    let client_ca = tls.and_then(|tls| tls.client_ca.as_ref()).map(PathBuf::from);
    of_certificates.flatten().chain(client_ca).collect()
}

/// The files that TLS to the application is read from.
pub(super) fn upstream_files(given: &Given) -> Vec<PathBuf> {
    let all = given.upstreams().filter_map(|upstream| upstream.tls.as_ref());
    let files = all.flat_map(|tls| {
        let paths = [tls.ca.as_ref().map(PathBuf::from), tls.certificate.as_ref().map(PathBuf::from)];
        paths.into_iter().flatten().chain(tls.key.as_ref().and_then(file_of))
    });
    files.collect()
}

fn text_of(certificate: &Path, key: &SecretRef, streams: &Streams) -> Result<CertificateText, Failure> {
    let name = certificate.display().to_string();
    let chain = read(certificate, "listen.tls.certificate")?;
    let key = match key {
        SecretRef::File(file) => {
            let bytes = read(Path::new(file), "listen.tls.key")?;
            if is_read_by_others(Path::new(file)) {
                let mode = format!("chmod 600 {}", shown(file));
                streams.remark(&format!(
                    "{} others than its owner can read the key `{}`: {mode}",
                    paint(OPEN, "note:"),
                    shown(file)
                ));
            }
            bytes
        }
        SecretRef::Env(name) => std::env::var(name.as_str())
            .map_err(|_| Failure::usage(format!("`listen.tls.key`: the variable `{}` is not set", name.as_str())))?
            .into_bytes(),
    };
    Ok(CertificateText { name, chain, key: Secret::new(key) })
}

fn read(file: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| {
        Failure::usage(format!("`{what}`: `{}` cannot be read: {error}", file.display())).hint(
            "the path counts from the folder in which the gateway is started, and its user must be able to read it",
        )
    })
}

#[cfg(unix)]
fn is_read_by_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn is_read_by_others(_: &Path) -> bool {
    false
}
