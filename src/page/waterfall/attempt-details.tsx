/** Everything that is known of one attempt. */
import type { AttemptView, RunView } from '../../view/run-view.js'
import { countText, durationText, percentText } from '../parts/counts.js'
import { clockText, offsetText } from '../parts/moment.js'
import { Shown } from '../parts/shown.js'
import { attemptStates, keysText, TIMING_MEANINGS } from './attempt-words.js'

/**
 * The attempt in full.
 *
 * @example
 * <AttemptDetails attempt={attempt} axis={view.axis} />
 */
export function AttemptDetails({
  attempt,
  axis,
}: {
  readonly attempt: AttemptView
  readonly axis: NonNullable<RunView['axis']>
}) {
  const { chunk, duration_ms, start_ms, rows, files, error, timing } = attempt
  const states = attemptStates(attempt)
  const keys = keysText(attempt)
  const end = start_ms + (duration_ms ?? 0)
  return (
    <div class="attempt-details">
      <p class="attempt-name">
        <strong>Chunk {chunk}</strong>
        {states.length === 0 ? null : (
          <span class={attempt.failed ? 'bad' : ''}>{states.join(', ')}</span>
        )}
      </p>
      {error === null ? null : (
        <p class="attempt-error">
          <Shown text={error} />
        </p>
      )}
      <dl class="labelled">
        {keys === '' ? null : <Line label="keys" text={keys} />}
        {duration_ms === null ? null : (
          <Line
            label="duration"
            text={`${durationText(duration_ms)}${shareText(duration_ms, axis)}`}
          />
        )}
        {timing === 'end_only' ? null : <Line label="started" text={momentText(start_ms, axis)} />}
        {timing === 'start_only' ? null : <Line label="ended" text={momentText(end, axis)} />}
        {timing === 'measured' ? null : <Line label="time" text={TIMING_MEANINGS[timing]} />}
        {rows === null ? null : (
          <Line label="rows" text={`${countText(rows)}${rateText(Number(rows), duration_ms)}`} />
        )}
        {files.map((file, i) => (
          <Line label={i === 0 ? (files.length === 1 ? 'file' : 'files') : ''} text={file} />
        ))}
      </dl>
    </div>
  )
}

function Line({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div class="line">
      <dt>{label}</dt>
      <dd>
        <Shown text={text} />
      </dd>
    </div>
  )
}

function shareText(ms: number, { duration_ms }: NonNullable<RunView['axis']>): string {
  return duration_ms > 0 ? `, ${percentText(ms / duration_ms)} of the run` : ''
}

function momentText(ms: number, { start_at }: NonNullable<RunView['axis']>): string {
  return `${clockText(start_at, ms)}, after ${offsetText(ms, ms < 1000 ? 1 : 10)}`
}

function rateText(rows: number, ms: number | null): string {
  return ms === null || ms < 1 ? '' : `, ${countText(Math.round((rows / ms) * 1000))} a second`
}
