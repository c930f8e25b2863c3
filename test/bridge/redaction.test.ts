import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openOtlpJsonFile } from '../../src/backends/otlp-file.js'
import { exportRuns } from '../../src/bridge/export-runs.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { gateFor } from '../../src/bridge/outgoing-run.js'
import type { RunOutcome, SkippedRun } from '../../src/bridge/summary.js'
import { verifyRuns } from '../../src/bridge/verify-runs.js'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import type { RedactionPolicy } from '../../src/journal/redaction.js'
import { redactionPattern } from '../../src/journal/redaction-pattern.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { openJournalStream } from '../../src/sources/json-file.js'
import { temporaryFolder } from '../e2e/command-line.js'
import { closing } from '../http/answering-server.js'
import { at, journalOf, shopJournal, shopJournals, warning } from '../journal/example-journals.js'

const FILES: RedactionPolicy = { fields: ['files'] }
const QUERY: RedactionPolicy = { fields: ['query'] }

function source(journals: readonly RunJournal[]) {
  async function* bytes() {
    yield Buffer.from(journals.map((journal) => `${stringifyJournal(journal)}\n`).join(''))
  }
  return openJournalStream(bytes(), 'standard input').then(closing)
}

async function send(path: string, journals: readonly RunJournal[], redaction?: RedactionPolicy) {
  const runs: (RunOutcome | SkippedRun)[] = []
  const delivery = await openOtlpFile(path)
  const summary = await exportRuns({
    source: await source(journals),
    selection: {},
    delivery,
    onRun: (run) => runs.push(run),
    ...(redaction === undefined ? {} : { redaction }),
  })
  await delivery.close()
  return { runs, summary }
}

async function verdictsOf(
  path: string,
  journals: readonly RunJournal[],
  redaction?: RedactionPolicy,
) {
  const verdicts: { result: string; reasons: readonly string[] }[] = []
  const traces = openOtlpJsonFile(path)
  const options = redaction === undefined ? {} : { redaction }
  for await (const run of verifyRuns({
    source: await source(journals),
    selection: {},
    traces,
    ...options,
  }))
    if (run.kind === 'verdict') verdicts.push(run)
  return verdicts
}

describe('an export with a policy', () => {
  it('sends runs that are verified with the same policy, and with no other', async () => {
    const path = join(temporaryFolder(), 'traces.otlp.jsonl')
    const journals = [shopJournal('chunk_boom'), shopJournal('empty')]
    const { runs } = await send(path, journals, FILES)
    expect(runs).toMatchObject([{ result: 'sent', redaction: 'files' }, { result: 'sent' }])
    expect(runs[1]).not.toHaveProperty('redaction')

    expect(await verdictsOf(path, journals, FILES)).toMatchObject([
      { result: 'redacted', reasons: [] },
      { result: 'exact' },
    ])
    const [other] = await verdictsOf(path, journals, QUERY)
    expect(other?.result).toBe('differs')
    expect(other?.reasons.join('\n')).toMatch(
      /it was redacted \(files\), this is compared redacted \(query\)/,
    )
    const [none] = await verdictsOf(path, journals)
    expect(none?.result).toBe('differs')
    expect(none?.reasons.join('\n')).toMatch(/redacted \(files\).*redacted \(nothing\)/)
  })

  it('adds nothing the second time, and a revision for another policy', async () => {
    const path = join(temporaryFolder(), 'traces.otlp.jsonl')
    const journals = [shopJournal('chunk_boom')]
    await send(path, journals, FILES)
    const bytes = readFileSync(path)
    expect((await send(path, journals, FILES)).runs).toMatchObject([
      { result: 'present', revision: 0 },
    ])
    expect(readFileSync(path)).toEqual(bytes)
    expect((await send(path, journals, QUERY)).runs).toMatchObject([
      { result: 'sent', revision: 1 },
    ])
    expect((await send(path, journals)).runs).toMatchObject([{ result: 'sent', revision: 2 }])
    const { runs } = await importRuns(openOtlpJsonFile(path))
    expect(runs).toMatchObject([
      {
        status: 'exact',
        revision: 2,
        otherRevisions: [
          { revision: 1, status: 'redacted' },
          { revision: 0, status: 'redacted' },
        ],
      },
    ])
  })

  it('is verified also where another revision came after it, and is told from one that lacks nothing', async () => {
    const path = join(temporaryFolder(), 'traces.otlp.jsonl')
    const journals = [shopJournal('chunk_boom')]
    await send(path, journals, FILES)
    await send(path, journals)
    await send(path, journals, QUERY)
    const came = (revision: number) => [
      `it is there as revision ${revision}; revision 2 came after it and is what an import gives`,
    ]
    expect(await verdictsOf(path, journals, FILES)).toMatchObject([
      { result: 'redacted', reasons: came(0) },
    ])
    expect(await verdictsOf(path, journals)).toMatchObject([{ result: 'exact', reasons: came(1) }])
    expect(await verdictsOf(path, journals, QUERY)).toMatchObject([
      { result: 'redacted', reasons: [] },
    ])
    const errors = await verdictsOf(path, journals, { fields: ['errors'] })
    expect(errors).toMatchObject([{ result: 'differs' }])
  })

  it('takes the same bytes for the same journals and policy, in any file', async () => {
    const folder = temporaryFolder()
    const policy = {
      fields: ['files', 'errors'] as const,
      key: 'a key that nobody guesses',
      patterns: [redactionPattern('id')],
    }
    await send(join(folder, 'a'), shopJournals(), policy)
    await send(join(folder, 'b'), shopJournals(), policy)
    expect(readFileSync(join(folder, 'a'))).toEqual(readFileSync(join(folder, 'b')))
  })

  it('refuses a run whose run_id has something to be taken out, and sends the others', async () => {
    const path = join(temporaryFolder(), 'traces.otlp.jsonl')
    const named = journalOf([at(0, warning('w'))], { runId: 'acme_orders_1' })
    const journals = [named, shopJournal('chunk_boom')]
    const policy = { patterns: [redactionPattern('acme')] }
    const { runs, summary } = await send(path, journals, policy)
    expect(runs).toMatchObject([
      { result: 'refused', runId: '[redacted]_orders_1' },
      { result: 'sent' },
    ])
    expect(summary.runs).toMatchObject({ refused: 1, sent: 1 })
    expect(readFileSync(path, 'utf8')).not.toContain('acme')
    const [verdict] = await verdictsOf(path, journals, policy)
    expect(verdict).toMatchObject({ result: 'missing', runId: '[redacted]_orders_1' })
    expect(verdict?.reasons.join()).toMatch(/it is never sent: its run_id/)
  })
})

describe('a pattern that takes for ever', () => {
  it('costs the run on which it does, and no other', () => {
    const outgoing = gateFor({ patterns: [redactionPattern('^(a+)+$')] }, 300)
    const slow = journalOf([at(0, warning(`${'a'.repeat(60)}!`))])
    const refused = outgoing(slow)
    expect(refused.kind).toBe('refused')
    if (refused.kind === 'refused') expect(refused.problem).toMatch(/took longer than 0\.3 s/)
    expect(outgoing(shopJournal('chunk_boom')).kind).toBe('run')
  })
})
