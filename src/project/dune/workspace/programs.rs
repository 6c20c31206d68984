//! The programs of the workspace, with the libraries on their command lines.

use super::{Loader, rewriter_names};
use crate::base::{Code, Idx, LibraryId, Place, Problem, Severity, UnitId, capitalise, name, uncapitalise};
use crate::project::build::UnitFlags;
use crate::project::cmxa::read_cmx;
use crate::project::dune::declare::{Buildable, ProgramsDecl};
use crate::project::dune::lang::Word;
use crate::project::dune::naming::{Wrapping, layout};
use crate::project::installed::link_order;
use crate::project::load;
use crate::project::model::{Generated, LibraryOrigin, Program, UnitSource};
use crate::project::stdlib::recorded;
use std::path::Path;

impl<'a> Loader<'a> {
    pub(super) fn add_programs(&mut self, only: &Path) {
        let declared = self.declared;
        // The programs and tests of what is vendored are built on request alone.
        let vendored = self.tree.vendored_dirs();
        for decl in &declared.programs {
            let rel = &self.tree.dirs[decl.common.dir].rel;
            if vendored.iter().any(|dir| rel.starts_with(dir) && !only.starts_with(dir)) {
                continue;
            }
            let is_of_first = |other: &ProgramsDecl| {
                let shares = |word: &Word| decl.names.iter().any(|name| name.text == word.text);
                let is_here = other.common.dir == decl.common.dir;
                is_here && other.common.context < decl.common.context && other.names.iter().any(shares)
            };
            // One for each of several contexts: that of the first of these is read.
            if decl.common.context > 0 && declared.programs.iter().any(is_of_first) {
                continue;
            }
            let is_asked_for = rel.starts_with(only);
            let is_built = |loader: &mut Self| {
                loader.is_enabled(&decl.common, "executable")
                    && (!decl.common.is_optional || loader.has_all(&decl.common))
            };
            if is_asked_for && is_built(self) {
                self.add_program(decl);
            }
        }
    }

    fn add_program(&mut self, decl: &'a ProgramsDecl) {
        let common = &decl.common;
        let start = self.builder.project.problems.len();
        let dir = &self.tree.dirs[common.dir];
        let title = |word: &Word| {
            let path = dir.rel.join(&word.text);
            path.components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join("/")
        };
        let Some(first) = decl.names.first() else {
            let problem = Problem::new(Severity::Error, Code::BrokenBuildFile, "this stanza has no name");
            self.builder.report(
                problem.at(&common.file, Some(common.at)).help("it was passed over; add `(name ..)`"),
            );
            return;
        };
        if decl.is_bytecode {
            let names: Vec<&str> = decl.names.iter().map(|name| name.text.as_str()).collect();
            let message = format!(
                "`{}` is built as bytecode alone, and shown as a native program would be",
                names.join("`, `")
            );
            let problem = Problem::new(Severity::Note, Code::Unsupported, message);
            let help = "`--profile bytecode` has the bytes of what is built";
            self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
        }
        let context = &self.tree.contexts[common.context];
        if common.context > 0 {
            let message = format!(
                "`{}` is built in context `{context}`, and shown as a program of this machine would be",
                decl.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join("`, `")
            );
            let problem = Problem::new(Severity::Note, Code::Unsupported, message);
            let help = "libraries and rules of that context count, where no context before it has them; C code, runtime and the form of the file are this machine's";
            self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
        }
        let requires = self.requires(common);
        let own = self.builder.library(&title(first), LibraryOrigin::Program, dir.path.clone());
        let package = self.package_of(common);
        let lang = self.tree.projects[dir.project].lang;
        let library = self.builder.library_mut(own);
        library.package = package;
        library.dune_lang = Some(lang);
        library.inlines_more = common.inlines_more;
        library.demands_interfaces = common.demands_interfaces;
        library.requires = requires;
        library.rewriters = rewriter_names(common);
        library.preprocessor = common.preprocessor.as_deref().map(name);
        self.close_requires(own);
        self.builder.library_mut(own).visible = self.visible(own, common);
        let (mut names, files) = self.stanza_modules(common);
        names.extend(common.root_module.clone());
        let is_wrapped = self.tree.projects[dir.project].wrapped_executables;
        let layout = layout(&names, &if is_wrapped { Wrapping::Executables } else { Wrapping::None });
        let units = self.add_units(own, common, &layout, &files);
        let (libraries, dynload) = self.linked_libraries(own, common);
        // dune writes a unit that tells findlib which packages are linked.
        let initl = dynload.is_some().then(|| {
            let source = UnitSource::Generated(Generated::default());
            self.builder.add_unit(own, name("Findlib_initl"), source, UnitFlags::generated())
        });
        for word in &decl.names {
            let module = capitalise(&word.text);
            let Some(&main) = units.get(&module) else {
                if let Some(file) = dir.file_of_dialect(&module) {
                    self.report_dialect(common, word, file);
                    continue;
                }
                let message = format!("the main module `{module}` has no file");
                let problem = Problem::new(Severity::Error, Code::MissingModule, message);
                let help = format!("add `{}.ml`, or correct the name", word.text);
                self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
                continue;
            };
            let project = &self.builder.project;
            let aliases = layout
                .aliases
                .iter()
                .filter_map(|(unit, _)| project.library(own).unit_by_name.get(&name(unit)));
            let own_units: Vec<UnitId> = aliases.copied().chain(initl).chain([main]).collect();
            self.note_objects(own, &dir.rel, &first.text);
            let linkall_place = common.linkall.clone().or_else(|| dynload.clone());
            self.builder.project.programs.push(Program {
                name: title(word),
                own,
                own_units,
                libraries: libraries.clone(),
                linkall: linkall_place.is_some(),
                linkall_place,
                context: Some(context.clone()).filter(|context| context != "default"),
            });
        }
        if common.has_foreign {
            let help = "what it takes comes on top; in a library beside the program it is measured";
            self.report_foreign(common, &first.text, help);
        }
        self.of_library(start, own, common);
    }

