/** What differs between two runs: an earlier one, `a`, and a later one, `b`. */
import type { RunDiff } from '../view/run-diff.js'
import { durationText, percentText } from './parts/counts.js'
import { LabelledList } from './parts/labelled-list.js'
import { timeText } from './parts/moment.js'
import { Section } from './parts/section.js'
import { Shown } from './parts/shown.js'
import { TableFrame } from './parts/table-frame.js'

/**
 * The section of a comparison.
 *
 * @example
 * <Comparison diff={view.comparison} />
 */
export function Comparison({
  diff,
  title = 'Compared with the run before',
}: {
  readonly diff: RunDiff
  readonly title?: string
}) {
  const { a, differences, chunks, failures } = diff
  return (
    <Section id="comparison" title={title}>
      <p class="quiet">
        <code>
          <Shown text={a.run_id} />
        </code>
        , started {timeText(a.started_at)}
      </p>
      {differences.length === 0 ? <p>Nothing differs.</p> : <Differences diff={diff} />}
      {failures.only_in_b.length === 0 ? null : (
        <>
          <h3>Went wrong now, and not before</h3>
          <LabelledList lines={failures.only_in_b} />
        </>
      )}
      {failures.only_in_a.length === 0 ? null : (
        <>
          <h3>Went wrong before, and no more</h3>
          <LabelledList lines={failures.only_in_a} />
        </>
      )}
      {chunks.moved.length === 0 ? null : <MovedChunks diff={diff} />}
    </Section>
  )
}

function Differences({ diff: { differences } }: { readonly diff: RunDiff }) {
  return (
    <TableFrame name="What differs">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Before</th>
            <th scope="col">Now</th>
            <th scope="col" class="number">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ label, a, b, change }) => (
            <tr>
              <th scope="row">
                <Shown text={label} />
              </th>
              <td class="text">
                <Shown text={a ?? '–'} />
              </td>
              <td class="text">
                <Shown text={b ?? '–'} />
              </td>
              <td class="number">{changeWords(change)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function MovedChunks({ diff: { chunks } }: { readonly diff: RunDiff }) {
  const longest = Math.max(...chunks.moved.flatMap(({ a_ms, b_ms }) => [a_ms, b_ms]), 1)
  return (
    <>
      <h3>Chunks whose time moved most</h3>
      <TableFrame name="Chunks whose time moved most">
        <table>
          <thead>
            <tr>
              <th scope="col">{chunks.matched_by === 'keys' ? 'Keys' : 'Chunk'}</th>
              <th scope="col" class="number">
                Before
              </th>
              <th scope="col" class="number">
                Now
              </th>
              <th scope="col" class="number">
                Change
              </th>
              <th scope="col" class="drawn">
                <span class="unseen-words">Drawn</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {chunks.moved.map(({ name, a_ms, b_ms }) => (
              <tr>
                <th scope="row">
                  <Shown text={name} />
                </th>
                <td class="number">{durationText(a_ms)}</td>
                <td class="number">{durationText(b_ms)}</td>
                <td class="number">{changeWords(a_ms > 0 ? b_ms / a_ms - 1 : null)}</td>
                <td class="drawn">
                  <svg
                    class="moved"
                    viewBox="0 0 100 14"
                    preserveAspectRatio="none"
                    aria-hidden="true"
                  >
                    <rect class="a" x={0} y={1} width={(a_ms / longest) * 100} height={5} />
                    <rect class="b" x={0} y={8} width={(b_ms / longest) * 100} height={5} />
                  </svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  )
}

function changeWords(change: number | null): string {
  if (change === null || !Number.isFinite(change)) return ''
  if (change === 0) return 'same'
  return `${change > 0 ? '▲' : '▼'} ${percentText(Math.abs(change))}`
}
