import { describe, expect, it } from 'vitest'
import { withinCount } from '../../src/mapping/attribute-limit.js'
import { type AttributesInTheMaking, putText, takeText } from '../../src/mapping/attributes.js'

function written(texts: Record<string, string>): AttributesInTheMaking {
  const attributes: AttributesInTheMaking = {}
  for (const [name, text] of Object.entries(texts)) putText(attributes, name, text)
  return attributes
}

describe('withinCount', () => {
  it('leaves attributes that are few as they are', () => {
    const attributes = written({ 'rivet.a': 'é'.repeat(3000), 'rivet.b': 'b' })
    expect(withinCount(attributes, Object.keys(attributes).length)).toEqual(attributes)
  })

  it('puts the texts with the most parts together first, and no more than it takes', () => {
    const texts = { 'rivet.a': 'é'.repeat(3000), 'rivet.b': '🦀'.repeat(20_000), 'rivet.c': 'c' }
    const fitting = withinCount(written(texts), 10)
    expect(Object.keys(fitting).sort()).toEqual([
      'rivet.a',
      'rivet.a.part_2',
      'rivet.a.part_3',
      'rivet.a.parts',
      'rivet.b',
      'rivet.c',
    ])
    for (const [name, text] of Object.entries(texts)) expect(takeText(fitting, name)).toBe(text)
  })

  it('gives back more where there is nothing to put together', () => {
    expect(Object.keys(withinCount({ a: 1, b: 2, c: 3 }, 2))).toHaveLength(3)
  })
})
