import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AttributesInTheMaking,
  MAX_TEXT_BYTES,
  putInteger,
  putJson,
  putText,
  splitText,
  takeBoolean,
  takeInteger,
  takeJson,
  takeText,
  takeTexts,
} from '../../src/mapping/attributes.js'
import { RivetOtelError } from '../../src/problem.js'
import type { Attributes, AttributeValue } from '../../src/trace/trace.js'
import { arbitraryJson, propertyCases } from '../journal/arbitrary-journal.js'

function textAttributes(text: string): AttributesInTheMaking {
  const attributes: AttributesInTheMaking = {}
  putText(attributes, 'a', text)
  return attributes
}

function integerAttribute(value: number | bigint): AttributeValue | undefined {
  const attributes: AttributesInTheMaking = {}
  putInteger(attributes, 'a', value)
  return attributes.a
}

function refusal(take: () => unknown): string {
  try {
    take()
  } catch (error) {
    if (error instanceof RivetOtelError && error.code === 'INVALID_TRACE') return error.message
    throw error
  }
  throw new Error('was accepted')
}

describe('a text', () => {
  it.each([
    ['2,047 bytes', 'x'.repeat(2047)],
    ['2,048 bytes', 'x'.repeat(2048)],
    ['2,048 bytes of two-byte code points', 'é'.repeat(1024)],
    ['2,048 bytes of four-byte code points', '🦀'.repeat(512)],
    ['no bytes', ''],
  ])('of %s is one attribute', (_, text) => {
    expect(textAttributes(text)).toEqual({ a: text })
  })

  it.each([
    ['2,049 bytes', 'x'.repeat(2049), [2048, 1]],
    ['4,096 bytes', 'x'.repeat(4096), [2048, 2048]],
    ['4,097 bytes', 'x'.repeat(4097), [2048, 2048, 1]],
    ['a two-byte code point at byte 2,047', `${'x'.repeat(2047)}é`, [2047, 2]],
    ['a three-byte code point at byte 2,046', `${'x'.repeat(2046)}€`, [2046, 3]],
    ['a four-byte code point at byte 2,045', `${'x'.repeat(2045)}🦀`, [2045, 4]],
    ['a four-byte code point at byte 2,047', `${'x'.repeat(2047)}🦀`, [2047, 4]],
    ['a four-byte code point that ends at byte 2,048', `${'x'.repeat(2044)}🦀🦀`, [2048, 4]],
    ['683 three-byte code points', '€'.repeat(683), [2046, 3]],
    ['513 four-byte code points', '🦀'.repeat(513), [2048, 4]],
  ])('with %s is cut between code points', (_, text, bytes) => {
    const attributes = textAttributes(text)
    const names = Object.keys(attributes)
    expect(names).toEqual(['a', ...bytes.slice(1).map((_, i) => `a.part_${i + 2}`), 'a.parts'])
    expect(attributes['a.parts']).toBe(bytes.length)
    const parts = names.slice(0, -1).map((name) => String(attributes[name]))
    expect(parts.map((part) => Buffer.byteLength(part))).toEqual(bytes)
    expect(parts.join('')).toBe(text)
    expect(takeText(attributes, 'a')).toBe(text)
  })

  it('of any length comes back, in well-formed parts of at most 2,048 bytes', () => {
    const piece = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
    const long = fc
      .tuple(fc.array(piece, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 300 }))
      .map(([pieces, times]) => pieces.join('').repeat(times))
    fc.assert(
      fc.property(long, (text) => {
        const attributes = textAttributes(text)
        expect(takeText(attributes, 'a')).toBe(text)
        for (const value of Object.values(attributes)) {
          if (typeof value !== 'string') continue
          expect(Buffer.byteLength(value)).toBeLessThanOrEqual(MAX_TEXT_BYTES)
          expect(value.isWellFormed()).toBe(true)
        }
        expect(splitText(text).join('')).toBe(text)
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('that is not there is undefined', () => {
    expect(takeText({}, 'a')).toBeUndefined()
  })

  it('that lacks a part is refused by the name of the part', () => {
    const attributes = textAttributes('x'.repeat(5000))
    for (const [part, name] of [
      [1, 'a'],
      [2, 'a.part_2'],
      [3, 'a.part_3'],
    ] as const) {
      const { [name]: _, ...rest } = attributes
      expect(refusal(() => takeText(rest, 'a'))).toBe(`a: part ${part} of 3 is missing`)
    }
  })

  it('is put together also where a backend made the number of parts decimal text', () => {
    const attributes = { ...textAttributes('x'.repeat(5000)), 'a.parts': '3' }
    expect(takeText(attributes, 'a')).toBe('x'.repeat(5000))
  })

  it('is refused where its value or its number of parts is something else', () => {
    expect(refusal(() => takeText({ a: 7 }, 'a'))).toBe('a: expected a text, got number 7')
    expect(refusal(() => takeText({ a: ['x'] }, 'a'))).toBe('a: expected a text, got a list')
    expect(refusal(() => takeText({ a: { b: 1 } }, 'a'))).toBe('a: expected a text, got an object')
    expect(refusal(() => takeText({ a: null }, 'a'))).toBe('a: expected a text, got an object')
    const odd: AttributeValue[] = [{ valueOf: 1, toString: 2 }, true, [2], null, 1.5, 'two', '']
    for (const parts of odd) {
      expect(refusal(() => takeText({ a: 'x', 'a.parts': parts }, 'a'))).toMatch(
        /^a\.parts: expected an integer/,
      )
    }
  })
})

describe('an integer', () => {
  it('is an int over the whole i64 range, and decimal text beyond', () => {
    const i64Max = 2n ** 63n - 1n
    for (const value of [0, -1, Number.MAX_SAFE_INTEGER, 2n ** 53n, i64Max, -i64Max - 1n]) {
      expect(integerAttribute(value)).toBe(value)
    }
    expect(integerAttribute(i64Max + 1n)).toBe('9223372036854775808')
    expect(integerAttribute(2n ** 64n - 1n)).toBe('18446744073709551615')
    expect(integerAttribute(-i64Max - 2n)).toBe('-9223372036854775809')
  })

  it('comes back from an int, a bigint and decimal text', () => {
    const values: [AttributeValue, number | bigint][] = [
      [7, 7],
      [7n, 7],
      ['7', 7],
      ['-7', -7],
      ['9007199254740991', 9007199254740991],
      ['9007199254740993', 9007199254740993n],
      [9223372036854775807n, 9223372036854775807n],
      ['18446744073709551615', 18446744073709551615n],
      ['007', 7],
    ]
    for (const [value, integer] of values) expect(takeInteger({ a: value }, 'a')).toBe(integer)
    expect(takeInteger({}, 'a')).toBeUndefined()
  })

  it('is refused where it is no longer exact, or none', () => {
    const others: AttributeValue[] = [
      2 ** 53,
      1.5,
      '1.5',
      '1e3',
      '',
      ' 7',
      '+7',
      '0x7',
      '9'.repeat(41),
      true,
      [7],
      { a: 7 },
      null,
      Uint8Array.of(7),
    ]
    for (const value of others) {
      expect(refusal(() => takeInteger({ a: value }, 'a'))).toMatch(/^a: expected an integer, got /)
    }
  })
})

describe('a boolean', () => {
  it('comes back from a bool and from its text, and from nothing else', () => {
    expect(takeBoolean({ a: true }, 'a')).toBe(true)
    expect(takeBoolean({ a: 'false' }, 'a')).toBe(false)
    expect(takeBoolean({}, 'a')).toBeUndefined()
    for (const value of [0, 1, 'TRUE', '', null]) {
      expect(refusal(() => takeBoolean({ a: value }, 'a'))).toContain('expected a boolean')
    }
  })
})

describe('a list of texts', () => {
  it('comes back from an array and from JSON text', () => {
    expect(takeTexts({ a: ['x', ''] }, 'a')).toEqual(['x', ''])
    expect(takeTexts({ a: '["x",""]' }, 'a')).toEqual(['x', ''])
    expect(takeTexts({ a: [] }, 'a')).toEqual([])
    expect(takeTexts({ a: '[]' }, 'a')).toEqual([])
    expect(takeTexts({}, 'a')).toBeUndefined()
  })

  it('is refused where it is something else', () => {
    for (const value of ['x', '{}', '[1]', '"x"', 1, [1], ['x', null], {}, null]) {
      expect(refusal(() => takeTexts({ a: value } as Attributes, 'a'))).toMatch(/^a: /)
    }
  })
})

describe('any other value', () => {
  it('comes back from its JSON text', () => {
    fc.assert(
      fc.property(arbitraryJson, (value) => {
        const attributes: AttributesInTheMaking = {}
        putJson(attributes, 'a', value)
        expect(takeJson(attributes, 'a')).toEqual(value)
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('is refused where its text is no JSON', () => {
    expect(refusal(() => takeJson({ a: '{"b":' }, 'a'))).toMatch(/^a: not valid JSON: /)
    expect(takeJson({}, 'a')).toBeUndefined()
  })
})
