//! Applications that are made and served where a module is started as a script: `if __name__ == "__main__": web.run_app(app)`.

use std::sync::LazyLock;

use model::{Gap, GapKind};
use python::interp::Interp;
use python::program::FileId;
use python::value::Site;

use super::Called;
use crate::calls::script_statements;
use crate::frameworks::{SERVERS, gap_at};
use crate::project::{Role, role_of};

/// How what serves is.
static SERVED: LazyLock<Called> = LazyLock::new(|| Called::any_of(SERVERS));

const LIMITED: &str =
    "what this module does as a script takes more steps than are evaluated: its application may have more routes";
const FAILED: &str = "running this module as a script failed inside Doorward: please report it";

/// Runs the modules that serve an application as scripts, as far as they do that alone then.
pub(super) fn run(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    let program = interp.program();
    let own = program.files().filter(|(id, file)| !program.is_stub(*id) && role_of(&file.path) == Role::Source);
    let scripts: Vec<FileId> = own.map(|(id, _)| id).collect();
    for file in scripts {
        run_one(interp, file, gaps);
    }
}

fn run_one(interp: &mut Interp<'_>, file: FileId, gaps: &mut Vec<Gap>) {
    let source = interp.program().file(file);
    let code = &source.code;
    let serves = |span| SERVED.is_in(source.slice(span));
    let statements = script_statements(code);
    let Some(first) = statements.iter().map(|id| code.stmt_span(*id)).find(|span| serves(*span)) else { return };
    let site = Site { file, span: first };
    interp.refill();
    interp.run_module(file);
    interp.refill();
    match interp.recovering(|interp| interp.run_as_script(file, &statements)) {
        Some(true) => {}
        Some(false) => gaps.push(gap_at(interp, GapKind::EvaluationLimit, site, LIMITED.to_owned())),
        None => gaps.push(gap_at(interp, GapKind::Internal, site, FAILED.to_owned())),
    }
}
