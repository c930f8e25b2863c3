/**
 * Journals to a real backend and back, the way the product does it: from a file of journals through
 * the export and its OTLP delivery, and back through the reading of servers.
 *
 * It holds nothing of its own but the comparison with what was sent.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TraceBackend } from '../../src/backends/backend.js'
import { exportRuns } from '../../src/bridge/export-runs.js'
import { fetchRun } from '../../src/bridge/fetch-run.js'
import { inOrder, READS_UNDER_WAY } from '../../src/bridge/in-order.js'
import { Patience } from '../../src/bridge/patience.js'
import { openServer } from '../../src/bridge/server.js'
import { verifyRuns } from '../../src/bridge/verify-runs.js'
import type { Delivery } from '../../src/delivery/delivery.js'
import { openOtlpHttp } from '../../src/delivery/otlp-http.js'
import { otlpSettings } from '../../src/delivery/otlp-settings.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import type { ImportedRun } from '../../src/mapping/imported-run.js'
import { openJournalFile } from '../../src/sources/json-file.js'
import type { JournalSource } from '../../src/sources/source.js'
import { newFolder } from '../delivery/temporary-folder.js'
import { expectExact } from '../mapping/both-ways.js'
import type { Encoding } from './backend-trip.js'

const READABLE_WITHIN_MS = 20_000

/** How journals are sent. */
export interface Sending {
  readonly encoding: Encoding
  readonly namespace: string
}

/** Journals in a file, as `rivet-otel export --from` reads them. */
export function sourceOf(journals: readonly RunJournal[]): Promise<JournalSource> {
  const file = join(newFolder(), 'journals.jsonl')
  writeFileSync(file, journals.map((journal) => `${stringifyJournal(journal)}\n`).join(''))
  return openJournalFile(file)
}

/** Sends all journals in one export; fails unless the receiver took every one of them. */
export async function exportJournals(
  journals: readonly RunJournal[],
  otlpHttp: string,
  { encoding, namespace }: Sending,
): Promise<void> {
  const protocol = `http/${encoding}`
  const settings = otlpSettings({ endpoint: otlpHttp, protocol, env: {}, version: '0' })
  if (settings === undefined) throw new Error('no endpoint')
  await exportThrough(openOtlpHttp(settings), journals, namespace)
}

/** Sends all journals in one export, and closes the delivery; fails unless each was sent. */
export async function exportThrough(
  delivery: Delivery,
  journals: readonly RunJournal[],
  namespace: string,
): Promise<void> {
  const problems: string[] = []
  const source = await sourceOf(journals)
  const { runs } = await exportRuns({
    source,
    selection: {},
    delivery,
    namespace,
    onRun: (run) => problems.push(...('problem' in run ? [run.problem] : run.problems)),
  })
  await delivery.close()
  await source.close()
  if (problems.length > 0 || runs.sent !== journals.length) {
    throw new Error(`${JSON.stringify(runs)}: ${problems.slice(0, 5).join('; ')}`)
  }
}

/** Opens a server as the product does for a location. */
export function openBackend(kind: 'jaeger' | 'tempo', query: string): Promise<TraceBackend> {
  return openServer(kind, `${kind}+${query}`, { env: {}, version: '0' })
}

/** Reads one run by its run_id. */
export async function fetched(
  backend: TraceBackend,
  namespace: string,
  { run_id: runId }: RunJournal,
): Promise<ImportedRun | undefined> {
  return (await fetchRun(backend, { namespace, runId })).runs[0]
}

/**
 * What does not come back to the letter of what `import` would write, one sentence each. A run that is
 * not there yet is waited for.
 */
export async function notExact(
  backend: TraceBackend,
  namespace: string,
  journals: readonly RunJournal[],
): Promise<string[]> {
  const wrong: string[] = []
  const patience = new Patience(READABLE_WITHIN_MS)
  const read = async (journal: RunJournal) => {
    const ask = () => fetched(backend, namespace, journal)
    return { journal, run: await patience.until(ask, (run) => run?.status === 'exact') }
  }
  for await (const { journal, run } of inOrder(journals, READS_UNDER_WAY, read)) {
    try {
      expectExact(run, journal)
    } catch (error) {
      wrong.push(`${journal.run_id}: ${error}`)
    }
  }
  return wrong
}

/** What `verify` says of the journals, one word each. */
export async function verified(
  backend: TraceBackend,
  namespace: string,
  journals: readonly RunJournal[],
): Promise<string[]> {
  const source = await sourceOf(journals)
  const options = { source, selection: {}, traces: backend, namespace }
  const words: string[] = []
  for await (const item of verifyRuns({ ...options, waitMs: READABLE_WITHIN_MS })) {
    words.push(item.kind === 'verdict' ? item.result : item.problem)
  }
  await source.close()
  return words
}
