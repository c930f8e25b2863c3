import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askInWindows, type TimeWindow } from '../../src/backends/jaeger-windows.js'

describe('Asking in windows', () => {
  interface Start {
    readonly at: bigint
    readonly isLost: boolean
  }
  const starts = fc.array(fc.record({ at: fc.bigInt(0n, 400n), isLost: fc.boolean() }), {
    maxLength: 60,
  })

  const lengths = fc.bigInt(1n, 500n)

  it('misses nothing without saying so, whatever the times, the limit and the order', async () => {
    const orders = fc.constantFrom<(a: Start, b: Start) => number>(
      () => 0,
      (a, b) => Number(a.at - b.at),
      (a, b) => Number(b.at - a.at),
    )
    const limits = fc.integer({ min: 1, max: 8 })
    const middles = fc.constantFrom<(starts: Start[]) => bigint | undefined>(
      () => undefined,
      (starts) => starts[Math.floor(starts.length / 2)]?.at,
      () => -5n,
      () => 5000n,
    )
    await fc.assert(
      fc.asyncProperty(starts, limits, lengths, orders, middles, async (...chosen) => {
        const [all, limit, longest, order, middleOf] = chosen
        const inside = ({ from, to }: TimeWindow) => all.filter(({ at }) => at >= from && at <= to)
        const ask = async (window: TimeWindow) =>
          inside(window)
            // One that is lost is not given in the last microsecond that was asked for.
            .filter(({ at, isLost }) => !isLost || at < window.to)
            .sort(order)
            .slice(0, limit)
        const found = new Set<Start>()
        const excused = new Set<Start>()
        const isFull = ({ length }: Start[]) => length >= limit
        const whole = { from: 0n, to: 401n }
        for await (const given of askInWindows(whole, { longest, ask, isFull, middleOf })) {
          const { window, answer } = given
          expect(window.to - window.from).toBeLessThanOrEqual(longest)
          for (const start of answer) found.add(start)
          if (!given.isFull) continue
          expect(answer).toHaveLength(limit)
          expect(window.to - window.from).toBe(1n)
          for (const start of inside(window)) excused.add(start)
        }
        expect(all.filter((start) => !found.has(start) && !excused.has(start))).toEqual([])
      }),
    )
  })

  it.each([
    ['newest first', (a: bigint, b: bigint) => Number(b - a)],
    ['oldest first', (a: bigint, b: bigint) => Number(a - b)],
    ['in no order', (a: bigint, b: bigint) => Number((a % 97n) - (b % 97n))],
  ])('asks about twice for each ten results that come %s', async (_, order) => {
    const all = Array.from({ length: 1000 }, (_, i) => BigInt(i) * 60_000_000n)
    let questions = 0
    const question = {
      longest: 10n ** 13n,
      async ask({ from, to }: TimeWindow) {
        questions++
        return all
          .filter((at) => at >= from && at <= to)
          .sort(order)
          .slice(0, 20)
      },
      isFull: ({ length }: bigint[]) => length === 20,
      middleOf: (starts: bigint[]) => starts.toSorted((a, b) => Number(a - b))[10],
    }
    const found = new Set<bigint>()
    for await (const { answer } of askInWindows({ from: 0n, to: 10n ** 12n }, question)) {
      for (const start of answer) found.add(start)
    }
    expect(found.size).toBe(1000)
    expect(questions).toBeLessThan(250)
  })

  it('comes to an end with a server that answers every question in full, and says so', async () => {
    let questions = 0
    const answers = askInWindows(
      { from: 0n, to: 10n ** 16n },
      {
        longest: 10n ** 16n,
        ask: async () => questions++,
        isFull: () => true,
        middleOf: () => undefined,
      },
    )
    let full = 0
    for await (const { isFull } of answers) if (isFull) full++
    expect(questions).toBeLessThan(20_100)
    expect(full).toBeGreaterThan(0)
  })

  it('asks for nothing where there is no time', async () => {
    const ask = () => Promise.reject(new Error('asked'))
    const answers = askInWindows(
      { from: 5n, to: 5n },
      { longest: 10n, ask, isFull: () => false, middleOf: () => undefined },
    )
    expect((await answers.next()).done).toBe(true)
  })
})
