export function sum(numbers) {
  const total = numbers.reduce((before, number) => before + number, 0);
  debugger;
  return total;
}
