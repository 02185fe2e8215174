import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { accountName, roleOf } from '../../../src/dashboard/person.ts';

const lists = (operators: string, readers: string) =>
  readConfig({ file: '/dev/null', env: { DASHBOARD_OPERATORS: operators, DASHBOARD_READERS: readers } }).dashboard;

test.each([
  ['alice', 'alice', '', 'operator'],
  ['alice', 'alice', 'alice', 'operator'],
  ['alice', 'bob', 'alice', 'read-only'],
  ['alice', 'bob', 'carol', null],
  ['Alice', 'alice', '', null],
  ['alice', '', '*', 'read-only'],
  ['alice', '', '', null],
])('%s is, by operators %j and readers %j: %s', (account, operators, readers, role) => {
  expect(roleOf(account, lists(operators, readers))).toBe(role);
});

test.each([
  ['alice', 'alice'],
  ['Zoë Ω', 'Zoë Ω'],
  [' Zoë Ω ', null],
  ['\u00a0alice', null],
  ['a'.repeat(200), 'a'.repeat(200)],
  ['a'.repeat(201), null],
  ['', null],
  [' ', null],
  ['*', null],
  ['alice,bob', null],
  ['ali\nce', null],
  ['ali\0ce', null],
  ['ali\u0085ce', null],
  [7, null],
  [undefined, null],
  [['alice'], null],
])('%j is the account %j', (value, name) => {
  expect(accountName(value)).toBe(name);
});
