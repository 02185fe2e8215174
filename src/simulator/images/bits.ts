/** Collects bits into bytes, the lowest first, as GIF and deflate have them. */
export class LowFirstBits {
  readonly #bytes: number[] = [];
  #pending = 0;
  #count = 0;

  /** Adds the lowest `width` bits of a value, at most 16. */
  add(value: number, width: number): void {
    this.#pending |= value << this.#count;
    this.#count += width;
    for (; this.#count >= 8; this.#count -= 8) {
      this.#bytes.push(this.#pending & 0xff);
      this.#pending >>>= 8;
    }
  }

  /** Whether the next bit begins a byte. */
  get aligned(): boolean {
    return this.#count === 0;
  }

  /** All bytes, the last one filled up with zeros. */
  bytes(): Buffer {
    return Buffer.from(this.aligned ? this.#bytes : [...this.#bytes, this.#pending & 0xff]);
  }
}

/** Collects bits into bytes, the highest first, as JPEG has them. */
export class HighFirstBits {
  readonly #bytes: number[] = [];
  #pending = 0;
  #count = 0;

  /** Adds the lowest `width` bits of a value, at most 16. */
  add(value: number, width: number): void {
    this.#pending = (this.#pending << width) | (value & ((1 << width) - 1));
    this.#count += width;
    for (; this.#count >= 8; this.#count -= 8) {
      const byte = (this.#pending >> (this.#count - 8)) & 0xff;
      this.#bytes.push(byte);
      // 0xff begins a marker: of one that is data a zero says so.
      if (byte === 0xff) this.#bytes.push(0);
    }
    this.#pending &= (1 << this.#count) - 1;
  }

  addZeros(count: number): void {
    let left = count;
    for (; left > 0 && this.#count > 0; left -= 1) this.add(0, 1);
    for (; left >= 8; left -= 8) this.#bytes.push(0);
    if (left > 0) this.add(0, left);
  }

  /** All bytes, the last one filled up with ones. */
  bytes(): Buffer {
    if (this.#count > 0) this.add(0xff, 8 - this.#count);
    return Buffer.from(this.#bytes);
  }
}
