/** The pages that every page leads to, in this order; `key` follows `g` on the keyboard. */
export const navigation = [
  { path: '/', title: 'Overview', key: 'o' },
  { path: '/entities', title: 'Entities', key: 'e' },
  { path: '/events', title: 'Events', key: 'v' },
  { path: '/reviews', title: 'Reviews', key: 'r' },
  { path: '/findings', title: 'Findings', key: 'f' },
  { path: '/schedule', title: 'Schedule', key: 's' },
  { path: '/record', title: 'Record', key: 'c' },
] as const;

export type SectionPath = (typeof navigation)[number]['path'];
