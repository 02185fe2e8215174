import { describe, expect, test, vi } from 'vitest';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { setPresence } from '../../../src/simulator/musicbrainz/changes.ts';
import { darkReview, patience, seedItem, unpaced } from '../../support/audits.ts';
import { servicesOf, startDashboard } from '../../support/dashboard.ts';
import { type Deployment, startDeployment } from '../../support/deployment.ts';
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
    // Or the browser would be sent to the simulator's data nodes, which the page's policy doesn't allow.
    deployment.simulator.archive.setDark(`mbid-${release.gid}`, true);
    await page.goto(`${at.url}/entities/release/${release.gid}/images`);
    await page.getByText(`Image ${id}.${suffix}`).first().waitFor();
    expect(await page.locator('[data-part="contents"] li').allInnerTexts()).toEqual(known);
  });
});

describe('a review', () => {
  test('shows images side by side, has its entity audited again, and is gone once that is well', async () => {
    const { release, id } = await darkReview(deployment, { images: 2 });
    const page = await at.open();
    await page.goto(`${at.url}/reviews/${id}`);
    await page.getByText('Images side by side').click();
    for (const image of release.images) await page.getByText(`Image ${image.id}.jpg`).first().waitFor();
    // An editor says in MusicBrainz what the archive's staff did.
    await setPresence(at.db, release, 'darkened');
    await page.getByRole('button', { name: 'Audit again now' }).click();
    await page.locator('#followed').getByText('came out').waitFor();
    expect(await page.locator('#followed .is-clean').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Reopen' }).waitFor();
  });
});
