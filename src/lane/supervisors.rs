//! The supervisors that run the commands of a lane.

use std::rc::Rc;

use super::context::LaneContext;
use super::workspace::Workspace;
use crate::sys::process::{Control, SupervisorClient, Wrapper};
use crate::sys::sandbox::Reach;

/// One supervisor for each sandbox that commands of a lane need.
///
/// Without a sandbox a single supervisor runs them all.
pub(super) struct Supervisors(Vec<(Reach, Rc<SupervisorClient>)>);

impl Supervisors {
    pub(super) fn new(cx: &LaneContext, lane: &Workspace, control: &Control) -> Self {
        let client = |wrapper| Rc::new(SupervisorClient::new(control.clone(), wrapper));
        let Some(sandbox) = &cx.sandbox else {
            return Self(vec![(Reach::Nothing, client(Wrapper::default()))]);
        };
        let sandboxed = |reach| (reach, client(sandbox.wrapper(lane.host(), reach)));
        Self(Reach::ALL.map(sandboxed).to_vec())
    }

    /// Returns the supervisor of commands with this reach.
    pub(super) fn with_reach(&self, reach: Reach) -> &Rc<SupervisorClient> {
        let found = self.0.iter().find(|(own, _)| *own == reach);
        &found.unwrap_or(&self.0[0]).1
    }
}
