import assert from "node:assert/strict";
import test from "node:test";

import { isOpen } from "../src/shop.js";

const times = { mon: "09:00-18:00", sat: "10:00-14:00" };

test("is open from the first minute to before the last", () => {
  assert.equal(isOpen(times, "sat", "09:59"), false);
  assert.equal(isOpen(times, "sat", "10:00"), true);
  assert.equal(isOpen(times, "sat", "13:59"), true);
  assert.equal(isOpen(times, "sat", "14:00"), false);
});

test("is closed on days without times", () => {
  assert.equal(isOpen(times, "sun", "12:00"), false);
});
