//! The last pass before a run that failed, and what differs between the two.

use std::path::Path;

use crate::artifact::reader::{History, ReadError, StoredRun};
use crate::artifact::run_folder::Run;
use crate::artifact::summary::FinalVerdict;
use crate::model::package::PackageResolved;
use crate::model::text::shell;
use crate::model::{BoundPlan, Kind, RunId};

/// The last pass before a run, as long as it is in the same artifacts folder.
#[derive(Debug, Clone)]
pub struct LastPass {
    /// Its id.
    pub run_id: RunId,
    /// When it ended, UTC.
    pub ended_at: String,
    /// Each difference: its name, then and now.
    pub differences: Vec<Difference>,
    /// The command that lists the commits between the runs.
    pub commits: Option<String>,
}

/// A difference between two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub what: String,
    /// In the earlier run; None if it has none.
    pub then: Option<String>,
    /// In the later run.
    pub now: Option<String>,
}

impl LastPass {
    /// Finds it for a run of the contract that failed; None if there is none, or it cannot
    /// be read.
    ///
    /// # Errors
    /// If the plan of the run itself is not what it was.
    pub fn before(stored: &StoredRun) -> Result<Option<Self>, ReadError> {
        let run = stored.run();
        if run.kind != Kind::Matrix || run.final_verdict != FinalVerdict::Fail {
            return Ok(None);
        }
        let Some(artifacts) = stored.path().parent().and_then(Path::parent) else {
            return Ok(None);
        };
        let history = History::new(artifacts);
        let older = history
            .complete()
            .skip_while(|head| head.run_id != run.run_id)
            .skip(1);
        let passed = older
            .filter(|head| head.kind == Kind::Matrix && head.gate == run.gate.as_str())
            .find(|head| head.final_verdict == FinalVerdict::Pass);
        let Some(then) = passed.and_then(|head| history.open(&head.run_id).ok()) else {
            return Ok(None);
        };
        let Ok(plan) = then.plan() else {
            return Ok(None);
        };
        let now = stored.has_plan().then(|| stored.plan()).transpose()?;
        Ok(Some(Self::new(then.run(), &plan, run, now.as_ref())))
    }

    fn new(then: &Run, plan: &BoundPlan, run: &Run, now: Option<&BoundPlan>) -> Self {
        let mut differences = Vec::new();
        let mut add = |what: &str, then: Option<String>, now: Option<String>| {
            if then != now {
                let what = what.to_owned();
                differences.push(Difference { what, then, now });
            }
        };
        let head = |run: &Run| run.source.as_ref().map(|source| source.head.clone());
        add("commit", head(then), head(run));
        let package = |run: &Run| {
            let text = |package: &PackageResolved| format!("{} {}", package.name, package.version);
            run.package_resolved.as_ref().map(text)
        };
        add("package", package(then), package(run));
        let version = |run: &Run| Some(run.matrix_version.clone());
        add("matrix", version(then), version(run));
        if let Some(now) = now {
            of_plans(plan, now, &mut add);
        }
        let commits = head(then).zip(head(run)).filter(|(then, now)| then != now);
        Self {
            run_id: then.run_id.clone(),
            ended_at: then.generated_at_utc.clone(),
            differences,
            commits: commits.map(|(then, now)| {
                let repo = shell(&run.asked.repo);
                format!("git -C {repo} log --oneline {then}..{now}")
            }),
        }
    }
}

/// Adds the differences of two plans: configuration, scenarios, tools and sandbox.
fn of_plans(
    then: &BoundPlan,
    now: &BoundPlan,
    add: &mut impl FnMut(&str, Option<String>, Option<String>),
) {
    let short = |digest: &String| digest.chars().take(12).collect::<String>();
    add(
        "configuration",
        Some(short(&then.profile_sha256)),
        Some(short(&now.profile_sha256)),
    );
    let digest = |plan: &BoundPlan, name| plan.overlays_sha256.get(name).map(short);
    let others = then.overlays_sha256.keys();
    let gone = others.filter(|name| !now.overlays_sha256.contains_key(*name));
    for name in now.overlays_sha256.keys().chain(gone) {
        add(
            &format!("scenario {name}"),
            digest(then, name),
            digest(now, name),
        );
    }
    let version = |plan: &BoundPlan, name| {
        let tool = plan.tools.get(name);
        tool.and_then(|tool| tool.version.clone())
    };
    let gone = then.tools.keys();
    let gone = gone.filter(|name| !now.tools.contains_key(*name));
    for name in now.tools.keys().chain(gone) {
        add(name, version(then, name), version(now, name));
    }
    let sandbox = |plan: &BoundPlan| Some(plan.isolation.sandbox.describe());
    add("sandbox", sandbox(then), sandbox(now));
}
