import { ServiceError } from '@temporalio/client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entityInMarkdown, eventInMarkdown, startFindable } from '../../src/starters/start.ts';
import { attributesAtStart } from '../../src/temporal/search-attributes.ts';
import { eventSummary } from '../../src/temporal/summaries.ts';

const [gid, other] = ['b3b1cc8a-0000-4000-8000-000000000000', '6192dcbe-0000-4000-8000-000000000000'];
const links = {
  archive: { url: 'https://archive.org' },
  dashboard: { publicUrl: null },
  musicbrainz: { url: 'https://musicbrainz.org' },
};

describe('an event is called', () => {
  test.each([
    [
      'copy_image',
      { artwork_id: 8000022, old_gid: gid, new_gid: other, suffix: 'png' },
      '8000022.png: b3b1cc8a → 6192dcbe (release)',
    ],
    ['delete_image', { artwork_id: '7', gid, suffix: 'jpg' }, '7.jpg: b3b1cc8a (release)'],
    ['index', { gid }, 'release b3b1cc8a'],
    ['deindex', { gid }, 'release b3b1cc8a'],
    ['noop', { sleep: 3 }, '{"sleep":3}'],
    ['index', { mbid: 'x' }, '{"mbid":"x"} (release)'],
    ['index', null, 'null (release)'],
    ['index', { gid: { toString: '' } }, 'release {"toStri'],
    ['delete_image', { artwork_id: { toString: 1 }, gid, suffix: ['x'] }, '{"toString":1}.["x"]: b3b1cc8a (release)'],
  ])('by its action and its message: %s %j', (action, message, words) => {
    const summary = eventSummary({ entityType: 'release', action, message });
    expect(summary).toBe(`${action.replace('_', ' ')} ${words}`);
  });

  test('by as much of it as can be written', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
    const called = (action: string, message: unknown) => eventSummary({ entityType: 'release', action, message });
    expect(called('index', { gid: deep })).toBe('index release a list t');
    expect(called('noop', deep)).toBe('noop a list that is nested too deeply to be shown');
  });

  test('by no more than Temporal takes, whatever its message is', () => {
    const actions = fc.constantFrom('index', 'copy_image', 'noop', 'x'.repeat(300));
    fc.assert(
      fc.property(actions, fc.jsonValue(), fc.string({ unit: 'binary' }), (action, value, text) => {
        for (const message of [value, { gid: value }, { old_gid: text, new_gid: value, suffix: text.repeat(9) }]) {
          const summary = eventSummary({ entityType: 'event', action, message });
          expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(400);
          expect(summary).not.toContain('\n');
        }
      }),
    );
  });
});

describe('an entity is shown', () => {
  const named = (name: string, artist: string | null = null) =>
    ({ entityType: 'release', gid, name: { name, artist, mergedInto: null } }) as const;
  const addresses = `[MusicBrainz](https://musicbrainz.org/release/${gid}) · [item](https://archive.org/details/mbid-${gid})`;

  test('by its name and where it is seen', () => {
    expect(entityInMarkdown(named('Harbour Songs', 'Nina'), links)).toBe(`**Harbour Songs**, by Nina · ${addresses}`);
    const settings = { ...links, dashboard: { publicUrl: 'https://here' } };
    expect(entityInMarkdown(named('Harbour Songs'), settings)).toBe(
      `**Harbour Songs** · [dashboard](https://here/entities/release/${gid}) · ${addresses}`,
    );
  });

  test('by its MBID where nobody has a name for it', () => {
    const entity = { entityType: 'release', gid, name: null } as const;
    expect(entityInMarkdown(entity, links)).toBe(`release ${gid} · ${addresses}`);
    expect(eventInMarkdown(5, [entity], links)).toBe(entityInMarkdown(entity, links));
  });

  test('by what it was merged into', () => {
    const merged = {
      entityType: 'release',
      gid,
      name: { name: 'Harbour Songs', artist: null, mergedInto: other },
    } as const;
    expect(entityInMarkdown(merged, links)).toBe(`merged into **Harbour Songs** · ${addresses}`);
  });

  test('with a name that is text, however it is written, and short', () => {
    const shown = entityInMarkdown(named('[x](javascript:alert(1))\n# *<b>'), links);
    expect(shown).toBe(`**\\[x\\]\\(javascript\\:alert\\(1\\)\\) \\# \\*\\<b\\>** · ${addresses}`);
    expect(entityInMarkdown(named('ü'.repeat(10_000)), links)).toBe(`**${'ü'.repeat(99)}…** · ${addresses}`);
  });
});

describe('what Temporal refuses the search attributes of', () => {
  const attributes = attributesAtStart({ entityType: 'event', action: 'index', gids: [gid] });
  const refusal = (code: number) =>
    new ServiceError('Failed to start Workflow', {
      cause: Object.assign(new Error('no'), { code, details: '', metadata: {} }),
    });

  test('is started without', async () => {
    const tried: unknown[] = [];
    await startFindable(attributes, null, (options) => {
      tried.push(options);
      return options.typedSearchAttributes === undefined ? Promise.resolve() : Promise.reject(refusal(3));
    });
    expect(tried).toEqual([{ typedSearchAttributes: attributes }, {}]);
  });

  test('is not, where something else was wrong', async () => {
    let tries = 0;
    const start = () => {
      tries += 1;
      return Promise.reject(refusal(14));
    };
    await expect(startFindable(attributes, null, start)).rejects.toThrow('Failed to start');
    expect(tries).toBe(1);
  });

  test('gets those that are there, and no others', async () => {
    const used = await startFindable(attributes, ['ArtworkAction'], (options) => Promise.resolve(options));
    expect(used).toEqual({ typedSearchAttributes: [attributes[2]] });
    expect(await startFindable(attributes, [], (options) => Promise.resolve(options))).toEqual({});
  });
});
