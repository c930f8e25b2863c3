import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { insert } from '../sources/places.js'
import { changing, emptyState } from '../sources/state-rows.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const RUN = 'chunk_boom_20261121T085433.976_12990'
const JOURNALS = readFileSync(
  fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url)),
  'utf8',
)
const EXPORT = ['export', '--from', SHOP, '--to', 'rivet-traces.otlp.jsonl']

describe('a redacted run on the command line', () => {
  it('is sent, verified, listed, shown and written, and marked as such each time', async () => {
    const cwd = temporaryFolder()
    const run = (...args: string[]) => rivetOtel(args, { cwd })
    const only = ['--run-id', RUN]
    const policy = ['--redact', 'files, Errors']

    const sent = await run(...EXPORT, ...only, ...policy, '--verify')
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    expect(sent.stdout).toMatch(/sent {5}chunk_boom.*, without errors, files\n/)
    expect(sent.stdout).toMatch(/verified: 0 exact, 1 redacted/)

    expect(await run('verify', '--from', SHOP, ...only, ...policy)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^redacted {4}chunk_boom/),
    })
    expect(await run('verify', '--from', SHOP, ...only)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^differs/),
    })

    const listed = await run('runs', '--from', 'rivet-traces.otlp.jsonl')
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/failed, redacted/) })
    const row = JSON.parse(
      (await run('runs', '--from', 'rivet-traces.otlp.jsonl', '--json')).stdout,
    )
    expect(row).toMatchObject({ run_id: RUN, redaction: 'errors,files' })

    const shown = await run('show', '--from', 'rivet-traces.otlp.jsonl', RUN)
    expect(shown).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^REDACTED: .*errors, files/),
    })
    const json = await run('show', '--from', 'rivet-traces.otlp.jsonl', RUN, '--json')
    expect(json.stderr).toMatch(/redacted: its sender took out: errors, files/)
    expect(JSON.parse(json.stdout)).toMatchObject({ run_id: RUN })

    const refused = await run('import', '--to', 'journals.jsonl')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/--include-redacted writes it[\s\S]*runs: 0 exact, 1 redacted/)
    const written = await run('import', '--to', 'journals.jsonl', '--include-redacted')
    expect(written).toMatchObject({ code: 0 })
    expect(`${readFileSync(join(cwd, 'journals.jsonl'), 'utf8')}`).toBe(json.stdout)
    const report = JSON.parse((await run('import', '--json')).stdout)
    expect(report.runs).toMatchObject([
      { run_id: RUN, status: 'redacted', redaction: 'errors,files' },
    ])

    // Sent on, it does not pass for the run's own.
    await run('export', '--from', 'journals.jsonl', '--to', 'again.otlp.jsonl')
    expect((await run('import', '--from', 'again.otlp.jsonl')).stderr).toMatch(/redacted/)
  })

  it('has its namespace in every list', async () => {
    const cwd = temporaryFolder()
    const run = (...args: string[]) => rivetOtel(args, { cwd })
    await run(...EXPORT, '--run-id', RUN, '--redact', 'files', '--namespace', 'eu')
    const rows = await run('runs', '--from', 'rivet-traces.otlp.jsonl', '--json')
    expect(JSON.parse(rows.stdout)).toMatchObject({ namespace: 'eu', redaction: 'files' })
    const table = await run('runs', '--from', 'rivet-traces.otlp.jsonl')
    expect(table.stdout).toMatch(/NAMESPACE[\s\S]* eu .*failed, redacted/)
  })

  it('takes its settings from the environment too, where the flags say nothing', async () => {
    const cwd = temporaryFolder()
    const env = { RIVET_OTEL_REDACT: 'query', RIVET_OTEL_REDACT_KEY: 'a key that nobody guesses' }
    const out = await rivetOtel([...EXPORT, '--run-id', RUN], { cwd, env })
    expect(out.stdout).toMatch(/, without query/)
    expect(readFileSync(join(cwd, 'rivet-traces.otlp.jsonl'), 'utf8')).toMatch(
      /\[redacted:[0-9a-f]{32}\]/,
    )
    const flag = await rivetOtel([...EXPORT, '--run-id', RUN, '--redact', 'files'], { cwd, env })
    expect(flag.stdout).toMatch(/, revision 1, without files/)
  })

  it('leaves real journals byte for byte as they are where nothing is asked', async () => {
    const cwd = temporaryFolder()
    await rivetOtel(EXPORT, { cwd })
    expect(await rivetOtel(['import'], { cwd })).toMatchObject({ code: 0, stdout: JOURNALS })
  })
})

