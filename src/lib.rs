//! Proves that a git gate lets good changes through and stops bad ones: at
//! commit, at push and in CI.
//!
//! The data goes through once and never back: a [`prepare::Request`] becomes a
//! [`model::Plan`], that a [`model::BoundPlan`], that lanes of steps; what
//! happens becomes [`model::event::Event`]s and evidence; the verdict is made
//! from the evidence and written by [`artifact`]. `docs/architecture.md`
//! draws the rooms and says who may use whom.

pub mod artifact;
pub mod assertion;
pub mod config;
pub mod diagnosis;
pub mod export;
pub mod init;
pub mod lane;
pub mod lockfile;
pub mod model;
pub mod mutation;
pub mod page;
pub mod planner;
pub mod preflight;
pub mod prepare;
pub mod replay;
pub mod report;
pub mod rerun;
pub mod reuse;
pub mod run;
pub mod runner;
pub mod schema;
pub mod sys;
pub mod triage;
pub mod trial;
pub mod verdict;
