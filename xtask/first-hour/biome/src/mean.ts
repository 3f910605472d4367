import { sum } from "./sum.js";

export const mean = (numbers: number[]) => sum(numbers) / numbers.length;
