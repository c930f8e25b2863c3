import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/json/canonical.js'
import {
  isJsonObject,
  isList,
  type JsonValue,
  parseJson,
  setMember,
} from '../../src/json/lossless.js'
import { arbitraryJson, propertyCases } from '../journal/arbitrary-journal.js'

describe('the canonical form', () => {
  it('is that of the example in RFC 8785, 3.2.2', () => {
    const example = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`
    expect(canonicalJson(parseJson(example))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
  })

  it('sorts members by UTF-16 code units, as in RFC 8785, 3.2.3', () => {
    const example = String.raw`{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }`
    expect(Object.values(JSON.parse(canonicalJson(parseJson(example))) as object)).toHaveLength(7)
    expect(canonicalJson(parseJson(example)).match(/"[A-Z][^"]*"/g)).toEqual([
      '"Carriage Return"',
      '"One"',
      '"Control"',
      '"Latin Small Letter O With Diaeresis"',
      '"Euro Sign"',
      '"Emoji: Grinning Face"',
      '"Hebrew Letter Dalet With Dagesh"',
    ])
  })

  it('sorts names that are numbers as texts', () => {
    expect(canonicalJson({ 10: 1, 9: 2, a: 3, 1: 4 })).toBe('{"1":4,"10":1,"9":2,"a":3}')
  })

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('spells the double %s as RFC 8785, appendix B: %s', (hex, spelled) => {
    expect(canonicalJson(Buffer.from(hex, 'hex').readDoubleBE())).toBe(spelled)
  })

  it('writes integers in full where a double could not hold them', () => {
    expect(canonicalJson([2n ** 64n - 1n, -(2n ** 63n), 2n ** 53n + 1n])).toBe(
      '[18446744073709551615,-9223372036854775808,9007199254740993]',
    )
  })

  it('leaves out members that are null at every level, and keeps null in lists', () => {
    expect(canonicalJson(parseJson('{"b":null,"a":{"c":null},"d":[null,{"e":null,"f":0}]}'))).toBe(
      '{"a":{},"d":[null,{"f":0}]}',
    )
    expect(canonicalJson(null)).toBe('null')
  })

  it('writes a member named __proto__', () => {
    expect(canonicalJson(parseJson('{"b":1,"__proto__":{"z":1}}'))).toBe(
      '{"__proto__":{"z":1},"b":1}',
    )
  })

  it('is the same text for members in any order, with and without nulls', () => {
    fc.assert(
      fc.property(arbitraryJson, fc.nat(), (value, seed) => {
        expect(canonicalJson(shuffled(value, seed))).toBe(canonicalJson(value))
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(arbitraryJson, (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(parseJson(text))).toBe(text)
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('tells values apart that differ in more than nulls and zeros', () => {
    fc.assert(
      fc.property(arbitraryJson, arbitraryJson, (one, other) => {
        const same = plain(one) === plain(other)
        expect(canonicalJson(one) === canonicalJson(other)).toBe(same)
      }),
      { numRuns: propertyCases(300) },
    )
  })
})

/** The same value with its members in another order, and a null member more in each object. */
function shuffled(value: JsonValue, seed: number): JsonValue {
  if (isList(value)) return value.map((item, i) => shuffled(item, seed + i))
  if (!isJsonObject(value)) return value
  const keys = Object.keys(value)
  const turned = keys.map((_, i) => keys[(i + seed) % keys.length] ?? '').reverse()
  const target: Record<string, JsonValue> = {}
  const absent = `absent ${seed}`
  if (!keys.includes(absent)) target[absent] = null
  for (const key of turned) setMember(target, key, shuffled(value[key] ?? null, seed + 1))
  return target
}

/** A spelling of our own: sorted entries, no nulls, minus zero as zero. */
function plain(value: JsonValue): string {
  if (isList(value)) return `L(${value.map(plain).join(';')})`
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .filter((key) => value[key] !== null)
      .map((key) => `${JSON.stringify(key)}=${plain(value[key] ?? null)}`)
    return `O(${members.sort().join(';')})`
  }
  if (typeof value === 'number' || typeof value === 'bigint') return `N${value === 0 ? 0 : value}`
  return JSON.stringify(value)
}
