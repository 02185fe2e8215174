/** Lists that are read in an index's order, a page at a time, each page at a bounded cost. */
export { type KeyColumn } from './keyset.ts';
export {
  adderTo,
  type CappedCount,
  countWalk,
  InvalidPlaceError,
  type ListPage,
  type Parameter,
  readWalk,
  reversed,
  type Walk,
  type WalkedList,
} from './walk.ts';
