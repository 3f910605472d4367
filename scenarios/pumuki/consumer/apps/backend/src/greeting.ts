const SALUTATION = 'Hello';

export const greeting = (name: string): string => `${SALUTATION}, ${name}`;
