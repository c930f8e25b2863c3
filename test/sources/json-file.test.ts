import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { openJournalFile, openJournalStream } from '../../src/sources/json-file.js'
import type { JournalSource, Selection } from '../../src/sources/source.js'
import {
  type ContractRow,
  collect,
  describeSource,
  names,
  run,
} from '../contracts/source-contract.js'
import { newFolder, SHOP } from './places.js'

const AT = '2026-11-21T08:53:42Z'
const A = run('a', 'orders', AT)
const B = run('b', 'customers', AT)
const C = run('c', 'orders', AT)

const LIMITS = {
  keepsOrder: 'hands them over in the order of the file',
  noEmptyText: 'is an empty line, which is no journal',
  noNamesBeside: 'the journal is all there is',
}

function write(content: string | Uint8Array): string {
  const file = join(newFolder(), 'journals')
  writeFileSync(file, content)
  return file
}

function asLines(rows: readonly ContractRow[]): string {
  return rows.map(({ text }) => `${text}\n`).join('')
}

function asList(rows: readonly ContractRow[]): string {
  return `[${rows.map(({ text }) => text).join(',\n')}]`
}

async function readAll(source: JournalSource, selection: Selection = {}) {
  const items = await collect(source.read(selection))
  await source.close()
  return items
}

async function readContent(content: string | Uint8Array, selection: Selection = {}) {
  return readAll(await openJournalFile(write(content)), selection)
}

async function refusal(content: string | Uint8Array) {
  try {
    await (await openJournalFile(write(content))).close()
  } catch (error) {
    return error
  }
  throw new Error('it was opened')
}

describeSource('a source of JSON lines', (rows) => openJournalFile(write(asLines(rows))), LIMITS)

describeSource(
  'a source of JSON lines from a stream',
  (rows) => openJournalStream(Readable.from([Buffer.from(asLines(rows))]), 'standard input'),
  LIMITS,
)

