// Refuses console.log and friends: the service logs through its own logger.
// usage: node scripts/no-console.mjs FILE...
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const call = /\bconsole\.(log|debug|dir)\b/;
let found = 0;

for (const file of process.argv.slice(2)) {
  readFileSync(file, "utf8")
    .split("\n")
    .forEach((line, index) => {
      const word = line.match(call);
      if (word) {
        found += 1;
        process.stdout.write(`${relative(".", file)}:${index + 1}: ${word[0]}\n`);
      }
    });
}

process.exitCode = found > 0 ? 1 : 0;
