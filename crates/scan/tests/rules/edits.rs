//! Edits that mend findings, applied to the files.

use crate::project::scanned_files;
use model::FixSafety;

/// A file after the edits of the one finding of a rule, and how safe they are.
#[track_caller]
fn mended(rule: &str, text: &str) -> (String, FixSafety) {
    let report = scanned_files([("main.py", text)]);
    let found: Vec<_> = report.findings.iter().filter(|finding| &*finding.rule == rule).collect();
    let [finding] = found.as_slice() else { panic!("{} findings", found.len()) };
    let fix = finding.fix.as_ref().unwrap();
    let mut mended = text.to_owned();
    for edit in fix.edits.iter().rev() {
        assert_eq!(&*edit.file, "main.py");
        mended.replace_range(edit.start..edit.end, &edit.text);
    }
    (mended, fix.safety)
}

#[test]
fn yaml_is_loaded_safely() {
    const TEXT: &str = "\
\u{feff}import yaml
from fastapi import FastAPI, Request

app = FastAPI()


@app.post('/import')
async def load(request: Request):
    return {'größe': yaml.load(await request.body(), Loader=yaml.Loader)}
";
    let (text, safety) = mended("user-input-deserialized", TEXT);
    assert_eq!(
        text,
        TEXT.replace("yaml.load(await request.body(), Loader=yaml.Loader)", "yaml.safe_load(await request.body())")
    );
    assert_eq!(safety, FixSafety::Unsafe);
}

#[test]
fn what_no_other_call_replaces_is_told_in_words() {
    let text = "\
import pickle
from fastapi import FastAPI, Request

app = FastAPI()


@app.post('/import')
async def load(request: Request):
    return pickle.loads(await request.body())
";
    assert_eq!(mended("user-input-deserialized", text), (text.to_owned(), FixSafety::Text));
}
