/**
 * The one gate that every journal passes before it becomes a trace, or is compared with one.
 *
 * A journal that cannot be redacted is refused, never sent as it is.
 */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { type RedactedJournal, type RedactionPolicy, redactorOf } from '../journal/redaction.js'
import type { RunJournal } from '../journal/run-journal.js'
import { within } from '../time-limit.js'

/** A journal that may leave, or why it may not. */
export type OutgoingRun =
  | ({ readonly kind: 'run' } & RedactedJournal)
  | {
      readonly kind: 'refused'
      /** Itself redacted. */
      readonly runId: string
      readonly exportName: string
      readonly problem: string
    }

/** How long the patterns of a policy may take on one journal, in ms; real ones take a few. */
export const LONGEST_REDACTION_MS = 20_000

/**
 * Makes the gate for a policy.
 *
 * @param limitMs how long patterns may take on one journal, in ms
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a policy that cannot be used.
 * @example
 * const outgoing = gateFor({ fields: ['files'] })
 * outgoing(journal).kind // 'run'
 */
export function gateFor(
  policy: RedactionPolicy = {},
  limitMs = LONGEST_REDACTION_MS,
): (journal: RunJournal) => OutgoingRun {
  const redact = redactorOf(policy)
  const hasPatterns = (policy.patterns?.length ?? 0) > 0
  return (journal) => {
    const redacted = hasPatterns ? within(limitMs, () => redact(journal)) : redact(journal)
    if (redacted === undefined) {
      return {
        kind: 'refused',
        runId: withoutConnectionSecrets(journal.run_id),
        exportName: withoutConnectionSecrets(journal.export_name),
        problem: tookTooLong(limitMs),
      }
    }
    const { run_id: runId, export_name: exportName } = redacted.journal
    if (runId !== journal.run_id) {
      const problem =
        'its run_id has something in it that redaction takes out, and the ids of its trace follow from the run_id; expected patterns that leave run_ids alone'
      return { kind: 'refused', runId, exportName, problem }
    }
    return { kind: 'run', ...redacted }
  }
}

/**
 * Why something is not sent that the patterns could not be done with in time.
 *
 * @param limitMs the time that they had, in ms
 */
export function tookTooLong(limitMs: number): string {
  return `the patterns for redaction took longer than ${limitMs / 1000} s on it; expected ones that do not try the same letters again and again, as (a+)+ does`
}
