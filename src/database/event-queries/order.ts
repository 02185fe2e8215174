import { files, imageFile, item, items, maxAttempts, open, ready, target } from './event-sql.ts';

/**
 * The order per item (life-cycles page, "Order per item"): a subquery with the ids of the events that hold back the
 * event `e`. It may run only where there is none.
 *
 * Held back is what touches an item that an event in hand touches, and what comes after an event that is ready. What is
 * not ready holds back only what touches the same file. Held back for the order alone counts as ready: otherwise a copy
 * that waits for its one item would be overtaken on the other.
 *
 * @param e the alias of the event that wants to run
 * @param delay the SQL parameter with `[events] attempt_delay_seconds`
 */
export const holders = (e: string, delay: string): string => `
  select holder.id from artwork_indexer.event_queue holder
  where ${open('holder')} and ${item('holder')} = any (${items(e)}) and ${holds('holder', e, delay)}
  union all
  select holder.id from artwork_indexer.event_queue holder
  where ${open('holder')} and holder.action = 'copy_image' and ${target('holder')} = any (${items(e)})
    and ${holds('holder', e, delay)}
  union all
  -- In hand, though the other daemon's housekeeping may have set the row to failed.
  select holder.id
  from artwork_reconciler.event_claim claim join artwork_indexer.event_queue holder on holder.id = claim.event
  where holder.id <> ${e}.id and ${items('holder')} && ${items(e)}`;

const holds = (holder: string, e: string, delay: string): string => `
  ${holder}.id <> ${e}.id and (
    ${holder}.state = 'running'
    or (${holder}.created, ${holder}.id) < (${e}.created, ${e}.id) and case
      when ${ready(holder, delay)} then true
      when ${holder}.action = 'copy_image' and ${e}.action = 'delete_image' and ${imageFile(holder)} = ${imageFile(e)}
        -- Whatever becomes of the copy, its source is not deleted before.
        then not ${dependsOnLater(holder, e, '=')}
      when ${holder}.attempts >= ${maxAttempts} then false
      when ${holder}.action = 'delete_image' and ${e}.action = 'copy_image' and ${imageFile(holder)} = ${imageFile(e)}
        -- The deletion may have been refused for the sake of this very copy.
        then false
      else ${files(holder)} && ${files(e)} and not ${dependsOnLater(holder, e, '>=')}
    end)`;

/**
 * Whether an event waits, directly or not, for one that comes after `e`, or for `e` itself. It then comes after that
 * one, whatever its id says (a trigger appends new parents to an `index` that is already queued); if it held back `e`,
 * the two could wait for each other.
 */
const dependsOnLater = (holder: string, e: string, comparison: '=' | '>='): string => `
  exists (
    with recursive ancestor as (
      select parent.id, parent.created, parent.depends_on
      from artwork_indexer.event_queue parent
      where parent.id = any (${holder}.depends_on) and parent.state <> 'completed'
      union
      select parent.id, parent.created, parent.depends_on
      from ancestor join artwork_indexer.event_queue parent on parent.id = any (ancestor.depends_on)
      where parent.state <> 'completed'
    )
    select from ancestor where (ancestor.created, ancestor.id) ${comparison} (${e}.created, ${e}.id) offset 0)`;
