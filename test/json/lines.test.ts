import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, type Line, readLines } from '../../src/json/lines.js'
import { propertyCases } from '../journal/arbitrary-journal.js'

async function* streamOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

async function linesOf(...chunks: (string | Uint8Array)[]): Promise<Line[]> {
  const lines: Line[] = []
  for await (const line of readLines(streamOf(...chunks))) lines.push(line)
  return lines
}

const textsOf = async (...chunks: (string | Uint8Array)[]) =>
  (await linesOf(...chunks)).map(({ bytes }) => decodeUtf8(bytes))

describe('the lines of a stream', () => {
  it('are numbered from 1, without their endings', async () => {
    expect(
      (await linesOf('a\nb\r\n\nc\n')).map(({ number, bytes, terminated }) => [
        number,
        decodeUtf8(bytes),
        terminated,
      ]),
    ).toEqual([
      [1, 'a', true],
      [2, 'b', true],
      [3, '', true],
      [4, 'c', true],
    ])
  })

  it('end with one that says so where the stream stops in the middle of it', async () => {
    const lines = await linesOf('a\nb')
    expect(lines.map(({ terminated }) => terminated)).toEqual([true, false])
    expect(await textsOf('')).toEqual([])
    expect(await textsOf('\n')).toEqual([''])
  })

  it('lose a byte order mark in front of the first, and only there', async () => {
    expect(await textsOf('\ufeffa\nb')).toEqual(['a', 'b'])
    const [, second] = await linesOf('a\n\ufeffb\n')
    expect([...(second?.bytes ?? [])]).toEqual([0xef, 0xbb, 0xbf, 0x62])
  })

  it('keep a carriage return that ends no line', async () => {
    expect(await textsOf('a\rb\n\rc\n')).toEqual(['a\rb', '\rc'])
  })

  it('of invalid UTF-8 cost no other', async () => {
    expect(await textsOf('a\n', Uint8Array.of(0xff, 0xfe, 0x0a), 'b\n')).toEqual([
      'a',
      undefined,
      'b',
    ])
  })

  it('are the same wherever the stream is cut into chunks', async () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 8 })
      .map((s) => s.replaceAll(/[\r\n\ufeff]/g, ''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(), { maxLength: 5 }),
        async (lines, ending, cuts) => {
          const bytes = Buffer.from(lines.map((l) => l + ending).join(''))
          const places = [0, ...cuts.map((c) => c % (bytes.length + 1)), bytes.length]
          places.sort((a, b) => a - b)
          const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end))
          expect(await textsOf(...chunks)).toEqual(lines)
        },
      ),
      { numRuns: propertyCases(200) },
    )
  })
})

describe('decodeUtf8', () => {
  it('gives the text of valid UTF-8, and nothing for any other bytes', () => {
    expect(decodeUtf8(Buffer.from('é🦀'))).toBe('é🦀')
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined()
    }
  })
})
