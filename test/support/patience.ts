/** For `vi.waitFor` on a loaded machine: generous, and never reached where all is well. Milliseconds. */
export const patience = { timeout: 140_000, interval: 50 } as const;
