const UNITS = [
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** The shortest text of a number of seconds: 5400 is "1h30m". */
export function format(seconds, separator = "") {
  let rest = seconds;
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) {
      parts.push(`${count}${unit}`);
    }
  }
  return parts.join(separator) || "0s";
}
