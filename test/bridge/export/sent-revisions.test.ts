import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SentRevisions } from '../../../src/bridge/export/sent-revisions.js'
import type { PageSubject } from '../../../src/mapping/page.js'

const subject = fc.constantFrom<PageSubject>('journal', 'source', 'resumed_run', 'wrapper', 'exec')
const runId = fc.constantFrom('orders_1', 'orders_2', 'bestellungen für 2026 🚚')
const revision = fc.oneof(fc.nat(3), fc.maxSafeInteger())
const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((b) => Buffer.from(b).toString('hex'))

it('the newest that was sent of each subject of each run comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(subject, runId, revision, digest)), (all) => {
      const sent = new SentRevisions()
      const expected = new Map<string, unknown>()
      for (const [subject, runId, revision, digest] of all) {
        sent.set(subject, runId, { revision, digest })
        expected.set(`${subject} ${runId}`, { revision, digest })
      }
      for (const [subject, runId] of all)
        expect(sent.get(subject, runId)).toEqual(expected.get(`${subject} ${runId}`))
      expect(sent.get('signpost', 'orders_1')).toBeUndefined()
      expect(sent.get('journal', 'orders_3')).toBeUndefined()
    }),
  )
})
