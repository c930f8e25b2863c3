/**
 * The chunks of a run without a journal: how many are in which state, and the few that need a word.
 *
 * A checkpoint knows the state of a chunk and when that last changed; it knows no start and no
 * duration, so nothing is drawn on a time line.
 */
import { type UnjournaledFacts, unjournaledStatus } from '../../state/unjournaled-facts.js'
import type { ChunkTask, UnjournaledRun } from '../../state/unjournaled-run.js'
import { formatCount, formatTime } from '../../view/quantities.js'
import { firstOf, labelled } from './labelled.js'
import type { SectionLook } from './section-look.js'

const MOST_RUNNING = 10
const MOST_FAILED = 20
const MOST_ERROR_LINES = 10
/** States that this version does not know may be many, where somebody else wrote them. */
const MOST_STATES = 10

/**
 * One line of how many chunks are in which state; none for a run that kept no account of chunks.
 *
 * @example
 * chunkCounts(facts, look) // ['  chunks         8 completed, 1 failed, 7 pending']
 */
export function chunkCounts(
  { chunksByStatus, haveChunksGoneOn }: UnjournaledFacts,
  look: SectionLook,
): string[] {
  if (chunksByStatus.size === 0 && !haveChunksGoneOn) return []
  const { width, paints } = look
  const counts = [...chunksByStatus].map(
    ([status, tasks]) => `${formatCount(tasks.length)} ${status}`,
  )
  const shown = counts.slice(0, MOST_STATES)
  if (counts.length > shown.length) shown.push('…')
  if (haveChunksGoneOn) shown.push('others were taken up by a later run')
  return labelled('chunks', shown.join(', '), { width, paintLabel: paints.quiet })
}

/**
 * The chunks that were being read, a line each.
 *
 * @example
 * runningChunks(run, facts, look) // ['  chunk 5        was being read, keys 1251 – 1500, since 2026-11-21 08:54:36Z']
 */
export function runningChunks(
  run: UnjournaledRun,
  { chunksByStatus }: UnjournaledFacts,
  look: SectionLook,
): string[] {
  const { width, paints } = look
  const doing = unjournaledStatus(run) === 'running' ? 'is being read' : 'was being read'
  return firstOf(chunksByStatus.get('running') ?? [], MOST_RUNNING, 'running chunk', (task) => {
    const { startKey, endKey, updatedUnixNano } = task
    const since = updatedUnixNano === undefined ? '' : `, since ${formatTime(updatedUnixNano)}`
    const text = `${doing}${since}: keys ${startKey} – ${endKey}${attempt(task)}`
    return labelled(nameOf(task), text, { width, paintLabel: paints.warning })
  })
}

/**
 * The chunks that failed, and those that failed before they went well, with what they last said.
 *
 * @example
 * degradedChunks(run.chunkTasks, look) // ['  chunk 5        failed, attempt 2: division by zero']
 */
export function degradedChunks(tasks: readonly ChunkTask[], look: SectionLook): string[] {
  const { width, paints } = look
  const lines = (some: readonly ChunkTask[], thing: string, isBad: boolean) =>
    firstOf(some, MOST_FAILED, thing, (task) => {
      const error = task.lastError === undefined ? '' : `: ${task.lastError}`
      const text = `${task.status}${attempt(task)}${error}`
      return labelled(nameOf(task), text, {
        width,
        paintLabel: isBad ? paints.bad : paints.warning,
        maxLines: MOST_ERROR_LINES,
      })
    })
  const isFailed = ({ status }: ChunkTask) => status === 'failed'
  const hadTrouble = ({ attempts, lastError }: ChunkTask) =>
    Number(attempts) > 1 || lastError !== undefined
  return [
    ...lines(tasks.filter(isFailed), 'failed chunk', true),
    ...lines(
      tasks.filter((task) => !isFailed(task) && hadTrouble(task)),
      'retried chunk',
      false,
    ),
  ]
}

function nameOf({ chunkIndex }: ChunkTask): string {
  return `chunk ${chunkIndex}`
}

function attempt({ attempts }: ChunkTask): string {
  return Number(attempts) > 0 ? `, attempt ${formatCount(attempts)}` : ''
}
