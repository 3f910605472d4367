//! The commands that bring a failure about again, and where they did.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::held::Held;
use super::script_path;
use super::verdict::Verdict;
use crate::artifact::MATRIX_VERSION;
use crate::artifact::bundle::{ByShell, Commands, Environment};
use crate::artifact::folder::replay_command;
use crate::model::text::shell;
use crate::model::{CellEvidence, ExitCode, FailureDigest};

/// What a stage's environment has beyond that of the lane, without what is
/// there for the witness.
fn beyond_lane(cell: &CellEvidence) -> IndexMap<String, String> {
    let mut env = cell.env_delta.clone();
    env.retain(|name, _| !name.starts_with("GIT_TRACE2"));
    env
}

impl Held<'_> {
    /// The one command to run next: what failed again, else all that ran.
    /// What a trial altered only the trial can make again, and cells that
    /// did not run can only be run.
    pub(super) fn one_command(&self, verdict: &Verdict) -> String {
        let replay = self.replay();
        if verdict.exit == ExitCode::Outstanding {
            return self.rerun_command();
        }
        match (self.trial, &verdict.failure) {
            (Some(_), _) => replay,
            (None, Some(_)) => format!("{replay} --execute"),
            (None, None) => format!("{replay} --execute --all"),
        }
    }

    fn replay(&self) -> String {
        replay_command(self.folder.path(), &self.run_id)
    }

    /// What the run ran on.
    pub(super) fn environment(&self, verdict: &Verdict) -> Environment {
        let plan = verdict.record.as_ref();
        let tools = plan.map(|plan| &plan.tools).into_iter().flatten();
        let tools: BTreeMap<_, _> = tools
            .map(|(name, tool)| (name.clone(), tool.version.clone()))
            .collect();
        let source = verdict.source.as_ref();
        Environment {
            profile: self.gate.clone(),
            profile_sha256: plan.map(|plan| plan.profile_sha256.clone()),
            matrix_version: MATRIX_VERSION.to_owned(),
            tools,
            git_sha: source.map(|source| source.head.clone()),
            git_branch: source.and_then(|source| source.branch.clone()),
            os: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }

    /// How one failure is brought about again.
    pub(super) fn commands(&self, verdict: &Verdict, failure: &FailureDigest) -> Commands {
        let replay = self.replay();
        let Some(lane) = &failure.lane else {
            return Commands {
                matrix: self.one_command(verdict),
                shell: None,
                git: None,
            };
        };
        let script = script_path(lane);
        let has_script = verdict.scripts.iter().any(|(path, _)| *path == script);
        let cell = verdict.lanes.iter().find(|of| of.scenario == *lane);
        let cell = cell.and_then(|of| {
            of.cells
                .iter()
                .find(|cell| Some(&cell.stage) == failure.stage.as_ref())
        });
        let path = self.folder.runs().join(self.run_id.as_str()).join(&script);
        let source = verdict.source.as_ref().zip(verdict.record.as_ref());
        Commands {
            matrix: format!("{replay} --execute --lane {lane}"),
            shell: has_script.then(|| ByShell {
                command: format!("sh {} {}", shell(path), failure.step),
                script,
                cwd: "clone".to_owned(),
                env: cell.map(beyond_lane).unwrap_or_default(),
            }),
            git: source.map(|(source, plan)| {
                let (repo, folder) = (shell(&self.asked.repo), format!("matrix-{lane}"));
                let (branch, head) = (shell(&plan.branch), &source.head);
                format!(
                    "git clone --quiet --no-checkout {repo} {folder} && git -C {folder} checkout --quiet -B {branch} {head}"
                )
            }),
        }
    }
}
