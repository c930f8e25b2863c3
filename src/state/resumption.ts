/**
 * Which run went on with which: worked out from the rows of `run_status`, because rivet keeps no word
 * of it.
 *
 * A run that goes on with the work of a run that was killed or that failed writes under that run's
 * id, and at its end both rows are finished, the older one a moment before, with one status. So a row
 * that was finished during the life of a later run of the same export and source was finished by it:
 * two such runs never overlap, rivet's lease forbids that. What only looks like it (clocks that do not
 * agree) is told by the older run's journal, which then ends within the later run.
 *
 * Pure: it is given the rows, and when the journals ended.
 */

/** A row of `run_status`, as far as it tells when a run lived. */
export interface RunLife {
  readonly runId: string
  readonly exportName: string
  /** Absent before rivet recorded it. */
  readonly source?: string
  readonly status: string
  /** Nanoseconds since 1970. */
  readonly startedUnixNano?: bigint
  /** Nanoseconds since 1970. */
  readonly finishedUnixNano?: bigint
}

/** A run that went on with another one. */
export interface Resumption {
  /** The one that went on. */
  readonly runId: string
  /** The one whose work that was. */
  readonly resumedRunId: string
  /** Whether that one left a journal. */
  readonly hasJournal: boolean
  /**
   * When the work was interrupted at the latest, in nanoseconds since 1970: the next run of the same
   * export and source began.
   */
  readonly interruptedUnixNano: bigint
}

/** A run that may have gone on with one of others. */
export interface PossibleResumption {
  readonly by: FinishedLife
  /** The newest first. */
  readonly resumed: readonly FinishedLife[]
  readonly nextStart: (resumed: FinishedLife) => bigint
}

/** A run whose row was finished by a run: that one, or one that went on with it. */
export type FinishedLife = RunLife & {
  readonly startedUnixNano: bigint
  readonly finishedUnixNano: bigint
}

/**
 * Every run that may have gone on with others, by the rows alone.
 *
 * The cost follows the rows, and how many of them overlap.
 *
 * @param lives at least all rows of the same exports that overlap with those that matter.
 * @example
 * const possible = possibleResumptions(lives)
 */
export function possibleResumptions(lives: readonly RunLife[]): PossibleResumption[] {
  return [...byExport(lives.filter(hasStarted)).values()].flatMap(possibleInExport)
}

/**
 * Which of the possible ones were: the newest whose journal, where it left one, ended before.
 *
 * @param journals when the journals of the runs that may have been resumed ended, in nanoseconds
 *   since 1970; `undefined` for one that does not say it, and no entry for a run without a journal.
 * @example
 * settleResumptions(possibleResumptions(lives), new Map())
 */
export function settleResumptions(
  possible: readonly PossibleResumption[],
  journals: ReadonlyMap<string, bigint | undefined>,
): Resumption[] {
  return possible.flatMap(({ by, resumed, nextStart }) => {
    const found = resumed.find(({ runId }) => {
      const ended = journals.get(runId)
      return !journals.has(runId) || (ended !== undefined && ended <= by.startedUnixNano)
    })
    if (found === undefined) return []
    const hasJournal = journals.has(found.runId)
    const interruptedUnixNano = nextStart(found)
    return [{ runId: by.runId, resumedRunId: found.runId, hasJournal, interruptedUnixNano }]
  })
}

/**
 * Whether a row says that its run was finished by a run, itself or another: neither still running nor
 * only found dead.
 *
 * @example
 * isFinished({ runId: 'a', exportName: 'orders', status: 'running' }) // false
 */
export function isFinished(life: RunLife): life is FinishedLife {
  if (life.status === 'running' || life.status === 'interrupted') return false
  return life.startedUnixNano !== undefined && life.finishedUnixNano !== undefined
}

type StartedLife = RunLife & { readonly startedUnixNano: bigint }

function hasStarted(life: RunLife): life is StartedLife {
  return life.startedUnixNano !== undefined
}

function byExport(lives: readonly StartedLife[]): Map<string, StartedLife[]> {
  const exports = new Map<string, StartedLife[]>()
  for (const life of lives) {
    const known = exports.get(life.exportName)
    if (known === undefined) exports.set(life.exportName, [life])
    else known.push(life)
  }
  return exports
}

/** Goes through the runs as they began, and remembers those whose rows were finished later. */
function possibleInExport(lives: StartedLife[]): PossibleResumption[] {
  const inOrder = lives.sort(earlierFirst)
  const places = new Map(inOrder.map(({ runId }, place) => [runId, place]))
  const nextStart = (resumed: FinishedLife) => {
    for (let place = (places.get(resumed.runId) ?? 0) + 1; place < inOrder.length; place++) {
      const life = inOrder[place]
      if (life === undefined || !readsSource(life, resumed)) continue
      if (life.startedUnixNano > resumed.startedUnixNano) return life.startedUnixNano
    }
    return resumed.finishedUnixNano
  }
  const possible: PossibleResumption[] = []
  let open: FinishedLife[] = []
  for (const life of inOrder) {
    open = open.filter(({ finishedUnixNano }) => finishedUnixNano > life.startedUnixNano)
    if (!isFinished(life)) continue
    const resumed = open.filter((older) => mayHaveResumed(life, older)).reverse()
    if (resumed.length > 0) possible.push({ by: life, resumed, nextStart })
    open.push(life)
  }
  return possible
}

function earlierFirst(a: StartedLife, b: StartedLife): number {
  if (a.startedUnixNano !== b.startedUnixNano) return a.startedUnixNano < b.startedUnixNano ? -1 : 1
  return a.runId < b.runId ? -1 : 1
}

function mayHaveResumed(life: FinishedLife, older: FinishedLife): boolean {
  return (
    older.status === life.status &&
    older.startedUnixNano < life.startedUnixNano &&
    older.finishedUnixNano <= life.finishedUnixNano &&
    readsSource(life, older)
  )
}

/** Whether a run reads the source of an older one: rivet counts rows that name none as of any. */
function readsSource(life: RunLife, older: RunLife): boolean {
  return older.source === undefined || older.source === life.source
}
