//! Where settings come from: what the client sends at first, its answers when it is asked, and what it sends when they change.
//!
//! Each folder may have settings of its own; the others have those that hold everywhere.

use super::client::Loud;
use super::convert::uri_of;
use super::loader::Job;
use super::settings::Settings;
use super::worker::Worker;
use super::workspace::Workspace;
use lsp_server::{RequestId, Response};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long the client may take to send its settings before the usual ones hold.
const PATIENCE: Duration = Duration::from_secs(3);

/// A request for settings: those of everything first, then those of each folder.
pub(super) struct Asked {
    id: RequestId,
    pub(super) until: Instant,
    roots: Vec<PathBuf>,
}

impl Worker {
    /// The client is ready: asks for settings, or starts with those that it has sent.
    pub(super) fn start(&mut self) {
        let general = self.read_settings(&self.initial.clone());
        self.folders.iter_mut().for_each(|folder| folder.settings = general.clone());
        self.settings = general;
        if self.client.can.configuration {
            self.ask_for_settings();
        } else {
            self.load_all(Job::Load);
        }
    }

    pub(super) fn ask_for_settings(&mut self) {
        let roots: Vec<PathBuf> = self.folders.iter().map(|folder| folder.root.clone()).collect();
        let scopes = roots.iter().map(|root| uri_of(root).map(|uri| uri.as_str().to_owned()));
        let scoped = scopes.map(|scope| json!({ "section": "unlith", "scopeUri": scope }));
        let items: Vec<Value> = std::iter::once(json!({ "section": "unlith" })).chain(scoped).collect();
        let id = self.client.ask("workspace/configuration", json!({ "items": items }));
        self.configuration = Some(Asked { id, until: Instant::now() + PATIENCE, roots });
    }

    pub(super) fn response(&mut self, response: Response) {
        let is_meant = |asked: &mut Asked| asked.id == response.id;
        let Some(asked) = self.configuration.take_if(is_meant) else { return };
        let all = response.result.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let answered = |at: usize| all.get(at).filter(|value| !value.is_null());
        let general =
            answered(0).map_or_else(|| self.settings.clone(), |section| self.read_settings(section));
        let mut of_folders = vec![general.clone(); self.folders.len()];
        for (root, at) in asked.roots.iter().zip(1..) {
            let folder = self.folders.iter().position(|folder| folder.root == *root);
            if let (Some(folder), Some(section)) = (folder, answered(at))
                && Some(section) != answered(0)
            {
                of_folders[folder] = self.read_settings(section);
            }
        }
        self.settled(general, of_folders);
    }

    /// Reads settings, and says what is not understood.
    fn read_settings(&self, value: &Value) -> Settings {
        let (settings, doubts) = Settings::read(value);
        if !doubts.is_empty() {
            self.client.show(Loud::Warning, &doubts.join("; "));
        }
        settings
    }

    /// Takes settings that hold everywhere.
    pub(super) fn take_settings(&mut self, value: &Value) {
        let general = self.read_settings(value);
        let of_folders = vec![general.clone(); self.folders.len()];
        self.settled(general, of_folders);
    }

    /// Does what new settings ask for.
    pub(super) fn settled(&mut self, general: Settings, of_folders: Vec<Settings>) {
        self.settings = general;
        let mut is_changed = false;
        for (at, new) in of_folders.into_iter().enumerate() {
            let folder = &mut self.folders[at];
            let old = std::mem::replace(&mut folder.settings, new);
            let is_unread = folder.workspace.is_none() && !folder.is_loading();
            if is_unread || folder.settings.needs_reload(&old) {
                self.load(at, Job::Load);
            } else if folder.settings != old {
                folder.workspace.iter_mut().for_each(Workspace::forget_offers);
                is_changed = true;
            }
        }
        if is_changed {
            self.look_at_all();
            self.client.refresh();
        }
    }
}
