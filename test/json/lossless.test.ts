import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  exactInteger,
  isJsonObject,
  type JsonObject,
  MAX_JSON_DEPTH,
  parseJson,
  setMember,
  stringifyJson,
} from '../../src/json/lossless.js'
import { RivetOtelError } from '../../src/problem.js'
import { arbitraryJson, propertyCases } from '../journal/arbitrary-journal.js'

/** In a list beside this, a text takes the slower parser. */
const BIG = '12345678901234567890'

function refusal(text: string): string {
  try {
    parseJson(text)
  } catch (error) {
    if (error instanceof RivetOtelError && error.code === 'INVALID_JSON') return error.message
    throw error
  }
  throw new Error(`was accepted: ${text.slice(0, 80)}`)
}

describe('an integer', () => {
  const limit = 2n ** 53n

  it.each([
    [limit - 1n, 'number'],
    [limit, 'bigint'],
    [limit + 1n, 'bigint'],
    [1n - limit, 'number'],
    [-limit, 'bigint'],
    [-limit - 1n, 'bigint'],
    [2n ** 63n - 1n, 'bigint'],
    [-(2n ** 63n), 'bigint'],
    [2n ** 64n - 1n, 'bigint'],
    [0n, 'number'],
  ])('of value %d comes back exact, as a %s', (value, type) => {
    const read = parseJson(String(value))
    expect(typeof read).toBe(type)
    expect(BigInt(read as number | bigint)).toBe(value)
    expect(stringifyJson(read)).toBe(String(value))
  })

  it('is exact wherever it stands in a text', () => {
    for (const space of ['', ' ', '\t', '\n', '\r\n  ']) {
      const text = `{"a"${space}:${space}${BIG}${space},"b":[${space}-${BIG}${space},${space}1]}`
      expect(parseJson(text)).toEqual({
        a: 12345678901234567890n,
        b: [-12345678901234567890n, 1],
      })
    }
  })

  it('may have 400 digits, with and without a sign, and no more', () => {
    const digits = '7'.repeat(400)
    expect(parseJson(digits)).toBe(BigInt(digits))
    expect(parseJson(`-${digits}`)).toBe(-BigInt(digits))
    expect(refusal(`${digits}7`)).toContain('401 digits')
    expect(refusal(`-${digits}7`)).toContain('401 digits')
  })

  it('is no name of a member', () => {
    expect(refusal(`{${BIG}:1}`)).toContain('not valid JSON')
    expect(refusal(`[{"a":{"b":1,${BIG}:1}}]`)).toContain('not valid JSON')
  })

  it('costs a long text beside it no memory of many times its size', () => {
    const long = 'x'.repeat(20_000_000)
    const before = process.memoryUsage().heapUsed
    expect(parseJson(`["${long}",${BIG}]`)).toEqual([long, 12345678901234567890n])
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * long.length)
  })

  it('inside a text is only a text', () => {
    expect(parseJson(`["id > ${BIG}", " ${BIG}"]`)).toEqual([`id > ${BIG}`, ` ${BIG}`])
  })

  it('is brought to its one form by exactInteger', () => {
    expect(exactInteger(7n)).toBe(7)
    expect(exactInteger(-7)).toBe(-7)
    expect(exactInteger(limit - 1n)).toBe(Number.MAX_SAFE_INTEGER)
    expect(exactInteger(limit)).toBe(limit)
    expect(exactInteger(-limit)).toBe(-limit)
  })
})

