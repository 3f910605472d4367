//! The scorecard as a badge.

use super::score::Scorecard;

/// Height of the badge, and width of a letter of its font, in pixels.
const HEIGHT: usize = 20;
const LETTER: usize = 7;

pub(super) fn badge(card: &Scorecard) -> String {
    let open = card.counts.fails_open;
    let tried = open + card.counts.fails_closed;
    let right = format!("{open} of {tried} open");
    let colour = match (card.counts.not_tried, open) {
        (0, 0) => "#2f7d32",
        (0, _) => "#b3541e",
        _ => "#6b6b6b",
    };
    let left = "sabotage";
    let width = |text: &str| text.len() * LETTER + 10;
    let (a, b) = (width(left), width(&right));
    let all = a + b;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"{HEIGHT}\" role=\"img\" \
         aria-label=\"{left}: {right}\">\n\
         <title>{left}: {right}</title>\n\
         <rect width=\"{a}\" height=\"{HEIGHT}\" fill=\"#444\"/>\n\
         <rect x=\"{a}\" width=\"{b}\" height=\"{HEIGHT}\" fill=\"{colour}\"/>\n\
         <g fill=\"#fff\" font-family=\"DejaVu Sans,Verdana,sans-serif\" font-size=\"11\" \
         text-anchor=\"middle\">\n\
         <text x=\"{}\" y=\"14\">{left}</text>\n\
         <text x=\"{}\" y=\"14\">{right}</text>\n\
         </g>\n</svg>\n",
        a / 2,
        a + b / 2
    )
}
