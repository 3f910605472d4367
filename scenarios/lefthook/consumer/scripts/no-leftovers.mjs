// Refuses files that still hold what was only meant for the author.
// usage: node scripts/no-leftovers.mjs FILE...
import { readFileSync } from "node:fs";

const leftover = /\bFIXME\b|\bdebugger;/;
let found = 0;

for (const file of process.argv.slice(2)) {
  readFileSync(file, "utf8")
    .split("\n")
    .forEach((line, index) => {
      const word = line.match(leftover);
      if (word) {
        found += 1;
        console.log(`${file}:${index + 1}: ${word[0]}`);
      }
    });
}

process.exitCode = found > 0 ? 1 : 0;
