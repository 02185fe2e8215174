/** What was just done, by the word that the address has after it. */
export const notices = {
  audits_paused: 'Audits are paused: those in progress end, and no paced one is started. Events go on.',
  audits_resumed: 'Audits are started again, unless another brake is on.',
  events_paused: 'Events are paused: what is in hand ends, and no other is started. Audits go on.',
  events_resumed: 'Events are started again, unless something else stops them.',
  mode_repair: 'The mode is repair, for all workers: what waited for it becomes due with the next housekeeping.',
  mode_report:
    'The mode is report, for all workers: repairs that are queued already are carried out, and no other is queued.',
  pace_set: 'The pace is set. It overrides the configuration’s, also after restarts.',
  pace_cleared: 'The configuration’s pace counts again.',
  released: 'The brake is off. It takes new observations to put it on again.',
} as const;

export type Notice = keyof typeof notices;

export const noticeNames = Object.keys(notices) as [Notice, ...Notice[]];

/** The page after something was done. */
export function scheduleAfter(done: Notice): string {
  return `/schedule?done=${done}`;
}
