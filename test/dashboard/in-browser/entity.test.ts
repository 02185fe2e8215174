import type { Locator } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { changeMode } from '../../../src/database/pace/mode.ts';
import { changeIndexImage } from '../../../src/simulator/drift/documents.ts';
import { addOriginal } from '../../../src/simulator/drift/item-plan.ts';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { mergeEntity, setPresence } from '../../../src/simulator/musicbrainz/changes.ts';
import { addAuditEntity } from '../../database/entities/support.ts';
import { auditOf, darkReview, seedItem, unpaced } from '../../support/audits.ts';
import { imageWidths } from '../../support/browser.ts';
import { servicesOf, startDashboard } from '../../support/dashboard.ts';
import { startDeployment, type Deployment } from '../../support/deployment.ts';
import { patience } from '../../support/patience.ts';
import { atADashboard } from './at-a-dashboard.ts';

let deployment: Deployment;
const at = atADashboard(async () => {
  deployment = await startDeployment({ settings: { ...unpaced, EVENTS_ENABLED: 'false' } });
  const { db, temporal, environment } = deployment;
  const dashboard = await startDashboard({
    db,
    temporal: () => Promise.resolve(temporal),
    settings: servicesOf(environment),
  });
  await deployment.startWorker();
  return { db, dashboard, stop: () => deployment.stop() };
});

