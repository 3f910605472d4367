export function sum(numbers) {
  debugger;
  return numbers.reduce((total, number) => total + number, 0);
}
