const SALUTATION = 'Good evening';

export const greeting = (name: string): string => `${SALUTATION}, ${name}`;
