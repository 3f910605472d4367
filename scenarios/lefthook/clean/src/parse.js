const SECONDS = { d: 86400, h: 3600, m: 60, s: 1 };

/** Seconds of a duration such as "2d" or "1h30m". */
export function parse(text) {
  const parts = [...text.matchAll(/(\d+)([dhms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new SyntaxError(`not a duration: ${text}`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit], 0);
}
