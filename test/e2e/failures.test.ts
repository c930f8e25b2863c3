import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { ledgerLibrary } from '../../src/ledger/ledger-database.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import { hasOpenssl } from '../http/certificates.js'
import type { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { type Finished, rivetOtel, temporaryFolder } from './command-line.js'
import { FAILURES, type Failure, isTriedAgain, WORDS } from './failures.js'
import { SPANS_OF_SMALL_RUN, smallRuns } from './small-runs.js'

const RUNS = 3
const JOURNALS = smallRuns(RUNS)
const isHere = ({ what }: Failure) => hasOpenssl || !what.includes('TLS')

describe('an export, when this is what the server does:', () => {
  it.each(FAILURES.filter(isHere).map((failure) => [failure.what, failure] as const))(
    '%s',
    async (_, failure) => {
      const folder = temporaryFolder()
      writeFileSync(join(folder, 'journals.jsonl'), JOURNALS)
      const place = await failure.place()
      const receivers = new Set([place.receiver])
      try {
        const first = await exported(folder, [...place.to, ...(failure.flags ?? [])])
        expectSaid(first, failure)
        expect(first.code).toBe(failure.code)
        const isSentAgain = isTriedAgain(failure) || failure.atOnce !== undefined
        const requests = place.receiver?.requests.length ?? 0
        if (requests > 0) expect(requests > 1).toBe(isSentAgain)
        const undelivered = failure.ledger.filter((standing) => standing !== 'delivered').length
        expect(first.stdout).toContain(
          `runs: ${RUNS - undelivered} sent${undelivered > 0 ? `, ${undelivered} failed` : ''}; spans:`,
        )
        expect(await standings(folder)).toEqual(
          failure.ledger.map((state) => ({ state, attempts: state === 'failed' ? 1 : 0 })),
        )

        const { to, receiver } = await place.heal()
        receivers.add(receiver)
        const before = receiver.requests.length
        const second = await exported(folder, to)
        expect(second).toMatchObject({ code: 0, stderr: '' })
        const sent = undelivered === 0 ? '0 sent' : `${undelivered} sent`
        const present = RUNS - undelivered
        expect(second.stdout).toContain(
          `runs: ${sent}${present > 0 ? `, ${present} there already` : ''}; spans:`,
        )
        // What the ledger knows to be there is not sent again.
        const again = receiver.requests.slice(before).flatMap(({ spans }) => spans)
        expect(again).toHaveLength(undelivered * SPANS_OF_SMALL_RUN)
        expectAllThere(receiver, failure)
      } finally {
        for (const receiver of receivers) await receiver?.close()
      }
    },
  )
})

function exported(cwd: string, to: readonly string[]): Promise<Finished> {
  const budget = to.includes('--retry-for') ? [] : ['--retry-for', '1500']
  return rivetOtel(['export', '--from', 'journals.jsonl', ...budget, ...to], { cwd })
}

function expectSaid({ stderr }: Finished, { says }: Failure): void {
  const lines = [...new Set(stderr.trimEnd().split('\n').map(normalised))]
  expect(lines).toHaveLength(says.length)
  lines.forEach((line, i) => {
    expect([says[i]].flat()).toContain(line)
  })
}

/** A line with names for what varies. */
function normalised(line: string): string {
  return line
    .replaceAll(/https?:\/\/[\w.-]+:\d+\/v1\/traces/g, '<endpoint>')
    .replaceAll(/\borders_\d\b/g, '<run>')
    .replaceAll('no-such-host.invalid', '<host>')
    .replaceAll(`"${WORDS}"`, '"<words>"')
    .replaceAll(/\([0-9a-f]{16}\)/g, '(<span>)')
    .replaceAll(/\b[\d.]+(?= (s|ms|bytes|of|spans|makes)\b)/g, '<n>')
}

async function standings(folder: string): Promise<unknown[]> {
  const database = (await ledgerLibrary())(join(folder, 'rivet-otel-ledger.db'), false)
  try {
    const rows = database.all('SELECT state, attempts FROM revision ORDER BY run_id')
    return rows.map(({ state, attempts }) => ({ state, attempts: Number(attempts) }))
  } finally {
    database.close()
  }
}

/** Every journal is there to the letter, and each span once unless the table says otherwise. */
function expectAllThere({ taken }: OtlpReceiver, { twice }: Failure): void {
  const assembler = new JournalAssembler()
  for (const span of taken) assembler.add(span)
  const journals = assembler
    .finish()
    .map((run) => (run.status === 'exact' ? `${stringifyJournal(run.journal)}\n` : run.status))
  expect(journals.sort().join('')).toBe(JOURNALS)
  const texts = new Map<string, Set<string>>()
  for (const { span } of taken) {
    const text = JSON.stringify(span, (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
    texts.set(span.spanId, (texts.get(span.spanId) ?? new Set()).add(text))
  }
  expect(texts.size).toBe(RUNS * SPANS_OF_SMALL_RUN)
  for (const spellings of texts.values()) expect(spellings.size).toBe(1)
  if (twice === undefined) expect(taken).toHaveLength(RUNS * SPANS_OF_SMALL_RUN)
}
