import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { span } from "../src/span.js";

describe.only("span", () => {
  it("counts minutes since midnight", () => {
    assert.deepEqual(span("09:00-18:30"), { from: 540, to: 1110 });
  });

  it("refuses what is not a span", () => {
    assert.throws(() => span("soon"), RangeError);
    assert.throws(() => span("9:00-18:00"), RangeError);
  });
});
