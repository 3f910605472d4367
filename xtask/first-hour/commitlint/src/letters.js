export const letters = (text) => [...text].filter((c) => /\p{L}/u.test(c));
