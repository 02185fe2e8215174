import { describe, expect, it } from 'vitest';
import { isMbid } from '../../src/domain/entity.ts';
import { createRandom } from '../../src/simulator/random.ts';

function draw(random: ReturnType<typeof createRandom>): unknown[] {
  return [random.next(), random.integer(1, 1e11), random.uuid(), random.shuffle([1, 2, 3, 4, 5]), random.chance(0.5)];
}

describe('seeded random numbers', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(draw(createRandom(7))).toEqual(draw(createRandom(7)));
    expect(draw(createRandom(7))).not.toEqual(draw(createRandom(8)));
  });

  it('of a fork do not depend on what was drawn from its parent', () => {
    const fresh = createRandom('seed');
    const drawnFrom = createRandom('seed');
    drawnFrom.next();
    expect(draw(drawnFrom.fork('images'))).toEqual(draw(fresh.fork('images')));
    expect(draw(fresh.fork('images'))).not.toEqual(draw(fresh.fork('events')));
  });

  it('stay within their bounds and reach both ends', () => {
    const random = createRandom(1);
    const drawn = new Set(Array.from({ length: 1000 }, () => random.integer(3, 6)));
    expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
  });

  it('make UUIDs that are MBIDs, none twice in 50,000', () => {
    const random = createRandom(1);
    const uuids = Array.from({ length: 50_000 }, () => random.uuid());
    expect(uuids.every(isMbid)).toBe(true);
    expect(new Set(uuids).size).toBe(uuids.length);
  });

  it('shuffle without losing or inventing anything', () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    expect(
      createRandom(1)
        .shuffle(items)
        .sort((a, b) => a - b),
    ).toEqual(items);
  });

  it('refuse to pick from nothing', () => {
    expect(() => createRandom(1).pick([])).toThrow(RangeError);
  });
});
