//! Lanes on workers: events out, evidence back, in declared order.

pub mod cancel;
mod desk;
mod ground;
mod repeat;
mod retry;
pub mod schedule;

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use desk::Desk;
pub use ground::Ground;
use ground::Start;

use crate::artifact::flakes::FlakyCell;
use crate::artifact::run_folder::RunWriter;
use crate::artifact::write_error::WriteError;
use crate::lane::{self, Emit, LaneContext, Part};
use crate::model::BuiltinStep;
use crate::model::event::{Event, EventKind};
use crate::model::{CellEvidence, Failure, FailureClass, LaneEvidence, ScenarioName};
use crate::sys::process::Control;
use crate::sys::slots::Slots;

/// What is to run, and how.
pub struct Job {
    /// What all lanes share.
    pub context: Arc<LaneContext>,
    /// The same for each repetition beyond the first.
    pub repetitions: Vec<Arc<LaneContext>>,
    /// The lanes, in declared order.
    pub lanes: Vec<ScenarioName>,
    /// Their positions, in the order in which workers take them.
    pub order: Vec<usize>,
    /// How many of their steps run side by side.
    pub jobs: usize,
    /// What their steps share among them: as many as lanes run side by side.
    pub slots: Slots,
    /// How often a lane is played again that the machine failed.
    pub retries: usize,
    /// Whether a failed lane cancels those declared after it.
    pub fail_fast: bool,
    /// What stops them.
    pub control: Control,
    /// What the first lane leaves for the others, also for those of another
    /// job of the same run.
    pub ground: Arc<OnceLock<Option<Ground>>>,
}

/// A lane in one of its repetitions, by its place: those of a lane stand side
/// by side, lanes in declared order.
impl Job {
    fn turns(&self) -> usize {
        self.repetitions.len() + 1
    }

    fn name(&self, at: usize) -> &ScenarioName {
        &self.lanes[at / self.turns()]
    }

    fn context(&self, at: usize) -> &Arc<LaneContext> {
        match at % self.turns() {
            0 => &self.context,
            turn => &self.repetitions[turn - 1],
        }
    }

    /// The places of a lane.
    fn places(&self, lane: usize) -> std::ops::Range<usize> {
        lane * self.turns()..(lane + 1) * self.turns()
    }

    /// All places, in the order in which workers take them.
    fn queue(&self) -> VecDeque<usize> {
        let lanes = self.order.iter();
        lanes.flat_map(|lane| self.places(*lane)).collect()
    }
}

/// What ran.
pub struct Played {
    /// One for each lane, in declared order.
    pub lanes: Vec<LaneEvidence>,
    /// The cells whose outcome differs among repetitions, in declared order.
    pub flaky: Vec<FlakyCell>,
    /// The first file of the run folder that could not be written.
    pub unwritten: Option<WriteError>,
}

enum Message {
    Event(Event),
    Cell(usize, Box<CellEvidence>),
    /// An attempt, by its number, that does not count.
    Aside(usize, usize, Box<LaneEvidence>),
    Done(usize, Box<LaneEvidence>),
    Stopped,
}

/// Plays the lanes. Every event is recorded first and shown second, so that
/// what is seen can also be found.
pub fn play(job: Job, writer: &mut RunWriter, show: &mut dyn FnMut(&Event)) -> Played {
    let (sender, receiver) = mpsc::channel();
    let on_stop = sender.clone();
    job.control.on_stop(move || {
        let _ = on_stop.send(Message::Stopped);
    });
    let job = Arc::new(job);
    let (foreman, told) = (Arc::clone(&job), sender.clone());
    if in_a_thread(move || direct(&foreman, &told)).is_err() {
        direct(&job, &sender);
    }
    drop(sender);
    let mut desk = Desk::new(&job, writer, show);
    if !desk.collect(&receiver) {
        job.control.kill_stragglers();
    }
    desk.close()
}

/// Has the ground laid that lanes share, then sets the workers to work.
fn direct(job: &Arc<Job>, sender: &Sender<Message>) {
    if !job.lanes.is_empty() && !job.control.is_stopped() {
        job.ground.get_or_init(|| Ground::lay(job, sender));
    }
    let queue = job.queue();
    let count = queue.len();
    let queue = Arc::new(Mutex::new(queue));
    let mut workers = 0;
    for _ in 0..lanes_at_a_time(job.jobs).min(count) {
        let (job, queue, sender) = (Arc::clone(job), Arc::clone(&queue), sender.clone());
        workers += usize::from(in_a_thread(move || work(&job, &queue, &sender)).is_ok());
    }
    if workers == 0 {
        work(job, &queue, sender);
    }
}

/// A machine that has no thread left must not keep a run from its verdict.
fn in_a_thread(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().spawn(work).map(drop)
}

/// More lanes are under way than steps may run, and take turns: three lanes
/// that take as long would leave the second of two slots idle for the last of
/// them. Twice as many, since each takes room on the disk.
fn lanes_at_a_time(jobs: usize) -> usize {
    if jobs > 1 { 2 * jobs } else { 1 }
}

/// One worker: takes the next lane of the order until none is left.
fn work(job: &Job, queue: &Mutex<VecDeque<usize>>, sender: &Sender<Message>) {
    loop {
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let Some(at) = next else {
            return;
        };
        let played = || lane(job, at, Emitter::new(job, at, sender));
        let played = panic::catch_unwind(AssertUnwindSafe(played));
        let evidence = played.unwrap_or_else(|_| failed_here(job.name(at)));
        if job.fail_fast && evidence.failure.is_some() {
            cancel::cancel_after(&job.control, at);
            job.slots.wake();
        }
        // After a signal the verdict comes first.
        if job.control.signal().is_none() {
            job.context(at).remove(job.name(at));
        }
        let _ = sender.send(Message::Done(at, Box::new(evidence)));
    }
}

