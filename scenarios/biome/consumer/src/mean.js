import { sum } from "./sum.js";

export function mean(numbers) {
  return sum(numbers) / numbers.length;
}
