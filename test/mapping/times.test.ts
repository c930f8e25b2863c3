import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { parseTimestamp } from '../../src/journal/timestamp.js'
import { EntryTimes, NO_REMAINDER, putCarriedTime, takeTime } from '../../src/mapping/times.js'
import { RivetOtelError } from '../../src/problem.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'

const entriesAt = (...times: string[]): JournalEntry[] =>
  times.map((recorded_at) => ({ recorded_at, event: 'Paused' }))
const timesOf = (...times: string[]) => {
  const entryTimes = new EntryTimes(entriesAt(...times))
  return times.map((_, i) => entryTimes.of(i))
}
const nano = (text: string) => parseTimestamp(text).unixNano
const carried = (text: string, written = nano(text), spanStart = 0n) => {
  const attributes = {}
  putCarriedTime(attributes, 'p', text, written, spanStart)
  return attributes
}

const LAST = nano('2099-12-31T23:59:59.999999999Z')

describe('the time of an entry in the trace', () => {
  it('is its own, from 1970 to the last nanosecond before 2100', () => {
    const inside = [
      '1970-01-01T00:00:00Z',
      '2026-11-21T08:53:39.1Z',
      '2099-12-31T23:59:59.999999999Z',
    ]
    expect(timesOf(...inside)).toEqual(inside.map(nano))
    expect(new EntryTimes(entriesAt(...inside)).isMoved(2)).toBe(false)
  })

  it('is that of the nearest entry inside, where its own lies outside', () => {
    const [a, b] = ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z']
    const out = '2500-01-01T00:00:00Z'
    const [x, y] = [nano(a), nano(b)]
    expect(timesOf(out, out, a, b)).toEqual([x, x, x, y])
    expect(timesOf(a, b, out, out)).toEqual([x, y, y, y])
    expect(timesOf(a, out, out, out, b)).toEqual([x, x, x, y, y])
    expect(timesOf(a, out, out, out, out, b)).toEqual([x, x, x, y, y, y])
    expect(timesOf(a, '1969-12-31T23:59:59.999999999Z', b)).toEqual([x, x, y])
    expect(timesOf(b, '2100-01-01T00:00:00Z', a)).toEqual([y, y, x])
  })

  it('is the nearer end of 1970 to 2100 where all entries lie outside', () => {
    expect(timesOf('2500-01-01T00:00:00Z', '1066-10-14T00:00:00Z', '2100-01-01T00:00:00Z')).toEqual(
      [LAST, 0n, LAST],
    )
  })

  it('says which entries were moved', () => {
    const times = new EntryTimes(entriesAt('1969-01-01T00:00:00Z', '2026-01-01T00:00:00Z'))
    expect([times.isMoved(0), times.isMoved(1)]).toEqual([true, false])
  })

  it('spans from the earliest to the latest, in whatever order they were recorded', () => {
    const times = new EntryTimes(
      entriesAt('2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z'),
    )
    expect(times.span()).toEqual({
      earliest: nano('2026-01-01T00:00:00Z'),
      latest: nano('2026-01-03T00:00:00Z'),
    })
  })
})

describe('what is carried beside the time', () => {
  it('is nothing where microseconds say it all in chrono’s spelling', () => {
    expect(carried('2026-11-21T08:53:39Z')).toEqual({})
    expect(carried('2026-11-21T08:53:39.134436Z')).toEqual({})
  })

  it('is the nanoseconds below the microsecond', () => {
    expect(carried('2026-11-21T08:53:39.134436857Z')).toEqual({ 'p.nanos': 857 })
    expect(carried('2026-11-21T08:53:39.000000001Z')).toEqual({ 'p.nanos': 1 })
  })

  it.each([
    '2026-11-21T08:53:39.1Z',
    '2026-11-21T08:53:39.1344368570Z',
    '2026-11-21T10:53:39+02:00',
    '2016-12-31T23:59:60Z',
    '2500-01-01T00:00:00Z',
    '-0044-03-15T12:00:00Z',
  ])('is the text where the time alone would come back otherwise: %s', (text) => {
    const { 'p.time': time, ...rest } = carried(text, new EntryTimes(entriesAt(text)).of(0)) as {
      'p.time'?: string
    }
    expect(time).toBe(text)
    expect(rest).toEqual({})
  })

  it('is the text where the trace has another time than the entry', () => {
    const text = '2026-11-21T08:53:39.134Z'
    expect(carried(text, nano(text) + 1n)).toEqual({ 'p.time': text })
  })

  it('is the text of an end that a backend of cut microseconds and durations would move', () => {
    const end = '2026-11-21T08:53:39.134436200Z'
    expect(carried(end, nano(end), nano('2026-11-21T08:53:39.000000200Z'))).toEqual({
      'p.nanos': 200,
    })
    expect(carried(end, nano(end), nano('2026-11-21T08:53:39.000000201Z'))).toEqual({
      'p.time': end,
    })
    const round = '2026-11-21T08:53:39.134436Z'
    expect(carried(round, nano(round), nano('2026-11-21T08:53:39.000000001Z'))).toEqual({
      'p.time': round,
    })
  })
})

