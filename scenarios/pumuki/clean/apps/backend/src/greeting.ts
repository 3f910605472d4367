const SALUTATION = 'Good morning';

export const greeting = (name: string): string => `${SALUTATION}, ${name}`;
