//! The first step of a run: consumer and configuration are read, and nothing
//! is judged or executed yet.

use std::path::PathBuf;

use super::mode::Mode;
use super::request::Request;
use crate::artifact::folder::ArtifactsFolder;
use crate::config::{self, ConfigError};
use crate::model::{GateName, Profile};
use crate::sys::git::{Consumer, OpenOptions, Unsupported};

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
    let root = match &consumer {
        Ok(consumer) => Some(consumer.root().to_owned()),
        Err(unsupported) => unsupported.root.clone(),
    };
    let source = config::ConfigSource {
        repo_root: root.as_deref().unwrap_or(&request.consumer.repo),
        file: request.consumer.config.as_deref(),
        package: request.package.spec.as_ref(),
        package_base: &request.package.base,
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

impl Loaded {
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
