import assert from "node:assert/strict";
import test from "node:test";

import { format } from "../src/format.js";
import { parse } from "../src/parse.js";

test("parses what it formats", () => {
  for (const seconds of [0, 59, 60, 3599, 5400]) {
    assert.equal(parse(format(seconds)), seconds);
  }
});

test("parses days", () => {
  assert.equal(parse("2d1h"), 176400);
});

test("refuses what is not a duration", () => {
  assert.throws(() => parse("soon"), SyntaxError);
});
