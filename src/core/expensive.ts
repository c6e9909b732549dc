/** Node types that multiply: the expensive vertices of a graph. */
export const EXPENSIVE = ["conv", "dense", "lstm"] as const;
export type Expensive = (typeof EXPENSIVE)[number];
