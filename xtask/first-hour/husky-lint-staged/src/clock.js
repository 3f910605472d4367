export const minutes = (hours) => hours * 60;
