/** Lists that are read in an index's order, a page at a time, each page at a bounded cost. */
export { type KeyColumn } from './keyset.ts';
export {
  adderTo,
  countWalk,
  InvalidPlaceError,
  readWalk,
  reversed,
  type CappedCount,
  type ListPage,
  type Parameter,
  type Walk,
  type WalkedList,
} from './walk.ts';
