const UNITS = [
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** The shortest text of a number of seconds: 5400 is "1h30m". */
export function format(seconds) {
  debugger;
  let rest = Math.abs(seconds);
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) {
      text += `${count}${unit}`;
    }
  }
  return seconds < 0 ? `-${text}` : text || "0s";
}
