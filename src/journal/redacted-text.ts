/**
 * Texts on their way through a policy of redaction, one after the other, and what was taken out of
 * them. What has nothing to be taken out stays as it is, and so does what was redacted before.
 */
import { createHmac } from 'node:crypto'
import { mayHoldSecrets, withoutConnectionSecrets } from './connection-secrets.js'
import type { RedactedFields, RedactionPolicy } from './redaction.js'
import { isPlaceholder, replaceMatches } from './redaction-pattern.js'

/** 128 bits, as hexadecimal digits. */
const HMAC_DIGITS = 32
/** A pattern may find something in what stands in the place of a password, and the other way round. */
const MOST_ROUNDS = 10

/** The texts of one thing: a journal, or whatever else leaves as a whole. */
export class TextRedaction {
  /** What was taken out so far: names of fields, `passwords` and `patterns`. */
  readonly taken = new Set<string>()
  readonly #policy: RedactionPolicy
  readonly #fields: ReadonlySet<RedactedFields>
  readonly #hasPatterns: boolean

  constructor(policy: RedactionPolicy) {
    this.#policy = policy
    this.#fields = new Set(policy.fields)
    this.#hasPatterns = (policy.patterns?.length ?? 0) > 0
  }

  /** What was taken out, sorted, with commas between; `undefined` where nothing was. */
  get redaction(): string | undefined {
    return this.taken.size === 0 ? undefined : [...this.taken].sort().join(',')
  }

  /** Any text: without passwords and without what a pattern finds. */
  text(text: string): string {
    const { patterns = [] } = this.#policy
    let shown = text
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = shown
      shown = withoutConnectionSecrets(shown)
      if (shown !== before) this.taken.add('passwords')
      if (patterns.length === 0) return shown
      const unmatched = replaceMatches(shown, patterns, (match) => this.#placeholder(match))
      if (unmatched === shown) return shown
      this.taken.add('patterns')
      shown = unmatched
    }
    return this.#placeholder(text)
  }

  /** A text that is one of these fields: nothing of it is left where the policy names them. */
  field(fields: RedactedFields, text: string): string {
    if (text === '') return text
    // What was redacted before says so again, whoever sends it and by whatever policy.
    const isRedacted = isPlaceholder(text)
    if (!isRedacted && !this.#fields.has(fields)) return this.text(text)
    this.taken.add(fields)
    return isRedacted ? text : this.#placeholder(text)
  }

  /**
   * Whether {@link field} gives a text back as it is and has nothing to note, told without going through
   * it closely; false says nothing.
   */
  surelyKeeps(fields: RedactedFields, text: string): boolean {
    if (this.#hasPatterns || this.#fields.has(fields)) return false
    return isShortNumber(text) || (!mayHoldSecrets(text) && text.charCodeAt(0) !== BRACKET)
  }

  #placeholder(text: string): string {
    const { key } = this.#policy
    if (key === undefined) return '[redacted]'
    const hmac = createHmac('sha256', key).update(text).digest('hex')
    return `[redacted:${hmac.slice(0, HMAC_DIGITS)}]`
  }
}

const BRACKET = 0x5b
const ZERO = 0x30

/** Longer texts are sooner searched than gone through. */
const MOST_DIGITS = 12

/** Digits, as most keys of chunks are: nothing that is looked for consists of these alone. */
function isShortNumber(text: string): boolean {
  if (text.length > MOST_DIGITS) return false
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO
    if (digit < 0 || digit > 9) return false
  }
  return true
}
