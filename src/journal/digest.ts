/**
 * The digest of a journal: what proves that a journal read back is the one that was sent.
 *
 * SHA-256, in lower-case hexadecimal, of the journal in canonical JSON with every `recorded_at` in
 * chrono's spelling. Two journals that mean the same to rivet have one digest.
 */
import { createHash, hash as digestOf, type Hash } from 'node:crypto'
import { canonicalJson } from '../json/canonical.js'
import type { JsonValue } from '../json/lossless.js'
import { canonicalEntry } from './canonical-entry.js'
import { instantsOf, NOT_PLAIN } from './entry-instants.js'
import type { JournalEntry, RunJournal } from './run-journal.js'

export { canonicalEntry }

/**
 * The digest of a whole journal: 64 hexadecimal digits.
 *
 * It is computed entry by entry, so it needs no second copy of a large journal.
 *
 * @example
 * journalDigest(journal) // 'a0bf0c0f08ef8af0f1a9fddc5b8e4740…'
 */
export function journalDigest(journal: RunJournal): string {
  const hash = new TextHash()
  const members: Record<string, JsonValue> = { ...journal.extra }
  for (const key of Object.keys(members)) if (members[key] === null) delete members[key]
  members.run_id = journal.run_id
  members.export_name = journal.export_name
  members.entries = []
  let separator = '{'
  for (const key of Object.keys(members).sort()) {
    hash.add(`${separator}${JSON.stringify(key)}:`)
    if (key === 'entries') addEntries(hash, journal.entries)
    else hash.add(canonicalJson(members[key] as JsonValue))
    separator = ','
  }
  hash.add('}')
  return hash.digest()
}

function addEntries(hash: TextHash, entries: readonly JournalEntry[]): void {
  const { seconds } = instantsOf(entries)
  hash.add('[')
  let separator = ''
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]
    if (entry === undefined) continue
    hash.add(separator)
    hash.add(canonicalEntry(entry, seconds[i] === NOT_PLAIN ? undefined : entry.recorded_at))
    separator = ','
  }
  hash.add(']')
}

/** How many UTF-16 units are hashed together, about. For more the memory is not at hand, and costs a third. */
const BATCH_LENGTH = 16_384

/** SHA-256 of a text that comes in pieces. Most journals are short, and hashed at once, which is quicker. */
class TextHash {
  #batch = ''
  #begun: Hash | undefined

  add(piece: string): void {
    this.#batch += piece
    if (this.#batch.length < BATCH_LENGTH) return
    this.#begun ??= createHash('sha256')
    this.#begun.update(this.#batch)
    this.#batch = ''
  }

  /** Hexadecimal digits. */
  digest(): string {
    if (this.#begun === undefined) return digestOf('sha256', this.#batch)
    return this.#begun.update(this.#batch).digest('hex')
  }
}