describe('one entity', () => {
  test('is found by its MBID, audited, and the outcome comes by itself', async () => {
    const release = await addRelease(at.db, { images: 1 });
    await seedItem(deployment, release);
    const page = await at.open();
    await page.goto(at.url);
    await page.keyboard.press('/');
    await page.keyboard.type(release.gid);
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/entities/release/${release.gid}`));
    await page.locator('#audit-now input[name="note"]').fill('is it well?');
    await page.getByRole('button', { name: 'Audit now' }).click();
    await page.locator('#followed').getByText('came out').waitFor();
    expect(await page.locator('#followed .is-clean').count()).toBeGreaterThan(0);
    const { rows } = await at.db.query(`select action, target, note from artwork_reconciler.operator_action`);
    expect(rows).toEqual([{ action: 'audit entity', target: `release ${release.gid}`, note: 'is it well?' }]);
  });

  test('is repaired in report mode, where that is ticked', async () => {
    await changeMode(at.db, { mode: 'repair' }, { mode: 'report', by: { actor: 'ida' } });
    const release = await addRelease(at.db, { images: 1 });
    await seedItem(deployment, release, (plan) =>
      changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'before' })),
    );
    const page = await at.open();
    // The pages' figures of before are kept for a moment.
    const box = page.getByLabel('repair what it finds, though the mode is report');
    await vi.waitFor(async () => {
      await page.goto(`${at.url}/entities/release/${release.gid}`);
      expect(await box.count()).toBe(1);
    }, patience);
    await box.check();
    await page.getByRole('button', { name: 'Audit now' }).click();
    await page.locator('#followed').getByText('came out').waitFor();
    const { rows } = await at.db.query(
      `select action::text, state::text from artwork_indexer.event_queue where message->>'gid' = $1`,
      [release.gid],
    );
    expect(rows).toEqual([{ action: 'index', state: 'queued' }]);
    await changeMode(at.db, { mode: 'report' }, { mode: 'repair', by: { actor: 'ida' } });
  });

  test('has its index queued once, though the button is clicked twice', async () => {
    const release = await addRelease(at.db, { images: 1 });
    const page = await at.open();
    await page.goto(`${at.url}/entities/release/${release.gid}`);
    await page.getByRole('button', { name: 'Index', exact: true }).dblclick();
    await page.locator('#indexed').waitFor();
    await vi.waitFor(async () => {
      const { rows } = await at.db.query<{ action: string }>(
        `select action::text from artwork_indexer.event_queue where message->>'gid' = $1`,
        [release.gid],
      );
      expect(rows).toEqual([{ action: 'index' }]);
    }, patience);
  });
});

describe('the contents of an entity’s images', () => {
  test('stand on its page, and where the images are side by side, with the days since when each is known', async () => {
    const release = await addRelease(at.db, { images: 1 });
    await seedItem(deployment, release);
    const [{ id, suffix }] = [release.images[0]!];
    await at.db.query(
      `insert into artwork_reconciler.image_content (artwork_id, suffix, entity_type, md5, first_seen, last_seen)
       values ($1, $2, 'release', '0123456789abcdef0123456789abcdef', '2024-05-06', '2025-06-07')`,
      [id, suffix],
    );
    await at.db.query(
      `insert into artwork_reconciler.image_other_content (artwork_id, suffix, entity_type, md5, first_seen, last_seen)
       values ($1, $2, 'release', 'fedcba9876543210fedcba9876543210', '2026-07-08', '2026-07-08')`,
      [id, suffix],
    );
    const known = [
      'md5 0123456789abcdef0123456789abcdef, seen from 2024-05-06 to 2025-06-07',
      'another content: md5 fedcba9876543210fedcba9876543210, seen on 2026-07-08',
    ];
    const page = await at.open();
    await page.goto(`${at.url}/entities/release/${release.gid}`);
    const section = page.getByRole('region', { name: 'Contents of its images' });
    await section.getByText(`Image ${id}.${suffix}`).waitFor();
    expect(await section.getByRole('listitem').allInnerTexts()).toEqual(known);
    await page.goto(`${at.url}/entities/release/${release.gid}/images`);
    await page.getByText(`Image ${id}.${suffix}`).first().waitFor();
    expect(await page.locator('[data-part="contents"] li').allInnerTexts()).toEqual(known);
    expect(await factOf(page.locator('figure'), 'Content known')).toBe('not yet: no audit saw it');
  });
});

describe('images side by side', () => {
  test('are seen: each file of an image, the expected one marked, beside its owner’s; those of findings first', async () => {
    const release = await addRelease(at.db, { images: [{ suffix: 'jpg' }, { suffix: 'png' }] });
    const owner = await addRelease(at.db, { images: [{ suffix: 'gif' }] });
    const [twice, fine] = [release.images[0]!, release.images[1]!];
    const [elsewhere] = [owner.images[0]!];
    await seedItem(deployment, release, (plan) => {
      addOriginal(plan, twice.id, 'png');
      addOriginal(plan, elsewhere.id, 'gif');
    });
    await seedItem(deployment, owner);
    expect((await auditOf(deployment, release)).outcome).toBe('manual_review');
    const page = await at.open();
    await page.goto(`${at.url}/entities/release/${release.gid}/images`);

    const files = page.locator('figure[data-file]');
    const of = (gid: string, id: number, suffix: string) => `mbid-${gid}-${id}.${suffix}`;
    expect(await files.evaluateAll((all: Attributed[]) => all.map((each) => each.getAttribute('data-file')))).toEqual([
      of(release.gid, twice.id, 'jpg'),
      of(release.gid, twice.id, 'png'),
      of(release.gid, elsewhere.id, 'gif'),
      of(owner.gid, elsewhere.id, 'gif'),
      of(release.gid, fine.id, 'png'),
    ]);
    expect(
      await page
        .getByRole('region', { name: `Image ${twice.id}` })
        .getByText('files.image_unique')
        .count(),
    ).toBe(1);
    expect(await files.nth(0).getByText('expected').count()).toBe(1);
    for (const other of [1, 2]) expect(await files.nth(other).getByText('expected').count()).toBe(0);
    expect(await files.nth(3).getByText('expected').count()).toBe(1);
    expect(await files.nth(3).locator('figcaption').innerText()).toContain('on the item of its owner');
    expect(await files.nth(3).locator('figcaption').innerText()).toContain('the same content as on this item');

    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1280, 1440]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        // What no finding is about is a thumbnail.
        expect([width, await imageWidths(page)]).toEqual([width, [1440, 1440, 1440, 1440, 250]]);
        const boxes = await Promise.all((await files.all()).map((file) => file.boundingBox()));
        expect([width, boxes.filter((box) => box!.width < 150 || box!.x < 0 || box!.x + box!.width > width)]).toEqual([
          width,
          [],
        ]);
      }
    }
    await files.nth(0).getByText('1440 × 1440').waitFor();
    const png = deployment.simulator.archive
      .item(`mbid-${release.gid}`)!
      .files.find(({ name }) => name === of(release.gid, twice.id, 'png'))!;
    expect(await factOf(files.nth(1), 'Bytes')).toBe(png.content.length.toLocaleString('en'));
    expect(await factOf(files.nth(1), 'md5')).toBe(png.md5);
    expect(await factOf(files.nth(1), 'Modified')).toBe('365 days ago');
    expect(await factOf(files.nth(1), 'Content known')).toMatch(/^since \d{4}-\d\d-\d\d, the first of it$/);
  });

  test('show what an entity lacks as the merged item holds it', async () => {
    const from = await addRelease(at.db, { images: [{ suffix: 'jpg' }] });
    const into = await addRelease(at.db, { images: [{ suffix: 'jpg' }] });
    const [moved] = [from.images[0]!];
    await seedItem(deployment, from);
    await mergeEntity(at.db, from, into);
    await seedItem(deployment, into, (plan) => void plan.files.delete(`mbid-${into.gid}-${moved.id}.jpg`));
    const page = await at.open();
    await page.goto(`${at.url}/entities/release/${into.gid}/images`);
    const figures = page.getByRole('region', { name: `Image ${moved.id}` }).locator('figure');
    expect(await figures.nth(0).innerText()).toContain(`No original ${moved.id}.jpg.`);
    expect(await figures.nth(1).innerText()).toContain('on the item of what was merged into it');
    expect(await imageWidths(page)).toEqual([1440, 250]);
    await page.goto(`${at.url}/entities/release/${from.gid}`);
    await page.getByText('Merged in MusicBrainz into').waitFor();
    expect(await page.getByRole('button', { name: 'Index', exact: true }).count()).toBe(0);
  });
});

describe('small pictures', () => {
  test('come from the archive to the reader, and are as large before they come, or where none does', async () => {
    const [shown, bare] = [await addRelease(at.db, { images: 1 }), await addRelease(at.db, { images: 1 })];
    await seedItem(deployment, shown);
    for (const entity of [shown, bare]) await addAuditEntity(at.db, { key: entity });
    deployment.simulator.resetRequests();
    const page = await at.open();
    await page.goto(`${at.url}/entities`);
    const pictureOf = ({ gid }: { gid: string }) =>
      page.locator('tr', { has: page.locator(`a[href$="${gid}"]`) }).locator('.thumbnail');
    const small = await pictureOf(shown).boundingBox();
    expect(await pictureOf(bare).boundingBox()).toMatchObject({ width: small!.width, height: small!.height });
    const image = pictureOf(shown).locator('img');
    for (const [name, value] of Object.entries({ alt: '', loading: 'lazy', referrerpolicy: 'no-referrer' }))
      expect(await image.getAttribute(name)).toBe(value);
    expect(await imageWidths(page, `tr:has(a[href$="${shown.gid}"])`)).toEqual([250]);
    expect(await imageWidths(page, `tr:has(a[href$="${bare.gid}"])`)).toEqual([0]);
    // Nor is anything seen of a picture that didn't come.
    expect(await pictureOf(bare).locator('img').boundingBox()).toMatchObject({ width: 0 });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    // What is new is loaded; the pictures that are there are not asked for again.
    await page
      .locator('tbody tr')
      .first()
      .evaluate((row: { id: string }) => (row.id = 'before'));
    await page.keyboard.press('r');
    await page.locator('#before').waitFor({ state: 'detached' });
    expect(await imageWidths(page, `tr:has(a[href$="${shown.gid}"])`)).toEqual([250]);
    expect(asked.filter((url) => !url.startsWith(at.url))).toEqual([]);
    await page.goto(`${at.url}/entities/release/${shown.gid}`);
    expect(await imageWidths(page, '.is-head')).toEqual([250]);
    // Requests of browsers are not among them.
    expect(Object.values(deployment.simulator.requests()).filter((count) => count > 0)).toEqual([]);
  });
});

interface Attributed {
  getAttribute(name: string): string | null;
}

function factOf(figure: Locator, name: string): Promise<string> {
  return figure
    .locator('dl > div', { has: figure.page().getByText(name, { exact: true }) })
    .locator('dd')
    .innerText();
}

describe('a review', () => {
  test('shows images side by side, has its entity audited again, and is gone once that is well', async () => {
    const { release, id } = await darkReview(deployment, { images: 2 });
    const page = await at.open();
    await page.goto(`${at.url}/reviews/${id}`);
    await page.locator('#images > summary').click();
    for (const image of release.images) await page.getByText(`Image ${image.id}.jpg`).first().waitFor();
    // An editor says in MusicBrainz what the archive's staff did.
    await setPresence(at.db, release, 'darkened');
    await page.getByRole('button', { name: 'Audit again now' }).click();
    await page.locator('#followed').getByText('came out').waitFor();
    expect(await page.locator('#followed .is-clean').count()).toBeGreaterThan(0);
    await page.locator('#stays-closed', { hasText: 'closed automatically' }).waitFor();
  });
});
