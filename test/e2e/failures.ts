/**
 * Every way in which a delivery over OTLP/HTTP fails, as a table: how the server behaves, and what
 * follows. The tests show each row with the real command line; docs/operations.md has the rows too.
 *
 * Three runs are exported, `orders_0` to `orders_2`, each of three spans, in one request. Where one
 * run is what the server cannot take, that is `orders_1`.
 */
import { Authority } from '../http/certificates.js'
import type { Answer, ReceivedRequest } from '../receiver/otlp-receiver.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'

/** How a run stands in the ledger afterwards. */
export type Standing = 'delivered' | 'pending' | 'failed'

/** A place that fails. */
export interface FailingPlace {
  /** How the command line names it. */
  readonly to: readonly string[]
  /** What came; a receiver that is there. */
  readonly receiver: OtlpReceiver | undefined
  /** Mends it, and says how the command line names it then. */
  heal(): Promise<{ readonly to: readonly string[]; readonly receiver: OtlpReceiver }>
}

/** A failure and its rule. */
export interface Failure {
  /** What the server does. */
  readonly what: string
  readonly place: () => Promise<FailingPlace>
  /**
   * What stands on stderr: each line once, with `<run>` and so on for what varies. Of several
   * spellings of one line one is said, which one depends on Node and the system.
   */
  readonly says: readonly (string | readonly [string, ...string[]])[]
  readonly code: 0 | 1 | 3
  /** Of the three runs. */
  readonly ledger: readonly [Standing, Standing, Standing]
  /** What is done about it in the same export, beside trying again what may pass. */
  readonly atOnce?: string
  /** Which spans may get there twice; they are the same to the byte. */
  readonly twice?: string
  readonly flags?: readonly string[]
}

/** What the servers say. */
export const WORDS = 'no, thank you'

const ALL_PENDING = ['pending', 'pending', 'pending'] as const
const ALL_DELIVERED = ['delivered', 'delivered', 'delivered'] as const
const ONE_FAILED = ['delivered', 'failed', 'delivered'] as const

const OWN_TROUBLE =
  "; it accepts nothing else either, so this is taken for its own trouble, not the run's"
const PARTIAL_TWICE =
  'the runs of that request, once each; what it took of the one run, with every export'
const FOR_THIS_RUN = ' for this run alone, while it answers others'
const TAKEN_APART =
  'tried again, within `--retry-for`; then, if an empty request is answered, each run of that request alone, once'
const LATER = '; it may take them later; --retry-for tries for longer'

