//! The thin thread through everything.

use crate::support::World;

#[test]
fn the_demo_gate_passes() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    world.run(&consumer, &[]).expect(0);
    consumer.passed("demo");
}

#[test]
fn a_script_that_fails_breaks_the_contract() {
    let world = World::new();
    let consumer = world.script_consumer("echo no; exit 3");
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "contract");
}
