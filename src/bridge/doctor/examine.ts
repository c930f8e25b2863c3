/**
 * An examination of a target: probes go out, come back or do not, and every check gets its finding.
 *
 * What is sent is small and says what it is; nothing is deleted or configured. What goes wrong with
 * one check costs no other; only a place that gives no usable answer at all ends it.
 */
import type { TraceBackend } from '../../backends/backend.js'
import type { OtlpSettings } from '../../delivery/otlp-settings.js'
import { RivetOtelError, reasonOf } from '../../problem.js'
import { concluded } from './conclusion.js'
import type { ServerFacts } from './examine-facts.js'
import { readChecks } from './examine-reading.js'
import { sendAll } from './examine-sending.js'
import { type Diagnosis, type Finding, finding } from './findings.js'
import { judgeAccepted, judgeFirst, judgeWaiting } from './judge-sending.js'
import type { ProbeSeed } from './probes.js'
import { freshSeed } from './seed.js'
import { Sender } from './sender.js'
import { treatment } from './treatment.js'

/** What to examine, and how. At least one of the places is there. */
export interface ExamineOptions {
  /** Where probes are sent. Holds secrets. */
  readonly to?: OtlpSettings | undefined
  /** Where they are read back. */
  readonly in?: { readonly backend: TraceBackend; readonly facts: ServerFacts } | undefined
  /** How long probes are waited for, in ms. */
  readonly waitMs: number
  /** How many traces are sent at once. */
  readonly burst: number
  /** A text from outside as it may be shown: without the secrets of either place. */
  readonly clean: (text: string) => string
  /** Told what is being done. */
  readonly onProgress?: ((what: string) => void) | undefined
}

/**
 * Examines.
 *
 * @example
 * const { verdict, conclusion } = await examine({ to, in: { backend, facts }, waitMs: 10_000, burst: 500, clean })
 */
export async function examine(options: ExamineOptions): Promise<Diagnosis> {
  const { findings, isUnreachable } = await allFindings(options)
  return concluded(
    findings.map((found) => ({
      ...found,
      sentence: options.clean(found.sentence),
      fixes: found.fixes.map(options.clean),
    })),
    { to: options.to?.location, in: options.in?.backend.location, isUnreachable },
  )
}

interface Found {
  readonly findings: readonly Finding[]
  readonly isUnreachable: boolean
}

async function allFindings(options: ExamineOptions): Promise<Found> {
  const seed = freshSeed()
  // Both places are tried, so that one learns of both at once.
  const reading = await firstReading(options, seed)
  const facts = reading.isUnreachable ? [] : await factsOf(options)
  if (options.to === undefined) {
    return { ...reading, findings: [...reading.findings, ...facts] }
  }
  const sender = new Sender(options.to)
  // A burst that nobody reads back proves nothing.
  const everything = treatment(seed, options.in === undefined ? 0 : options.burst)
  options.onProgress?.('sending a small trace')
  const sent = await sender.probes([everything.values])
  const first = [judgeFirst(sent, sender.location), ...reading.findings, ...facts]
  if (sent.problems.length > 0 || reading.isUnreachable) {
    return { findings: first, isUnreachable: sent.isUnreachable || reading.isUnreachable }
  }

  const refused = await sendAll(sender, everything, options)
  const checks =
    options.in === undefined
      ? refused.checks.map((check) => refused.findings.get(check) ?? judgeAccepted(check))
      : await readChecks(options.in.backend, {
          everything,
          refused: refused.findings,
          kind: options.in.facts.kind,
          waitMs: options.waitMs,
          onProgress: options.onProgress,
        })
  const waiting = judgeWaiting(sender.waits)
  const after = options.in === undefined ? [] : await options.in.facts.after()
  return {
    findings: [...first, ...checks, ...(waiting === undefined ? [] : [waiting]), ...after],
    isUnreachable: false,
  }
}

/** Whether the backend answers at all, and lets one read: it is asked for a trace that nobody has. */
async function firstReading({ in: place }: ExamineOptions, seed: ProbeSeed): Promise<Found> {
  if (place === undefined) return { findings: [], isUnreachable: false }
  try {
    await place.backend.trace(seed.randomHex(16))
    const sentence = `${place.backend.location} answers, and lets us read.`
    return { findings: [finding('reading', 'ok', sentence)], isUnreachable: false }
  } catch (error) {
    if (!(error instanceof RivetOtelError) || error.code !== 'UNREACHABLE') throw error
    // Here --header is about the other place.
    const fixes =
      error.hint === undefined ? [] : [error.hint.replace(/--header\b/, '--read-header')]
    return {
      findings: [finding('reading', 'bad', `${reasonOf(error)}.`, fixes)],
      isUnreachable: true,
    }
  }
}

async function factsOf({ in: place, onProgress }: ExamineOptions): Promise<readonly Finding[]> {
  if (place === undefined) return []
  onProgress?.('asking what it is')
  return place.facts.before()
}
