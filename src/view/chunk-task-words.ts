/**
 * The chunks of a run without a journal, in words: how many are in which state, and the few that need
 * a word of their own.
 *
 * A checkpoint knows the state of a chunk and when that last changed; it knows no start and no
 * duration.
 */
import { type UnjournaledFacts, unjournaledStatus } from '../state/unjournaled-facts.js'
import type { ChunkTask, UnjournaledRun } from '../state/unjournaled-run.js'
import type { FindingGroup } from './degraded.js'
import { formatCount, formatTime } from './quantities.js'
import type { Finding, Labelled } from './run-view.js'

/** States that this version does not know may be many, where somebody else wrote them. */
const MOST_STATES = 10

/**
 * How many chunks are in which state; nothing for a run that kept no account of chunks.
 *
 * @example
 * chunkCountWords(facts) // [{ label: 'chunks', text: '8 completed, 1 failed, 7 pending' }]
 */
export function chunkCountWords({
  chunksByStatus,
  haveChunksGoneOn,
}: UnjournaledFacts): Labelled[] {
  if (chunksByStatus.size === 0 && !haveChunksGoneOn) return []
  const counts = [...chunksByStatus].map(
    ([status, tasks]) => `${formatCount(tasks.length)} ${status}`,
  )
  const shown = counts.slice(0, MOST_STATES)
  if (counts.length > shown.length) shown.push('…')
  if (haveChunksGoneOn) shown.push('others were taken up by a later run')
  return [{ label: 'chunks', text: shown.join(', ') }]
}

/**
 * The chunks that were being read.
 *
 * @example
 * runningChunkWords(run, facts)[0]
 * // { label: 'chunk 5', text: 'was being read, since 2026-11-21 08:54:36Z: keys 1251 – 1500', … }
 */
export function runningChunkWords(
  run: UnjournaledRun,
  { chunksByStatus }: UnjournaledFacts,
): Finding[] {
  const doing = unjournaledStatus(run) === 'running' ? 'is being read' : 'was being read'
  return (chunksByStatus.get('running') ?? []).map((task) => {
    const { startKey, endKey, updatedUnixNano } = task
    const since = updatedUnixNano === undefined ? '' : `, since ${formatTime(updatedUnixNano)}`
    const text = `${doing}${since}: keys ${startKey} – ${endKey}${attempt(task)}`
    return { label: nameOf(task), text, level: 'warning' }
  })
}

/**
 * The chunks that failed, and those that failed before they went well, with what they last said.
 *
 * @example
 * degradedChunkWords(run.chunkTasks)[0]?.findings[0]?.text // 'failed, attempt 2: division by zero'
 */
export function degradedChunkWords(tasks: readonly ChunkTask[]): FindingGroup[] {
  const isFailed = ({ status }: ChunkTask) => status === 'failed'
  const hadTrouble = ({ attempts, lastError }: ChunkTask) =>
    Number(attempts) > 1 || lastError !== undefined
  const finding = (task: ChunkTask): Finding => {
    const error = task.lastError === undefined ? '' : `: ${task.lastError}`
    const text = `${task.status}${attempt(task)}${error}`
    return { label: nameOf(task), text, level: isFailed(task) ? 'bad' : 'warning' }
  }
  const groups = [
    { thing: 'failed chunk', findings: tasks.filter(isFailed).map(finding) },
    {
      thing: 'retried chunk',
      findings: tasks.filter((task) => !isFailed(task) && hadTrouble(task)).map(finding),
    },
  ]
  return groups.filter(({ findings }) => findings.length > 0)
}

function nameOf({ chunkIndex }: ChunkTask): string {
  return `chunk ${chunkIndex}`
}

function attempt({ attempts }: ChunkTask): string {
  return Number(attempts) > 0 ? `, attempt ${formatCount(attempts)}` : ''
}
