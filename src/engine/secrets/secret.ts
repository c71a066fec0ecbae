import { inspect } from 'node:util'

const REDACTED = '[secret]'

/** A value that cannot be printed, serialised or cloned by accident; only `reveal()` gives it out. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The plain value. Call it only where it leaves for the host that it belongs to. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [Symbol.toPrimitive](): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