describe('the remainder of an entry’s time', () => {
  it('says of any entry what the general way carries of it', () => {
    let plain = 0
    fc.assert(
      fc.property(arbitraryJournal(), ({ entries }) => {
        const times = new EntryTimes(entries)
        entries.forEach(({ recorded_at }, i) => {
          const remainder = times.remainder(i)
          const attributes = carried(recorded_at, times.of(i))
          if (remainder === NO_REMAINDER) {
            expect(attributes).toEqual({ 'p.time': recorded_at })
          } else {
            expect(attributes).toEqual(remainder === 0 ? {} : { 'p.nanos': remainder })
            plain++
          }
        })
      }),
      { numRuns: propertyCases(60) },
    )
    expect(plain).toBeGreaterThan(0)
  })

  it.each([
    ['2026-11-21T08:53:39Z', 0],
    ['2026-11-21T08:53:39.134Z', 0],
    ['2026-11-21T08:53:39.134436Z', 0],
    ['2026-11-21T08:53:39.134436007Z', 7],
    ['2016-12-31T23:59:60Z', NO_REMAINDER],
    ['2026-11-21T08:53:39.1Z', NO_REMAINDER],
    ['2100-01-01T00:00:00Z', NO_REMAINDER],
  ])('of %s is %i', (text, remainder) => {
    expect(new EntryTimes(entriesAt(text)).remainder(0)).toBe(remainder)
  })
})

describe('a time that was read back', () => {
  const text = '2026-11-21T08:53:39.134436857Z'
  const micros = nano(text) - 857n

  it('is exact from nanoseconds, and from microseconds and the rest', () => {
    expect(takeTime({}, 'p', nano(text))).toBe(text)
    expect(takeTime({ 'p.nanos': 857 }, 'p', nano(text))).toBe(text)
    expect(takeTime({ 'p.nanos': 857 }, 'p', micros)).toBe(text)
    expect(takeTime({ 'p.nanos': '857' }, 'p', micros)).toBe(text)
    expect(takeTime({ 'p.nanos': 0 }, 'p', micros)).toBe('2026-11-21T08:53:39.134436Z')
    expect(takeTime({ 'p.nanos': 999 }, 'p', micros)).toBe('2026-11-21T08:53:39.134436999Z')
  })

  it('is refused where OTLP cannot have held it', () => {
    expect(takeTime({}, 'p', 2n ** 64n - 1n)).toBe('2554-07-21T23:34:33.709551615Z')
    for (const nanos of [-1n, 2n ** 64n, 10n ** 30n]) {
      expect(() => takeTime({}, 'p', nanos)).toThrow(/ns is no time that OTLP can hold$/)
    }
  })

  it('is the carried text where there is one', () => {
    expect(takeTime({ 'p.time': '2016-12-31T23:59:60Z' }, 'p', 0n)).toBe('2016-12-31T23:59:60Z')
  })

  it.each([
    [{ 'p.nanos': 1000 }, /^p\.nanos: expected 0 to 999, got 1000$/],
    [{ 'p.nanos': -1 }, /^p\.nanos: expected 0 to 999, got -1$/],
    [{ 'p.nanos': 'x' }, /^p\.nanos: expected an integer/],
    [{ 'p.time': '2026-02-30T00:00:00Z' }, /^p\.time: expected a timestamp, got 2026-02-30/],
    [{ 'p.time': '' }, /^p\.time: expected a timestamp, got $/],
  ])('is refused where what was carried is unreadable: %j', (attributes, message) => {
    expect(() => takeTime(attributes, 'p', micros)).toThrow(message)
    expect(() => takeTime(attributes, 'p', micros)).toThrow(RivetOtelError)
  })
})
