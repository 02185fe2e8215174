import type { Brake, ComputedBrakeName, StoredBrakeName } from '../database/brakes/index.ts';

/** What a brake keeps from being started. */
export const whatStops: Readonly<Record<Brake['stops'], string>> = {
  audits: 'no audits',
  audits_and_events: 'no audits and events',
  events: 'no events',
  nothing: 'a warning only',
};

/** How those end that nobody can take off. */
export const computedEndings: Readonly<Record<ComputedBrakeName, string>> = {
  audits_disabled: 'it ends where the configuration says [audit] enabled = true, with the next SIGHUP or start',
  cool_down_archive: 'archive.org asked to be left alone; it ends at the time that `schedule show` gives',
  cool_down_musicbrainz: 'MusicBrainz asked to be left alone; it ends at the time that `schedule show` gives',
  events_due: 'events go before audits; it ends with the last event that is due',
  too_many_in_progress: 'it ends with the audits in progress; [audit] max_in_progress sets how many there may be',
  too_many_repairs_waiting:
    'it ends with the repairs that wait; [audit] max_waiting_repairs sets how many there may be',
};

/** How those end that stay on until somebody, or something, takes them off. */
export const storedEndings: Readonly<Record<StoredBrakeName, string>> = {
  events_paused: 'an operator paused events; it ends when one resumes them',
  events_stuck:
    'the workflow of an event can’t continue, for a fault of this program; other events go on, and it ends when that workflow does: after an upgrade, or terminated in Temporal’s UI',
  audits_paused: 'an operator paused audits; it ends when one resumes them',
  breaker:
    'too many recent audits say the same (in report mode a finding is only warned of); it ends when an operator releases it, or, where [audit] probe_minutes is set, after ten audits in a row that don’t say so',
  database_and_ws_disagree:
    'the web service still gives what the database calls gone; it ends when an operator releases it: first see that this is the right database, and not behind',
  keys_refused_caa:
    'archive.org refuses the key of the Cover Art Archive; it ends with the first request that it takes, after new keys and a SIGHUP',
  keys_refused_eaa:
    'archive.org refuses the key of the Event Art Archive; it ends with the first request that it takes, after new keys and a SIGHUP',
  writes_fail_caa:
    'different items of the Cover Art Archive fail with the same answer; one event is tried every 10 minutes, and it ends with the first that succeeds',
  writes_fail_eaa:
    'different items of the Event Art Archive fail with the same answer; one event is tried every 10 minutes, and it ends with the first that succeeds',
};