/** The table. */
export const FAILURES: readonly Failure[] = [
  {
    what: 'nothing listens on the port',
    place: closedPort,
    says: both('nothing listens there (connection refused)'),
    code: 3,
    ledger: ALL_PENDING,
  },
  {
    what: 'it resets or closes the connection',
    place: () => answering({ connection: 'reset' }),
    says: both('the connection was closed before an answer came'),
    code: 3,
    ledger: ALL_PENDING,
  },
  {
    what: 'its name is not known (DNS)',
    place: unknownName,
    says: [
      [
        '<endpoint>: the host name <host> is not known; trying again in <n> s',
        '<endpoint>: the host name <host> could not be looked up, no name server answers; trying again in <n> s',
      ],
      [
        '<run>: <endpoint>: the host name <host> is not known',
        '<run>: <endpoint>: the host name <host> could not be looked up, no name server answers',
      ],
    ],
    code: 3,
    ledger: ALL_PENDING,
  },
  {
    what: 'its certificate is not trusted (TLS)',
    place: unknownAuthority,
    says: [
      "<run>: <endpoint>: its certificate is self-signed or from an authority that is not trusted here; name that authority's file with --certificate (OTEL_EXPORTER_OTLP_CERTIFICATE)",
    ],
    code: 3,
    ledger: ALL_PENDING,
  },
  {
    what: 'it does not answer in time',
    place: () => answering({ delayMs: 4000 }),
    flags: ['--timeout', '600', '--retry-for', '4000'],
    says: both('no answer within <n> ms (--timeout allows more)'),
    code: 3,
    ledger: ALL_PENDING,
    twice: 'what it takes too late, or without saying so',
  },
  {
    what: 'it accepts the connection and never answers',
    place: () => answering({ connection: 'silent' }),
    flags: ['--timeout', '600', '--retry-for', '4000'],
    says: both('no answer within <n> ms (--timeout allows more)'),
    code: 3,
    ledger: ALL_PENDING,
  },
  {
    what: 'its answer breaks off in the middle',
    place: () => answering({ connection: 'cut' }),
    says: both('the answer broke off in the middle'),
    code: 3,
    ledger: ALL_PENDING,
    twice: 'what it took before it broke off',
  },
  {
    what: 'it resets or closes the connection, because of one run',
    place: () => refusingOneRun({ connection: 'reset' }),
    atOnce: TAKEN_APART,
    says: both('the connection was closed before an answer came', FOR_THIS_RUN),
    code: 1,
    ledger: ONE_FAILED,
  },
  {
    what: 'it never answers, because of one run',
    place: () => refusingOneRun({ connection: 'silent' }),
    flags: ['--timeout', '600', '--retry-for', '4000'],
    atOnce: TAKEN_APART,
    says: both('no answer within <n> ms (--timeout allows more)', FOR_THIS_RUN),
    code: 1,
    ledger: ONE_FAILED,
    twice: 'what it takes too late, or without saying so',
  },
  {
    what: 'it answers only requests without spans',
    place: () =>
      answeringTo(({ spans }) => (spans.length > 0 ? { connection: 'reset' } : undefined)),
    atOnce: `${TAKEN_APART}; nothing at all after 10 in a row`,
    says: both(
      'the connection was closed before an answer came',
      '; it answers a request without spans, but took no other run, so nothing tells whether this is about the run',
    ),
    code: 3,
    ledger: ALL_PENDING,
  },
  {
    what: '400, 422 and other 4xx, because of one run',
    place: () => refusingOneRun({ status: 400, message: WORDS }),
    atOnce: 'sent again in halves, until that run is found',
    says: ['<run>: <endpoint> answered 400: "<words>"'],
    code: 1,
    ledger: ONE_FAILED,
  },
  {
    what: '413, because a request is too large',
    place: () => limitedTo(2500, { status: 413, message: WORDS }),
    atOnce:
      'sent again in smaller requests, also with a page cut between its spans; they stay small',
    says: [
      '<endpoint>: requests of <n> bytes are too large there and were sent again in parts; --max-request-bytes <n> makes them small enough from the start',
    ],
    code: 0,
    ledger: ALL_DELIVERED,
  },
  {
    what: '400 or another 4xx with words such as "request body too large"',
    place: () => limitedTo(2500, { status: 400, message: 'http: request body too large' }),
    atOnce:
      'sent again in smaller requests, also with a page cut between its spans; they stay small',
    says: [
      '<endpoint>: requests of <n> bytes are too large there and were sent again in parts; --max-request-bytes <n> makes them small enough from the start',
    ],
    code: 0,
    ledger: ALL_DELIVERED,
  },
  {
    what: '413, because of one span',
    atOnce: 'sent again in parts, down to that span; the spans beside it get there',
    place: () =>
      answeringTo((request) =>
        request.spans.some(isChunkOfBadRun) ? { status: 413, message: WORDS } : undefined,
      ),
    says: [
      '<run>: span "chunk" (<span>) of run <run> has <n> bytes and was not taken even alone: <endpoint> answered 413: "<words>"',
    ],
    code: 1,
    ledger: ONE_FAILED,
    twice: 'the other spans of the run, with every export',
  },
  {
    what: '413 to everything, even to single spans',
    atOnce: 'sent again in parts, until 20 in a row were refused; nothing at all after 40',
    place: () => answering({ status: 413, message: WORDS }),
    says: [`<run>: <endpoint> answered 413: "<words>" even to a single span${OWN_TROUBLE}`],
    code: 1,
    ledger: ALL_PENDING,
  },
  ...([401, 403] as const).map((status) =>
    refusingAll(
      status,
      '; check the credentials in --header, OTEL_EXPORTER_OTLP_HEADERS or the URL',
    ),
  ),
  refusingAll(404, '; is there an OTLP/HTTP receiver under /v1/traces?'),
  refusingAll(415, '; --protocol chooses between http/protobuf and http/json'),
  {
    what: '429 or 503 with Retry-After in seconds, then it takes them',
    place: () => answeringOnce({ status: 429, headers: { 'retry-after': '1' } }),
    says: ['<endpoint>: answered 429; trying again in <n> s'],
    code: 0,
    ledger: ALL_DELIVERED,
  },
  {
    what: '429 or 503 with Retry-After as a date, then it takes them',
    place: () =>
      answeringOnce(() => ({
        status: 503,
        headers: { 'retry-after': new Date(Date.now() + 2500).toUTCString() },
      })),
    flags: ['--retry-for', '8000'],
    says: ['<endpoint>: answered 503; trying again in <n> s'],
    code: 0,
    ledger: ALL_DELIVERED,
  },
  {
    what: '429 or 503 with a Retry-After beyond --retry-for',
    place: () => answering({ status: 503, message: WORDS, headers: { 'retry-after': '3600' } }),
    says: [`<run>: <endpoint> answered 503: "<words>"${LATER}`],
    code: 1,
    ledger: ALL_PENDING,
  },
  ...([429, 502, 503, 504] as const).map(
    (status): Failure => ({
      what: `${status}, for longer than --retry-for`,
      place: () => answering({ status, message: WORDS }),
      says: [
        `<endpoint>: answered ${status}; trying again in <n> s`,
        `<run>: <endpoint> answered ${status}: "<words>"${LATER}`,
      ],
      code: 1,
      ledger: ALL_PENDING,
    }),
  ),
  {
    what: '500 and other 5xx, because of one run',
    place: () => refusingOneRun({ status: 500, message: WORDS }),
    atOnce: 'sent again in halves, until that run is found',
    says: ['<run>: <endpoint> answered 500: "<words>"'],
    code: 1,
    ledger: ONE_FAILED,
  },
  {
    what: '500 and other 5xx to everything',
    atOnce: 'sent again in parts, until 20 in a row were refused; nothing at all after 40',
    place: () => answering({ status: 500, message: WORDS }),
    says: [`<run>: <endpoint> answered 500: "<words>"${OWN_TROUBLE}`],
    code: 1,
    ledger: ALL_PENDING,
  },
  {
    what: 'a redirect',
    place: () =>
      answering({
        status: 302,
        headers: { location: 'https://login.example.com/in?t=1' },
        body: '',
      }),
    says: [
      '<run>: <endpoint> answered 302; it points to https://login.example.com/in; redirects are not followed, name that place as the endpoint if it is right',
    ],
    code: 1,
    ledger: ALL_PENDING,
  },
  {
    what: 'partial success with a message',
    atOnce: 'each run of that request alone',
    place: () => refusingOneRun({ rejectedSpans: 1, message: WORDS }),
    says: ['<run>: <endpoint> rejected <n> of <n> spans: "<words>"; it does not say which ones'],
    code: 1,
    ledger: ONE_FAILED,
    twice: PARTIAL_TWICE,
  },
  {
    what: 'partial success without a message',
    atOnce: 'each run of that request alone',
    place: () => refusingOneRun({ rejectedSpans: 1 }),
    says: ['<run>: <endpoint> rejected <n> of <n> spans; it does not say which ones'],
    code: 1,
    ledger: ONE_FAILED,
    twice: PARTIAL_TWICE,
  },
  {
    what: 'a message without rejected spans',
    place: () => answering({ message: WORDS }),
    says: ['<run>: <endpoint> accepted the spans and remarked: "<words>"'],
    code: 0,
    ledger: ALL_DELIVERED,
  },
  {
    what: '200 with a body that is no OTLP answer',
    place: () => answering({ body: '<html>Sign in' }),
    says: [
      '<run>: <endpoint> answered 200 with something that is no OTLP answer: "<html>Sign in"; is it an OTLP endpoint, and not a login page or a proxy?',
    ],
    code: 1,
    ledger: ALL_PENDING,
  },
]

