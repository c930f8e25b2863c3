import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

describe('the summary of the whole check', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rivet-otel-summary-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('ends with the total of all runs, alone on its line', () => {
    report('20.20.2', ['passed', 'passed', 'skipped'])
    report('24.21.0', ['passed', 'passed', 'passed'])
    const { status, lines } = summary()
    expect(status).toBe(0)
    expect(lines.at(-1)).toBe('5 passed, 0 failed, 1 skipped')
    expect(lines).toContain('Node 20.20.2: 2 tests ran, 2 passed, 0 failed, 1 skipped')
    expect(lines).toContain('Node 24.21.0: 3 tests ran, 3 passed, 0 failed, 0 skipped')
  })

  it('names each skipped test once, with the Nodes that skipped it', () => {
    report('20.20.2', ['passed', 'skipped'])
    report('22.23.3', ['passed', 'skipped'])
    expect(summary().lines).toContain('Unchecked: test 1 (on Node 20.20.2, 22.23.3)')
  })

  it('leaves skipped tests out of the total where there are none', () => {
    report('20.20.2', ['passed'])
    expect(summary().lines.at(-1)).toBe('1 passed, 0 failed')
  })

  it('fails when a test failed, and counts its step no second time', () => {
    report('20.20.2', ['passed', 'failed'])
    write('failed.txt', 'Tests on Node 20.20.2, 2000 cases a property\n')
    expect(summary()).toMatchObject({ status: 1, total: '1 passed, 1 failed' })
  })

  it('fails when only a step failed', () => {
    report('20.20.2', ['passed'])
    write('failed.txt', 'Lint\nTests on Node 20.20.2\n')
    const { status, total, lines } = summary()
    expect({ status, total }).toEqual({ status: 1, total: '1 passed, 2 failed' })
    expect(lines).toContain('Failed: Lint')
  })

  it('fails when a test was cut off', () => {
    report('20.20.2', ['passed', 'pending'])
    expect(summary()).toMatchObject({ status: 1, total: '1 passed, 1 failed' })
  })

  it('fails when no test ran', () => {
    expect(summary()).toMatchObject({ status: 1, total: '0 passed, 1 failed' })
    report('20.20.2', ['skipped'])
    expect(summary()).toMatchObject({ status: 1, total: '0 passed, 1 failed, 1 skipped' })
  })

  it('says what the check left out', () => {
    report('20.20.2', ['passed'])
    write('unchecked.txt', 'Node lines 20 22\n')
    expect(summary().lines).toContain('Unchecked: Node lines 20 22')
  })

  function report(node: string, statuses: string[]) {
    const assertionResults = statuses.map((status, index) => ({
      status,
      fullName: ` test ${index}`,
    }))
    write(`node-${node}.json`, JSON.stringify({ testResults: [{ assertionResults }] }))
  }

  function write(file: string, text: string) {
    writeFileSync(join(folder, file), text)
  }

  function summary() {
    const program = join(import.meta.dirname, '../../.ci/summary.mjs')
    const { status, stdout } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' })
    const lines = stdout.trimEnd().split('\n')
    return { status, lines, total: lines.at(-1) }
  }
})
