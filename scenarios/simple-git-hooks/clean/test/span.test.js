import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { span } from "../src/span.js";

describe("span", () => {
  it("counts minutes since midnight", () => {
    assert.deepEqual(span("09:00-18:30"), { from: 540, to: 1110 });
  });

  it("goes up to midnight", () => {
    assert.equal(span("20:00-24:00").to, 1440);
  });

  it("refuses to end before it begins", () => {
    assert.throws(() => span("20:00-02:00"), RangeError);
  });

  it("refuses what is not a span", () => {
    assert.throws(() => span("soon"), RangeError);
  });
});
