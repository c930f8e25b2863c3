/**
 * An examination of a target: probes go out, come back or do not, and every check gets its finding.
 *
 * What is sent is small and says what it is; nothing is deleted or configured. What goes wrong with
 * one check costs no other; only a place that gives no usable answer at all, or none any more, ends it.
 */
import type { TraceBackend } from '../../backends/backend.js'
import type { OtlpSettings } from '../../delivery/otlp-settings.js'
import { RivetOtelError, reasonOf } from '../../problem.js'
import { openBackend } from '../server.js'
import { concluded } from './conclusion.js'
import { type ServerFacts, serverFacts } from './examine-facts.js'
import { readChecks } from './examine-reading.js'
import { type SentAll, sendAll } from './examine-sending.js'
import { type Check, type Diagnosis, type Finding, finding } from './findings.js'
import {
  judgeAccepted,
  judgeFirst,
  judgeGone,
  judgeRequests,
  judgeWaiting,
} from './judge-sending.js'
import { cleanerFor, type ExaminedPlaces } from './places.js'
import type { ProbeSeed } from './probes.js'
import { freshSeed } from './seed.js'
import { Sender } from './sender.js'
import { type Portion, portionsOf, type Treatment, treatment } from './treatment.js'

/** How to examine. */
export interface ExamineOptions {
  /** How long probes are waited for, in ms. */
  readonly waitMs: number
  /** How many traces are sent at once. */
  readonly burst: number
  /** Told before a question is asked again. */
  readonly onRetry?: ((message: string) => void) | undefined
  /** Told what is being done. */
  readonly onProgress?: ((what: string) => void) | undefined
}

/**
 * Examines. At least one of the places is there.
 *
 * @example
 * const { verdict, conclusion } = await examine(examinedPlaces(flags), { waitMs: 10_000, burst: 500 })
 */
export async function examine(places: ExaminedPlaces, options: ExamineOptions): Promise<Diagnosis> {
  const { to, in: server } = places
  const backend = server && (await openBackend(server.kind, server.settings, options.onRetry))
  try {
    const facts = server && serverFacts(server.kind, server.settings)
    const examined = { to, in: backend && facts && { backend, facts }, ...options }
    const { findings, isUnreachable, refused = [] } = await allFindings(examined)
    const clean = cleanerFor(places)
    return concluded(
      findings.map((found) => ({
        ...found,
        sentence: clean(found.sentence),
        fixes: found.fixes.map(clean),
      })),
      { to: to?.location, in: backend?.location, isUnreachable, refused },
    )
  } finally {
    backend?.close()
  }
}

/**
 * What an examination would send; nothing is sent.
 *
 * @example
 * planOf(examinedPlaces(flags), 500).at(-1)?.traces // 500
 */
export function planOf(places: ExaminedPlaces, burst: number): readonly Portion[] {
  return places.to === undefined ? [] : portionsOf(treatmentOf(places, freshSeed(), burst))
}

/** A burst that nobody reads back proves nothing. */
function treatmentOf(places: { in: unknown }, seed: ProbeSeed, burst: number): Treatment {
  return treatment(seed, places.in === undefined ? 0 : burst)
}

/** What is examined, opened, and how. */
interface Examined extends ExamineOptions {
  readonly to: OtlpSettings | undefined
  readonly in: Server | undefined
}

interface Server {
  readonly backend: TraceBackend
  readonly facts: ServerFacts
}

interface Found {
  readonly findings: readonly Finding[]
  readonly isUnreachable: boolean
  /** What was sent and not accepted. */
  readonly refused?: readonly Check[]
}

async function allFindings(examined: Examined): Promise<Found> {
  const seed = freshSeed()
  // Both places are tried, so that one learns of both at once.
  const reading = await reached(examined.in, seed)
  const facts = reading.isUnreachable ? [] : await factsOf(examined)
  if (examined.to === undefined) {
    return { ...reading, findings: [...reading.findings, ...facts] }
  }
  const sender = new Sender(examined.to)
  const everything = treatmentOf(examined, seed, examined.burst)
  examined.onProgress?.('sending a small trace')
  const sent = await sender.probes([everything.values])
  const first = [judgeFirst(sent, sender.location), ...reading.findings, ...facts]
  if (sent.problems.length > 0 || reading.isUnreachable) {
    return { findings: first, isUnreachable: sent.isUnreachable || reading.isUnreachable }
  }
  const { findings, ...rest } = await sendAndRead(examined, sender, everything)
  return { ...rest, findings: [...first, ...findings] }
}

async function sendAndRead(
  examined: Examined,
  sender: Sender,
  everything: Treatment,
): Promise<Found> {
  const sent = await sendAll(sender, everything, examined)
  const { findings, isUnreachable } = await becameOf(sent, examined, everything)
  const asked = [judgeWaiting(sender.waits), judgeRequests(sender.notices)]
  const after = isUnreachable ? [] : ((await examined.in?.facts.after()) ?? [])
  return {
    findings: [...findings, ...asked.filter((found) => found !== undefined), ...after],
    isUnreachable,
    refused: [...sent.findings.keys()],
  }
}

/** What became of what was sent; a place that answers no more is not asked for the rest. */
async function becameOf(
  { checks, findings: refused, isUnreachable }: SentAll,
  { in: server, waitMs, onProgress }: Examined,
  everything: Treatment,
): Promise<Found> {
  if (isUnreachable || server === undefined) {
    const judge = (check: Check) => (isUnreachable ? judgeGone(check, true) : judgeAccepted(check))
    return { findings: checks.map((check) => refused.get(check) ?? judge(check)), isUnreachable }
  }
  const { kind } = server.facts
  const how = { everything, refused, kind, waitMs, onProgress }
  const { findings, isUnanswered } = await readChecks(server.backend, how)
  const isGone = isUnanswered && (await reached(server, freshSeed())).isUnreachable
  return { findings, isUnreachable: isGone }
}

/** Whether the backend answers at all, and lets one read: it is asked for a trace that nobody has. */
async function reached(server: Server | undefined, seed: ProbeSeed): Promise<Found> {
  if (server === undefined) return { findings: [], isUnreachable: false }
  const { backend } = server
  try {
    await backend.trace(seed.randomHex(16))
    const sentence = `${backend.location} answers, and lets us read.`
    return { findings: [finding('reading', 'ok', sentence)], isUnreachable: false }
  } catch (error) {
    if (!(error instanceof RivetOtelError) || error.code !== 'UNREACHABLE') throw error
    const fixes = error.hint === undefined ? [] : [error.hint]
    return {
      findings: [finding('reading', 'bad', `${reasonOf(error)}.`, fixes)],
      isUnreachable: true,
    }
  }
}

async function factsOf({ in: server, onProgress }: Examined): Promise<readonly Finding[]> {
  if (server === undefined) return []
  onProgress?.('asking what it is')
  return server.facts.before()
}
