//! The shape of the file, as serde reads it.
//!
//! Nothing is checked here except that every key is known and has the right kind of value.

use indexmap::IndexMap;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::inherits::RawInherits;
use super::or_false::{Expected, OrFalse};

pub(super) type Words = Spanned<Vec<Spanned<String>>>;
pub(super) type Env = IndexMap<Spanned<String>, Spanned<String>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) schema: Option<Spanned<i64>>,
    pub(super) gate: Option<Spanned<String>>,
    pub(super) package: Option<Spanned<String>>,
    pub(super) registry: Option<Spanned<String>>,
    pub(super) inherits: Option<Spanned<RawInherits>>,
    pub(super) companions: Option<Vec<Spanned<String>>>,
    pub(super) tools: Option<Vec<Spanned<String>>>,
    pub(super) pass_env: Option<Vec<Spanned<String>>>,
    pub(super) branch: Option<Spanned<String>>,
    pub(super) workdir: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<OrFalse<Vec<Spanned<String>>>>>,
    pub(super) hooks: Option<Vec<Spanned<String>>>,
    pub(super) server_hooks: Option<Spanned<String>>,
    pub(super) programs: Option<Vec<Spanned<String>>>,
    pub(super) configuration: Option<Vec<Spanned<String>>>,
    pub(super) install: Option<Vec<RawStep>>,
    pub(super) activate: Option<Vec<RawStep>>,
    pub(super) baseline: Option<RawBaseline>,
    pub(super) retention: Option<RawRetention>,
    pub(super) require: Option<RawRequire>,
    pub(super) fresh_clone: Option<bool>,
    #[serde(default)]
    pub(super) sabotage: Vec<RawSabotage>,
    #[serde(default)]
    pub(super) stage: IndexMap<Spanned<String>, OrFalse<RawStage>>,
    #[serde(default)]
    pub(super) scenario: IndexMap<Spanned<String>, OrFalse<RawScenario>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    pub(super) step: Spanned<String>,
    pub(super) run: Words,
    pub(super) workdir: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) env: Env,
    pub(super) timeout: Option<Spanned<String>>,
    pub(super) weight: Option<Spanned<i64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBaseline {
    pub(super) seed: Option<Words>,
    pub(super) installed_changes: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) env: Env,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRetention {
    pub(super) runs: Option<Spanned<i64>>,
    pub(super) mib: Option<Spanned<i64>>,
    pub(super) days: Option<Spanned<i64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRequire {
    pub(super) sandbox: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStage {
    pub(super) drive: Option<Spanned<String>>,
    pub(super) on: Option<Spanned<String>>,
    pub(super) run: Option<Words>,
    pub(super) args: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) workdir: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) env: IndexMap<Spanned<String>, Spanned<OrFalse<String>>>,
    pub(super) timeout: Option<Spanned<String>>,
    pub(super) network: Option<bool>,
    pub(super) weight: Option<Spanned<i64>>,
    pub(super) programs: Option<Vec<Spanned<String>>>,
    pub(super) marker: Option<Spanned<Value>>,
    pub(super) files: Option<RawFiles>,
    pub(super) evidence: Option<Spanned<RawEvidence>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFiles {
    pub(super) exist: Option<Vec<Spanned<String>>>,
    pub(super) new: Option<Vec<Spanned<String>>>,
    pub(super) unchanged: Option<Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvidence {
    pub(super) file: Option<Spanned<String>>,
    pub(super) assert: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    pub(super) overlay: Option<Spanned<String>>,
    pub(super) seed: Option<Words>,
    pub(super) remove: Option<Vec<Spanned<String>>>,
    pub(super) add: Option<Vec<Spanned<String>>>,
    pub(super) message: Option<Spanned<String>>,
    pub(super) tag: Option<Spanned<String>>,
    pub(super) delete: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) expect: IndexMap<Spanned<String>, Spanned<Value>>,
    pub(super) reason: Option<Spanned<Value>>,
    #[serde(default)]
    pub(super) marker: IndexMap<Spanned<String>, Spanned<Value>>,
    #[serde(default)]
    pub(super) files: IndexMap<Spanned<String>, RawFiles>,
    #[serde(default)]
    pub(super) evidence: IndexMap<Spanned<String>, Spanned<RawEvidence>>,
    pub(super) violation: Option<Spanned<Value>>,
}

impl Expected for RawStage {
    const WORDS: &str = "a table, or false";
}

impl Expected for RawScenario {
    const WORDS: &str = "a table, or false";
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSabotage {
    pub(super) id: Spanned<String>,
    pub(super) does: Spanned<String>,
    pub(super) why: Spanned<String>,
    pub(super) reference: Option<Spanned<String>>,
    pub(super) remedy: Spanned<String>,
    pub(super) refused_by: Option<Spanned<String>>,
    pub(super) gates: Option<Vec<String>>,
    pub(super) at: Option<Spanned<String>>,
    pub(super) run: Option<Words>,
    pub(super) workdir: Option<Spanned<String>>,
    pub(super) timeout: Option<Spanned<String>>,
    pub(super) network: Option<Spanned<bool>>,
    pub(super) on: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) skip: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) env: RawEnvs,
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) git: Vec<String>,
    #[serde(default)]
    pub(super) args: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEnvs {
    #[serde(default)]
    pub(super) install: Env,
    #[serde(default)]
    pub(super) activate: Env,
    #[serde(default)]
    pub(super) stage: Env,
}
