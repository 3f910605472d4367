//! The first step of a run: consumer and configuration are read, and nothing
//! is judged or executed yet.

use std::path::PathBuf;

use super::mode::Mode;
use super::request::Request;
use crate::artifact::folder::ArtifactsFolder;
use crate::config::{self, ConfigError};
use crate::model::{GateName, Profile};
use crate::planner;
use crate::sys::git::{Consumer, OpenOptions, Unsupported};
use crate::sys::secrets;

/// The consumer and its configuration, as far as they could be read.
pub struct Loaded {
    /// The consumer, or the reason why it cannot be used.
    pub consumer: Result<Consumer, Unsupported>,
    /// The consumer's top folder, if it was found.
    pub root: Option<PathBuf>,
    /// The configuration, or the reason why it cannot be used.
    pub profile: Result<Profile, ConfigError>,
    /// The gate's name; a guess if the configuration cannot be read.
    pub gate: GateName,
}

/// Reads the consumer and its configuration.
#[must_use]
pub fn load(request: &Request, mode: &Mode<'_>) -> Loaded {
    let options = OpenOptions {
        env: request.env.clone(),
        trust_filters: request.consumer.trust_filters,
    };
    let consumer = Consumer::open(&request.consumer.repo, &options);
    if let Ok(consumer) = &consumer {
        secrets::learn(&consumer.secrets());
    }
    let root = match &consumer {
        Ok(consumer) => Some(consumer.root().to_owned()),
        Err(unsupported) => unsupported.root.clone(),
    };
    let source = config::ConfigSource {
        repo_root: root.as_deref().unwrap_or(&request.consumer.repo),
        file: request.consumer.config.as_deref(),
        package: request.package.spec.as_ref(),
        package_base: &request.package.base,
        remote: Some(remote(request, mode)),
    };
    let profile = config::load(&source);
    let gate = match (mode.recorded(), &profile) {
        (Some(recorded), _) => recorded.gate.clone(),
        (None, Ok(profile)) => profile.gate.clone(),
        (None, Err(_)) => config::guess_gate(&source),
    };
    Loaded {
        consumer,
        root,
        profile,
        gate,
    }
}

/// Returns the access to what is inherited from repositories, at the commits of the run
/// that is replayed.
pub(super) fn remote<'a>(request: &'a Request, mode: &Mode<'a>) -> config::Remote<'a> {
    let plan = mode.recorded().and_then(|run| run.plan.as_ref());
    let pins = plan.map_or(&[][..], |plan| &plan.inherited);
    config::Remote::new(&request.env, &request.execution.work_dir, pins)
}

impl Loaded {
    /// The error of a flag or variable that names what does not exist, as long as nothing
    /// was touched.
    ///
    /// A configuration that is there and cannot be used is an error of the run.
    #[must_use]
    pub fn usage_error(&self, request: &Request, mode: &Mode<'_>) -> Option<String> {
        if mode.recorded().is_some() {
            // All of it was checked by the run that is replayed.
            return None;
        }
        let named = request.consumer.config.as_deref();
        let is_missing = named.is_some_and(|file| file.symlink_metadata().is_err());
        match &self.profile {
            Err(e) if is_missing || e.names_no_profile() => Some(e.to_string()),
            Err(_) => None,
            Ok(profile) => {
                let planned = planner::plan(profile, &request.selection);
                let unselectable = planned.err().map(|e| e.to_string());
                unselectable.or_else(|| Some(mode.trial()?.check(profile).err()?.to_string()))
            }
        }
    }

    /// The package as typed, by the user or in the configuration.
    #[must_use]
    pub fn package_spec(&self, request: &Request) -> Option<String> {
        let package = match &self.profile {
            Ok(profile) => profile.package.as_ref(),
            Err(_) => request.package.spec.as_ref(),
        };
        package.map(|spec| spec.as_str().to_owned())
    }

    /// The place of the artifacts folder; None if neither the user nor the
    /// consumer names one.
    #[must_use]
    pub fn artifacts(&self, request: &Request) -> Option<ArtifactsFolder> {
        if let Some(path) = &request.output.artifacts {
            return Some(ArtifactsFolder {
                path: path.clone(),
                inside: None,
            });
        }
        self.root.as_ref().map(|root| ArtifactsFolder {
            path: root.join("artifacts"),
            inside: Some(root.clone()),
        })
    }
}
