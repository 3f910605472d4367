//! Merges one layer over another.

use indexmap::IndexMap;

use super::drops;
use super::error::Result;
use super::layer::{Drops, Layer, ProofLayer, RetentionLayer, ScenarioLayer, StageLayer};
use super::text::Located;

/// Returns the values of `own`, else those of `base`.
///
/// Lists are replaced whole; stages and scenarios are merged key by key, those of the
/// base first.
///
/// # Errors
/// If `own` drops what `base` does not have, or uses what it drops itself.
pub(super) fn over(own: Layer, mut base: Layer) -> Result<Layer> {
    drops::apply(&own, &mut base)?;
    Ok(Layer {
        gate: own.gate.or(base.gate),
        package: own.package.or(base.package),
        registry: own.registry.or(base.registry),
        inherits: own.inherits.or(base.inherits),
        companions: own.companions.or(base.companions),
        tools: own.tools.or(base.tools),
        pass_env: own.pass_env.or(base.pass_env),
        branch: own.branch.or(base.branch),
        workdir: own.workdir.or(base.workdir),
        version: own.version.or(base.version),
        hooks: own.hooks.or(base.hooks),
        server_hooks: own.server_hooks.or(base.server_hooks),
        programs: own.programs.or(base.programs),
        configuration: own.configuration.or(base.configuration),
        install: own.install.or(base.install),
        activate: own.activate.or(base.activate),
        baseline: own.baseline.or(base.baseline),
        commits_installation: own.commits_installation.or(base.commits_installation),
        retention: retention(own.retention, base.retention),
        fresh_clone: own.fresh_clone.or(base.fresh_clone),
        requires_sandbox: own.requires_sandbox.or(base.requires_sandbox),
        sabotages: [base.sabotages, own.sabotages].concat(),
        stages: merge_maps(own.stages, base.stages, stage),
        scenarios: merge_maps(own.scenarios, base.scenarios, scenario),
        drops: Drops::default(),
    })
}

fn retention(own: RetentionLayer, base: RetentionLayer) -> RetentionLayer {
    RetentionLayer {
        runs: own.runs.or(base.runs),
        mib: own.mib.or(base.mib),
        days: own.days.or(base.days),
    }
}

fn merge_maps<K: std::hash::Hash + Eq, V>(
    own: IndexMap<K, Located<V>>,
    mut base: IndexMap<K, Located<V>>,
    merge: impl Fn(V, V) -> V,
) -> IndexMap<K, Located<V>> {
    for (key, own) in own {
        let value = match base.shift_remove_full(&key) {
            None => (base.len(), own),
            Some((at, _, below)) => (
                at,
                Located {
                    value: merge(own.value, below.value),
                    location: own.location,
                },
            ),
        };
        base.shift_insert(value.0, key, value.1);
    }
    base
}

fn stage(own: StageLayer, base: StageLayer) -> StageLayer {
    let mut env = base.env;
    env.extend(own.env);
    // If the file changes the drive of a stage, the program, its folder and the moment of
    // the profile's drive no longer apply.
    let redriven = own.by_git.is_some() && own.by_git != base.by_git;
    StageLayer {
        by_git: own.by_git.or(base.by_git),
        on: own.on.or(base.on.filter(|_| !redriven)),
        run: own.run.or(base.run.filter(|_| !redriven)),
        args: own
            .args
            .or(base.args.filter(|_| !redriven && own.on.is_none())),
        workdir: own.workdir.or(base.workdir.filter(|_| !redriven)),
        env,
        dropped_env: Vec::new(),
        timeout: own.timeout.or(base.timeout),
        network: own.network.or(base.network),
        weight: own.weight.or(base.weight),
        programs: own.programs.or(base.programs.filter(|_| !redriven)),
        proof: proof(own.proof, base.proof),
    }
}

fn proof(own: ProofLayer, base: ProofLayer) -> ProofLayer {
    ProofLayer {
        marker: own.marker.or(base.marker),
        exist: own.exist.or(base.exist),
        new: own.new.or(base.new),
        unchanged: own.unchanged.or(base.unchanged),
        file: own.file.or(base.file),
        asserts: own.asserts.or(base.asserts),
    }
}

fn scenario(own: ScenarioLayer, base: ScenarioLayer) -> ScenarioLayer {
    let mut expect = base.expect;
    expect.extend(own.expect);
    ScenarioLayer {
        // The staged paths and the violation depend on the seed that made the change.
        add: own.add.or(base.add.filter(|_| own.seed.is_none())),
        violation: own
            .violation
            .or(base.violation.filter(|_| own.seed.is_none())),
        seed: own.seed.or(base.seed),
        remove: own.remove.or(base.remove),
        message: own.message.or(base.message),
        tag: own.tag.or(base.tag),
        delete: own.delete.or(base.delete),
        expect,
        reason: own.reason.or(base.reason),
        proofs: merge_maps(own.proofs, base.proofs, proof),
    }
}
