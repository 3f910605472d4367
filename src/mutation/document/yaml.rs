//! YAML, from the events of its parser.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::syntax::SyntaxError;
use super::tree::{Entry, Node, Value};

pub(super) fn read(text: &str) -> Result<Node, SyntaxError> {
    let mut bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
    bytes.push(text.len());
    let mut reader = Reader {
        text,
        bytes,
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        size: 0,
        depth: 0,
    };
    let mut root = None;
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentEnd | Event::Nothing, _) => {}
            (Event::DocumentStart(_), _) if root.is_some() => {
                return Err("it holds several documents".into());
            }
            (Event::DocumentStart(_), _) => {
                let first = reader.next()?;
                root = Some(reader.node(first)?);
            }
            (Event::StreamEnd, _) => return root.ok_or_else(|| "it is empty".into()),
            _ => return Err("it is not a document".into()),
        }
    }
}

/// Nodes of one file, aliases resolved; far beyond what people write.
const MOST_NODES: usize = 100_000;

/// Lists and maps in each other, of which every reader of a tree needs stack.
const MOST_DEPTH: usize = 200;

struct Reader<'a> {
    text: &'a str,
    /// The byte at which each character begins: the parser counts characters.
    bytes: Vec<usize>,
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    size: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), SyntaxError> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                let span = self.bytes_of(span);
                Ok((event, span))
            }
            Some(Err(error)) => Err(SyntaxError {
                line: Some(error.marker().line()),
                why: error.info().to_owned(),
            }),
            None => Err("it ends too early".into()),
        }
    }

    fn bytes_of(&self, span: Span) -> Range<usize> {
        let byte = |index: usize| self.bytes.get(index).copied().unwrap_or(self.text.len());
        byte(span.start.index())..byte(span.end.index())
    }

    fn node(&mut self, (event, span): (Event<'a>, Range<usize>)) -> Result<Node, SyntaxError> {
        self.size += 1;
        if self.size > MOST_NODES {
            return Err("it is too large".into());
        }
        if self.depth > MOST_DEPTH {
            let why = "it is nested too deeply";
            return Err(SyntaxError::at(self.text, span.start, why));
        }
        self.depth += 1;
        let (node, anchor) = match event {
            Event::Alias(anchor) => {
                let mut node = (self.anchors.get(&anchor).cloned())
                    .ok_or("an alias points into what holds it")?;
                self.size += stand_at(&mut node, &span);
                self.depth -= 1;
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                if tag.is_some() {
                    return Err(SyntaxError::at(self.text, span.start, "it uses tags"));
                }
                (self.scalar(text.into_owned(), style, span), anchor)
            }
            Event::SequenceStart(anchor, None) => (self.list(span)?, anchor),
            Event::MappingStart(anchor, None) => (self.map(span)?, anchor),
            _ => return Err(SyntaxError::at(self.text, span.start, "it uses tags")),
        };
        self.depth -= 1;
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn scalar(&self, text: String, style: ScalarStyle, mut span: Range<usize>) -> Node {
        let mark = match style {
            ScalarStyle::Literal => Some('|'),
            ScalarStyle::Folded => Some('>'),
            _ => None,
        };
        // The parser omits the head of a block.
        if let Some(head) = mark.and_then(|mark| self.text[..span.start].rfind(mark)) {
            span.start = head;
        }
        span.end = span.start + self.text[span.clone()].trim_end().len();
        let value = if style == ScalarStyle::Plain && is_bare(&text) {
            Value::Bare(text)
        } else {
            Value::Text(text)
        };
        Node { span, value }
    }

    fn list(&mut self, start: Range<usize>) -> Result<Node, SyntaxError> {
        let mut nodes: Vec<Node> = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    let last = nodes.last().map(|node| node.span.end);
                    return Ok(Node {
                        span: whole(&start, &end, last),
                        value: Value::List(nodes),
                    });
                }
                event => nodes.push(self.node(event)?),
            }
        }
    }

    fn map(&mut self, start: Range<usize>) -> Result<Node, SyntaxError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (key, key_span) = match self.next()? {
                (Event::MappingEnd, end) => {
                    let last = entries.last().map(|entry| entry.node.span.end);
                    return Ok(Node {
                        span: whole(&start, &end, last),
                        value: Value::Map(entries),
                    });
                }
                (Event::Scalar(key, ..), span) => (key.into_owned(), span),
                (_, span) => {
                    let why = "a key is not a text";
                    return Err(SyntaxError::at(self.text, span.start, why));
                }
            };
            let event = self.next()?;
            let mut node = self.node(event)?;
            if node.span.is_empty() {
                // Nothing after the colon.
                let rest = &self.text[key_span.end..];
                let end = key_span.end + rest.find(':').map_or(0, |colon| colon + 1);
                node.span = end..end;
            }
            entries.push(Entry {
                key,
                key_span,
                node,
            });
        }
    }
}

/// A collection in brackets ends with them, another with its last entry.
fn whole(start: &Range<usize>, end: &Range<usize>, last: Option<usize>) -> Range<usize> {
    if start.is_empty() {
        start.start..last.unwrap_or(start.start)
    } else {
        start.start..end.end
    }
}

/// Moves the target of an alias to the place of the alias; returns its size.
fn stand_at(node: &mut Node, span: &Range<usize>) -> usize {
    node.span = span.clone();
    1 + match &mut node.value {
        Value::List(nodes) => nodes.iter_mut().map(|node| stand_at(node, span)).sum(),
        Value::Map(entries) => (entries.iter_mut())
            .map(|entry| {
                entry.key_span = span.clone();
                stand_at(&mut entry.node, span)
            })
            .sum(),
        _ => 0,
    }
}

/// A word without quotes that some reader takes for something else than a text.
fn is_bare(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    matches!(
        word.as_str(),
        "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    ) || is_number(&word)
}

/// Numbers and dates: what begins as one and holds only what they hold.
fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['+', '-', '.']);
    matches!(digits, "inf" | "nan")
        || (digits.starts_with(|c: char| c.is_ascii_digit())
            && word
                .chars()
                .all(|c| c.is_ascii_hexdigit() || "+-._xo:".contains(c)))
}
