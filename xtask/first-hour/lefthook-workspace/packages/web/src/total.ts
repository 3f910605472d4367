import { price } from "./price";

export const total = (cents: number[]): string => price(cents.reduce((a, b) => a + b, 0));
