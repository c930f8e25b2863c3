/** What differs between two runs: an earlier one, `a`, and a later one, `b`. */
import { counted } from '../view/quantities.js'
import type { Difference, RunDiff } from '../view/run-diff.js'
import { LineDiff } from './line-diff.js'
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
  namesBefore = true,
}: {
  readonly diff: RunDiff
  readonly title?: string
  /** Whether the earlier run is named: not where it is above already. */
  readonly namesBefore?: boolean
}) {
  const { a, differences, not_compared, remarks, chunks, failures } = diff
  return (
    <Section id="comparison" title={title}>
      {namesBefore ? (
        <p class="quiet">
          with{' '}
          <code>
            <Shown text={a.run_id} />
          </code>
          , started {timeText(a.started_at)}
        </p>
      ) : null}
      {remarks.length === 0 ? null : (
        <div class="banner">
          {remarks.map((remark) => (
            <p>
              <Shown text={remark} />
            </p>
          ))}
        </div>
      )}
      {differences.length === 0 ? (
        <p>{not_compared.length === 0 ? 'Nothing differs.' : 'Nothing that both say differs.'}</p>
      ) : (
        <Differences diff={diff} />
      )}
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
      <NotCompared diff={diff} />
    </Section>
  )
}

function Differences({ diff: { differences } }: { readonly diff: RunDiff }) {
  const [texts, inLines] = [rowsOf(differences), differences.filter(({ lines }) => lines)]
  return (
    <>
      {texts.length === 0 ? null : <DifferenceTable rows={texts} />}
      {inLines.map(({ label, lines = [] }) => (
        <>
          <h3>{label === 'query' ? 'SQL' : <Shown text={label} />}</h3>
          <LineDiff lines={lines} />
        </>
      ))}
    </>
  )
}

/** One row for each; the changes of the schema are one. */
function rowsOf(differences: readonly Difference[]): Difference[] {
  const schema = differences.filter(({ subject }) => subject === 'schema')
  const [first] = schema
  const joined = (side: 'a' | 'b') => schema.map((one) => one[side] ?? '').join('\n')
  return differences.flatMap((one) => {
    if (one.subject !== 'schema') return one.lines === undefined ? [one] : []
    return one === first ? [{ ...one, a: joined('a').trim(), b: joined('b').trim() }] : []
  })
}

function DifferenceTable({ rows }: { readonly rows: readonly Difference[] }) {
  return (
    <TableFrame name="What differs">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Before (A)</th>
            <th scope="col">Now (B)</th>
            <th scope="col" class="number">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, a, b, change }) => (
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

function NotCompared({ diff: { not_compared } }: { readonly diff: RunDiff }) {
  if (not_compared.length === 0) return null
  return (
    <details>
      <summary>{counted(not_compared.length, 'thing')} could not be compared</summary>
      <LabelledList lines={not_compared.map(({ label, why }) => ({ label, text: why }))} />
    </details>
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