    /// Notes what the build has left of a program's own modules: their object files, and what they record.
    fn note_objects(&mut self, own: LibraryId, dir: &Path, stanza: &str) {
        let objects = dir.join(format!(".{stanza}.eobjs/native"));
        let built = self.tree.built(self.root, &objects, load::is_dir);
        if !load::is_dir(&built) {
            return;
        }
        for unit in self.builder.project.library(own).units.clone() {
            let unit_name = self.builder.project.unit(unit).name;
            let object = built.join(format!("{}.o", uncapitalise(&unit_name)));
            if !self.builder.is_of_this_compiler(&object.with_extension("cmx")) {
                return;
            }
            self.builder.note_object(unit, object.clone());
            // An alias module records nothing, whatever it has aliases for.
            let source = self.builder.project.unit(unit);
            if source.object.is_some() && !matches!(source.source, UnitSource::Generated(_)) {
                let cmx = load::read_bytes(&object.with_extension("cmx"), load::ARCHIVE_LIMIT);
                let known = cmx.ok().and_then(|bytes| read_cmx(&bytes).ok());
                let known = known.filter(|known| known.name == unit_name);
                self.builder.unit_mut(unit).recorded = known.as_ref().map(recorded);
            }
        }
    }

    /// The libraries on a program's command line, implementations of virtual ones included; and the place that asks
    /// for all units where `findlib.dynload` is among them (dune links those programs with `-linkall`).
    fn linked_libraries(&mut self, own: LibraryId, common: &Buildable) -> (Vec<LibraryId>, Option<Place>) {
        let mut roots = self.builder.project.library(own).requires.clone();
        loop {
            let libraries = &self.builder.project.libraries;
            let order = link_order(&roots, |id| &libraries[id.idx()].requires);
            let Some(implementation) = self.lacking_implementation(&order) else {
                let libraries = &self.builder.project.libraries;
                let has_dynload =
                    order.iter().any(|id| libraries[id.idx()].name.as_str() == "findlib.dynload");
                let place = has_dynload.then(|| Place { file: common.file.clone(), at: Some(common.at) });
                return (self.with_stdlib(self.implemented(&roots, &order)), place);
            };
            match implementation {
                Ok(id) => roots.push(id),
                Err(library) => {
                    let message = format!("no implementation of the virtual library `{library}` is linked");
                    let problem = Problem::new(Severity::Error, Code::MissingLibrary, message);
                    let help = "add one to `(libraries ..)`, or give it a `(default_implementation ..)`";
                    self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
                    return (self.with_stdlib(order), None);
                }
            }
        }
    }

    fn with_stdlib(&self, order: Vec<LibraryId>) -> Vec<LibraryId> {
        let stdlib = self.installed.stdlib;
        [stdlib].into_iter().chain(order.into_iter().filter(|&id| id != stdlib)).collect()
    }
}
