import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OtlpFileOptions, openOtlpFile } from '../../src/delivery/otlp-file.js'
import type { TracePage } from '../../src/mapping/page.js'
import { RivetOtelError } from '../../src/problem.js'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  largeJournal,
  manyPages,
  pagesOf,
  send,
  spansOf,
} from '../contracts/delivery-contract.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { journalOfEvents, shopJournals } from '../journal/example-journals.js'
import { spansInFile } from './otlp-file-reader.js'

const FIXTURES = fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url))
const DATABASE = fileURLToPath(new URL('../../examples/shop.rivet_state.db', import.meta.url))

function newFile(content?: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'rivet-otel-')), 'traces.otlp.jsonl')
  if (content !== undefined) writeFileSync(path, content)
  return path
}

/** Exports pages into a file and gives the outcomes and what was noticed. */
async function exportTo(path: string, pages: Iterable<TracePage>, options: OtlpFileOptions = {}) {
  const notices: string[] = []
  const delivery = await openOtlpFile(path, {
    notice: (message) => notices.push(message.replace(path, 'FILE')),
    sleep: async () => {},
    ...options,
  })
  const outcomes = await send(delivery, pages)
  await delivery.close()
  return { outcomes, notices }
}

async function written(pages: Iterable<TracePage>): Promise<Buffer> {
  const path = newFile()
  await exportTo(path, pages)
  return readFileSync(path)
}

function shopPages(): TracePage[] {
  return shopJournals().flatMap((journal) => pagesOf(journal))
}

async function refusal(path: string): Promise<RivetOtelError> {
  try {
    await openOtlpFile(path)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
  throw new Error('no error came')
}

describe('a file of OTLP JSON lines', () => {
  it('holds one line of one request for each page', async () => {
    const path = newFile()
    const pages = [...shopPages(), ...pagesOf(largeJournal('large_1'))]
    await exportTo(path, pages)
    const text = readFileSync(path, 'utf8')
    expect(text.endsWith('\n')).toBe(true)
    const lines = text.slice(0, -1).split('\n')
    expect(lines).toHaveLength(pages.length)
    for (const line of lines) expect(Object.keys(JSON.parse(line))).toEqual(['resourceSpans'])
    expect(spansInFile(path).map(({ span }) => span)).toEqual(
      pages.flatMap(({ trace }) => trace.spans),
    )
  })

  it('is not made before something is written into it', async () => {
    const path = newFile()
    const delivery = await openOtlpFile(path)
    expect(await delivery.held('', 'orders_1')).toEqual([])
    expect(await send(delivery, [])).toEqual([])
    await delivery.close()
    expect(existsSync(path)).toBe(false)
  })

  it('may be empty, or hold nothing but white space', async () => {
    for (const content of ['', '\n', ' \r\n\n', '  ']) {
      const path = newFile(content)
      const pages = manyPages(2)
      expectAllDelivered((await exportTo(path, pages)).outcomes, pages)
      expect(spansInFile(path)).toHaveLength(4)
    }
  })

  it('gets no byte when it lacks nothing', async () => {
    const path = newFile()
    await exportTo(path, shopPages())
    const before = readFileSync(path)
    const { mtimeNs } = statSync(path, { bigint: true })
    const { outcomes, notices } = await exportTo(path, shopPages())
    for (const { page, present } of outcomes) expect(present).toBe(page.trace.spans.length)
    expect(notices).toEqual([])
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(mtimeNs)
  })

  it('gets only the spans that it lacks', async () => {
    const path = newFile()
    const [page] = pagesOf(largeJournal('large_1'))
    if (page === undefined) throw new Error('a page was expected')
    const { spans } = page.trace
    const some = spans.filter((_, i) => i % 3 !== 0)
    await exportTo(path, [{ ...page, trace: { ...page.trace, spans: some } }])
    const { outcomes } = await exportTo(path, [page])
    expectOneOutcomeEach(outcomes, [page])
    expect(outcomes[0]).toMatchObject({
      present: some.length,
      delivered: spans.length - some.length,
    })
    const ids = spansInFile(path).map(({ span }) => span.spanId)
    expect(ids.sort()).toEqual(spans.map(({ spanId }) => spanId).sort())
  })

  it('knows a page that came before in the same export', async () => {
    const path = newFile()
    const [page] = manyPages(1)
    if (page === undefined) throw new Error('a page was expected')
    const { outcomes } = await exportTo(path, [page, page])
    expect(outcomes.map(({ delivered, present }) => [delivered, present])).toEqual([
      [2, 0],
      [0, 2],
    ])
  })

  it('knows the revisions of each run by namespace, run_id and digest', async () => {
    const path = newFile()
    const first = journalOfEvents({ RunCompleted: { status: 'failed', duration_ms: 1 } })
    const second = journalOfEvents({ RunCompleted: { status: 'success', duration_ms: 1 } })
    const pages = [
      ...pagesOf(first),
      ...pagesOf(second, { revision: 1 }),
      ...pagesOf(first, { namespace: 'eu' }),
      ...pagesOf(largeJournal('é'.repeat(3000)), { namespace: 'n'.repeat(3000) }),
    ]
    await exportTo(path, pages)
    const [one, two, three, four] = pages
    const delivery = await openOtlpFile(path)
    expect(await delivery.held('', 'orders_1')).toEqual([
      { revision: 0, digest: one?.digest },
      { revision: 1, digest: two?.digest },
    ])
    expect(await delivery.held('eu', 'orders_1')).toEqual([{ revision: 0, digest: three?.digest }])
    expect(await delivery.held('n'.repeat(3000), 'é'.repeat(3000))).toEqual([
      { revision: 0, digest: four?.digest },
    ])
    expect(await delivery.held('', 'orders_2')).toEqual([])
    await delivery.close()
  })

  it('gives the same bytes when the same runs are exported elsewhere', async () => {
    expect((await written(shopPages())).equals(await written(shopPages()))).toBe(true)
  })

  it('gives the same bytes when an export was cut anywhere and is repeated', async () => {
    const pages = [...shopPages().slice(0, 3), ...manyPages(2)]
    const whole = await written(pages)
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at)
    const repeat = async (cut: number) => {
      const path = newFile(whole.subarray(0, cut))
      const { outcomes } = await exportTo(path, pages)
      expectOneOutcomeEach(outcomes, pages)
      expect(readFileSync(path).equals(whole), `cut at byte ${cut}`).toBe(true)
    }
    for (const end of ends) for (const by of [-1, 0, 1, 2, 16, 17, 18]) await repeat(end + by)
    for (let cut = 0; cut < 20; cut++) await repeat(cut)
    await fc.assert(fc.asyncProperty(fc.nat(whole.length), repeat), {
      numRuns: propertyCases(100),
    })
  })
})

