import { expect, onTestFinished, test } from 'vitest';
import { registerSearchAttributes } from '../../src/starters/search-attributes.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { searchAttributes } from '../../src/temporal/search-attributes.ts';
import { createTestNamespace } from '../support/temporal.ts';

test(
  'one that is there with another type is not used, and said to be; the others are',
  { timeout: 120_000 },
  async () => {
    const { address, namespace } = await createTestNamespace();
    const temporal = await openTemporal({ connectionOptions: { address }, namespace });
    onTestFinished(() => temporal.connection.close());
    const { entityType, project, outcome, action, mbid } = searchAttributes;
    const { operatorService } = temporal.connection as unknown as {
      operatorService: { addSearchAttributes(request: object): Promise<unknown> };
    };
    // 3: INDEXED_VALUE_TYPE_INT.
    await operatorService.addSearchAttributes({ namespace, searchAttributes: { [outcome.name]: 3 } });
    const warned: string[] = [];
    const log = { warn: (_fields: object, message: string) => void warned.push(message) };
    expect(await registerSearchAttributes(temporal, log)).toEqual(
      [entityType, project, action, mbid].map(({ name }) => name),
    );
    expect(warned).toEqual([
      expect.stringContaining(`the search attribute ${outcome.name} is not of the type Keyword`),
    ]);
  },
);
