import { expect, test } from 'vitest';
import { runTimeouts } from '../../src/temporal/task-queues.ts';
import { stepOptions } from '../../src/workflows/step-options.ts';

const retries = { retries: 2, firstSeconds: 7 };
const { audit, event, ...others } = stepOptions;
const options = {
  ...others,
  event: event(retries),
  operatorsAudit: audit(retries, 'operator'),
  pacedAudit: audit(retries, 'paced'),
};

const units = { s: 1, minute: 60, minutes: 60 } as const;

function seconds(time: string): number {
  const [, count, unit] = /^(\d+) ?(s|minutes?)$/.exec(time)!;
  return Number(count) * units[unit as keyof typeof units];
}

test('events go before an operator’s audit, and that before those of the pace', () => {
  const { claimer, operatorsAudit, pacedAudit } = options;
  const priorities = [claimer, options.event, operatorsAudit, pacedAudit].map(({ priority }) => priority.priorityKey);
  expect(priorities).toEqual([1, 1, 2, 5]);
});

test.each(['event', 'operatorsAudit', 'pacedAudit'] as const)(
  'a step of %s is tried as often as the configuration says, each time after twice as long',
  (kind) => {
    expect(options[kind].retry).toEqual({ maximumAttempts: 3, initialInterval: 7_000, backoffCoefficient: 2 });
  },
);

test.each(Object.entries(options).filter(([kind]) => kind !== 'claimer'))(
  'a step of %s whose worker is gone is noticed soon, but not while it beats every 5 s',
  (_kind, step) => {
    const { heartbeatTimeout } = step as { readonly heartbeatTimeout: string };
    expect(seconds(heartbeatTimeout)).toBeGreaterThanOrEqual(15);
    expect(seconds(heartbeatTimeout)).toBeLessThanOrEqual(30);
  },
);

test.each(['event', 'operatorsAudit', 'pacedAudit'] as const)('a step of %s may wait for its turn', (kind) => {
  // Four requests of at most 5 minutes, each after a turn of at most 2.
  expect(seconds(options[kind].startToCloseTimeout)).toBeGreaterThanOrEqual(4 * (5 + 2) * 60);
});

test('what nobody else would do again is tried without end, and soon after it failed', () => {
  for (const kind of ['backfill', 'bulkAction', 'import', 'scan', 'claimer', 'dispatcher'] as const) {
    const { retry } = options[kind] as { readonly retry: { maximumAttempts?: number; maximumInterval?: string } };
    expect(retry.maximumAttempts).toBeUndefined();
    if (kind !== 'dispatcher') expect(seconds(retry.maximumInterval!)).toBeLessThanOrEqual(60);
  }
});

test('the tries of a round of housekeeping end before its run does, so that it tells why it failed', () => {
  const { scheduleToCloseTimeout, startToCloseTimeout, retry } = options.housekeeper;
  expect(seconds(scheduleToCloseTimeout) * 1000).toBeLessThan(runTimeouts.tick);
  expect(seconds(startToCloseTimeout)).toBeLessThan(seconds(scheduleToCloseTimeout));
  expect(retry.maximumAttempts).toBe(5);
});

test('a tick of the pace is given up before the next ones pile up', () => {
  expect(options.pacer.retry.maximumAttempts).toBe(10);
  expect(seconds(options.pacer.startToCloseTimeout) * 1000).toBeLessThan(runTimeouts.tick);
});

test('the dispatcher’s shift of an hour ends before its step is given to another worker', () => {
  expect(seconds(options.dispatcher.startToCloseTimeout)).toBeGreaterThan(3600);
  expect(seconds(options.dispatcher.startToCloseTimeout)).toBeLessThan(2 * 3600);
});

test('who cancels a workflow waits for the step under way, but the dispatcher’s', () => {
  for (const [kind, step] of Object.entries<{ readonly cancellationType?: string }>(options)) {
    expect(step.cancellationType, kind).toBe(kind === 'dispatcher' ? 'TRY_CANCEL' : 'WAIT_CANCELLATION_COMPLETED');
  }
});
