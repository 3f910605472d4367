//! The words of the contract as types.
//!
//! Nothing here reads a file, starts a process or reads the clock: a test can build,
//! compare and serialise any of these values without a machine around it.

pub mod alteration;

pub mod cell_name;
pub mod change;
pub mod ci;
pub mod command;
pub mod event;
pub mod evidence;
pub mod exit_code;
pub mod expectation;
pub mod failure;
pub mod failure_digest;
pub mod file_patterns;
pub mod fresh_clone;
pub mod github;
pub mod kind;
pub mod names;
pub mod on;
pub mod package;
pub mod plan;
pub mod profile;
pub mod proof;
pub mod reason;
pub mod report_format;
pub mod request_record;
pub mod run_paths;
pub mod sabotage;
pub mod sandbox;
pub mod scenario;
pub mod shortage;
pub mod stage;
pub mod step;
pub mod step_id;
pub mod template;
pub mod text;
mod undecided;
pub mod witness;

pub use alteration::{Alteration, Point, Violation};

pub use cell_name::CellName;
pub use command::{CommandTemplate, Rendered};
pub use evidence::{CellEvidence, LaneEvidence, StepEvidence};
pub use exit_code::ExitCode;
pub use expectation::{ExitSet, Expectation};
pub use failure::{Failure, FailureClass, FailureDetail};
pub use failure_digest::{Cluster, DecisiveLine, FailureDigest};
pub use kind::Kind;
pub use names::{GateName, NameError, RunId, ScenarioName, StageName};
pub use on::On;
pub use package::{PackageResolved, PackageSpec, Registry};
pub use plan::{BoundPlan, Plan, PlannedScenario};
pub use profile::Profile;
pub use proof::{Proof, ProofEvidence};
pub use reason::{Reason, ReasonEvidence};
pub use request_record::RequestRecord;
pub use scenario::{Scenario, Seed};
pub use shortage::Shortage;
pub use stage::{Drive, Stage};
pub use step::ProfileStep;
pub use step_id::{BuiltinStep, StepId};
pub use template::{Placeholder, Template, Vars};
pub use witness::Witness;

/// The version of every format that `matrix` writes.
pub const SCHEMA_VERSION: u32 = 1;
