import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerTooLarge } from '../../src/backends/backend-client.js'
import { askInBands, type Band, type BandQuestion, cut } from '../../src/backends/span-bands.js'
import type { SpanSearchItem } from '../../src/backends/span-search.js'
import { RivetOtelError } from '../../src/problem.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { propertyCases } from '../journal/arbitrary-journal.js'

function spanOf(length: bigint, i: number): ReceivedSpan {
  return {
    resource: { 'service.name': 'api' },
    scope: { name: '', version: '' },
    span: {
      traceId: 'a'.repeat(32),
      spanId: String(i).padStart(16, '0'),
      name: 'GET',
      kind: 0,
      startTimeUnixNano: 0n,
      endTimeUnixNano: length,
      attributes: {},
      events: [],
      links: [],
    },
  }
}

/** A server that gives the first so many of what there is in a band. */
function question(lengths: readonly bigint[], limit: number, asked: Band[] = []): BandQuestion {
  return {
    about: 'service "api"',
    band: { from: 0n },
    async ask(band) {
      asked.push(band)
      const { from, to } = band
      const all = lengths
        .map(spanOf)
        .filter(({ span }) => span.endTimeUnixNano >= from)
        .filter(({ span }) => to === undefined || span.endTimeUnixNano < to)
      return { spans: all.slice(0, limit), isFull: all.length >= limit, problems: [] }
    },
  }
}

async function collect(questions: readonly BandQuestion[], most: number) {
  const items: SpanSearchItem[] = []
  for await (const item of askInBands(questions, most)) items.push(item)
  return {
    lengths: items.flatMap((item) =>
      item.kind === 'span' ? [item.received.span.endTimeUnixNano] : [],
    ),
    unseen: items.flatMap((item) => (item.kind === 'unseen' ? [item.problem] : [])),
    questions: items.flatMap((item) => (item.kind === 'asked' ? [item.questions] : [])).at(-1) ?? 0,
  }
}

describe('asking in bands of duration', () => {
  const lengths = fc.array(fc.double({ min: 0, max: 16, noNaN: true }), { maxLength: 120 })
  it('finds everything, or says that it did not, and never asks more than it may', () =>
    fc.assert(
      fc.asyncProperty(
        lengths,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        async (magnitudes, limit, most) => {
          const all = magnitudes.map((magnitude) => BigInt(Math.round(10 ** magnitude)))
          const asked: Band[] = []
          const found = await collect([question(all, limit, asked)], most)
          expect(asked.length).toBeLessThanOrEqual(most)
          expect(found.questions).toBe(asked.length)
          if (found.unseen.length === 0) expect(new Set(found.lengths)).toEqual(new Set(all))
        },
      ),
      { numRuns: propertyCases(100) },
    ))

  it('finds the longest of many thousand, whichever the server gives first', async () => {
    const all = Array.from({ length: 5000 }, (_, i) => BigInt(i + 1) * 10_000n)
    const { lengths: found, unseen } = await collect([question(all, 50)], 100)
    const longest = all.slice(-200)
    expect(longest.every((length) => found.includes(length))).toBe(true)
    expect(unseen).toEqual([
      expect.stringMatching(/^of the spans shorter than [\d.]+ ms of service "api" only some were/),
    ])
  })

  it('divides nothing for ever: spans that all took the same time', async () => {
    const all = Array.from({ length: 100 }, () => 1_000_000n)
    const { unseen, questions } = await collect([question(all, 10)], 10_000)
    expect(unseen).toHaveLength(1)
    expect(questions).toBeLessThan(60)
  })

  it('divides what is too large to be read, and fails where it is not answered', async () => {
    const calls: Band[] = []
    const large: BandQuestion = {
      about: 'service "api"',
      band: { from: 0n, to: 1000n },
      ask: async (band) => {
        calls.push(band)
        throw new AnswerTooLarge('too much')
      },
    }
    expect((await collect([large], 10)).unseen).toHaveLength(1)
    const fails = async () => {
      throw new RivetOtelError('UNREACHABLE', 'gone')
    }
    await expect(collect([{ ...large, ask: fails }], 10)).rejects.toThrow('gone')
  })

  it('leaves an extra question as it is, and asks what stands for it', async () => {
    const all = Array.from({ length: 30 }, (_, i) => BigInt(i) * 1_000_000n)
    const extra = { ...question(all, 10), isExtra: true, onFull: [question(all, 10)] }
    const { lengths: found, unseen } = await collect([extra], 200)
    expect(new Set(found).size).toBe(30)
    expect(unseen).toEqual([])
    expect((await collect([{ ...extra, onFull: [] }], 200)).questions).toBe(1)
  })

  it('names some of those whose spans were too many, and counts the others', async () => {
    const questions = Array.from({ length: 9 }, (_, i) => ({
      ...question([1n, 1n], 1),
      about: `service "s${i}"`,
    }))
    const { unseen } = await collect(questions, 9)
    expect(unseen).toHaveLength(6)
    expect(unseen.at(-1)).toBe('the same holds for 4 others')
  })

  it('cuts a band into two that are the band together', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 15n),
        fc.option(fc.bigInt(1n, 10n ** 16n)),
        (from, length) => {
          const band = length === null ? { from } : { from, to: from + length }
          const parts = cut(band)
          if (parts === undefined) return
          const [longer, shorter] = parts
          expect(shorter).toEqual({ from, to: longer.from })
          expect(longer.to).toBe('to' in band ? band.to : undefined)
          expect(longer.from).toBeGreaterThan(from)
          if (longer.to !== undefined) expect(longer.from).toBeLessThan(longer.to)
        },
      ),
      { numRuns: propertyCases(300) },
    )
  })
})
