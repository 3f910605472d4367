//! The findings of a trial: ways in, weakened configurations, scenarios without their violation.

use maud::{Markup, html};

use super::data::{Finding, Group, Tone, Trial};
use super::parts::{command, count};

pub(super) fn trial(trial: &Trial) -> Markup {
    html! {
        section #trial aria-labelledby="trial-title" {
            h2 #trial-title { (trial.title) }
            p { (trial.sentence) }
            @for group in &trial.groups { (one_group(group)) }
        }
    }
}

fn one_group(group: &Group) -> Markup {
    html! {
        details.group open[group.is_open] {
            summary {
                span.verdict.(group.tone.class()) { span aria-hidden="true" { (group.tone.mark()) } }
                " " (group.title) " " span.dim { (count(group.findings.len(), "finding")) }
            }
            @if !group.listing.is_empty() { (listing(group)) }
            ol.findings { @for finding in &group.findings { li { (one_finding(finding)) } } }
        }
    }
}

/// The lines of a file, with what was found of each in the margin.
fn listing(group: &Group) -> Markup {
    html! {
        ol.lines.listing tabindex="0" {
            @for (tone, line) in &group.listing {
                @if *tone == Tone::Off { li { (line) } } @else {
                    li.found.(tone.class()) {
                        span.mark aria-hidden="true" { (tone.mark()) }
                        span.sr { (heard(*tone)) }
                        (line)
                    }
                }
            }
        }
    }
}

fn heard(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "noticed: ",
        Tone::Bad => "survived: ",
        Tone::Part | Tone::Off => "not tried: ",
    }
}

fn one_finding(finding: &Finding) -> Markup {
    html! {
        details.finding {
            summary {
                @if let Some(margin) = &finding.margin { span.margin { (margin) } }
                span.mark.(finding.tone.class()) aria-hidden="true" { (finding.tone.mark()) }
                " " span.name { (finding.name) } " " span.(finding.tone.class()) { (finding.outcome) }
            }
            dl {
                @for (name, text) in &finding.details { dt { (name) } dd { (text) } }
            }
            @if let Some(text) = &finding.copy { (command(text)) }
        }
    }
}
