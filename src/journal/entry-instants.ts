/**
 * When the entries of a journal were recorded, as numbers: read once, however often it is asked for.
 *
 * A run's end, its longest chunk, its digest and its place in a trace are all told by the times of all
 * entries, and to read such a text costs more than to work with what it says. `timestamp.ts` says what
 * is plain and what it means; a text that is not plain is left to whoever asks.
 *
 * Whoever changes a list of entries, or one of them, gets what they say now: what was read before
 * counts only where the very text is the same.
 */
import type { JournalEntry } from './run-journal.js'
import { isPlain, plainNanos, plainSeconds } from './timestamp.js'

/** The instants of entries, by their index. */
export interface EntryInstants {
  /** Whole seconds since 1970; {@link NOT_PLAIN} where the text is not plain. */
  readonly seconds: readonly number[]
  /** The nanoseconds beside them, 0 to 999,999,999; 0 where the text is not plain. */
  readonly nanos: readonly number[]
}

/** No second of a plain timestamp, which is of the years 0 to 9999. */
export const NOT_PLAIN = 2 ** 52

/**
 * The instants of a journal's entries as they are now; good until one of them is changed.
 *
 * @example
 * instantsOf(journal.entries).seconds[0] // 1795251219
 */
export function instantsOf(entries: readonly JournalEntry[]): EntryInstants {
  const known = Known.of(entries)
  if (known?.isOfSoMany(entries)) {
    known.readChanged(entries)
    return known
  }
  const instants = new InstantsRead()
  for (let i = 0; i < entries.length; i++) instants.add(entries[i]?.recorded_at ?? '')
  rememberInstants(entries, instants)
  return instants
}

/**
 * Keeps what was read of entries for {@link instantsOf}.
 *
 * @example
 * rememberInstants(journal.entries, instants)
 */
export function rememberInstants(entries: readonly JournalEntry[], instants: InstantsRead): void {
  Known.set(entries, instants)
}

/**
 * Instants, read one after the other.
 *
 * @example
 * const instants = new InstantsRead()
 * for (const { recorded_at } of entries) instants.add(recorded_at)
 */
export class InstantsRead implements EntryInstants {
  readonly seconds: number[] = []
  readonly nanos: number[] = []
  readonly #texts: string[] = []

  /** Adds the instant of the next entry. */
  add(text: string): void {
    if (isPlain(text)) {
      this.addPlain(text, text, 0)
      return
    }
    this.#texts.push(text)
    this.seconds.push(NOT_PLAIN)
    this.nanos.push(0)
  }

  /**
   * The same for a text that is plain, read from a text in which it stands: the digits of a text that
   * is a part of another one are slower to reach.
   */
  addPlain(text: string, whole: string, at: number): void {
    this.#texts.push(text)
    this.seconds.push(plainSeconds(whole, at))
    this.nanos.push(plainNanos(whole, at, text.length))
  }

  isOfSoMany(entries: readonly JournalEntry[]): boolean {
    return this.#texts.length === entries.length
  }

  readChanged(entries: readonly JournalEntry[]): void {
    for (let i = 0; i < this.#texts.length; i++) {
      const text = entries[i]?.recorded_at ?? ''
      if (this.#texts[i] === text) continue
      const isRead = isPlain(text)
      this.#texts[i] = text
      this.seconds[i] = isRead ? plainSeconds(text) : NOT_PLAIN
      this.nanos[i] = isRead ? plainNanos(text) : 0
    }
  }
}

const Given = asGiven as unknown as new (given: object) => object

function asGiven(given: object): object {
  return given
}

/**
 * What is known of a list of entries, as a private member of the list itself: nobody else sees it, and
 * it goes with the list. A WeakMap says the same, but costs the garbage collector more than is saved.
 */
class Known extends Given {
  #instants: InstantsRead

  private constructor(entries: readonly JournalEntry[], instants: InstantsRead) {
    super(entries)
    this.#instants = instants
  }

  static of(entries: readonly JournalEntry[]): InstantsRead | undefined {
    return #instants in entries ? entries.#instants : undefined
  }

  static set(entries: readonly JournalEntry[], instants: InstantsRead): void {
    if (#instants in entries) entries.#instants = instants
    else if (Object.isExtensible(entries)) new Known(entries, instants)
  }
}