/// Plays a lane from where it begins to its end, unless it is cancelled
/// before it begins.
fn lane(job: &Job, at: usize, mut emitter: Emitter<'_>) -> LaneEvidence {
    let (cx, name) = (&**job.context(at), job.name(at));
    let ground = job.ground.get().and_then(Option::as_ref);
    let begun = ground.and_then(|ground| ground.begun(cx, name));
    match (begun, ground) {
        (Some(_), Some(ground)) => emitter.seq = ground.seq,
        _ if cancel::is_cancelled(&job.control, at) => {
            emitter.lane_finished(false, true, None);
            return LaneEvidence::not_run(name.clone());
        }
        _ => emitter.lane_started(),
    }
    let begun = begun.unwrap_or_else(Instant::now);
    let (mut evidence, mut is_own) = attempt(job, at, ground, false, &mut emitter);
    let kept = ground.map_or(&[][..], |ground| ground.kept(cx, name));
    while is_own && retry::is_due(job, at, &evidence) {
        match retry::put_aside(job, at, evidence, kept, &mut emitter) {
            Ok(earlier) => {
                (evidence, is_own) = attempt(job, at, ground, true, &mut emitter);
                evidence.attempts = earlier;
            }
            Err(last) => {
                evidence = *last;
                break;
            }
        }
    }
    if let (true, earlier @ 1..) = (evidence.is_pass(), evidence.attempts.len()) {
        let message = format!("{name} passed on attempt {} only", earlier + 1);
        emitter.event(EventKind::Warning { message });
    }
    emitter.lane_finished(evidence.is_pass(), evidence.cancelled, Some(begun));
    evidence
}

/// Plays a lane once, from where it begins; and whether what came of it is its
/// own, and not that of what it would share.
fn attempt(
    job: &Job,
    at: usize,
    ground: Option<&Ground>,
    again: bool,
    emitter: &mut Emitter<'_>,
) -> (LaneEvidence, bool) {
    let (cx, name) = (&**job.context(at), job.name(at));
    let set_up = Instant::now();
    let start = match ground {
        Some(ground) if again => ground.start_again(cx, name),
        Some(ground) => ground.start(cx, name),
        None if again => retry::clear(cx, name).and_then(|()| ground::alone(cx, name)),
        None => ground::alone(cx, name),
    };
    let evidence = match start {
        Ok(Start::Failed(evidence)) => return (evidence, false),
        Ok(Start::Play {
            view,
            is_first,
            steps,
            so_far,
            package,
        }) => {
            let rest = Part {
                view,
                is_first,
                is_last: true,
                begun: set_up,
                steps: &cx.steps[name][steps..],
                so_far,
                package,
            };
            part(job, at, rest, emitter)
        }
        Err(e) => {
            let text = format!("cannot make the lane: {e}");
            broken(name, BuiltinStep::GitClone, text)
        }
    };
    (evidence, true)
}

/// Plays a part of a lane in a thread of its own, which alone sees the lane.
/// A fault of ours in it must not keep the others from their verdict.
fn part(job: &Job, at: usize, part: Part<'_>, emitter: &mut Emitter<'_>) -> LaneEvidence {
    let name = job.name(at);
    let control = cancel::control_of(&job.control, at);
    let mut share = job.slots.share();
    thread::scope(|scope| {
        let play = || lane::play(job.context(at), name, part, &control, &mut share, emitter);
        match thread::Builder::new().spawn_scoped(scope, play) {
            Ok(thread) => thread.join().unwrap_or_else(|_| failed_here(name)),
            Err(e) => broken(
                name,
                BuiltinStep::GitClone,
                format!("no thread can be had: {e}"),
            ),
        }
    })
}

/// A lane in which this program has a fault.
fn failed_here(name: &ScenarioName) -> LaneEvidence {
    let text = "matrix itself failed in this lane: please report what it printed";
    broken(name, BuiltinStep::RunIncomplete, text.to_owned())
}

/// A lane that the machine, or this program, did not let run.
fn broken(name: &ScenarioName, step: BuiltinStep, message: String) -> LaneEvidence {
    LaneEvidence {
        cancelled: false,
        failure: Some(Failure::new(FailureClass::Infra, step, message).phase(name)),
        ..LaneEvidence::not_run(name.clone())
    }
}

/// What a lane tells. Of its repetitions only the first tells what happens;
/// of the others there are cells and logs.
struct Emitter<'a> {
    at: usize,
    lane: &'a ScenarioName,
    seq: u64,
    context: &'a LaneContext,
    sender: &'a Sender<Message>,
}

impl<'a> Emitter<'a> {
    fn new(job: &'a Job, at: usize, sender: &'a Sender<Message>) -> Self {
        Self {
            at,
            lane: job.name(at),
            seq: 0,
            context: job.context(at),
            sender,
        }
    }

    fn lane_started(&mut self) {
        self.event(EventKind::LaneStarted);
    }

    fn lane_finished(&mut self, pass: bool, cancelled: bool, begun: Option<Instant>) {
        let duration = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        self.event(EventKind::LaneFinished {
            pass,
            cancelled,
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        });
    }
}

impl Emit for Emitter<'_> {
    fn event(&mut self, kind: EventKind) {
        if self.context.turn > 1 {
            return;
        }
        self.seq += 1;
        let event = Event {
            seq: self.seq,
            at: self.context.clock.now_utc(),
            lane: Some(self.lane.clone()),
            kind,
        };
        // Nobody listens any more once the verdict is being written.
        let _ = self.sender.send(Message::Event(event));
    }

    fn cell(&mut self, cell: &CellEvidence) {
        let _ = self
            .sender
            .send(Message::Cell(self.at, Box::new(cell.clone())));
    }
}
