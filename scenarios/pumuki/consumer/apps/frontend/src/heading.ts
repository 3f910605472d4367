const TITLE = 'Greetings';

export const heading = (visitor: string): string => `${TITLE} for ${visitor}`;