describe('a file of journals', () => {
  it('may be JSON lines, a list, one journal, or journals one after the other', async () => {
    const pretty = (row: ContractRow) => JSON.stringify(JSON.parse(row.text), null, 2)
    expect(names(await readContent(asLines([A, B])))).toEqual(['a', 'b'])
    expect(names(await readContent(asList([A, B])))).toEqual(['a', 'b'])
    expect(names(await readContent(`[\n  ${pretty(A)},\n  ${pretty(B)}\n]\n`))).toEqual(['a', 'b'])
    expect(names(await readContent(A.text))).toEqual(['a'])
    expect(names(await readContent(pretty(A)))).toEqual(['a'])
    expect(names(await readContent(`${pretty(A)}\n${pretty(B)}\n`))).toEqual(['a', 'b'])
    expect(names(await readContent('[]'))).toEqual([])
  })

  it('may have a byte order mark, other ends of lines, and empty lines', async () => {
    const lines = `\ufeff${A.text}\r\n\r\n  \r\n${B.text}\r\n`
    const items = await readContent(lines)
    expect(items.map(({ where }) => where)).toEqual(['line 1', 'line 4'])
    expect(names(items)).toEqual(['a', 'b'])
    expect(names(await readContent(`\ufeff\n ${asList([A, B])}`))).toEqual(['a', 'b'])
    const pretty = JSON.stringify(JSON.parse(A.text), null, '\t').replaceAll('\n', '\r\n')
    expect(names(await readContent(`\r\n${pretty}`))).toEqual(['a'])
  })

  it('may hold line separators of Unicode within its texts', async () => {
    expect(A.text).toContain('\u2028')
    const items = await readContent(asLines([A, B]))
    expect(items.map(({ where }) => where)).toEqual(['line 1', 'line 2'])
  })

  it('loses one line where one line is broken, whichever it is', async () => {
    const cut = B.text.slice(0, 40)
    for (const lines of [
      [cut, A.text, C.text],
      [A.text, cut, C.text],
      [A.text, C.text, cut],
    ]) {
      const items = await readContent(lines.join('\n'))
      const bad = items.filter(({ kind }) => kind === 'unreadable')
      expect(names(items.filter(({ kind }) => kind === 'journal'))).toEqual(['a', 'c'])
      expect(bad).toEqual([
        {
          kind: 'unreadable',
          where: `line ${lines.indexOf(cut) + 1}`,
          problem: expect.stringMatching(/^not valid JSON/),
        },
      ])
    }
  })

  it('loses one line where one is not valid UTF-8', async () => {
    const bytes = Buffer.from(asLines([A, B, C]))
    bytes[bytes.indexOf('customers')] = 0xff
    const items = await readContent(bytes)
    expect(names(items)).toEqual(['a', 'unreadable: it is not valid UTF-8', 'c'])
    expect(items[1]?.where).toBe('line 2')
  })

  it('loses one item of a list where one is broken, and says so where the list is cut', async () => {
    const broken = `[${A.text}, {"run_id": }, null, "}", 7 ,${C.text}]`
    const items = await readContent(broken)
    expect(names(items.filter(({ kind }) => kind === 'journal'))).toEqual(['a', 'c'])
    expect(items.filter(({ kind }) => kind === 'unreadable').map(({ where }) => where)).toEqual([
      'item 2',
      'item 3',
      'item 4',
      'item 5',
    ])
    const cutInside = await readContent(asList([A, B]).slice(0, -20))
    expect(cutInside.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
      'journal item 1',
      'unreadable item 2',
      'unreadable the end',
    ])
    const cutBetween = await readContent(`[${A.text},`)
    expect(cutBetween[1]).toEqual({
      kind: 'unreadable',
      where: 'the end',
      problem: 'the list has no end; the file may have been cut',
    })
  })

  it('says nothing of a broken line that is known to be of another run', async () => {
    const bad = '{"run_id":"b","export_name":"customers","entries":7}'
    const content = `${A.text}\n${bad}\n`
    expect(names(await readContent(content, { exports: ['orders'] }))).toEqual(['a'])
    expect(names(await readContent(content, { runIds: ['a'] }))).toEqual(['a'])
    expect((await readContent(content, { runIds: ['b'] }))[0]).toMatchObject({
      where: 'line 2',
      runId: 'b',
    })
  })

  it('cannot place a journal without entries in time', async () => {
    const content = `${A.text}\n{"run_id":"e","export_name":"orders","entries":[]}\n`
    expect(names(await readContent(content))).toEqual(['a', 'e'])
    expect(names(await readContent(content, { last: 2 }))).toEqual(['e', 'a'])
    expect((await readContent(content, { sinceUnixNano: 0n }))[1]).toEqual({
      kind: 'unreadable',
      where: 'line 2',
      runId: 'e',
      problem: 'it has no entries, so it cannot be told when the run ended',
    })
  })

  it('takes the latest entry for the end, not the last one', async () => {
    const entry = (recorded_at: string) => ({ recorded_at, event: 'Paused' })
    const entries = [entry('2026-11-22T00:00:00Z'), entry('2026-11-21T00:00:00Z')]
    const text = JSON.stringify({ run_id: 'late', export_name: 'orders', entries })
    expect(names(await readContent(`${text}\n${A.text}\n`, { last: 1 }))).toEqual(['late'])
  })

  it('is refused where it can hold no journals', async () => {
    expect(await refusal('')).toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(/is empty; expected JSON lines, one journal, or a list/),
    })
    expect(await refusal('\ufeff \r\n\n')).toMatchObject({
      message: expect.stringContaining('is empty'),
    })
    expect(await refusal(readFileSync(SHOP))).toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringContaining('is a SQLite database'),
    })
    expect(await refusal(gzipSync(A.text))).toMatchObject({
      message: expect.stringContaining('is compressed (gzip)'),
      hint: expect.stringContaining('gunzip'),
    })
    expect(await refusal(Buffer.from(`\ufeff${A.text}`, 'utf16le'))).toMatchObject({
      message: expect.stringContaining('is UTF-16 text'),
    })
  })

  it('is refused where it holds traces, and says what reads them', async () => {
    const traces = { resourceSpans: [{ scopeSpans: [] }] }
    for (const content of [
      JSON.stringify(traces),
      JSON.stringify(traces, null, 2),
      `${JSON.stringify(traces)}\n{}`,
      '{"run_id":"orders_1","export_name":"orders","entries":[],"resourceSpans":[]}',
      '{"run_id":"orders_1","export_name":"orders","entries":[ ] ,\t"resourceSpans":[]}',
    ]) {
      expect(await refusal(content)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringContaining('holds traces'),
        hint: expect.stringContaining('import'),
      })
    }
  })

  it('is refused where there is none', async () => {
    await expect(openJournalFile(join(newFolder(), 'missing.jsonl'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/missing\.jsonl does not exist/),
    })
    const folder = join(newFolder(), 'folder')
    mkdirSync(folder)
    await expect(openJournalFile(folder)).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringContaining('is a folder'),
    })
  })

  it('may be a pipe', async () => {
    const pipe = join(newFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const [source] = await Promise.all([
      openJournalFile(pipe),
      new Promise((resolve) =>
        setImmediate(() => resolve(writeFileSync(pipe, asLines([A, B]), { flag: 'a' }))),
      ),
    ])
    const first = names(await collect(source.read({})))
    expect([first, names(await readAll(source))]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })
})

describe('a stream of journals', () => {
  beforeEach(() => {
    process.env.TMPDIR = newFolder()
  })

  it('may come in pieces of any size', async () => {
    const bytes = Buffer.from(asLines([A, B, C]))
    const pieces = Array.from(bytes, (byte) => Buffer.of(byte))
    const source = await openJournalStream(Readable.from(pieces), '-')
    expect(source.location).toBe('-')
    expect(names(await readAll(source))).toEqual(['a', 'b', 'c'])
  })

  it('leaves nothing in the temporary folder', async () => {
    const temporary = process.env.TMPDIR ?? ''
    await readAll(await openJournalStream(Readable.from([Buffer.from(A.text)]), '-'))
    expect(readdirSync(temporary)).toEqual([])
    await expect(openJournalStream(Readable.from([]), '-')).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringContaining('- is empty'),
    })
    expect(readdirSync(temporary)).toEqual([])
  })

  it('that breaks off is refused with the reason', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from(A.text)
        throw new Error('the other side hung up')
      })(),
    )
    await expect(openJournalStream(broken, '-')).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: '- cannot be read: the other side hung up',
    })
    expect(readdirSync(process.env.TMPDIR ?? '')).toEqual([])
  })

  it('says where there is no room for it', async () => {
    process.env.TMPDIR = '/nowhere/at/all'
    await expect(openJournalStream(Readable.from([Buffer.from('x')]), '-')).rejects.toMatchObject({
      code: 'UNWRITABLE',
      hint: expect.stringContaining('TMPDIR'),
    })
  })
})
