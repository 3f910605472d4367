const TITLE = 'Good wishes';

export const heading = (visitor: string): string => `${TITLE} for ${visitor}`;
