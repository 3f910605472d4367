//! Clustering failures by fingerprint.

use indexmap::IndexMap;

use crate::model::{Cluster, FailureDigest};

/// A diagnosed failure and the progress of its lane.
pub(super) struct Diagnosed {
    pub(super) digest: FailureDigest,
    /// Number of stages that its lane had started, including this one.
    pub(super) stages: usize,
}

/// Returns clusters of failures, the largest first, otherwise in declared order.
pub(super) fn clusters(failures: &[Diagnosed]) -> Vec<Cluster> {
    let mut groups: IndexMap<&str, Vec<&Diagnosed>> = IndexMap::new();
    for failure in failures {
        let group = groups.entry(&failure.digest.fingerprint).or_default();
        group.push(failure);
    }
    let mut clusters: Vec<_> = groups.values().filter_map(|group| cluster(group)).collect();
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.count));
    clusters
}

fn cluster(group: &[&Diagnosed]) -> Option<Cluster> {
    // The example to look at is the one with the fewest stages to run.
    let smallest: &FailureDigest = &group.iter().min_by_key(|failure| failure.stages)?.digest;
    let cells = group
        .iter()
        .flat_map(|failure| &failure.digest.impacted_cells);
    Some(Cluster {
        fingerprint: smallest.fingerprint.clone(),
        cause: smallest.cause.clone(),
        failure_class: smallest.failure_class,
        line: smallest.says().to_owned(),
        count: group.len(),
        cells: cells.cloned().collect(),
        smallest: smallest.impacted_cells.first().cloned(),
        remediation: smallest.remediation.clone(),
        commands: smallest.commands.clone(),
    })
}
