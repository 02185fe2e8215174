import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';

const read = (env: NodeJS.ProcessEnv) => readConfig({ file: '/dev/null', env }).database;

describe('the address of the database', () => {
  test.each(['allow', 'prefer'])('insists on no TLS where sslmode is %s, as libpq would not', (sslmode) => {
    expect(read({ DATABASE_SSLMODE: sslmode, DATABASE_PASSWORD: 'sesame' })).toEqual({
      ...{ host: 'localhost', port: 5432, user: 'musicbrainz', password: 'sesame', database: 'musicbrainz_db' },
    });
  });

  test.each(['disable', 'require', 'verify-ca'])('says so where sslmode is %s', (sslmode) => {
    expect(read({ DATABASE_SSLMODE: sslmode }).connectionString).toContain(`sslmode=${sslmode}`);
  });

  test('is encoded part by part, with brackets around an IPv6 host, and has no password where none is set', () => {
    const env = { DATABASE_SSLMODE: 'require', DATABASE_HOST: '::1', DATABASE_USER: 'a@b', DATABASE_DBNAME: 'm/b?c' };
    expect(read(env)).toEqual({
      connectionString: 'postgres://a%40b@[::1]:5432/m%2Fb%3Fc?uselibpqcompat=true&sslmode=require',
    });
  });

  test('of one server has what is asked of it, too', () => {
    expect(read({ DATABASE_TARGET_SESSION_ATTRS: 'primary' })).toMatchObject({
      among: { servers: [{ host: 'localhost', port: 5432 }], sessionAttributes: 'primary' },
    });
  });

  test('has one port for all hosts, or one for each: nobody knows whose fewer would be', () => {
    expect(() => read({ DATABASE_HOST: 'one,two,three', DATABASE_PORT: '1,2' })).toThrow(
      '[database] host has 3 and port 2: one port is for all hosts, else each has its own',
    );
  });
});
