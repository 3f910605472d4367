import { minutes, span } from "./span.js";

/** Whether a shop with these times is open on a day at a time of the day. */
export function isOpen(times, day, time) {
  if (!times[day]) {
    return false;
  }
  const { from, to } = span(times[day]);
  const now = minutes(time);
  return from <= now && now < to;
}
