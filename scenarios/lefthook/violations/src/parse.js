const SECONDS = { h: 3600, m: 60, s: 1 };

/** Seconds of a duration such as "1h30m". */
export function parse(text) {
  // FIXME: "-1h" loses its sign
  const parts = [...text.matchAll(/(\d+)([hms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new SyntaxError(`not a duration: ${text}`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit], 0);
}
