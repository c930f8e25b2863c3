/** What is mutated: real journals, their traces in every encoding, and real answers of servers. */
import { readdirSync, readFileSync } from 'node:fs'
import { parseJournal, stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import { redactorOf } from '../../src/journal/redaction.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { type JsonValue, parseJson } from '../../src/json/lossless.js'
import { type ImportedRun, isWhole } from '../../src/mapping/imported-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { decodeTraceDocument } from '../../src/trace/trace-document.js'
import {
  EVERY_KIND,
  journalOfEvents,
  shopJournal,
  shopJournals,
} from '../journal/example-journals.js'
import { exported, imported } from '../mapping/both-ways.js'
import { asJaegerV1 } from '../trace/as-jaeger-v1.js'

/** Real ones, and one with every kind of event. */
export const journals: readonly RunJournal[] = [...shopJournals(), journalOfEvents(...EVERY_KIND)]
export const journalTexts = journals.map(stringifyJournal)
export const journalValues = journalTexts.map(parseJson)

const { journal: redacted, redaction = '' } = redactorOf({ fields: ['files', 'query'] })(
  shopJournal('chunk_boom'),
)
const pages = [
  ...journals.map((journal) => [...journalToTrace(journal)]),
  [...journalToTrace(redacted, { redaction })],
]

/** OTLP JSON, one request a journal, the last one redacted. */
export const otlpTexts = pages.map((each) =>
  joinJsonRequest(each.map(({ trace }) => encodeResourceSpansJson(trace))),
)
export const otlpValues = otlpTexts.map(parseJson)
export const otlpProtobufs: readonly Uint8Array[] = pages.map((each) =>
  Buffer.concat(each.map(({ trace }) => encodeResourceSpansProtobuf(trace))),
)

/** What Jaeger and Tempo answer with these traces, and answers of real ones. */
export const answerTexts: readonly string[] = [
  ...otlpTexts.map((text) => `{"result":${text}}`),
  ...otlpTexts.map((text) => `{"trace":${text}}`),
  ...otlpTexts.map((text) => text.replace('resourceSpans', 'batches')),
  ...fixtures('trace-documents'),
]
export const answerValues = answerTexts.map(parseJson)
export const jaegerV1Values: readonly JsonValue[] = [
  ...journals.map((journal) => asJaegerV1(exported(journal))),
  ...fixtures('jaeger-v1').map(parseJson),
]

function fixtures(folder: string): string[] {
  const url = new URL(`../fixtures/${folder}/`, import.meta.url)
  return readdirSync(url).map((name) => readFileSync(new URL(name, url), 'utf8'))
}

const originals = new Set([...journals, redacted].map(journalDigest))

// The answers of real servers hold runs of their own.
for (const answer of [...answerValues, ...jaegerV1Values]) {
  for (const run of imported(decodeTraceDocument(answer).spans)) {
    if (isWhole(run)) originals.add(journalDigest(run.journal))
  }
}

/** The runs in spans; fails where one is said to be whole and is none that was ever sent. */
export function importMutated(spans: readonly ReceivedSpan[]): ImportedRun[] {
  const assembler = new JournalAssembler()
  for (const span of spans) assembler.add(span)
  for (const { namespace, runId } of assembler.runs()) assembler.announcedPages(namespace, runId)
  const runs = assembler.finish()
  for (const run of runs) checkImported(run)
  return runs
}

/** Fails where a run is said to be whole and is none that was ever sent. */
export function checkImported(run: ImportedRun): void {
  if (!isWhole(run)) return
  const written = journalDigest(parseJournal(stringifyJournal(run.journal)))
  if (!originals.has(written))
    throw new Error(`run ${run.runId} is ${run.status}, and was never sent`)
}

/**
 * The same spans, with digests of what they say now: somebody who forges a trace can do that. What
 * is whole then must still be a journal for every reader.
 */
export function importForged(
  spans: readonly ReceivedSpan[],
  runs: readonly ImportedRun[],
): RunJournal[] {
  const digests = new Map(
    runs.flatMap((run) =>
      run.status === 'differs' ? [[run.runId, journalDigest(run.fragment)]] : [],
    ),
  )
  if (digests.size === 0) return []
  const forged = spans.map((received) => {
    const { attributes } = received.span
    const digest = digests.get(String(attributes['rivet.run.id']))
    if (digest === undefined || attributes['rivet.journal.digest'] === undefined) return received
    const changed = { ...attributes, 'rivet.journal.digest': digest }
    return { ...received, span: { ...received.span, attributes: changed } }
  })
  return imported(forged).flatMap((run) => {
    if (!isWhole(run)) return []
    const again = parseJournal(stringifyJournal(run.journal))
    if (journalDigest(again) !== digests.get(run.runId) && !originals.has(journalDigest(again)))
      throw new Error(`run ${run.runId} is written as another one than its digest is of`)
    return [run.journal]
  })
}
