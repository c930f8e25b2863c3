import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent } from '../../src/trace/trace-context.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const hex = (digits: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)).filter((text) => !/^0+$/.test(text))

describe('parseTraceparent', () => {
  it('reads what the recommendation gives as an example', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      isSampled: true,
      isRandom: false,
    })
  })

  it.each([
    ['00', false, false],
    ['01', true, false],
    ['02', false, true],
    ['03', true, true],
    ['fe', false, true],
    ['ff', true, true],
  ])('reads the flags %s', (flags, isSampled, isRandom) => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`)).toMatchObject({ isSampled, isRandom })
  })

  it.each([
    `01-${TRACE}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-01-what the future will be`,
    `fe-${TRACE}-${SPAN}-01-`,
  ])('takes what it knows of a newer version: %s', (text) => {
    expect(parseTraceparent(text)).toMatchObject({ traceId: TRACE, spanId: SPAN, isSampled: true })
  })

  it.each([
    '',
    'none',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-more`,
    `01-${TRACE}-${SPAN}-01more`,
    `ff-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN.toUpperCase()}-01`,
    `0A-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-0A`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}0-01`,
    `00-${TRACE}-${SPAN}-0g`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
    `00_${TRACE}_${SPAN}_01`,
  ])('finds no context in %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  })

  it('reads what formatTraceparent writes', () => {
    const contexts = fc.record({
      traceId: hex(32),
      spanId: hex(16),
      isSampled: fc.boolean(),
      isRandom: fc.boolean(),
    })
    fc.assert(
      fc.property(contexts, (context) => {
        expect(parseTraceparent(formatTraceparent(context))).toEqual(context)
      }),
    )
  })

  it('finds nothing in any text that is none, and never fails', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseTraceparent(text)).toBeUndefined()
      }),
    )
  })
})

describe('formatTraceparent', () => {
  it('writes no flag that nobody knows', () => {
    const context = parseTraceparent(`00-${TRACE}-${SPAN}-ff`)
    expect(context && formatTraceparent(context)).toBe(`00-${TRACE}-${SPAN}-03`)
  })
})
