const SPAN = /^(\d\d:\d\d) ?- ?(\d\d:\d\d)$/;

/** First and last minute of a text such as "09:00-18:00"; the last is excluded. */
export function span(text) {
  const [, from, to] = text.match(SPAN) ?? [];
  if (!from) {
    throw new RangeError(`not a span of time: ${text}`);
  }
  return { from: minutes(from), to: minutes(to) };
}

/** Minutes since midnight of a text such as "09:30". */
export function minutes(text) {
  const [hours, rest] = text.split(":").map(Number);
  return hours * 60 + rest;
}
