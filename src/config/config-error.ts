/** The configuration can't be used. Its message lists everything that is wrong with it, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly errors: readonly string[];

  /** @param file null where everything comes from the environment */
  constructor(file: string | null, errors: readonly string[]) {
    super(`Wrong configuration${file === null ? '' : ` (${file})`}: ${errors.join('; ')}`);
    this.errors = errors;
  }
}
