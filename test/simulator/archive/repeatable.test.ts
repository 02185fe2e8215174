import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultDice } from '../../../src/simulator/archive/fault-dice.ts';
import {
  type FaultSwitches,
  noFaults,
  type Occurrence,
  unpleasantFaults,
} from '../../../src/simulator/archive/faults.ts';
import { type Guest, guestOf, identifier, image, otherIdentifier, ready } from './guest.ts';

async function visit({ get }: Guest, paths: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  for (const path of paths) {
    const response = await get(path).catch(() => null);
    const body = await response?.text().catch(() => 'broken');
    seen.push(`${response?.status}: ${body?.replace(/"created":\d+|127\.0\.0\.1:\d+/g, '')}`);
  }
  return seen;
}

async function unpleasantGuest(seed: number): Promise<Guest> {
  const guest = await guestOf({ seed, faults: { ...unpleasantFaults(), stalled: 0, slow: 0 } });
  guest.simulator.archive.seedItem({
    identifier,
    metadata: ready,
    files: [{ name: image, content: Buffer.from('x') }],
  });
  return guest;
}

const downloads = Array.from({ length: 60 }, () => `/download/${identifier}/${image}`);
const metadata = Array.from({ length: 60 }, () => `/metadata/${identifier}`);

describe('faults', () => {
  it('are the same for the same seed, and others for another', async () => {
    const first = await visit(await unpleasantGuest(1), [...downloads, ...metadata]);
    expect(new Set(first).size).toBeGreaterThan(2);
    expect(await visit(await unpleasantGuest(1), [...downloads, ...metadata])).toEqual(first);
    expect(await visit(await unpleasantGuest(2), [...downloads, ...metadata])).not.toEqual(first);
  });

  it("of one kind don't depend on how many requests of other kinds came in between", async () => {
    const apart = await visit(await unpleasantGuest(1), [...downloads, ...metadata]);
    const mixed = await visit(
      await unpleasantGuest(1),
      downloads.flatMap((path, index) => [path, metadata[index] ?? '']),
    );
    expect(mixed.filter((_, index) => index % 2 === 0)).toEqual(apart.slice(0, 60));
    expect(mixed.filter((_, index) => index % 2 === 1)).toEqual(apart.slice(60));
  });

  it('strike about as often as their share says', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (seed, share) => {
        const dice = new FaultDice(seed, { ...noFaults(), writeError: share });
        const struck = occurrences('put', 2000).filter((occurrence) => dice.strikes('writeError', occurrence)).length;
        // Seven standard deviations at the widest.
        expect(Math.abs(struck / 2000 - share)).toBeLessThan(0.08);
      }),
      { numRuns: 50 },
    );
  });

  it('strike as often as `next` says, only where items and kinds say, and again when set again', () => {
    const faults = { ...noFaults(), slow: { next: 2, items: [identifier], kinds: ['put'] } as FaultSwitches['slow'] };
    const dice = new FaultDice(1, faults);
    const strikes = (kind: Occurrence['kind'], subject: string) =>
      dice.strikes('slow', { kind, n: 0, subjects: [subject] });
    expect([strikes('put', otherIdentifier), strikes('copy', identifier)]).toEqual([false, false]);
    expect([1, 2, 3].map(() => strikes('put', identifier))).toEqual([true, true, false]);
    faults.slow = { next: 1 };
    expect([1, 2].map(() => strikes('delete', otherIdentifier))).toEqual([true, false]);
  });

  it('are all off until they are turned on', async () => {
    const guest = await guestOf();
    const dice = new FaultDice(1, guest.simulator.faults);
    const names = Object.entries(noFaults()).flatMap(([name, value]) => (value === 0 ? [name] : []));
    const on = names.filter((name) =>
      occurrences('put', 200).some((it) => dice.strikes(name as keyof FaultSwitches, it)),
    );
    expect(on).toEqual([]);
  });
});

function occurrences(kind: Occurrence['kind'], count: number): Occurrence[] {
  return Array.from({ length: count }, (_, n) => ({ kind, n, subjects: [identifier] }));
}
