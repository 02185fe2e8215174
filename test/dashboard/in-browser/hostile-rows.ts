import { failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { setBrake } from '../../../src/database/brakes/stored-brakes.ts';
import type { Database } from '../../../src/database/connection.ts';
import { dismissEvents } from '../../../src/database/queue/dismiss-events.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import {
  addAuditEntity,
  audit,
  begin,
  clean,
  finding,
  index,
  repair,
  review,
} from '../../database/entities/support.ts';
import { insertEvent, settings, take } from '../../database/queue/queue.ts';

/** What a name, a reason or a comment can hold: markup that runs where it isn't escaped, RTL, and no end. */
const hostile = `<img src=x onerror="alert(1)"><script>alert(2)</script> "'&\u202e\u05e9\u05dc\u05d5\u05dd ${'x'.repeat(10_000)}`;

/** What pages are about, by its address. */
export interface SeededPaths {
  readonly entity: string;
  readonly event: string;
  readonly review: string;
}

const numbered = (n: number, entityType: EntityKey['entityType'] = 'release'): EntityKey => ({
  entityType,
  gid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
});

/** Something of everything that pages show, with hostile texts wherever a person or another machine can put one. */
export async function seedHostileRows(db: Database): Promise<SeededPaths> {
  const key = numbered(1, 'event');
  await db.query('insert into musicbrainz.event (gid, name, comment) values ($1, $2::text, left($2::text, 255))', [
    key.gid,
    hostile,
  ]);
  const entity = await addAuditEntity(db, { key });
  await audit(db, entity, clean);
  await audit(db, entity, review(finding('item.dark', 'review', hostile), finding('xml.value', 'index', hostile)));
  await audit(db, await addAuditEntity(db, { key: numbered(2) }), clean);
  const repaired = await addAuditEntity(db, { key: numbered(3) });
  await audit(db, repaired, repair([index(repaired)]));
  await begin(db, await addAuditEntity(db, { key: numbered(4) }));
  await addAuditEntity(db, { key: numbered(5), status: 'legacy', priority: 200 });

  const gid = key.gid;
  const failed = await insertEvent(db, { entityType: 'event', message: { gid } });
  await failAttempt(db, { ...(await take(db, failed)), reason: hostile, permanent: true }, settings);
  const dismissed = await insertEvent(db, { state: 'failed', attempts: 5, message: { gid: hostile } });
  await dismissEvents(db, [dismissed], { actor: 'rob', note: hostile });
  await insertEvent(db, { state: 'failed', attempts: 5, dependsOn: [failed], message: { gid: hostile, [hostile]: 1 } });
  for (const state of ['queued', 'completed']) await insertEvent(db, { state });
  await take(db, await insertEvent(db));

  // The longest words that the counts of the overview have.
  await db.query(
    `insert into artwork_reconciler.activity_hour (hour, what, key, count)
     select date_trunc('hour', now()) - interval '1 hour', what, key, 1000000
     from (values ('answered', 'musicbrainz check_limit no_answer'), ('repair', 'index.image_duplicate_and_others'),
       ('review', 'somebody-with-a-long-name'), ('audit', 'manual_review'), ('attempt', 'given_back')) counted (what, key)`,
  );
  await setBrake(db, { name: 'breaker', reason: hostile });
  await db.query(
    `insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     values ($1, $1, 'pace', $2, $3, $1)`,
    [hostile, JSON.stringify({ [hostile]: 1 }), JSON.stringify({ [hostile]: hostile })],
  );
  const { rows } = await db.query<{ id: number }>('select id from artwork_reconciler.needs_manual_review');
  return {
    entity: `/entities/event/${gid}`,
    event: `/events/${failed}`,
    review: `/reviews/${rows[0]!.id}`,
  };
}
