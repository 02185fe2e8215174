import fc from 'fast-check';

/** Any value that JSON of ours can hold. */
export function jsonValue(): fc.Arbitrary<unknown> {
  // Single UTF-16 units as well, so that lone surrogates come up.
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit }));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      text,
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(text, tie('value')),
    ),
  }));
  return value;
}