describe('any other number', () => {
  it.each([
    ['0.1', 0.1],
    ['-2.5e-3', -0.0025],
    ['1e3', 1000],
    ['1E+2', 100],
    ['0.1234567890123456789', 0.12345678901234568],
    ['12345678901234567.5', 12345678901234568],
    ['5e-324', 5e-324],
    ['1e-999', 0],
  ])('%s is the double that JavaScript takes it for', (text, value) => {
    expect(parseJson(text)).toBe(value)
    expect(parseJson(`[${BIG},${text}]`)).toEqual([12345678901234567890n, value])
  })

  it('keeps the sign of zero', () => {
    for (const text of ['-0', '-0.0', '-0e5']) expect(parseJson(text)).toBe(-0)
    expect(parseJson(`[${BIG},-0]`)).toEqual([12345678901234567890n, -0])
    expect(stringifyJson(-0)).toBe('-0.0')
    expect(stringifyJson([0, -0])).toBe('[0,-0.0]')
  })

  it('that no double can hold is refused, on either path', () => {
    for (const text of ['1e999', '-1e999', '[1,{"a":1e400}]', `[${BIG},1e999]`]) {
      expect(refusal(text)).toContain('too large for a double')
    }
  })
})

describe('a text', () => {
  it('with half of a surrogate pair is refused, escaped or not, as a value and as a name', () => {
    const escaped = ['\\ud800', '\\udc00', 'a\\uDBFFb', '\\ude00\\ud83d']
    const raw = ['\ud800', '\udc00', 'a\udbffb', '\ude00\ud83d']
    for (const half of [...escaped, ...raw]) {
      expect(refusal(`"${half}"`)).toContain('surrogate pair')
      expect(refusal(`[{"${half}":1}]`)).toContain('surrogate pair')
      expect(refusal(`[{"a":["${half}"]}]`)).toContain('surrogate pair')
    }
  })

  it('with a whole surrogate pair is kept, escaped or not', () => {
    expect(parseJson('"\\ud83e\\udd80"')).toBe('🦀')
    expect(parseJson('"🦀"')).toBe('🦀')
    expect(parseJson('"\\\\ud83e"')).toBe('\\ud83e')
  })

  it('may hold NUL, other control characters as escapes, and nothing raw below a space', () => {
    expect(parseJson('"\\u0000\\u001f\\n"')).toBe('\u0000\u001f\n')
    for (const raw of ['\u0000', '\n', '\u001f']) {
      refusal(`"${raw}"`)
      refusal(`[${BIG},"${raw}"]`)
    }
  })
})

describe('an object', () => {
  it('may have members named __proto__, constructor and toString like any other', () => {
    for (const number of ['1', BIG]) {
      const text = `{"__proto__":{"a":${number}},"constructor":2,"toString":3}`
      const value = parseJson(text) as JsonObject
      expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString'])
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(stringifyJson(value)).toBe(text)
    }
  })

  it('keeps a member named __proto__ that setMember sets', () => {
    const target = {}
    setMember(target, '__proto__', { a: 1 })
    setMember(target, 'b', 2)
    expect(stringifyJson(target)).toBe('{"__proto__":{"a":1},"b":2}')
    expect(Object.getPrototypeOf(target)).toBe(Object.prototype)
  })

  it('that has a member twice has the last one, on either path', () => {
    expect(parseJson('{"a":1,"b":2,"a":3}')).toEqual({ a: 3, b: 2 })
    expect(parseJson(`{"a":1,"b":2,"a":${BIG}}`)).toEqual({ a: 12345678901234567890n, b: 2 })
    expect(parseJson(`{"a":{"x":${BIG}},"a":{"y":1}}`)).toEqual({ a: { y: 1 } })
  })

  it('keeps the order of its members', () => {
    const text = '{"z":1,"a":{"y":null,"b":[true,false]},"m":""}'
    expect(stringifyJson(parseJson(text))).toBe(text)
  })

  it('is told from a list and from null', () => {
    expect(isJsonObject({})).toBe(true)
    for (const other of [[], null, undefined, 'a', 1, 1n, false]) {
      expect(isJsonObject(other)).toBe(false)
    }
  })
})

