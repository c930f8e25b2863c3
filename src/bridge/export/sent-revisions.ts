/**
 * What one export has sent, kept small: it remains of every run to the end of the export.
 *
 * Of a run there is one text, with a record for each of its subjects: which subject, which revision,
 * and the digest as bytes, one in each char.
 */
import type { HeldRevision } from '../../delivery/delivery.js'
import type { PageSubject } from '../../mapping/page.js'

/** What a record begins with. */
const CODES: { readonly [subject in PageSubject]: number } = {
  journal: 0,
  source: 1,
  resumed_run: 2,
  wrapper: 3,
  signpost: 4,
  interrupted: 5,
  load: 6,
  exec: 7,
}
const REVISION_AT = 1
const DIGEST_AT = REVISION_AT + 8
/** A SHA-256. */
const LENGTH = DIGEST_AT + 32

/**
 * The newest revision of each subject of each run that was sent.
 *
 * @example
 * const sent = new SentRevisions()
 * sent.set('journal', 'orders_1', { revision: 0, digest })
 * sent.get('journal', 'orders_1')?.revision // 0
 */
export class SentRevisions {
  readonly #records = new Map<string, string>()

  get(subject: PageSubject, runId: string): HeldRevision | undefined {
    const records = this.#records.get(runId) ?? ''
    const at = placeOf(records, subject)
    if (at === records.length) return undefined
    const record = Buffer.from(records.slice(at, at + LENGTH), 'latin1')
    return {
      revision: record.readDoubleBE(REVISION_AT),
      digest: record.toString('hex', DIGEST_AT),
    }
  }

  /** @param digest 64 hexadecimal digits */
  set(subject: PageSubject, runId: string, { revision, digest }: HeldRevision): void {
    const records = this.#records.get(runId) ?? ''
    const at = placeOf(records, subject)
    // By way of bytes, because a text that is put together keeps its parts.
    const bytes = Buffer.alloc(Math.max(records.length, at + LENGTH))
    bytes.write(records, 'latin1')
    bytes[at] = CODES[subject]
    bytes.writeDoubleBE(revision, at + REVISION_AT)
    bytes.write(digest, at + DIGEST_AT, 'hex')
    this.#records.set(runId, bytes.toString('latin1'))
  }
}

/** Where the record of a subject begins; behind all of them where there is none. */
function placeOf(records: string, subject: PageSubject): number {
  const wanted = CODES[subject]
  let at = 0
  while (at < records.length && records.charCodeAt(at) !== wanted) at += LENGTH
  return at
}
