// Refuses test files of which only a part would run.
// usage: node scripts/no-focused-tests.mjs FILE...
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const focused = /\b(?:test|it|describe)\.only\b/;
let found = 0;

for (const file of process.argv.slice(2)) {
  readFileSync(file, "utf8")
    .split("\n")
    .forEach((line, index) => {
      const word = line.match(focused);
      if (word) {
        found += 1;
        process.stdout.write(`${relative(".", file)}:${index + 1}: ${word[0]}\n`);
      }
    });
}

process.exitCode = found > 0 ? 1 : 0;