describe('a damaged file', () => {
  it('loses a last line that was cut, and says so', async () => {
    const pages = manyPages(3)
    const whole = await written(pages)
    const path = newFile(whole.subarray(0, -100))
    const { notices } = await exportTo(path, pages)
    const lost = whole.length - 100 - (whole.lastIndexOf(10, -2) + 1)
    expect(notices).toEqual([
      `FILE line 3 was cut off in the middle; its ${lost} bytes were taken off`,
    ])
    expect(readFileSync(path).equals(whole)).toBe(true)
  })

  it('keeps a last line that only lacks its newline', async () => {
    const pages = manyPages(2)
    const whole = await written(pages)
    const path = newFile(whole.subarray(0, -1))
    const { outcomes, notices } = await exportTo(path, pages)
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2])
    expect(notices).toEqual([])
    expect(readFileSync(path).equals(whole)).toBe(true)
  })

  it('is left as it is when it is only opened', async () => {
    const cut = (await written(manyPages(2))).subarray(0, -10)
    const path = newFile(cut)
    await (await openOtlpFile(path)).close()
    expect(readFileSync(path).equals(cut)).toBe(true)
  })

  it('keeps a line in the middle that is no OTLP, and says so', async () => {
    const [first = '', second = ''] = (await written(manyPages(2))).toString().split('\n')
    const content = `${first}\n{"resourceSpans":[{"cut\n[1]\n\n{"resourceLogs":[]}\n\uFFFF\n${second}\n`
    const path = newFile(content)
    const { outcomes, notices } = await exportTo(path, manyPages(3))
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2, 0])
    expect(notices).toEqual([
      'FILE line 2 is no JSON; it is left as it is',
      'FILE line 3 is no OTLP; it is left as it is',
      'FILE line 6 is no JSON; it is left as it is',
    ])
    expect(readFileSync(path, 'utf8').startsWith(content)).toBe(true)
  })

  it('keeps the lines of a collector, whatever their ends and their shape', async () => {
    const [line = ''] = (await written(manyPages(1))).toString().split('\n')
    const upper = line.replace(/"(traceId|spanId|parentSpanId)":"[^"]*"/g, (id) =>
      id.replace(/:"[^"]*"/, (hex) => hex.toUpperCase()),
    )
    expect(upper).not.toBe(line)
    const path = newFile(`${upper}\r\n`)
    const { outcomes } = await exportTo(path, manyPages(1))
    expect(outcomes[0]?.present).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe(`${upper}\r\n`)
  })
})

