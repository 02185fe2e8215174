import { expect, test } from 'vitest';
import { AskTogether } from '../../src/database/ask-together.ts';

/** Statements that are answered when the test says so. */
function statements(most?: number) {
  const sent: { readonly questions: readonly number[]; readonly answer: () => void; readonly fail: () => void }[] = [];
  const together = new AskTogether<number, string>(
    (questions) =>
      new Promise((resolve, reject) => {
        sent.push({
          questions,
          answer: () => resolve(questions.map((number) => (number < 0 ? new RangeError(`${number}`) : `${number}!`))),
          fail: () => reject(new Error('the database is away')),
        });
      }),
    most,
  );
  return { sent, together };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the first is asked at once, and alone', () => {
  const { sent, together } = statements();
  void together.ask(1);
  expect(sent.map(({ questions }) => questions)).toEqual([[1]]);
});

test('who asks meanwhile shares the next statement, and gets the own answer', async () => {
  const { sent, together } = statements();
  const answers = [1, 2, 3].map((number) => together.ask(number));
  sent[0]!.answer();
  await settled();
  expect(sent.map(({ questions }) => questions)).toEqual([[1], [2, 3]]);
  sent[1]!.answer();
  expect(await Promise.all(answers)).toEqual(['1!', '2!', '3!']);
});

test('no statement asks for more than so many', async () => {
  const { sent, together } = statements(2);
  const answers = [1, 2, 3, 4].map((number) => together.ask(number));
  for (let statement = 0; statement < 3; statement += 1) {
    sent[statement]!.answer();
    await settled();
  }
  expect(sent.map(({ questions }) => questions)).toEqual([[1], [2, 3], [4]]);
  expect(await Promise.all(answers)).toHaveLength(4);
});

test('an answer that is an error is one for its question alone', async () => {
  const { sent, together } = statements();
  const answers = [1, -2, 3].map((number) => together.ask(number));
  sent[0]!.answer();
  await settled();
  sent[1]!.answer();
  expect(await Promise.allSettled(answers)).toMatchObject([
    { value: '1!' },
    { reason: new RangeError('-2') },
    { value: '3!' },
  ]);
});

test('a statement that fails does so for all who share it; the next is asked all the same', async () => {
  const { sent, together } = statements();
  const answers = [1, 2, 3].map((number) => together.ask(number));
  const ends = Promise.allSettled(answers);
  sent[0]!.answer();
  await settled();
  sent[1]!.fail();
  expect((await ends).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  const after = together.ask(4);
  sent[2]!.answer();
  expect(await after).toBe('4!');
});
