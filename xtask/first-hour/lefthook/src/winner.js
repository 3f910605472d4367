import { tally } from "./tally.js";

export const winner = (votes) => [...tally(votes)].sort((a, b) => b[1] - a[1])[0]?.[0];
