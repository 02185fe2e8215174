/** Priorities of audit entities; higher ones are claimed first. Source: design page life-cycles.md, "Audit entities". */
export const priorities = {
  /** A repaired entity whose repair has yet to be seen. */
  verification: 1000,
  /** A person asked for it before others, by a list or a filter. */
  asked: 500,
  /** A check of the audit of 2021 failed, an import saw something odd, or an event has failed for good. */
  suspicious: 200,
  /** Named by the audit of 2021, which did not check it, or found it in order. */
  named: 150,
  usual: 100,
  /** Art added so lately that its index was just written by the queue. */
  recentlyAdded: 10,
  /** Found in order lately, and written since: no hurry, but a write may be answered and never applied. */
  writtenSince: 10,
} as const;
