import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openTemporal, readTemporalConfig } from '../src/temporal/connection.ts';

test('an address that is set but empty counts as not set', () => {
  expect(readTemporalConfig({ TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' })).toEqual(readTemporalConfig({}));
});

test('TLS that doesn’t come about is named, not only that the time is over', async () => {
  const plain = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void plain.close());
  const address = `127.0.0.1:${(plain.address() as AddressInfo).port}`;
  await expect(openTemporal({ connectionOptions: { address, tls: true } }, 300)).rejects.toThrow(
    /can't be reached: .* \(TLS: .*\)\. Set TEMPORAL_ADDRESS/,
  );
});