/** Whether the same request is tried again at once. */
export function isTriedAgain({ says }: Failure): boolean {
  return [says[0]].flat().some((line) => line?.includes('; trying again in'))
}

/** What is tried again at once says so first. */
function both(reason: string, about = ''): Failure['says'] {
  return [`<endpoint>: ${reason}; trying again in <n> s`, `<run>: <endpoint>: ${reason}${about}`]
}

function refusingAll(status: number, advice: string): Failure {
  return {
    what: `${status}`,
    place: () => answering({ status, message: WORDS }),
    says: [`<run>: <endpoint> answered ${status}: "<words>"${advice}`],
    code: 1,
    ledger: ALL_PENDING,
  }
}

type Decision = (request: ReceivedRequest) => Answer | undefined
type TakenSpan = ReceivedRequest['spans'][number]

function isOfBadRun({ span }: TakenSpan): boolean {
  return span.attributes['rivet.run.id'] === 'orders_1'
}

function isChunkOfBadRun(taken: TakenSpan): boolean {
  return isOfBadRun(taken) && taken.span.attributes['rivet.chunk.index'] === 1
}

function answering(answer: Answer): Promise<FailingPlace> {
  return answeringTo(() => answer)
}

function refusingOneRun(answer: Answer): Promise<FailingPlace> {
  return answeringTo(({ spans }) => (spans.some(isOfBadRun) ? answer : undefined))
}

