import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { dashboardParts, visitorOf } from '../support/dashboard.ts';

const database = await createTestDatabase();

describe('images side by side, for which each look asks the archive', () => {
  // Without a contact nothing is sent, and the page says so.
  const visitor = () => visitorOf(dashboardParts({ ...database, settings: { ARCHIVE_CONTACT: '' } }));
  const path = `/entities/release/${crypto.randomUUID()}/images`;

  test.each(['cross-site', 'same-site', 'anything'])('are not for the pages of others: %s', async (site) => {
    const { status, body } = await visitor().get(path, { 'sec-fetch-site': site });
    expect(status).toBe(403);
    expect(body).toContain('asks the archive');
    expect(body).toContain(`href="${path}"`);
  });

  const own: Record<string, string>[] = [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}];
  test.each(own)('our own pages, the address bar and old browsers may look: %j', async (headers) => {
    const { status, body } = await visitor().get(path, headers);
    expect(status).toBe(200);
    // That nothing could be asked doesn't mean that nothing is there.
    expect(body).toContain('[archive] contact is missing');
  });
});
