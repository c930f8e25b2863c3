import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CLI, rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const JOURNALS = readFileSync(
  fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url)),
  'utf8',
)
const FIRST_JOURNAL = JOURNALS.slice(0, JOURNALS.indexOf('\n') + 1)

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

describe('export to a file and import from it', () => {
  it('gives every journal of a real state database back, to the letter, and leaves the database alone', async () => {
    const folder = temporaryFolder()
    const before = digestOf(SHOP)
    const beside = readdirSync(join(SHOP, '..'))
    const out = await rivetOtel(['export', '--from', SHOP, '--all', '--to', 'out.otlp.jsonl'], {
      cwd: folder,
    })
    expect(out).toMatchObject({ code: 0, stderr: '' })
    // 79 of the journals, one more of each run, and one of a run that was killed.
    expect(out.stdout).toContain('runs: 12 sent; spans: 93 delivered (out.otlp.jsonl)')
    expect(out.stdout).toMatch(/\ninterrupted runs: 1 sent\n$/)
    const back = await rivetOtel(['import', '--from', 'out.otlp.jsonl', '--to', 'back.jsonl'], {
      cwd: folder,
    })
    expect(back).toMatchObject({ code: 0, stdout: '' })
    expect(back.stderr).toContain('runs: 12 exact')
    expect(readFileSync(join(folder, 'back.jsonl'), 'utf8')).toBe(JOURNALS)
    expect(digestOf(SHOP)).toBe(before)
    expect(readdirSync(join(SHOP, '..'))).toEqual(beside)
  })

  it('writes the same bytes to a second file, and adds none to the same one', async () => {
    const folder = temporaryFolder()
    const args = (to: string) => ['export', '--from', SHOP, '--all', '--to', to]
    await rivetOtel(args('one.otlp.jsonl'), { cwd: folder })
    await rivetOtel(args('two.otlp.jsonl'), { cwd: folder })
    const once = digestOf(join(folder, 'one.otlp.jsonl'))
    expect(digestOf(join(folder, 'two.otlp.jsonl'))).toBe(once)
    const again = await rivetOtel(args('one.otlp.jsonl'), { cwd: folder })
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout).toContain('12 there already')
    expect(digestOf(join(folder, 'one.otlp.jsonl'))).toBe(once)
  })

  it('sends a journal that changed as the next revision, and imports the newest', async () => {
    const folder = temporaryFolder()
    const changed = FIRST_JOURNAL.replace('"duration_ms":2912', '"duration_ms":2913').replace(
      '"success"',
      '"later"',
    )
    expect(changed).not.toBe(FIRST_JOURNAL)
    await rivetOtel(['export', '--from', '-', '--to', 'out.otlp.jsonl'], {
      cwd: folder,
      input: FIRST_JOURNAL,
    })
    const second = await rivetOtel(['export', '--from', '-', '--to', 'out.otlp.jsonl'], {
      cwd: folder,
      input: changed,
    })
    expect(second.stdout).toContain('revision 1')
    const back = await rivetOtel(['import', '--from', 'out.otlp.jsonl'], { cwd: folder })
    expect(back.stdout).toBe(changed)
    expect(back.stderr).toContain('revision 0 is there too')
    const third = await rivetOtel(['export', '--from', '-', '--to', 'out.otlp.jsonl'], {
      cwd: folder,
      input: FIRST_JOURNAL,
    })
    expect(third.stdout).toContain('revision 2')
    const now = await rivetOtel(['import', '--from', 'out.otlp.jsonl'], { cwd: folder })
    expect(now.stdout).toBe(FIRST_JOURNAL)
  })

  it('keeps runs of several namespaces apart', async () => {
    const folder = temporaryFolder()
    for (const namespace of ['eu', 'us']) {
      const args = ['export', '--from', SHOP, '--export', 'orders', '--namespace', namespace]
      await rivetOtel(args, { cwd: folder })
    }
    const one = await rivetOtel(['import', '--namespace', 'eu'], { cwd: folder })
    expect(one.stdout).toBe(FIRST_JOURNAL)
    const from = ['--from', 'rivet-traces.otlp.jsonl', 'orders_20261121T085339.134_11188']
    const shown = await rivetOtel(['show', ...from], { cwd: folder })
    expect(shown.stderr).toMatch(/is there 2 times \(.*of namespace eu, .*of namespace us\)/)
    const us = await rivetOtel(['show', '--namespace', 'us', ...from], { cwd: folder })
    expect(us).toMatchObject({ code: 0, stderr: '' })
  })

  it('says in a dry run what a file that has a part of the runs still lacks', async () => {
    const folder = temporaryFolder()
    await rivetOtel(['export', '--from', SHOP, '--last', '1'], { cwd: folder })
    const before = digestOf(join(folder, 'rivet-traces.otlp.jsonl'))
    const out = await rivetOtel(['export', '--from', SHOP, '--dry-run'], { cwd: folder })
    expect(out.stdout).toContain('runs: 11 to send, 1 there already; spans: 91 to send, 2 present')
    expect(digestOf(join(folder, 'rivet-traces.otlp.jsonl'))).toBe(before)
  })

  it('sends the good runs although one of the names is unknown, and says so', async () => {
    const folder = temporaryFolder()
    await rivetOtel(['export', '--from', SHOP], { cwd: folder })
    const args = ['--run-id', 'empty_20261121T085506.354_15050', '--run-id', 'nobody']
    const back = await rivetOtel(['import', '--to', 'back.jsonl', ...args], { cwd: folder })
    expect(back).toMatchObject({ code: 2 })
    expect(back.stderr).toContain('no run nobody')
    expect(readFileSync(join(folder, 'back.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1)
  })

  it('ends quietly where the reader of its results goes away, and says where they cannot be written', async () => {
    const folder = temporaryFolder()
    await rivetOtel(['export', '--from', SHOP], { cwd: folder })
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${CLI}" import 2>/dev/full | head -c 10`],
      {
        cwd: folder,
      },
    )
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' })
  })

  it('uses the embedded file in the working folder when nobody names a target', async () => {
    const folder = temporaryFolder()
    await rivetOtel(['export', '--from', SHOP, '--export', 'orders'], { cwd: folder })
    expect(readdirSync(folder)).toEqual(['rivet-traces.otlp.jsonl'])
    const back = await rivetOtel(['import'], { cwd: folder })
    expect(back.stdout).toBe(FIRST_JOURNAL)
  })

  it('writes a list where the name ends in .json, and reads it again', async () => {
    const folder = temporaryFolder()
    await rivetOtel(['export', '--from', SHOP], { cwd: folder })
    await rivetOtel(['import', '--to', 'back.json'], { cwd: folder })
    expect(JSON.parse(readFileSync(join(folder, 'back.json'), 'utf8'))).toHaveLength(12)
    const runs = await rivetOtel(['runs', '--from', 'back.json', '--json'], { cwd: folder })
    expect(runs.stdout.trim().split('\n')).toHaveLength(12)
  })

  it('says in a dry run what would be sent, and writes nothing', async () => {
    const folder = temporaryFolder()
    const out = await rivetOtel(['export', '--from', SHOP, '--last', '2', '--dry-run'], {
      cwd: folder,
    })
    expect(out).toMatchObject({ code: 0 })
    expect(out.stdout).toContain('2 to send')
    expect(readdirSync(folder)).toEqual([])
  })

  it('prints the outcome as JSON', async () => {
    const folder = temporaryFolder()
    const out = await rivetOtel(['export', '--from', SHOP, '--last', '1', '--json'], {
      cwd: folder,
    })
    expect(JSON.parse(out.stdout)).toEqual({
      to: 'rivet-traces.otlp.jsonl',
      dry_run: false,
      runs: [
        {
          run_id: 'empty_20261121T085506.354_15050',
          export_name: 'empty',
          revision: 0,
          result: 'sent',
          trace_ids: ['a779c3321c40f846f0847662feb817b6'],
          spans: 1,
          problems: [],
          warnings: [],
        },
      ],
      summary: {
        runs: {
          sent: 1,
          present: 0,
          failed: 0,
          elsewhere: 0,
          empty: 0,
          repeated: 0,
          unreadable: 0,
        },
        spans: { delivered: 2, present: 0, rejected: 0, unsent: 0 },
      },
    })
  })

  it('finds the database beside the configuration that -c names', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'rivet.yaml'), 'exports: []\n')
    writeFileSync(join(folder, '.rivet_state.db'), readFileSync(SHOP))
    const runs = await rivetOtel(['runs', '-c', join(folder, 'rivet.yaml'), '--json'])
    expect(runs.stdout.trim().split('\n')).toHaveLength(13)
    expect(readdirSync(folder).sort()).toEqual(['.rivet_state.db', 'rivet.yaml'])
  })
})

