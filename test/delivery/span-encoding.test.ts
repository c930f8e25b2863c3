import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spanEncoding } from '../../src/delivery/span-encoding.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { manyPages } from '../contracts/delivery-contract.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'

const [PAGE] = manyPages(1)
if (PAGE === undefined) throw new Error('a page was expected')
const { trace: TRACE } = PAGE

describe.each(['protobuf', 'json'] as const)('spans that were encoded as %s', (name) => {
  const encoding = spanEncoding(name)

  it('are read back so that they encode to the same bytes, whole and in halves', () => {
    fc.assert(
      fc.property(arbitraryJournal(), fc.double({ min: 0, max: 1 }), (journal, where) => {
        for (const { trace } of journalToTrace(journal)) {
          const encoded = Buffer.from(encoding.encode(trace))
          const decoded = encoding.decode(encoded)
          if (decoded === undefined) throw new Error('it cannot be read back')
          expect(Buffer.from(encoding.encode(decoded))).toEqual(encoded)
          const at = Math.round(where * trace.spans.length)
          for (const range of [
            [0, at],
            [at, trace.spans.length],
          ] as const) {
            const part = { ...trace, spans: trace.spans.slice(...range) }
            const again = { ...decoded, spans: decoded.spans.slice(...range) }
            expect(encoding.encode(again)).toEqual(encoding.encode(part))
          }
        }
      }),
      { numRuns: propertyCases(30) },
    )
  })

  it('make a body of as many bytes as was reckoned', () => {
    const part = encoding.encode(TRACE)
    for (const count of [1, 2, 5]) {
      const body = Buffer.concat(encoding.join(Array.from({ length: count }, () => part)))
      const reckoned = encoding.around + count * (part.length + encoding.behindEach)
      expect(body).toHaveLength(reckoned)
    }
  })

  it('cannot be read back where a span has no valid id', () => {
    const [span] = TRACE.spans
    if (span === undefined) throw new Error('a span was expected')
    const spans = [span, { ...span, spanId: '0'.repeat(16) }]
    expect(encoding.decode(encoding.encode({ ...TRACE, spans }))).toBeUndefined()
  })
})
