export function tally(votes) {
  const counts = new Map();
  for (const vote of votes) {
    counts.set(vote, (counts.get(vote) ?? 0) + 1);
  }
  return counts;
}
