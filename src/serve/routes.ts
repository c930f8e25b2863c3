/** What there is on the server, as data: a path, and what answers it. */
import type { RunName } from '../bridge/run-name.js'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { type ProblemCode, RivetOtelError } from '../problem.js'
import { reportName } from '../report/report-name.js'
import type { RunView } from '../view/run-view.js'
import { type Answer, json, refused } from './answer.js'
import { pageAnswer, scriptAnswer, stylesAnswer } from './page.js'
import { type RunsToRead, TooSlow } from './read-run.js'
import type { RunIndex } from './run-index.js'

/** What the answers are made of. */
export interface RouteParts {
  readonly index: RunIndex
  readonly runs: RunsToRead
  /** What is shown, without secrets. */
  readonly location: string
  readonly receiver: { readonly url: string; readonly file: string } | null
  /** A run as one HTML document. */
  readonly report: (view: RunView) => Promise<string>
}

/** Something that is answered as a whole. */
export interface Route {
  /** Whether a link on somebody else's page may lead there: what is there tells nothing. */
  readonly isOpenToLinks?: true
  /** @param gone comes when nobody waits for the answer any longer */
  answer(query: URLSearchParams, parts: RouteParts, gone: AbortSignal): Answer | Promise<Answer>
}

/** Where events come from. */
export const EVENTS_PATH = '/api/events'
/** Where spans are sent to. */
export const TRACES_PATH = '/v1/traces'

/** What is answered to GET and HEAD, by its path. */
export const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/', { isOpenToLinks: true, answer: pageAnswer }],
  ['/app.js', { answer: scriptAnswer }],
  ['/app.css', { answer: stylesAnswer }],
  ['/healthz', { answer: () => json(200, { status: 'ok' }) }],
  ['/api/runs', { answer: (_, parts) => runsAnswer(parts) }],
  [
    '/api/run',
    {
      answer: (query, parts, gone) =>
        withRun(nameIn(query), parts, gone, (view) => json(200, view)),
    },
  ],
  ['/api/diff', { answer: diffAnswer }],
  ['/report', { answer: reportAnswer }],
])

/** All paths, for whoever asks for another one. */
export const PATHS: readonly string[] = [...ROUTES.keys(), EVENTS_PATH, TRACES_PATH]

/**
 * The answer to a request that went wrong.
 *
 * @example
 * wrong(new RivetOtelError('UNREACHABLE', 'no answer')).status // 502
 */
export function wrong(error: unknown): Answer {
  if (error instanceof TooSlow) return refused(504, error.message)
  if (!(error instanceof RivetOtelError))
    return refused(500, 'this could not be answered; that is a defect of rivet-otel')
  const { code, message, hint } = error
  const problem = withoutConnectionSecrets(hint === undefined ? message : `${message}; ${hint}`)
  return refused(STATUS_BY_CODE[code] ?? 500, problem)
}

const STATUS_BY_CODE: { readonly [code in ProblemCode]?: number } = {
  USAGE: 400,
  NOT_FOUND: 404,
  UNREACHABLE: 502,
  SOURCE_BUSY: 503,
}

function runsAnswer({ index, location, receiver }: RouteParts): Answer {
  return json(200, { location, receiver, runs: index.runs(), problems: index.problems() })
}

/** @throws {RivetOtelError} `USAGE` where the query names no run. */
function nameIn(query: URLSearchParams): RunName {
  const runId = query.get('run_id') ?? ''
  if (runId === '') throw new RivetOtelError('USAGE', 'expected ?run_id=…')
  return { runId, namespace: query.get('namespace') ?? '' }
}

async function withRun(
  name: RunName,
  { runs }: RouteParts,
  gone: AbortSignal,
  answer: (view: RunView) => Answer | Promise<Answer>,
): Promise<Answer> {
  const view = await runs.read(name, gone)
  return view === undefined ? refused(404, `there is no run ${nameOf(name)}`) : answer(view)
}

/** A run of `a` and `b` is named by its run_id, where it has one with `a_namespace` and `b_namespace`. */
async function diffAnswer(
  query: URLSearchParams,
  { runs }: RouteParts,
  gone: AbortSignal,
): Promise<Answer> {
  const [a, b] = [nameOfSide(query, 'a'), nameOfSide(query, 'b')]
  if (a.runId === '' || b.runId === '') return refused(400, 'expected ?a=…&b=…')
  const compared = await runs.compare(a, b, gone)
  return 'missing' in compared
    ? refused(404, `there is no run ${nameOf(compared.missing)}`)
    : json(200, compared.diff)
}

function nameOfSide(query: URLSearchParams, side: 'a' | 'b'): RunName {
  return { runId: query.get(side) ?? '', namespace: query.get(`${side}_namespace`) ?? '' }
}

function reportAnswer(
  query: URLSearchParams,
  parts: RouteParts,
  gone: AbortSignal,
): Promise<Answer> {
  return withRun(nameIn(query), parts, gone, async (view) => ({
    status: 200,
    type: 'text/html; charset=utf-8',
    body: await parts.report(view),
    headers: {
      'content-disposition': `attachment; filename="${reportName(view.summary.run_id)}"`,
      // It has its own policy inside; opened from here it is still nobody's page.
      'content-security-policy': "frame-ancestors 'none'; sandbox allow-scripts",
    },
  }))
}

function nameOf({ runId, namespace }: RunName): string {
  const short = runId.length > 200 ? `${runId.slice(0, 200)}…` : runId
  return withoutConnectionSecrets(namespace === '' ? short : `${short} of namespace ${namespace}`)
}
