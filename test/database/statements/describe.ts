import type pg from 'pg';

/** What the server says that a statement gives, without running it. */
export type Description =
  | { readonly kind: 'described'; readonly columns: readonly DescribedColumn[] }
  | { readonly kind: 'refused'; readonly error: string };

interface DescribedColumn {
  readonly name: string;
  /** The number of its type. */
  readonly oid: number;
}

interface Connection extends NodeJS.EventEmitter {
  parse(query: { text: string; name: string; types: readonly number[] }): void;
  describe(what: { type: 'S'; name: string }): void;
  sync(): void;
}

/** The first half of PostgreSQL's extended protocol, which plans nothing and runs nothing. */
class Describing implements pg.Submittable {
  readonly described: Promise<Description>;
  #settle!: (description: Description) => void;
  #answer: Description = { kind: 'described', columns: [] };
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.described = new Promise((settle) => (this.#settle = settle));
  }

  submit(connection: pg.Connection): void {
    const raw = connection as unknown as Connection;
    raw.parse({ text: this.#text, name: '', types: [] });
    raw.describe({ type: 'S', name: '' });
    raw.sync();
  }
  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    const columns = fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID }));
    this.#answer = { kind: 'described', columns };
  }
  handleError(error: Error): void {
    this.#answer = { kind: 'refused', error: error.message };
    this.#settle(this.#answer);
  }
  handleReadyForQuery(): void {
    this.#settle(this.#answer);
  }
}

export function describeStatement(client: pg.Client, text: string): Promise<Description> {
  return client.query(new Describing(text)).described;
}
