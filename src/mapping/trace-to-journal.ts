/**
 * Spans that were read back as run journals: the mapping, version 1, on the way in.
 *
 * Spans may come in any order, twice, mixed with foreign ones and with those of other runs.
 */
import type { ReceivedSpan } from '../trace/trace.js'
import { type ImportedRun, isWhole, type RedactedRun, type WholeRun } from './imported-run.js'
import { type JournalSpan, readJournalSpan } from './journal-span.js'
import { RunAssembly } from './run-assembly.js'

/**
 * Puts run journals together from spans.
 *
 * @example
 * const assembler = new JournalAssembler()
 * for (const span of spans) assembler.add(span)
 * for (const run of assembler.finish()) console.log(run.runId, run.status)
 */
export class JournalAssembler {
  /** By namespace and run_id, then by revision and live run. */
  readonly #runs = new Map<string, Map<string, RunAssembly>>()
  /** The revisions that were taken out complete: spans of them that come again are ignored. */
  readonly #taken = new Set<string>()
  /** Where the span before went: the next one mostly belongs there too. */
  #last: RunAssembly | undefined

  /** Adds a span; says which run it belongs to, or `undefined` for a span of no journal. */
  add(received: ReceivedSpan): JournalSpan['key'] | undefined {
    const span = readJournalSpan(received)
    return span === undefined ? undefined : this.addPart(span)
  }

  /** Adds a span that was read as a part of a run, as {@link JournalAssembler.add} does. */
  addPart(span: JournalSpan): JournalSpan['key'] | undefined {
    if (this.#last !== undefined && isSameKey(this.#last.key, span.key)) {
      this.#last.add(span)
      return this.#last.key
    }
    const { namespace, runId, revision, live } = span.key
    const name = live === undefined ? `${revision}` : `${revision} ${live}`
    if (this.#taken.has(nameOf(namespace, runId, name))) return undefined
    const revisions = getOrMake(
      this.#runs,
      nameOf(namespace, runId),
      () => new Map<string, RunAssembly>(),
    )
    this.#last = getOrMake(revisions, name, () => new RunAssembly(span.key))
    this.#last.add(span)
    return span.key
  }

  /**
   * Takes out a run whose announced parts are all there; `undefined` while any is missing. Spans of
   * it that come later are ignored.
   */
  takeComplete(namespace: string, runId: string): ImportedRun | undefined {
    return this.isComplete(namespace, runId) ? this.take(namespace, runId) : undefined
  }

  /** Whether all announced parts of a run are there. */
  isComplete(namespace: string, runId: string): boolean {
    const revisions = this.#runs.get(nameOf(namespace, runId))
    if (revisions === undefined) return false
    for (const assembly of revisions.values()) if (!assembly.isComplete()) return false
    return true
  }

  /**
   * Takes out a run that is whole as it is now; `undefined` where it is not. Nothing of it is
   * remembered: spans of it that come later begin it anew.
   */
  takeWhole(namespace: string, runId: string): WholeRun | RedactedRun | undefined {
    const name = nameOf(namespace, runId)
    const revisions = this.#runs.get(name)
    if (revisions === undefined) return undefined
    const answer = answerOf(revisions)
    if (!isWhole(answer)) return undefined
    this.#last = undefined
    this.#runs.delete(name)
    return answer
  }

  /** Takes out a run as it is, whose later spans are ignored; `undefined` where nothing came of it. */
  take(namespace: string, runId: string): ImportedRun | undefined {
    const name = nameOf(namespace, runId)
    const revisions = this.#runs.get(name)
    if (revisions === undefined) return undefined
    this.#takeOut(name, namespace, runId, revisions)
    return answerOf(revisions)
  }

  #takeOut(
    name: string,
    namespace: string,
    runId: string,
    revisions: ReadonlyMap<string, RunAssembly>,
  ): void {
    this.#last = undefined
    this.#runs.delete(name)
    for (const revision of revisions.keys()) this.#taken.add(nameOf(namespace, runId, revision))
  }

  /** How many pages the roots of a run announce, in any of its revisions; 0 while none is there. */
  announcedPages(namespace: string, runId: string): number {
    const revisions = this.#runs.get(nameOf(namespace, runId))?.values() ?? []
    let most = 0
    for (const assembly of revisions) most = Math.max(most, assembly.announcedPages())
    return most
  }

  /** The runs that spans came of and that were not taken out, in the order in which their first spans came. */
  runs(): { readonly namespace: string; readonly runId: string }[] {
    return [...this.#runs.values()].flatMap((revisions) => {
      const [assembly] = revisions.values()
      return assembly === undefined ? [] : [assembly.key]
    })
  }

  /** Every run that is left, in the order in which their first spans came; forgets them all. */
  finish(): ImportedRun[] {
    const runs = [...this.#runs.values()].map(answerOf)
    this.#last = undefined
    this.#runs.clear()
    return runs
  }
}

/**
 * Of several revisions the newest that came back as it was sent is the answer, be it redacted or not,
 * else the newest; the others are named. What was exported goes before what was recorded live. The
 * same journal in both ways is one run, which lies in the traces of both.
 */
function answerOf(revisions: ReadonlyMap<string, RunAssembly>): ImportedRun {
  const finished = [...revisions.values()]
    .map((assembly) => assembly.finish())
    .sort((a, b) => b.revision - a.revision || Number(isLive(a)) - Number(isLive(b)))
  const answer = finished.find(isWhole) ?? finished[0]
  if (answer === undefined) throw new RangeError('a run has at least one revision')
  const others = finished.filter((run) => run !== answer)
  const doubles = new Set(
    others.filter((run) => (isLive(answer) || isLive(run)) && isSame(answer, run)),
  )
  const otherRevisions = others
    .filter((run) => !doubles.has(run))
    .map((run) => ({
      revision: run.revision,
      status: run.status,
      ...(isWhole(run) ? { digest: run.digest } : {}),
      ...(isLive(run) ? { live: true as const } : {}),
    }))
  const traceIds = new Set([answer, ...doubles].flatMap((run) => run.traceIds))
  return { ...answer, traceIds: [...traceIds].sort(), otherRevisions }
}

function isSameKey(a: JournalSpan['key'], b: JournalSpan['key']): boolean {
  return (
    a.runId === b.runId &&
    a.revision === b.revision &&
    a.namespace === b.namespace &&
    a.live === b.live
  )
}

function isLive({ live }: ImportedRun): boolean {
  return live !== undefined
}

/** Whether two are the same journal, redacted alike, both whole. */
function isSame(a: ImportedRun, b: ImportedRun): boolean {
  return isWhole(a) && isWhole(b) && a.status === b.status && a.digest === b.digest
}

function nameOf(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts)
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
