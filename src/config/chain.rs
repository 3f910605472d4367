//! A file with all that it inherits, merged.

use std::path::{Path, PathBuf};

use super::builtin::Builtin;
use super::error::{ConfigError, Result};
use super::file;
use super::inherits::{Inherited, is_local};
use super::layer::Layer;
use super::merge;
use super::overlay;
use super::source::ConfigSource;
use super::text::{Located, Location, Text};
use crate::model::Seed;
use crate::model::plan::InheritedFile;
use crate::model::text::{plain, shown};
use crate::sys::fs;
use crate::sys::git::{fetch_revision, without_credentials};

/// Reads files and what they inherit.
pub(super) struct Chain<'a> {
    source: &'a ConfigSource<'a>,
    /// The folder of the consumer's own file, which has its overlays.
    root: PathBuf,
    /// The texts, the innermost first.
    pub(super) texts: Vec<Text>,
    /// The files that were inherited, as they are recorded.
    pub(super) inherited: Vec<InheritedFile>,
    /// These files, and the overlays beside them.
    pub(super) files: Vec<PathBuf>,
    /// The built-in profile at the end of the chain.
    pub(super) builtin: Option<&'static Builtin>,
    /// True if a file names a package, or none.
    pub(super) is_configured: bool,
    /// True if a file lists the companions.
    pub(super) has_companions: bool,
    /// The files that are being read, with the place at which each inherits the next.
    open: Vec<(PathBuf, Location)>,
}

/// A file that is read.
struct Place {
    path: PathBuf,
    name: String,
    /// The folder that it may not lead out of, for one of a repository.
    within: Option<PathBuf>,
}

impl<'a> Chain<'a> {
    pub(super) fn new(source: &'a ConfigSource<'a>, root: PathBuf) -> Self {
        Self {
            source,
            root,
            texts: Vec::new(),
            inherited: Vec::new(),
            files: Vec::new(),
            builtin: None,
            is_configured: false,
            has_companions: false,
            open: Vec::new(),
        }
    }

    /// Reads the consumer's own file.
    pub(super) fn read_own(&mut self, path: &Path, name: String) -> Result<Layer> {
        let content = fs::read_text(path).map_err(|e| {
            ConfigError::whole(format!("{name} cannot be read: {e}"))
                .hint("give --config a TOML file; `matrix init` writes one")
        })?;
        let place = Place {
            path: path.to_owned(),
            name: name.clone(),
            within: None,
        };
        self.merged(Text { name, content }, &place)
    }

    /// Reads a built-in profile.
    pub(super) fn read_builtin(&mut self, builtin: &'static Builtin) -> Result<Layer> {
        let text = builtin.text();
        let layer = file::parse(&text)?;
        self.texts.push(text);
        self.builtin = Some(builtin);
        Ok(layer)
    }

    /// Parses a text and merges it over what it inherits.
    fn merged(&mut self, text: Text, place: &Place) -> Result<Layer> {
        let mut own = file::parse(&text)?;
        self.is_configured |= own.package.is_some();
        self.has_companions |= own.companions.is_some();
        let is_inherited = !self.open.is_empty();
        if is_inherited {
            self.find_overlays(&mut own, place)?;
        }
        let base = match own.inherits.take() {
            None => Layer::default(),
            Some(parent) => {
                let key = place
                    .path
                    .canonicalize()
                    .unwrap_or_else(|_| place.path.clone());
                self.open.push((key, parent.location.clone()));
                let base = self.base(&parent, place);
                self.open.pop();
                base.map_err(|e| e.inherited_at(&parent.location))?
            }
        };
        self.texts.push(text);
        merge::over(own, base)
    }

    fn base(&mut self, parent: &Located<Inherited>, child: &Place) -> Result<Layer> {
        let at = &parent.location;
        let place = match &parent.value {
            Inherited::Builtin(builtin) => return self.read_builtin(builtin),
            Inherited::Path(path) => self.beside(path, child, at)?,
            Inherited::Git {
                address,
                revision,
                path,
            } => self.fetched((address, revision, path), child, at)?,
        };
        let key = place
            .path
            .canonicalize()
            .unwrap_or_else(|_| place.path.clone());
        if let Some((_, first)) = self.open.iter().find(|(open, _)| *open == key) {
            let text = format!("{} inherits itself", place.name);
            return Err(ConfigError::at(at.clone(), text).hint(format!(
                "it inherits at {}:{}:{}, and is inherited here: remove one of the two",
                first.file, first.line, first.column
            )));
        }
        let content = fs::read_text(&place.path).map_err(|e| {
            let text = format!("{} cannot be read: {e}", place.name);
            ConfigError::at(at.clone(), text)
                .hint("name a TOML file, or a folder with a matrix.toml")
        })?;
        let name = place.name.clone();
        self.merged(Text { name, content }, &place)
    }

