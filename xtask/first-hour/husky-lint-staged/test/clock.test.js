import assert from "node:assert";
import { test } from "node:test";
import { minutes } from "../src/clock.js";

test("an hour has sixty minutes", () => {
  assert.equal(minutes(1), 60);
});