describe('a file that others write, too', () => {
  it('keeps a last line that somebody is still writing', async () => {
    const pages = manyPages(3)
    const whole = await written(pages)
    const path = newFile(whole.subarray(0, -100))
    let rest = whole.subarray(-100)
    const { outcomes, notices } = await exportTo(path, pages, {
      sleep: async () => {
        appendFileSync(path, rest.subarray(0, 60))
        rest = rest.subarray(60)
      },
    })
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2, 2])
    expect(notices).toEqual([])
    expect(readFileSync(path).equals(whole)).toBe(true)
  })

  it('is not touched while somebody never stops writing', async () => {
    const pages = manyPages(3)
    const path = newFile((await written(pages)).subarray(0, -100))
    const { outcomes } = await exportTo(path, pages, {
      sleep: async () => appendFileSync(path, 'x'),
    })
    expectOneOutcomeEach(outcomes, pages)
    for (const { unsent, problem } of outcomes) {
      expect(unsent).toBe(2)
      expect(problem).toEqual({
        kind: 'rejected',
        message: `${path} cannot be written: another program is writing to it`,
      })
    }
  })

  it('is read again where a line was added meanwhile', async () => {
    const path = newFile()
    const [first, second, third] = manyPages(3)
    if (!first || !second || !third) throw new Error('three pages were expected')
    const delivery = await openOtlpFile(path)
    await send(delivery, [first])
    await exportTo(path, [second, third])
    const outcomes = await send(delivery, [third, second, first])
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2, 2])
    expect(await delivery.held('', third.runId)).toHaveLength(1)
    await delivery.close()
  })

  it('is read again where a line was added in the very moment of adding one', async () => {
    const path = newFile()
    const [first, second, third] = manyPages(3)
    if (!first || !second || !third) throw new Error('three pages were expected')
    const foreign = await written([second])
    const addedWhileEncoding = {
      ...first.trace,
      get resource() {
        appendFileSync(path, foreign)
        return second.trace.resource
      },
    }
    const pages = [{ ...first, trace: addedWhileEncoding }, second, third]
    const { outcomes, notices } = await exportTo(path, pages)
    expect(outcomes.map(({ present }) => present)).toEqual([0, 2, 0])
    expect(notices).toEqual([])
    expect(spansInFile(path)).toHaveLength(6)
  })

  it('is read anew where somebody emptied it', async () => {
    const path = newFile()
    const pages = manyPages(3)
    const delivery = await openOtlpFile(path)
    await send(delivery, pages)
    writeFileSync(path, '')
    expectAllDelivered(await send(delivery, pages), pages)
    await delivery.close()
    expect(spansInFile(path)).toHaveLength(6)
  })

  it('is not written to under another name after it was moved away', async () => {
    const path = newFile()
    const pages = manyPages(3)
    const delivery = await openOtlpFile(path)
    const movedAfterOne = async function* () {
      yield* pages.slice(0, 1)
      renameSync(path, `${path}.old`)
      yield* pages.slice(1)
    }
    const outcomes = []
    for await (const outcome of delivery.send(movedAfterOne())) outcomes.push(outcome)
    await delivery.close()
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes.map(({ delivered }) => delivered)).toEqual([2, 0, 0])
    expect(outcomes[1]?.problem?.message).toBe(
      `${path} cannot be written: it was moved or removed while it was being written`,
    )
    expect(spansInFile(`${path}.old`)).toHaveLength(2)
  })
})

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
    const path = place(mkdtempSync(join(tmpdir(), 'rivet-otel-')))
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
    const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-'))
    mkdirSync(join(folder, 'store'))
    const link = join(folder, 'traces.jsonl')
    symlinkSync(join('store', 'real.jsonl'), link)
    const pages = manyPages(2)
    expectAllDelivered((await exportTo(link, pages)).outcomes, pages)
    expect(spansInFile(join(folder, 'store', 'real.jsonl'))).toHaveLength(spansOf(pages))
  })
})
