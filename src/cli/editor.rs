//! The command line's answers for the language server: the same text, from what the server holds already.

use super::find::find;
use super::output;
use super::pipeline::Run;
use super::why;
use crate::report;
use crate::resolve::Texts;

pub(crate) use super::pipeline::Lent;

/// How an audit is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AuditForm {
    Text,
    Json,
    Markdown,
}

/// What is asked of the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Question {
    /// `unlith why NAME`.
    Why(String),
    /// `unlith audit`, of the executables of these names; of all when there is none.
    Audit(AuditForm, Vec<String>),
}

/// Lines of each table of a report.
const N_ROWS: usize = 10;

/// Answers a question, and gives back what was lent for it. Sources are what `texts` says.
pub(crate) fn answer(lent: Lent, question: &Question, texts: &dyn Texts) -> (Lent, Result<String, String>) {
    let run = Run::from_lent(lent);
    let answer = match question {
        Question::Why(name) => why(&run, name),
        Question::Audit(form, exes) => audit(&run, *form, exes, texts),
    };
    let answer = answer.map(|text| anstream::adapter::strip_str(&text).to_string());
    (run.into_lent(), answer.map_err(|error| super::failure::with_help(&error)))
}

fn why(run: &Run, name: &str) -> anyhow::Result<String> {
    let mut texts = Vec::new();
    let programs = run.programs()?;
    let mut unlinked = Vec::new();
    for linked in &programs {
        let question = find(run, &linked.linked.units, name)?;
        if linked.linked.contains(question.unit) {
            texts.push(why::usual(run, linked, question));
        } else {
            unlinked.push(linked.program.name.as_str());
        }
    }
    if !unlinked.is_empty() {
        texts.push(format!("{name} is not linked into {}\n", unlinked.join(", ")));
    }
    Ok(texts.join("\n"))
}

fn audit(run: &Run, form: AuditForm, exes: &[String], texts: &dyn Texts) -> anyhow::Result<String> {
    let mut programs = run.programs()?;
    if !exes.is_empty() {
        programs.retain(|linked| exes.contains(&linked.program.name));
    }
    run.propose(&mut programs);
    let n_shown = match form {
        AuditForm::Text | AuditForm::Markdown => N_ROWS,
        AuditForm::Json => usize::MAX,
    };
    run.check_patches_of(&mut programs, n_shown, texts);
    let audit = run.audit(&programs);
    Ok(match form {
        AuditForm::Text => report::text::text(&audit, N_ROWS),
        AuditForm::Markdown => report::markdown::audit(&audit, N_ROWS),
        AuditForm::Json => output::json(&audit)?,
    })
}
