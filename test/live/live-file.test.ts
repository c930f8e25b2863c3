/** Live spans in a file, beside what an export adds to it. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { expect, it } from 'vitest'
import { openOtlpJsonFile } from '../../src/backends/otlp-file.js'
import { exportRuns } from '../../src/bridge/export-runs.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { verifyRuns } from '../../src/bridge/verify-runs.js'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { openJournalFile } from '../../src/sources/json-file.js'
import { rivetOtel, temporaryFolder } from '../e2e/command-line.js'
import { at, shopJournal, warning } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { Host, playLive } from './live-spans.js'

const HOST = fileURLToPath(new URL('crashing-host.mjs', import.meta.url))

function files(journal: RunJournal): { journals: string; traces: string } {
  const folder = temporaryFolder()
  const journals = join(folder, 'journal.jsonl')
  writeFileSync(journals, `${stringifyJournal(journal)}\n`)
  return { journals, traces: join(folder, 'traces.otlp.jsonl') }
}

async function exportTo(journals: string, traces: string): Promise<number> {
  const source = await openJournalFile(journals)
  const delivery = await openOtlpFile(traces)
  const { spans } = await exportRuns({ source, selection: {}, delivery })
  await delivery.close()
  await source.close()
  return spans.delivered
}

async function runIn(traces: string) {
  const { runs, problems } = await importRuns(openOtlpJsonFile(traces))
  expect(problems).toEqual([])
  expect(runs).toHaveLength(1)
  return runs[0]
}

async function verdicts(journals: string, traces: string) {
  const source = await openJournalFile(journals)
  const words = []
  const options = { source, selection: {}, traces: openOtlpJsonFile(traces) }
  for await (const item of verifyRuns(options))
    words.push(item.kind === 'verdict' ? item.result : item.problem)
  await source.close()
  return words
}

function writeLive(journal: RunJournal, traces: string): void {
  const host = new Host()
  playLive(journal, host.tracer)
  const bytes = JsonTraceSerializer.serializeRequest(host.spans()) ?? new Uint8Array()
  writeFileSync(traces, `${Buffer.from(bytes).toString()}\n`)
}

it('a program that is killed leaves the spans that had ended, and an export mends the run', async () => {
  const journal = shopJournal('orders')
  const { journals, traces } = files(journal)
  const { signal, stderr } = spawnSync(process.execPath, [HOST, journals, traces], {
    encoding: 'utf8',
  })
  expect([signal, stderr]).toEqual(['SIGKILL', ''])
  const broken = await runIn(traces)
  if (broken?.status !== 'incomplete') throw new Error(broken?.status)
  expect(broken.live).toBe(true)
  expect(broken.fragment.longestChunkMs()).toBe(journal.longestChunkMs())
  const texts = new Set(journal.entries.map((entry) => JSON.stringify(entry)))
  for (const entry of broken.fragment.entries) expect(texts).toContain(JSON.stringify(entry))

  expect(await exportTo(journals, traces)).toBeGreaterThan(0)
  const mended = await runIn(traces)
  expectExact(mended, journal)
  expect(mended?.otherRevisions).toEqual([{ revision: 0, status: 'incomplete', live: true }])
  expect(await verdicts(journals, traces)).toEqual(['exact'])

  const { stdout, stderr: talk } = await rivetOtel(['import', '--from', traces])
  expect(stdout).toBe(`${stringifyJournal(journal)}\n`)
  expect(talk).toContain(
    `${journal.run_id}: the live trace of revision 0 is there too (incomplete); this is revision 0\n`,
  )
})

it('a live trace and the export of the same run are one run, and a second export adds nothing', async () => {
  const journal = shopJournal('orders')
  const { journals, traces } = files(journal)
  writeLive(journal, traces)
  expect(await exportTo(journals, traces)).toBeGreaterThan(0)
  expect(await exportTo(journals, traces)).toBe(0)
  const run = await runIn(traces)
  expectExact(run, journal)
  expect(run).toMatchObject({ revision: 0, otherRevisions: [] })
  expect(run?.traceIds).toHaveLength(2)
})

it('a live trace of another journal makes no revision of the export', async () => {
  const journal = shopJournal('orders')
  const { journals, traces } = files(journal)
  const { run_id, export_name, entries } = journal
  writeLive(new RunJournal(run_id, export_name, [...entries, at(0, warning('more'))]), traces)
  expect(await verdicts(journals, traces)).toEqual(['differs'])
  await exportTo(journals, traces)
  const run = await runIn(traces)
  expectExact(run, journal)
  expect(run?.revision).toBe(0)
  expect(run?.otherRevisions).toMatchObject([{ revision: 0, status: 'exact', live: true }])
  expect(await verdicts(journals, traces)).toEqual(['exact'])
})
