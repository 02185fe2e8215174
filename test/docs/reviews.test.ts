import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { reviewInWords } from '../../src/commands/reviews/list.ts';
import { resolveReview, wontFixReview } from '../../src/database/entities/close-review.ts';
import { catalogue } from '../../src/domain/checks/catalogue.ts';
import { itemName } from '../../src/domain/documents/file-names.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { auditOf, untilStatus } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';
import { asQuoted, makeCase, reviewCases, reviewOf } from './review-cases.ts';

// As long as the slowest case takes on a busy machine.

const page = readFileSync(resolve(import.meta.dirname, '../../docs/reviews.md'), 'utf8');
/** What the page quotes, by the name that stands behind the fence. */
const quotes = new Map(
  [...page.matchAll(/^```text (\S+)\n([\s\S]*?)\n```$/gm)].map(([, name, text]) => [name!, text!] as const),
);

let deployment: Deployment;
const keys = new Map<string, EntityKey>();

/** All cases at once, side by side: each is released, repaired or tried again as often as it takes. */
beforeAll(async () => {
  deployment = await startDeployment({
    settings: { EVENTS_CONCURRENCY: '8', EVENTS_ATTEMPT_DELAY_SECONDS: '0.05', AUDIT_MAX_WAIT_HOURS: '0.0003' },
  });
  for (const each of reviewCases) keys.set(each.name, await makeCase(deployment, each));
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

describe('docs/reviews.md', () => {
  test.each(reviewCases)('quotes what an audit says: $name', async ({ name }) => {
    const { reviewReason } = await reviewOf(deployment, keys.get(name)!);
    expect(quotes.get(name)).toBe(asQuoted(reviewReason));
  });

  test('quotes what `reviews show` prints', async () => {
    const review = await reviewOf(deployment, keys.get('files.extra_image')!);
    expect(`${quotes.get('show')}\n`).toBe(asQuoted(`${reviewInWords(review).join('\n')}\n`));
  });

  test('quotes nothing else', () => {
    const known = ['show', ...reviewCases.map(({ name }) => name)];
    expect([...quotes.keys()].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('has a part about every check that can send an entity to a person', () => {
    const ofPeople = catalogue.filter(({ name, policies: [first] }) => {
      // Repaired at first, or where a copy is seen; else, and where the repair does not take, for a person.
      const sometimes = name.startsWith('meta.') || name === 'files.image' || name === 'files.extra_image';
      return first === 'review' || first === 'review_last' || sometimes;
    });
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!).join('\n');
    expect(ofPeople.map(({ name }) => name).filter((name) => !headings.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('what it says of closing a review', () => {
  const word = (reviewId: number) => ({ reviewId, actor: 'tester', note: 'seen to' });

  test('resolved, and the same is found again: a new review, marked regressed', async () => {
    const key = keys.get('item.dark')!;
    const { id } = await reviewOf(deployment, key);
    await resolveReview(deployment.db, word(id));
    expect(await reviewOf(deployment, key)).toMatchObject({ regressed: true });
  });

  test('won’t fix: the entity is clean while the evidence is the same, and asks again when it is another', async () => {
    const { db, simulator } = deployment;
    const key = keys.get('files.image')!;
    const { id } = await reviewOf(deployment, key);
    await wontFixReview(db, word(id));
    await untilStatus(db, key, 'clean');

    const item = itemName(key.gid);
    const original = simulator.archive.item(item)!.files.find(({ name }) => /-\d+\.(jpg|png|gif|pdf)$/.test(name))!;
    simulator.archive.removeAsOperator(item, original.name);
    await auditOf(deployment, key);
    const again = await reviewOf(deployment, key);
    expect(again.id).not.toBe(id);
    expect(again).toMatchObject({ regressed: false, reasons: [{ check: 'files.image', count: 2 }] });
  });

  test('nobody answers, and the reason goes: the review is resolved by the audit that no longer finds it', async () => {
    const key = keys.get('item.dark-public')!;
    const { id } = await reviewOf(deployment, key);
    deployment.simulator.archive.setDark(itemName(key.gid), true);
    const { auditId, ...review } = await vi.waitFor(async () => {
      await auditOf(deployment, key);
      return reviewOf(deployment, key, 'resolved');
    }, patience);
    expect(review).toMatchObject({ id, resolvedBy: null, resolutionNotes: `gone at audit ${auditId}` });
  });
});
