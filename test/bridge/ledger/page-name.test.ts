import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameInLedger } from '../../../src/bridge/ledger/page-name.js'
import type { PageSubject } from '../../../src/mapping/page.js'

const SUBJECTS = [
  'journal',
  'source',
  'resumed_run',
  'wrapper',
  'signpost',
  'interrupted',
  'load',
  'exec',
] as const satisfies readonly PageSubject[]

const subject = fc.constantFrom(...SUBJECTS)
/** Names that may be taken for others: with words in front, with and without what is between them. */
const name = fc
  .tuple(
    fc.array(fc.tuple(subject, fc.constantFrom(' ', '', '  ', '\t')), { maxLength: 3 }),
    fc.string(),
  )
  .map(([words, rest]) => words.map((parts) => parts.join('')).join('') + rest)

describe('the name of a page in a ledger', () => {
  it('is that of the run for a journal, as it always was', () => {
    fc.assert(
      fc.property(fc.string(), (runId) => {
        fc.pre(!SUBJECTS.some((word) => runId.startsWith(`${word} `)))
        expect(nameInLedger(runId)).toBe(runId)
        expect(nameInLedger(runId, 'journal')).toBe(runId)
      }),
    )
  })

  it('is never the same for two subjects or two runs', () => {
    fc.assert(
      fc.property(subject, name, subject, name, (one, runId, other, otherId) => {
        const isSame = one === other && runId === otherId
        expect(nameInLedger(runId, one) === nameInLedger(otherId, other)).toBe(isSame)
      }),
    )
    // What looks most alike.
    const all = SUBJECTS.flatMap((one) =>
      ['a', 'source a', 'journal a', 'journal source a', 'source', 'source ', ' a', ''].map(
        (runId) => nameInLedger(runId, one),
      ),
    )
    expect(new Set(all).size).toBe(all.length)
  })
})
