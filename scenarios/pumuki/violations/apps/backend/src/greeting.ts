const SALUTATION = 'Good day';

export const greeting = (name: string): string => {
  console.log('greeting', name);
  return `${SALUTATION}, ${name}`;
};
