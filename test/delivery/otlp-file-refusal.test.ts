import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import { RivetOtelError } from '../../src/problem.js'
import { expectAllDelivered, manyPages, spansOf } from '../contracts/delivery-contract.js'
import { exportTo, newFile, spansInFile } from './otlp-files.js'
import { newFolder } from './temporary-folder.js'

const FIXTURES = fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url))
const DATABASE = fileURLToPath(new URL('../../examples/shop.rivet_state.db', import.meta.url))

async function refusal(path: string): Promise<RivetOtelError> {
  try {
    await openOtlpFile(path)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
  throw new Error('no error came')
}

describe('something else is refused before anything is written:', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['journals', readFileSync(FIXTURES), /holds journals of rivet; expected OTLP JSON lines/],
    ['a database', readFileSync(DATABASE), /holds a SQLite database/],
    ['a text', 'hello\nworld\n', /holds something else/],
    ['a text without an end', 'hello', /holds something else/],
    ['JSON over lines', '{\n  "resourceSpans": []\n}\n', /holds JSON that goes over several lines/],
    ['a list', '[\n', /holds JSON that goes over several lines/],
    ['other JSON', '{"spans":[]}\n', /holds JSON without resourceSpans in its first line/],
    ['other JSON without an end', '{"spans":[]}', /holds JSON without resourceSpans/],
    ['a cut line of something else', '{"resourceSpins":[', /holds JSON that goes over several/],
    ['bytes', Uint8Array.of(0x1f, 0x8b, 0, 255, 10, 0), /holds something else/],
  ])('%s', async (_, content, expected) => {
    const path = newFile(content)
    const error = await refusal(path)
    expect(error.code).toBe('INVALID_SOURCE')
    expect(error.message.startsWith(`${path} holds `)).toBe(true)
    expect(error.message).toMatch(expected)
    expect(readFileSync(path).equals(Buffer.from(content))).toBe(true)
  })

  it.each<[string, (folder: string) => string, RegExp]>([
    ['a folder', (folder) => folder, /cannot be written: it is a directory/],
    ['a device', () => '/dev/null', /cannot be written: it is not a regular file/],
    ['a folder that is not there', (folder) => join(folder, 'a', 'b'), /ENOENT/],
    ['a folder that is a file', () => join(FIXTURES, 'b'), /ENOTDIR/],
    ['a file in /proc', () => '/proc/traces.jsonl', /cannot be written/],
  ])('%s', async (_, place, expected) => {
    const path = place(newFolder())
    const outcome = async () => {
      const { outcomes } = await exportTo(path, manyPages(1))
      const message = outcomes[0]?.problem?.message
      if (message !== undefined) throw new RivetOtelError('UNWRITABLE', message)
    }
    const error = await outcome().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RivetOtelError)
    expect(error).toMatchObject({ code: 'UNWRITABLE', message: expect.stringMatching(expected) })
    expect((error as RivetOtelError).message).toContain(path)
  })

  it('but not a link to a file, also one that is not there yet', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'store'))
    const link = join(folder, 'traces.jsonl')
    symlinkSync(join('store', 'real.jsonl'), link)
    const pages = manyPages(2)
    expectAllDelivered((await exportTo(link, pages)).outcomes, pages)
    expect(spansInFile(join(folder, 'store', 'real.jsonl'))).toHaveLength(spansOf(pages))
  })
})
