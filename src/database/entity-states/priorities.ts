/** Priorities of audit entities; higher ones are claimed first. Source: design page life-cycles.md, "Audit entities". */
export const priorities = {
  /** A repaired entity whose repair has yet to be seen. */
  verification: 1000,
  /** Named by the audit of 2021, or by an import that saw something odd. */
  suspicious: 200,
  usual: 100,
  /** Art added so lately that its index was just written by the queue. */
  recentlyAdded: 10,
} as const;
