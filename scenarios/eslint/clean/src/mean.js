import { sum } from "./sum.js";

export function mean(numbers) {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;
}
