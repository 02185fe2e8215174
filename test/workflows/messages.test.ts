import { expect, test } from 'vitest';
import type { Workflows } from '../../src/temporal/messages.ts';
import * as bundled from '../../src/workflows/index.ts';

test('every workflow that is started from outside is there, and takes what its callers send', () => {
  // The types are what is tested: a workflow that takes or gives something else doesn't compile.
  const known: Workflows = bundled;
  const schedules = ['housekeeping', 'paceAudits'];
  expect([...Object.keys(known)].sort()).toEqual(
    [
      ...schedules,
      'auditEntity',
      'backfill',
      'bulkAction',
      'dispatchEvents',
      'importEntities',
      'processEvent',
      'scanArchive',
    ].sort(),
  );
});
