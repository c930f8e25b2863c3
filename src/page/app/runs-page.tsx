/** All runs: which of them are wanted, how they went over time, and a table of them. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { formatCount } from '../../view/quantities.js'
import type { RunSummary } from '../../view/run-view.js'
import { visibleText } from '../parts/shown-text.js'
import { EmptyPlace } from './empty-place.js'
import { exportsOf, listedRuns, placeOf, runKey, statusesOf } from './listed-runs.js'
import { ProblemList } from './problem-list.js'
import { ALL_RUNS, fragmentOf, type Listing } from './route.js'
import type { FeedState } from './runs-feed.js'
import { RunsTable } from './runs-table.js'
import type { Go } from './surroundings.js'
import { Trend } from './trend.js'

/** What a listing of runs is given. */
export interface RunsPageProps {
  readonly feed: FeedState
  readonly listing: Listing
  readonly go: Go
}

/**
 * The page of all runs.
 *
 * @example
 * <RunsPage feed={feed} listing={ALL_RUNS} go={go} />
 */
export function RunsPage(props: RunsPageProps) {
  const { feed } = props
  if (feed.phase === 'waiting') return <Waiting failure={feed.failure} />
  return feed.runs.length === 0 ? <EmptyPlace feed={feed} /> : <Runs {...props} />
}

function Runs({ feed, listing, go }: RunsPageProps) {
  const { runs } = feed
  const search = useRef<HTMLInputElement>(null)
  const [isReading, setReading] = useState(false)
  const [selected, setSelected] = useState<readonly string[]>([])
  const listed = useMemo(() => listedRuns(runs, listing), [runs, listing])
  const { shown, held, release } = useHeldBack(listed, runs, isReading)
  useSlashKey(search)
  const change = (changed: Partial<Listing>, how?: 'replace') =>
    go({ kind: 'runs', ...listing, ...changed }, how)
  return (
    <main class="runs">
      <h1>Runs</h1>
      <search class="runs-filter">
        <label>
          <span>Search</span>
          <input
            ref={search}
            type="search"
            placeholder="run, export, status …  ( / )"
            autocomplete="off"
            spellcheck={false}
            value={listing.search}
            onInput={({ currentTarget }) => change({ search: currentTarget.value }, 'replace')}
          />
        </label>
        <Choose
          label="Export"
          all="all exports"
          choices={exportsOf(runs)}
          value={listing.exportName}
          onChoose={(exportName) => change({ exportName })}
        />
        <Choose
          label="Status"
          all="any status"
          choices={statusesOf(runs)}
          value={listing.status}
          onChoose={(status) => change({ status })}
        />
        <p class="runs-count" role="status">
          {listed.length === runs.length
            ? `${formatCount(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}`
            : `${formatCount(listed.length)} of ${formatCount(runs.length)} runs`}
        </p>
      </search>
      <Trend runs={runs} exportName={listing.exportName} />
      <Compare keys={selected} runs={runs} onClear={() => setSelected([])} />
      <div class="runs-news" role="status">
        {held > 0 && (
          <button type="button" onClick={release}>
            {held === 1 ? '1 new run' : `${formatCount(held)} new runs`}
          </button>
        )}
      </div>
      {listed.length === 0 ? (
        <p class="runs-none">
          No run is like this.{' '}
          <a href={fragmentOf({ kind: 'runs', ...ALL_RUNS })}>
            Show all {formatCount(runs.length)}
          </a>
        </p>
      ) : (
        <RunsTable
          runs={shown}
          arrived={feed.arrived}
          listing={listing}
          selected={selected}
          onSelect={setSelected}
          onSort={(sort, isDescending) => change({ sort, isDescending })}
          onReading={setReading}
        />
      )}
      <Problems problems={feed.problems} />
    </main>
  )
}

function Waiting({ failure }: { readonly failure: string | undefined }) {
  return (
    <main class="runs">
      <h1>Runs</h1>
      <p role="status">
        {failure === undefined ? 'Reading the runs …' : `No runs yet: ${failure}.`}
      </p>
    </main>
  )
}

function Choose({
  label,
  all,
  choices,
  value,
  onChoose,
}: {
  readonly label: string
  readonly all: string
  readonly choices: readonly { readonly name: string; readonly count: number }[]
  readonly value: string
  readonly onChoose: (value: string) => void
}) {
  const isKnown = value === '' || choices.some(({ name }) => name === value)
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        <option value="">{all}</option>
        {!isKnown && <option value={value}>{visibleText(value)} (0)</option>}
        {choices.map(({ name, count }) => (
          <option key={name} value={name}>
            {visibleText(name)} ({formatCount(count)})
          </option>
        ))}
      </select>
    </label>
  )
}

function Compare({
  keys,
  runs,
  onClear,
}: {
  readonly keys: readonly string[]
  readonly runs: readonly RunSummary[]
  readonly onClear: () => void
}) {
  if (keys.length === 0) return null
  const chosen = runs.filter((run) => keys.includes(runKey(run)))
  const [a, b] = chosen
  return (
    <div class="runs-compare" role="status">
      {a !== undefined && b !== undefined ? (
        <a class="button" href={fragmentOf({ kind: 'diff', a: placeOf(a), b: placeOf(b) })}>
          Compare the two runs
        </a>
      ) : (
        <span>Select another run to compare it with.</span>
      )}
      <button type="button" onClick={onClear}>
        Select none
      </button>
    </div>
  )
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  if (problems.length === 0) return null
  return (
    <details class="runs-problems">
      <summary>
        {problems.length === 1 ? '1 problem' : `${problems.length} problems`} while reading
      </summary>
      <ProblemList problems={problems} />
    </details>
  )
}

/** While somebody reads, new runs wait until they are asked for: nothing moves below the eyes. */
function useHeldBack(
  listed: readonly RunSummary[],
  all: readonly RunSummary[],
  isReading: boolean,
): { shown: readonly RunSummary[]; held: number; release: () => void } {
  const [known, setKnown] = useState<ReadonlySet<string>>(() => new Set())
  const release = () => setKnown(new Set(all.map(runKey)))
  const shown = isReading ? listed.filter((run) => known.has(runKey(run))) : listed
  // What is shown while nobody reads is known to whoever begins to.
  useEffect(() => {
    if (!isReading) release()
  }, [all, isReading])
  return { shown, held: listed.length - shown.length, release }
}

function useSlashKey(search: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event
      const isTyping =
        target instanceof HTMLElement &&
        target.matches('input:not([type=checkbox]), select, textarea')
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      search.current?.focus()
      search.current?.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [search])
}
