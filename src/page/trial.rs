//! The findings of a trial: ways in, weakened configurations, scenarios without their violation.

use maud::{Markup, html};

use super::data::{Finding, Group, Trial};
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
                " " (group.title) " " span.dim { (count(group.findings.len(), "entry").replace("entrys", "entries")) }
            }
            ol.findings { @for finding in &group.findings { li { (one_finding(finding)) } } }
        }
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
