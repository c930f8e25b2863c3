/**
 * The digest of a journal: what proves that a journal read back is the one that was sent.
 *
 * SHA-256, in lower-case hexadecimal, of the journal in canonical JSON with every `recorded_at` in
 * chrono's spelling. Two journals that mean the same to rivet have one digest.
 */
import { createHash } from 'node:crypto'
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
  const hash = createHash('sha256')
  const members: Record<string, JsonValue> = { ...journal.extra }
  for (const key of Object.keys(members)) if (members[key] === null) delete members[key]
  members.run_id = journal.run_id
  members.export_name = journal.export_name
  members.entries = []
  let separator = '{'
  for (const key of Object.keys(members).sort()) {
    hash.update(`${separator}${JSON.stringify(key)}:`)
    if (key === 'entries') updateWithEntries(hash, journal.entries)
    else hash.update(canonicalJson(members[key] as JsonValue))
    separator = ','
  }
  return hash.update('}').digest('hex')
}

function updateWithEntries(
  hash: ReturnType<typeof createHash>,
  entries: readonly JournalEntry[],
): void {
  const { seconds } = instantsOf(entries)
  let batch = '['
  let separator = ''
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]
    if (entry === undefined) continue
    batch += separator
    batch += canonicalEntry(entry, seconds[i] === NOT_PLAIN ? undefined : entry.recorded_at)
    separator = ','
    if (batch.length < BATCH_LENGTH) continue
    hash.update(batch)
    batch = ''
  }
  hash.update(`${batch}]`)
}

/** How many UTF-16 units are hashed together, about. For more the memory is not at hand, and costs a third. */
const BATCH_LENGTH = 16_384
