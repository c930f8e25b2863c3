import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const BOOM = 'chunk_boom_20261121T085433.976_12990'
const BOOM_FILE = `rivet-report-${BOOM}.html`
const KILLED = 'chunk_slow_20261121T085434.212_13009'

const title = (html: string) => /<title>(.*)<\/title>/.exec(html)?.[1]

describe('report', () => {
  it('writes a file named after the run, and prints its name alone', async () => {
    const cwd = temporaryFolder()
    const { code, stdout, stderr } = await rivetOtel(['report', BOOM, '--from', SHOP], { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${BOOM_FILE}\n` })
    expect(stderr).toMatch(/^report of chunk_boom_\S+, [\d.]+ kB; a browser opens it\n$/)
    expect(readdirSync(cwd)).toEqual([BOOM_FILE])
    expect(title(readFileSync(join(cwd, BOOM_FILE), 'utf8'))).toBe(`chunk_boom · failed · ${BOOM}`)
  })

  it('is the same document on standard output', async () => {
    const cwd = temporaryFolder()
    await rivetOtel(['report', BOOM, '--from', SHOP, '--to', 'boom.html'], { cwd })
    const { stdout, stderr } = await rivetOtel(['report', BOOM, '--from', SHOP, '--to', '-'])
    expect(stdout).toBe(readFileSync(join(cwd, 'boom.html'), 'utf8'))
    expect(stderr).toBe('')
  })

  it('goes into a folder that is named', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'reports'))
    const { stdout } = await rivetOtel(['report', BOOM, '--from', SHOP, '--to', 'reports/'], {
      cwd,
    })
    expect(stdout).toBe(`reports/${BOOM_FILE}\n`)
  })

  it('overwrites only what it is told to, and what a link leads to', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'old.html'), 'old')
    symlinkSync('old.html', join(cwd, 'link.html'))
    const line = ['report', BOOM, '--from', SHOP, '--to', 'link.html']
    const refused = await rivetOtel(line, { cwd })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('link.html exists already')
    expect(readFileSync(join(cwd, 'old.html'), 'utf8')).toBe('old')
    expect(await rivetOtel([...line, '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(title(readFileSync(join(cwd, 'old.html'), 'utf8'))).toContain('chunk_boom')
    expect(readdirSync(cwd).sort()).toEqual(['link.html', 'old.html'])
  })

  it('leaves nothing where it cannot be written', async () => {
    const cwd = temporaryFolder()
    const line = ['report', BOOM, '--from', SHOP, '--to', 'none/boom.html']
    const { code, stderr } = await rivetOtel(line, { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('none/boom.html cannot be written')
    expect(readdirSync(cwd)).toEqual([])
  })

  it('knows a run that was killed', async () => {
    const { code, stdout } = await rivetOtel(['report', KILLED, '--from', SHOP, '--to', '-'])
    expect(code).toBe(0)
    expect(title(stdout)).toBe(`chunk_slow · interrupted · ${KILLED}`)
  })

  it('of a part of a run is written, says so, and ends with 1', async () => {
    const cwd = temporaryFolder()
    await rivetOtel(['export', '--from', SHOP, '--run-id', BOOM, '--to', 'all.jsonl'], { cwd })
    const [line = ''] = readFileSync(join(cwd, 'all.jsonl'), 'utf8').split('\n')
    const document = JSON.parse(line)
    const scopes = document.resourceSpans[0].scopeSpans
    const isChunk = ({ name }: { readonly name: string }) => name === 'chunk'
    for (const scope of scopes) scope.spans.splice(scope.spans.findIndex(isChunk), 1)
    writeFileSync(join(cwd, 'part.jsonl'), `${JSON.stringify(document)}\n`)
    const { code, stdout, stderr } = await rivetOtel(
      ['report', BOOM, '--from', 'part.jsonl', '--to', '-'],
      { cwd },
    )
    expect(code).toBe(1)
    expect(stderr).not.toBe('')
    expect(stdout).toContain('NOT THE WHOLE JOURNAL')
  })

  it('takes out what it is told to, and says what that is', async () => {
    const line = ['report', BOOM, '--from', SHOP, '--to', '-']
    const whole = await rivetOtel(line)
    expect(whole.stdout).toContain('division by zero')
    const redacted = await rivetOtel([...line, '--redact', 'errors,query'])
    expect(redacted.code).toBe(0)
    expect(redacted.stdout).not.toContain('division by zero')
    expect(redacted.stdout).not.toContain('SELECT')
    expect(redacted.stdout).toContain('REDACTED: taken out of this report: errors, query.')
  })

  it('refuses a run whose name it would have to change', async () => {
    const cwd = temporaryFolder()
    const line = ['report', BOOM, '--from', SHOP, '--redact-pattern', '1299\\d']
    const { code, stdout, stderr } = await rivetOtel(line, { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('its run_id has something in it that redaction takes out')
    expect(stderr).not.toContain('12990')
    expect(readdirSync(cwd)).toEqual([])
  })

  it('without a run is of the one that runs --last 1 shows', async () => {
    const last = await rivetOtel(['runs', '--last', '1', '--json', '--from', SHOP])
    const { run_id, status } = JSON.parse(last.stdout)
    const { stdout } = await rivetOtel(['report', '--from', SHOP, '--to', '-'])
    expect(title(stdout)).toMatch(new RegExp(`${status} · ${run_id}$`))
  })

  it('of an unknown run names near ones and writes nothing', async () => {
    const cwd = temporaryFolder()
    const { code, stderr } = await rivetOtel(['report', `${BOOM}1`, '--from', SHOP], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain(BOOM)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('gives run_ids that look the same in a name of a file different ones', async () => {
    const cwd = temporaryFolder()
    const run = (id: string) =>
      `${JSON.stringify({ run_id: id, export_name: 'o', entries: [{ recorded_at: '2026-11-21T08:53:39Z', event: { RunCompleted: { status: 'success', error_message: null, duration_ms: 1 } } }] })}\n`
    writeFileSync(join(cwd, 'runs.jsonl'), run('a/../b') + run('a b') + run('a_b'))
    const names = ['a/../b', 'a b', 'a_b'].map(async (id) => {
      const { stdout } = await rivetOtel(['report', id, '--from', 'runs.jsonl'], { cwd })
      return stdout.trimEnd()
    })
    const written = await Promise.all(names)
    expect(readdirSync(cwd).sort()).toEqual([...written, 'runs.jsonl'].sort())
    expect(new Set(written).size).toBe(3)
  })

  it.each([['x'], ['-1'], ['1000']])('--before %s is wrong use', async (before) => {
    expect(await rivetOtel(['report', '--from', SHOP, '--before', before])).toMatchObject({
      code: 2,
    })
  })
})
