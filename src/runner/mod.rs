//! Executes lanes on worker threads and collects their evidence.
//!
//! One thread prepares the [`SharedSetup`] and then starts the workers; each
//! worker takes the next lane from a queue. The calling thread collects what
//! the workers send.
//!
//! Invariants: every lane of the job gets evidence, returned in declared order
//! whatever order the lanes ran in; an event is written to the run folder
//! before it is shown; a panic in one lane, a lack of threads, or a lane that
//! does not stop in time never keeps the caller from its answer.

pub mod cancel;
mod collector;
mod flaky;
mod job;
mod layout;
mod leader;
mod message;
mod repetitions;
mod retry;
pub mod schedule;
mod segment;
mod shared_setup;
mod worker;

use std::sync::Arc;
use std::sync::mpsc;

pub use collector::Executed;
pub use job::Job;
pub use shared_setup::SharedSetup;

use crate::artifact::run_folder::RunWriter;
use crate::model::event::Event;
use collector::Collector;
use message::Message;

/// Executes the lanes of a job and passes each of their events to `show`.
pub fn execute(job: Job, writer: &mut RunWriter, show: &mut dyn FnMut(&Event)) -> Executed {
    let (sender, receiver) = mpsc::channel();
    let on_stop = sender.clone();
    job.control.on_stop(move || {
        let _ = on_stop.send(Message::Stopped);
    });
    let job = Arc::new(job);
    worker::start_all(&job, &sender);
    drop(sender);
    let mut collector = Collector::new(&job, writer, show);
    if !collector.collect(&receiver) {
        job.control.kill_stragglers();
    }
    collector.finish()
}