describe('a file that was cut', () => {
  async function exported(folder: string): Promise<string> {
    await rivetOtel(['export', '--from', SHOP, '--all', '--to', 'out.otlp.jsonl'], { cwd: folder })
    return join(folder, 'out.otlp.jsonl')
  }

  it('in its last line, by a crash, is mended by the next export, to the same bytes', async () => {
    const folder = temporaryFolder()
    const file = await exported(folder)
    const whole = digestOf(file)
    const lines = readFileSync(file, 'utf8').split('\n')
    // In the journal of the last run: what came after it is gone as well.
    const last = lines.findLastIndex((line) => line.includes('"rivet.journal.digest"'))
    const before = lines.slice(0, last).join('\n')
    truncateSync(file, Buffer.byteLength(before) + 1000)
    const cut = await rivetOtel(['import', '--from', file, '--to', 'back.jsonl'], { cwd: folder })
    expect(cut).toMatchObject({ code: 1 })
    expect(cut.stderr).toContain(`line ${last + 1}: the last line was cut off`)
    expect(cut.stderr).toContain('runs: 11 exact, 1 unreadable')
    const again = await rivetOtel(['export', '--from', SHOP, '--all', '--to', file], {
      cwd: folder,
    })
    expect(again.stdout).toContain('1 sent, 11 there already')
    expect(digestOf(file)).toBe(whole)
  })

  it('in the middle of a line costs that line only', async () => {
    const folder = temporaryFolder()
    const file = await exported(folder)
    const lines = readFileSync(file, 'utf8').split('\n')
    const fourth = lines.findIndex((line) => line.includes('customers_keyset'))
    lines[fourth] = lines[fourth]?.slice(0, 500) ?? ''
    writeFileSync(file, lines.join('\n'))
    const back = await rivetOtel(['import', '--from', file, '--to', 'back.jsonl'], { cwd: folder })
    expect(back).toMatchObject({ code: 1 })
    expect(back.stderr).toContain(`line ${fourth + 1}: not valid JSON`)
    expect(readFileSync(join(folder, 'back.jsonl'), 'utf8').trim().split('\n')).toHaveLength(11)
  })

  it('of its spans says which entries are missing, and writes no journal of that run', async () => {
    const folder = temporaryFolder()
    const file = await exported(folder)
    const [first = '', ...others] = readFileSync(file, 'utf8').split('\n')
    const request = JSON.parse(first)
    request.resourceSpans[0].scopeSpans[0].spans.splice(3, 1)
    writeFileSync(file, [JSON.stringify(request), ...others].join('\n'))
    const back = await rivetOtel(['import', '--from', file, '--to', 'back.jsonl'], { cwd: folder })
    expect(back).toMatchObject({ code: 1 })
    expect(back.stderr).toContain('orders_20261121T085339.134_11188: incomplete')
    expect(back.stderr).toContain('entries 6-7 of 36 are missing')
    expect(readFileSync(join(folder, 'back.jsonl'), 'utf8')).not.toContain('orders_20261121T085339')
    const shown = await rivetOtel(['show', '--from', file, 'orders_20261121T085339.134_11188'], {
      cwd: folder,
    })
    expect(shown).toMatchObject({ code: 1 })
    expect(shown.stdout).toContain('incomplete')
  })

  it('of a digit of the digest says that it differs', async () => {
    const folder = temporaryFolder()
    const file = await exported(folder)
    writeFileSync(file, readFileSync(file, 'utf8').replace('a0bf0c0f08ef', 'a0bf0c0f08ee'))
    const back = await rivetOtel(['import', '--from', file, '--to', 'back.jsonl'], { cwd: folder })
    expect(back).toMatchObject({ code: 1 })
    expect(back.stderr).toMatch(/orders_20261121T085339.134_11188: differs\n.*digest differs/)
  })

  it('with a line of invalid UTF-8 costs that line only', async () => {
    const folder = temporaryFolder()
    const file = await exported(folder)
    const lines = readFileSync(file, 'utf8').split('\n').length
    appendFileSync(file, Buffer.of(0x7b, 0xff, 0xfe, 0x7d, 0x0a))
    const back = await rivetOtel(['import', '--from', file, '--to', 'back.jsonl'], { cwd: folder })
    expect(back).toMatchObject({ code: 1 })
    expect(back.stderr).toContain(`line ${lines}: not valid UTF-8`)
    expect(back.stderr).toContain('runs: 12 exact, 1 unreadable')
  })
})
