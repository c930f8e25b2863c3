/** Which runs of rivet spans belong to. */
import { isJsonObject, isList, type JsonObject } from '../../json/lossless.js'
import { takeText } from '../../mapping/attributes.js'
import { RivetOtelError } from '../../problem.js'
import { readAttributes } from '../../trace/otlp-json-value.js'
import type { ReceivedRun } from './receiver.js'

const RUN_ID = 'rivet.run.id'

/**
 * Collects the runs that spans name.
 *
 * @example
 * const runs = new RunsInSpans()
 * for (const span of spansIn(request)) runs.add(span)
 * runs.all() // [{ namespace: '', runId: 'orders_20261121T085339.134_11188' }]
 */
export class RunsInSpans {
  readonly #runs = new Map<string, ReceivedRun>()

  /** @param span in OTLP/JSON; one of something else than a run changes nothing */
  add({ attributes }: JsonObject): void {
    if (!isList(attributes)) return
    if (!attributes.some((each) => isJsonObject(each) && each.key === RUN_ID)) return
    const run = runOf(attributes)
    if (run !== undefined) this.#runs.set(JSON.stringify([run.namespace, run.runId]), run)
  }

  all(): readonly ReceivedRun[] {
    return [...this.#runs.values()]
  }
}

/** None, where somebody else uses the name for something else. */
function runOf(attributes: Parameters<typeof readAttributes>[0]): ReceivedRun | undefined {
  const read = readAttributes(attributes, 'attributes', [])
  try {
    const runId = takeText(read, RUN_ID)
    const namespace = takeText(read, 'rivet.run.namespace') ?? ''
    return runId === undefined ? undefined : { namespace, runId }
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}