describe('a text that is no JSON', () => {
  it.each([
    ['{"a":}', 5],
    ['{"a":1', 6],
    ['{"a":1,}', 7],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['[01]', 2],
    ['["a\nb"]', 3],
    ['true false', 5],
    ['nul', 0],
    ["{'a':1}", 1],
    ['\ufeff{}', 0],
    ['', 0],
    [`[${BIG}`, 21],
    [`[${BIG},1.]`, 24],
  ])('%j is refused with the position %d', (text, position) => {
    expect(refusal(text)).toMatch(new RegExp(`^not valid JSON: .* position ${position}\\b`, 's'))
  })

  it('is refused whichever of the two parsers it takes', () => {
    for (const item of ['NaN', 'Infinity', '+1', '.5', '1.', '1e', '-', '0x10', "'a'", '\u00a01']) {
      refusal(`[${item}]`)
      refusal(`[${BIG},${item}]`)
    }
  })

  it('never says more than the beginning of a large text', () => {
    expect(refusal(`{"a": ${'x'.repeat(100_000)}`).length).toBeLessThan(300)
  })
})

describe('nesting', () => {
  const nested = (levels: number, core = '') => `${'['.repeat(levels)}${core}${']'.repeat(levels)}`

  it(`of ${MAX_JSON_DEPTH} levels is read, and one more refused, on either path`, () => {
    for (const core of ['', BIG]) {
      const text = nested(MAX_JSON_DEPTH, core)
      expect(stringifyJson(parseJson(text))).toBe(text)
      expect(refusal(nested(MAX_JSON_DEPTH + 1, core))).toContain(`deeper than ${MAX_JSON_DEPTH}`)
    }
    expect(refusal(`${'{"a":'.repeat(201)}1${'}'.repeat(201)}`)).toContain('deeper than 200')
  })

  it('of any depth is refused, never a stack overflow', () => {
    // Close together, because a reader that overflows may do so between two depths only.
    const depths = Array.from({ length: 60 }, (_, i) => 1000 + 200 * i)
    for (const levels of [...depths, 100_000, 1_000_000]) {
      for (const core of ['', BIG, '"\\ud800"']) {
        expect(refusal(nested(levels, core))).toMatch(/deeper than 200|surrogate/)
      }
      refusal('['.repeat(levels))
    }
  })
})

describe('parseJson and stringifyJson', () => {
  it('are inverse: parse(stringify(value)) = value', () => {
    fc.assert(
      fc.property(arbitraryJson, (value) => {
        const text = stringifyJson(value)
        const read = parseJson(text)
        expect(read).toEqual(value)
        expect(stringifyJson(read)).toBe(text)
      }),
      { numRuns: propertyCases(400) },
    )
  })

  it('are inverse for every finite double, as text', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(double, (value) => {
        const text = stringifyJson(value)
        const read = parseJson(text)
        expect(stringifyJson(read)).toBe(text)
        expect(Number(read)).toBe(value)
      }),
      { numRuns: propertyCases(400) },
    )
  })

  it('agree with JSON where JSON is exact', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!/\d{16}/.test(text) && !/\\ud/i.test(text))
        expect(parseJson(text)).toEqual(JSON.parse(text))
        expect(parseJson(`[${BIG},${text}]`)).toEqual([12345678901234567890n, JSON.parse(text)])
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('agree with JSON on what is JSON, for texts with one wrong character', () => {
    const character = fc.constantFrom(
      ...'{}[],:"\\ \n\t0123456789-+.eEtrufalsn\'/x\u00a0\u2028\ufeff',
    )
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.boolean(),
        fc.nat(),
        fc.constantFrom(0, 1),
        fc.oneof(fc.constant(''), character),
        (value, slow, at, cut, put) => {
          const text = slow ? `[${BIG},${JSON.stringify(value)}]` : JSON.stringify(value)
          const place = at % (text.length + 1)
          const broken = text.slice(0, place) + put + text.slice(place + cut)
          fc.pre(
            broken.isWellFormed() && !/\\ud[89a-f]/i.test(broken) && !/[eE]\+?\d{3}/.test(broken),
          )
          expect(isJson(broken, parseJson)).toBe(isJson(broken, JSON.parse))
        },
      ),
      { numRuns: propertyCases(1500) },
    )
  })
})

function isJson(text: string, parse: (text: string) => unknown): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}
