//! Open documents: their texts, versions, and the names that the client has for them.

use super::convert::{Text, path_of};
use super::overlay::Overlay;
use lsp_types::{Range, Uri};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// One open document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Document {
    /// As the client names it.
    pub(super) uri: Uri,
    pub(super) version: Option<i32>,
}

/// All open documents.
pub(super) struct Documents {
    pub(super) open: BTreeMap<PathBuf, Document>,
    pub(super) texts: Overlay,
}

/// Returns the path that a URI means, links resolved where it is there.
pub(super) fn real_path(uri: &str) -> Option<PathBuf> {
    let path = path_of(&Uri::from_str(uri).ok()?)?;
    Some(real(&path))
}

/// Returns a path with its links resolved; of a file that is not there, those of its directory.
pub(super) fn real(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    match (path.parent().map(Path::canonicalize), path.file_name()) {
        (Some(Ok(dir)), Some(name)) => dir.join(name),
        _ => path.to_path_buf(),
    }
}

/// The URI of the document that parameters are about.
pub(super) fn uri_in(params: &Value) -> Option<&str> {
    params.pointer("/textDocument/uri")?.as_str()
}

impl Documents {
    pub(super) fn new(texts: Overlay) -> Self {
        Documents { open: BTreeMap::new(), texts }
    }

    /// Takes a document that the client has opened. Returns its path.
    pub(super) fn open(&mut self, params: &Value) -> Option<PathBuf> {
        let uri = uri_in(params)?;
        let path = real_path(uri)?;
        let text = params.pointer("/textDocument/text")?.as_str()?;
        self.open.insert(path.clone(), Document { uri: Uri::from_str(uri).ok()?, version: version(params) });
        self.texts.put(path.clone(), Arc::new(Text::new(text.to_owned())));
        Some(path)
    }

    /// Takes changes of an open document. Returns its path.
    pub(super) fn change(&mut self, params: &Value) -> Option<PathBuf> {
        let path = real_path(uri_in(params)?)?;
        let document = self.open.get_mut(&path)?;
        document.version = version(params).or(document.version);
        let mut text = self.texts.buffer(&path).map(|text| Text::clone(text)).unwrap_or_default();
        for change in params.get("contentChanges")?.as_array()? {
            let Some(new) = change.get("text").and_then(Value::as_str) else { continue };
            let range = change.get("range").filter(|range| !range.is_null());
            match range.map(|range| serde_json::from_value::<Range>(range.clone())) {
                None => text.edit(None, new),
                Some(Ok(range)) => text.edit(Some(range), new),
                Some(Err(error)) => eprintln!("unlith lsp: a change has no range: {error}"),
            }
        }
        self.texts.put(path.clone(), Arc::new(text));
        Some(path)
    }

    /// Forgets a document that the client has closed: from now on the file on disk counts.
    pub(super) fn close(&mut self, params: &Value) -> Option<(PathBuf, Document)> {
        let path = real_path(uri_in(params)?)?;
        let document = self.open.remove(&path)?;
        self.texts.remove(&path);
        Some((path, document))
    }

    /// Returns the name of a file, as the client has it where it is open.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        match self.open.get(path) {
            Some(document) => Some(document.uri.clone()),
            None => super::convert::uri_of(path),
        }
    }
}

fn version(params: &Value) -> Option<i32> {
    params.pointer("/textDocument/version")?.as_i64()?.try_into().ok()
}