function limitedTo(most: number, answer: Answer): Promise<FailingPlace> {
  return answeringTo(({ bytes }) => (bytes > most ? answer : undefined))
}

function answeringOnce(answer: Answer | (() => Answer)): Promise<FailingPlace> {
  let answered = 0
  return answeringTo(() => {
    if (answered++ > 0) return undefined
    return typeof answer === 'function' ? answer() : answer
  })
}

async function answeringTo(decide: Decision): Promise<FailingPlace> {
  const receiver = await OtlpReceiver.start()
  receiver.answerTo = decide
  const to = ['--to', receiver.url]
  return {
    to,
    receiver,
    async heal() {
      receiver.answerTo = () => undefined
      return { to, receiver }
    },
  }
}

async function closedPort(): Promise<FailingPlace> {
  const closed = await OtlpReceiver.start()
  const { url, port } = closed
  await closed.close()
  const to = ['--to', url]
  return {
    to,
    receiver: undefined,
    heal: async () => ({ to, receiver: await OtlpReceiver.start(undefined, port) }),
  }
}

async function unknownName(): Promise<FailingPlace> {
  return {
    to: ['--to', 'http://no-such-host.invalid:4318'],
    receiver: undefined,
    async heal() {
      const receiver = await OtlpReceiver.start()
      return { to: ['--to', receiver.url], receiver }
    },
  }
}

async function unknownAuthority(): Promise<FailingPlace> {
  const authority = new Authority('rivet-otel tests')
  const { cert, key } = authority.sign('IP:127.0.0.1')
  const receiver = await OtlpReceiver.start({ cert, key })
  const to = ['--to', receiver.url]
  return {
    to,
    receiver,
    heal: async () => ({ to: [...to, '--certificate', authority.authority.certFile], receiver }),
  }
}
