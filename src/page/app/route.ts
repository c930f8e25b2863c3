/** What the local page shows, as the fragment of its address says it: so back, reload and bookmarks work. */

/** The columns that runs are sorted by. */
export const SORT_COLUMNS = ['started', 'status', 'export', 'duration', 'rows', 'bytes'] as const

/** One of {@link SORT_COLUMNS}. */
export type SortColumn = (typeof SORT_COLUMNS)[number]

/** Which runs are listed, and in which order. */
export interface Listing {
  /** `''` for all. */
  readonly exportName: string
  /** `''` for all. */
  readonly status: string
  /** What is looked for; `''` for nothing. */
  readonly search: string
  readonly sort: SortColumn
  readonly isDescending: boolean
}

/** Which run. */
export interface RunPlace {
  readonly runId: string
  /** `''` for none. */
  readonly namespace: string
}

/** What is shown. */
export type Route =
  | ({ readonly kind: 'runs' } & Listing)
  | ({ readonly kind: 'run' } & RunPlace)
  | { readonly kind: 'diff'; readonly a: RunPlace; readonly b: RunPlace }

/** All runs, the newest first. */
export const ALL_RUNS: Listing = {
  exportName: '',
  status: '',
  search: '',
  sort: 'started',
  isDescending: true,
}

/**
 * What a fragment says; all runs where it says nothing that is known.
 *
 * @example
 * readRoute('#/run?run_id=orders_1') // { kind: 'run', runId: 'orders_1', namespace: '' }
 */
export function readRoute(hash: string): Route {
  const [, path = '', query = ''] = /^#?\/?([a-z]*)\??([\s\S]*)$/.exec(hash) ?? []
  const said = new URLSearchParams(query)
  const text = (name: string) => said.get(name) ?? ''
  if (path === 'run' && text('run_id') !== '')
    return { kind: 'run', runId: text('run_id'), namespace: text('namespace') }
  if (path === 'diff' && text('a') !== '' && text('b') !== '')
    return {
      kind: 'diff',
      a: { runId: text('a'), namespace: text('a_namespace') },
      b: { runId: text('b'), namespace: text('b_namespace') },
    }
  const column = text('sort').replace(/^-/, '')
  const sort = SORT_COLUMNS.find((name) => name === column)
  return {
    kind: 'runs',
    exportName: text('export'),
    status: text('status'),
    search: text('q'),
    sort: sort ?? ALL_RUNS.sort,
    isDescending: sort === undefined ? ALL_RUNS.isDescending : text('sort').startsWith('-'),
  }
}

/**
 * The fragment that says it.
 *
 * @example
 * fragmentOf({ kind: 'run', runId: 'orders_1', namespace: '' }) // '#/run?run_id=orders_1'
 */
export function fragmentOf(route: Route): string {
  if (route.kind === 'run')
    return fragment('run', { run_id: route.runId, namespace: route.namespace })
  if (route.kind === 'diff') {
    const { a, b } = route
    const namespaces = { a_namespace: a.namespace, b_namespace: b.namespace }
    return fragment('diff', { a: a.runId, b: b.runId, ...namespaces })
  }
  const isUsual = route.sort === ALL_RUNS.sort && route.isDescending === ALL_RUNS.isDescending
  return fragment('runs', {
    export: route.exportName,
    status: route.status,
    q: route.search,
    sort: isUsual ? '' : `${route.isDescending ? '-' : ''}${route.sort}`,
  })
}

/** Only what is said stands in it. */
function fragment(path: string, said: { readonly [name: string]: string }): string {
  const query = new URLSearchParams(Object.entries(said).filter(([, value]) => value !== ''))
  return query.size === 0 ? `#/${path}` : `#/${path}?${query}`
}
