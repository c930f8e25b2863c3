import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { journalTexts, type TextPiece } from '../../src/sources/journal-texts.js'
import { collect } from '../contracts/source-contract.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function split(bytes: Uint8Array, pieceSize: number): Promise<TextPiece[]> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize)
  }
  return collect(journalTexts(pieces()))
}

async function values(text: string, pieceSize: number): Promise<unknown[]> {
  return (await split(Buffer.from(text), pieceSize)).map((piece) => {
    if ('problem' in piece) throw new Error(piece.problem)
    return JSON.parse(piece.text)
  })
}

const object = fc.dictionary(
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ stringUnit: 'binary' }),
  { minKeys: 1 },
)
const objects = fc.array(object, { minLength: 1, maxLength: 5 })
const pieceSize = fc.integer({ min: 1, max: 40 })
const indent = fc.constantFrom(1, 2, '\t')

describe('the texts of journals', () => {
  it('are the lines, wherever the bytes are divided', async () => {
    await fc.assert(
      fc.asyncProperty(objects, pieceSize, async (list, size) => {
        const lines = list.map((one) => JSON.stringify(one)).join('\n')
        expect(await values(lines, size)).toEqual(list.map(plain))
      }),
    )
  })

  it('are the items of a list, however it is indented', async () => {
    await fc.assert(
      fc.asyncProperty(objects, pieceSize, fc.constantFrom(0, 1, '\t'), async (list, size, by) => {
        expect(await values(JSON.stringify(list, null, by), size)).toEqual(list.map(plain))
      }),
    )
  })

  it('are the objects that follow one another over many lines', async () => {
    await fc.assert(
      fc.asyncProperty(objects, pieceSize, indent, async (list, size, by) => {
        const text = list.map((one) => JSON.stringify(one, null, by)).join('\n')
        expect(await values(text, size)).toEqual(list.map(plain))
      }),
    )
  })

  it('come from any bytes without an error, and never from nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), pieceSize, async (bytes, size) => {
        for (const piece of await split(bytes, size)) {
          expect('text' in piece ? piece.text.trim() : piece.problem).not.toBe('')
        }
      }),
    )
  })

  it('of more than 256 MiB are refused, and the next line is read', async () => {
    const mebibyte = new Uint8Array(1024 * 1024).fill(0x61)
    async function* huge() {
      yield Buffer.from('{}\n')
      for (let i = 0; i < 257; i++) yield mebibyte
      yield Buffer.from('\n{"a":1}\n')
    }
    expect(await collect(journalTexts(huge()))).toEqual([
      { where: 'line 1', text: '{}' },
      { where: 'line 2', problem: 'it has 269484032 bytes; at most 268435456 are read' },
      { where: 'line 3', text: '{"a":1}' },
    ])
  })
})

/** What JSON keeps of a value: not the sign of a zero, nor a prototype. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe('a journal without end', () => {
  /** More than can be held, made as it is read. */
  async function* endless(text: string, megabytes: number, end = ''): AsyncGenerator<Uint8Array> {
    const megabyte = Buffer.from(text.repeat(Math.ceil(1_000_000 / text.length)))
    for (let i = 0; i < megabytes; i++) yield megabyte
    yield Buffer.from(end)
  }

  it.each([
    ['in its first line', '{"a":"b"'],
    ['that never begins', ' '],
    ['that is a list in a list', '['],
  ])('is refused, and is not held: %s', async (_, text) => {
    const held = () => process.memoryUsage().arrayBuffers
    const before = held()
    let [most, count] = [0, 0]
    const pieces = await collect(
      journalTexts(
        (async function* () {
          for await (const chunk of endless(text, 200, '\n{}\n')) {
            // What was let go of is not held, whenever this Node would collect it.
            if (count++ % 40 === 39) {
              collectGarbage()
              most = Math.max(most, held() - before)
            }
            yield Buffer.from(chunk)
          }
        })(),
        3_000_000,
      ),
    )
    expect(
      pieces.some((piece) => 'problem' in piece && /at most 3000000/.test(piece.problem)),
    ).toBe(true)
    expect(most).toBeLessThan(50_000_000)
  })
})
