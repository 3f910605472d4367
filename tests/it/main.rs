//! The program, tried through its command line and the files it leaves.
#![expect(
    clippy::disallowed_methods,
    reason = "tests build the world that the program meets"
)]
#![allow(clippy::pedantic, reason = "tests read better short")]
#![allow(unreachable_pub, reason = "nobody reaches into a test")]

mod agreed;
mod architecture;
mod artifacts;
mod baseline;
mod by_hand;
mod causes;
mod clashing_refs;
mod cli;
mod clusters;
mod commands;
mod config;
mod config_files;
mod configured_hooks;
mod console;
mod consumer;
mod contract;
mod dirt;
mod disk_faults;
mod docs;
mod environment;
mod evidence;
mod expectations;
mod falsely_clean;
mod filters;
mod formats;
mod fresh_clone;
mod full_disk;
mod gates;
mod git_commands;
mod held_back;
mod hook_layouts;
mod hostile_gates;
mod hostile_text;
mod house_rules;
mod inside_hooks;
mod installed_changes;
mod kill_points;
mod known_failures;
mod lane_formats;
mod lane_refs;
mod lane_settings;
mod lanes;
mod layouts;
mod lfs;
mod linked;
mod locks;
mod mutate;
mod mutation;
mod never_green;
mod npm;
mod off_path;
mod offline;
mod outside;
mod own_clone;
mod own_sabotages;
mod package_managers;
mod places;
mod process_faults;
mod protection;
mod reader;
mod real_managers;
mod recipes;
mod repeat;
mod replay;
mod rerun;
mod retries;
mod reuse;
mod sabotage;
mod sabotage_gates;
#[cfg(target_os = "linux")]
mod sandbox;
mod scheduling;
mod screens;
mod secrets;
mod seeds;
mod selection;
mod settings;
mod signals;
mod smoke;
mod source;
mod submodules;
mod support;
mod survivors;
mod tool_managers;
mod triage;
mod vacuity;
mod vacuous;
mod violation;
mod witness;
mod wrong_reason;
