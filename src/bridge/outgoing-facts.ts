/**
 * The gate for what a state database knows beside its journals: the same policy as theirs, and the
 * same limit of time.
 */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import type { TextRedaction } from '../journal/redacted-text.js'
import { type RedactionPolicy, textRedactorOf } from '../journal/redaction.js'
import type { LoadRun } from '../state/load-run.js'
import { mayName, redactedLoad, redactedRecord, redactedUnjournaled } from '../state/redaction.js'
import type { RunRecord } from '../state/run-record.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { within } from '../time-limit.js'
import { LONGEST_REDACTION_MS, tookTooLong } from './outgoing-run.js'

/** Something that may leave, or why it may not. */
export type Outgoing<T> =
  | { readonly kind: 'passed'; readonly facts: T }
  | {
      readonly kind: 'refused'
      /** The name of the run or the load, itself redacted. */
      readonly runId: string
      readonly problem: string
    }

/** The gate for one policy. */
export interface FactsGate {
  record(record: RunRecord): Outgoing<RunRecord>
  unjournaled(run: UnjournaledRun): Outgoing<UnjournaledRun>
  load(load: LoadRun): Outgoing<LoadRun>
}

/**
 * Makes the gate for a policy.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a policy that cannot be used.
 * @example
 * factsGateFor({ fields: ['files'] }).load(load).kind // 'passed'
 */
export function factsGateFor(policy: RedactionPolicy = {}): FactsGate {
  const textsOf = textRedactorOf(policy)
  const hasPatterns = (policy.patterns?.length ?? 0) > 0
  const pass = <T>(
    facts: T,
    name: string,
    redact: (facts: T, texts: TextRedaction) => T,
  ): Outgoing<T> => {
    const texts = textsOf()
    const work = (): Outgoing<T> =>
      mayName(name, texts)
        ? { kind: 'passed', facts: redact(facts, texts) }
        : { kind: 'refused', runId: texts.text(name), problem: NAMED }
    const passed = hasPatterns ? within(LONGEST_REDACTION_MS, work) : work()
    if (passed !== undefined) return passed
    const runId = withoutConnectionSecrets(name)
    return { kind: 'refused', runId, problem: tookTooLong(LONGEST_REDACTION_MS) }
  }
  return {
    record: (record) => pass(record, record.runId, redactedRecord),
    unjournaled: (run) => pass(run, run.runId, redactedUnjournaled),
    load: (load) => pass(load, load.loadId, redactedLoad),
  }
}

const NAMED =
  'its name has something in it that redaction takes out, and the ids of its trace follow from its name; expected patterns that leave the names of runs and loads alone'