/** One run that can be read, and beside it what says the words in ways that are told with an excerpt. */
function besideUnreadable(folder: string): void {
  const file = join(folder, '.rivet_state.db')
  emptyState(file)
  const entry = { recorded_at: '2026-11-21T08:53:39Z', event: 'Paused' }
  const rows = [
    ['o_kunde4711', 'orders', [{ ...entry, recorded_at: 'GEHEIMSQL' }]],
    ['o_kunde4712', 'orders', [entry]],
    ['o_b', 'GEHEIM', [entry]],
    ['o_c', 'orders', [entry, { ...entry, event: { ValidationResult: { passed: true } } }]],
    ['o_d', 'orders', 'GEHEIM'],
  ] as const
  changing(file, (database) => {
    for (const [i, [run_id, export_name, entries]] of rows.entries())
      insert(database, {
        ...{ run_id, export_name, finished_at: `2026-11-21T08:0${i}:00+00:00` },
        text: JSON.stringify({ run_id, export_name, entries }),
      })
  })
}

describe('a report that is handed over', () => {
  const WORDS = ['kunde\\d+', 'GEHEIM'].flatMap((word) => ['--redact-pattern', word])
  const problemsIn = (html: string): string => {
    const data = /<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(html)?.[1] ?? '{}'
    return JSON.parse(data).before_problems.join(', ')
  }

  it('says nothing that was taken out of the runs beside it', async () => {
    const cwd = temporaryFolder()
    besideUnreadable(cwd)
    const line = ['report', 'o_c', '--redact', 'query,errors', '--to', '-']
    expect(problemsIn((await rivetOtel(line, { cwd })).stdout)).toMatch(/o_kunde4711.*GEHEIMSQL/)
    const redacted = await rivetOtel([...line, ...WORDS], { cwd })
    expect({ code: redacted.code, stderr: redacted.stderr }).toEqual({ code: 0, stderr: '' })
    expect(problemsIn(redacted.stdout)).toMatch(/row o_\[redacted\].*got "\[redacted\]SQL"/)
    expect(/kunde\d|GEHEIM/.exec(redacted.stdout)).toBeNull()
  })

  it.each([
    'o_kunde4711',
    'o_kunde4712',
    'o_kunde',
    'o_k',
    '',
    'o_d',
    'o_kunde9',
    'GEHEIM@latest~1',
  ])('is not made of "%s", and nothing says what stands there', async (reference) => {
    const cwd = temporaryFolder()
    besideUnreadable(cwd)
    const debug = { RIVET_OTEL_DEBUG: '1' }
    for (const to of [[], ['--to', '-']]) {
      const line = ['report', reference, ...to, ...WORDS]
      const outcome = await rivetOtel(line, { cwd, env: debug })
      expect(outcome).toMatchObject({ code: 2, stdout: '' })
      expect(outcome.stderr).not.toMatch(/kunde\d|GEHEIM/)
    }
    expect(readdirSync(cwd)).toEqual(['.rivet_state.db'])
  })
})

describe('a redaction that cannot be', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a name that is none',
      ['--redact', 'query,secrets'],
      /--redact: "secrets" is no name of fields; expected some of errors, files, keys, query/,
    ],
    ['no name', ['--redact', ''], /--redact: "" is no name/],
    [
      'a pattern that is none',
      ['--redact-pattern', 'a', '--redact-pattern', 'b('],
      /--redact-pattern 2 of 2: no regular expression: Unterminated group/,
    ],
    [
      'patterns that are no file',
      ['--redact-patterns', 'acme'],
      /--redact-patterns: expected @ and a file/,
    ],
    [
      'a file that is not there',
      ['--redact-patterns', '@none.txt'],
      /--redact-patterns: .*none\.txt/,
    ],
    [
      'a bad line',
      ['--redact-patterns', '@bad.txt'],
      /--redact-patterns bad\.txt line 3: no regular expression/,
    ],
    [
      'a plain key',
      ['--redact', 'query', '--redact-key', 'a-key-in-the-list-of-processes'],
      /--redact-key: expected \$ and the name of a variable/,
    ],
    [
      'a variable that is not set',
      ['--redact', 'query', '--redact-key', '$NONE'],
      /the variable NONE is not set/,
    ],
    [
      'an empty file for a key',
      ['--redact', 'query', '--redact-key', '@empty.txt'],
      /empty\.txt is empty/,
    ],
    ['a short key', ['--redact', 'query', '--redact-key', '@short.txt'], /too short; expected 16/],
    [
      'a key for nothing',
      ['--redact-key', '$PATH'],
      /--redact-key is about what is taken out, and nothing is/,
    ],
  ]

  it.each(cases)('%s is wrong use, and nothing is sent', async (_, args, says) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'bad.txt'), '# names\nacme\nb[\n')
    writeFileSync(join(cwd, 'empty.txt'), '\n')
    writeFileSync(join(cwd, 'short.txt'), 'only-this-key\n')
    for (const command of [EXPORT, ['verify', '--from', SHOP]]) {
      const out = await rivetOtel([...command, ...args], { cwd })
      expect(out).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) })
      expect(out.stderr).not.toMatch(/only-this-key|a-key-in-the-list|b\(|b\[/)
    }
  })
})