    /// Finds a file or folder that is named relative to the file that inherits it.
    fn beside(&mut self, path: &Path, child: &Place, at: &Location) -> Result<Place> {
        let named = with_name(fs::parent(&child.path).join(path));
        let real = named.canonicalize().unwrap_or_else(|_| named.clone());
        if let Some(within) = &child.within {
            if !real.starts_with(within) {
                let text = format!(
                    "{} leads out of its repository",
                    plain(&path.to_string_lossy())
                );
                return Err(
                    ConfigError::at(at.clone(), text).hint("name a file of the same repository")
                );
            }
            let below = real.strip_prefix(within).unwrap_or(&real);
            return Ok(Place {
                name: format!("{} ({})", shown(below), child.name),
                path: real,
                within: child.within.clone(),
            });
        }
        self.files.push(real.clone());
        let name = shown(real.strip_prefix(self.source.repo_root).unwrap_or(&real));
        self.inherited.push(InheritedFile {
            from: name.clone(),
            rev: None,
            commit: None,
            path: None,
        });
        Ok(Place {
            path: real,
            name,
            within: None,
        })
    }

    /// Finds a file or folder of a repository, which is fetched once.
    fn fetched(
        &mut self,
        (address, revision, path): (&str, &str, &Path),
        child: &Place,
        at: &Location,
    ) -> Result<Place> {
        let public = without_credentials(address);
        if child.within.is_some() && is_local(address) {
            // Its own folder is a cache, and it has no say in what else the machine holds.
            let text =
                format!("{public} is an address on this machine, in a profile that was fetched");
            return Err(ConfigError::at(at.clone(), text)
                .hint("name a host (https://…, ssh://…, git@HOST:…), or a path of the same repository without `git`"));
        }
        let is_relative = address.starts_with("./") || address.starts_with("../");
        let address = if is_relative {
            fs::parent(&child.path)
                .join(address)
                .to_string_lossy()
                .into_owned()
        } else {
            address.to_owned()
        };
        let public = without_credentials(&address);
        let wrong = |text: String| {
            ConfigError::at(at.clone(), format!("{public} cannot be fetched at {revision}: {text}"))
                .hint("see that the address and the revision are right, and that git can reach it; what was fetched once is used offline")
        };
        let Some(remote) = &self.source.remote else {
            return Err(wrong("there is no cache here".to_owned()));
        };
        let is_pinned =
            |pin: &&InheritedFile| pin.from == public && pin.rev.as_deref() == Some(revision);
        let pin = remote.pins.iter().find(is_pinned);
        let wanted = pin
            .and_then(|pin| pin.commit.as_deref())
            .unwrap_or(revision);
        let fetched = fetch_revision(remote.env, &remote.cache, &address, wanted).map_err(wrong)?;
        let folder = fetched.folder.canonicalize().unwrap_or(fetched.folder);
        let named = with_name(folder.join(path));
        let real = named.canonicalize().unwrap_or(named);
        if !real.starts_with(&folder) {
            return Err(wrong("its profile is a link out of it".to_owned()));
        }
        let file = shown(real.strip_prefix(&folder).unwrap_or(&real));
        self.inherited.push(InheritedFile {
            from: public.clone(),
            rev: Some(revision.to_owned()),
            commit: Some(fetched.commit),
            path: Some(file.clone()),
        });
        Ok(Place {
            path: real,
            name: format!("{public}@{revision}:{file}"),
            within: Some(folder),
        })
    }

    /// Finds overlays beside the file that names them, unless they are beside the
    /// consumer's own file.
    fn find_overlays(&mut self, layer: &mut Layer, place: &Place) -> Result<()> {
        for (name, scenario) in &mut layer.scenarios {
            let Some(seed) = scenario.value.seed.as_mut() else {
                continue;
            };
            let Seed::Overlay(overlay) = &mut seed.value else {
                continue;
            };
            let mut beside = fs::parent(&place.path).join(&*overlay);
            if !beside.is_dir() {
                continue;
            }
            if let Some(within) = &place.within {
                beside = overlay::within(&beside, within).map_err(|text| {
                    let text = format!("the overlay of scenario `{name}`: {text}");
                    ConfigError::at(seed.location.clone(), text)
                        .hint("a profile that was fetched brings files of its own repository alone")
                })?;
            }
            // No lane may have it, used or not.
            self.files.push(beside.clone());
            if !self.root.join(&*overlay).is_dir() {
                *overlay = beside;
            }
        }
        Ok(())
    }
}

fn with_name(path: PathBuf) -> PathBuf {
    if path.is_dir() {
        path.join("matrix.toml")
    } else {
        path
    }
}
