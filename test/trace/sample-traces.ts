/** Traces for the tests of the codecs: one by hand with everything in it, and arbitrary ones. */
import fc from 'fast-check'
import type {
  Attributes,
  AttributeValue,
  ReceivedSpan,
  Span,
  Trace,
} from '../../src/trace/trace.js'

export const traceId = 'c3bde0ddc359ac2423e3095a715b3412'
export const rootId = 'b36d1caeb2e67c87'
export const chunkId = 'b36d1caeb2e67c8f'

/** A span with nothing that it can do without. */
export const bareSpan: Span = {
  traceId,
  spanId: rootId,
  name: 'export orders',
  kind: 1,
  startTimeUnixNano: 1795251219134436857n,
  endTimeUnixNano: 1795251229134436857n,
  attributes: {},
  events: [],
  links: [],
}

/** One of each kind of value, and of what is easily lost. */
export const everyValue: Attributes = {
  text: 'orders',
  'empty text': '',
  'text of any kind': 'NUL \u0000, "quoted", \\ and \u2028, é, 表, 🧯, \uFEFF',
  yes: true,
  no: false,
  zero: 0,
  'negative zero': -0,
  int: 25_000,
  'negative int': -1,
  'int beyond 2^31': -2_147_483_649,
  'int beyond 2^32': 4_294_967_296,
  'largest safe int': Number.MAX_SAFE_INTEGER,
  'least safe int': Number.MIN_SAFE_INTEGER,
  'largest i64': 9223372036854775807n,
  'least i64': -9223372036854775808n,
  'just beyond 2^53': -9007199254740993n,
  double: 0.1,
  'large double': 1e300,
  'double beyond 2^53': 2 ** 60,
  'small double': 5e-324,
  nan: Number.NaN,
  infinite: Number.POSITIVE_INFINITY,
  'negative infinite': Number.NEGATIVE_INFINITY,
  bytes: new Uint8Array([0, 1, 127, 128, 255]),
  'no bytes': new Uint8Array(),
  nothing: null,
  list: ['a', 1, null, [true, []], { b: 0.5 }],
  'empty list': [],
  object: { a: { b: ['c'] }, 'empty object': {} },
  '': 'an empty key',
  'ключ 🔑': 'a key of any kind',
}

/** A trace that has every field there is. */
export const fullTrace: Trace = {
  resource: { 'service.name': 'rivet', 'host.count': 2 },
  scope: { name: 'rivet-otel', version: '1' },
  spans: [
    { ...bareSpan, attributes: everyValue },
    {
      ...bareSpan,
      spanId: chunkId,
      parentSpanId: rootId,
      name: 'chunk',
      kind: 3,
      startTimeUnixNano: 0n,
      endTimeUnixNano: 18446744073709551615n,
      events: [
        { name: 'rivet.file_written', timeUnixNano: 1795251219134436858n, attributes: everyValue },
        { name: '', timeUnixNano: 0n, attributes: {} },
      ],
      links: [
        { traceId: '3980a43af77f0e0d7a6d79d2ca3bf3d5', spanId: rootId, attributes: { a: 1 } },
        { traceId, spanId: '14c3013abf96a3fb', attributes: {} },
      ],
      status: { code: 2, message: 'connection lost: 表' },
    },
    { ...bareSpan, spanId: '0000000000000001', kind: 0, name: '', status: { code: 1 } },
  ],
}

/** What decoding an encoded trace is to give: its spans, each with its resource and scope. */
export function received(trace: Trace): ReceivedSpan[] {
  return trace.spans.map((span) => ({ resource: trace.resource, scope: trace.scope, span }))
}

const text = fc.string({ unit: 'binary' })
const unixNano = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

function idOf(digits: number): fc.Arbitrary<string> {
  return fc
    .string({
      unit: fc.constantFrom(...'0123456789abcdef'),
      minLength: digits,
      maxLength: digits,
    })
    .filter((id) => /[^0]/.test(id))
}

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((int) => (Number.isSafeInteger(Number(int)) ? Number(int) : int)),
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}))

const attributes = fc.dictionary(
  fc.oneof(text, fc.constantFrom('rivet.run.id', 'rivet.chunk.index', '__proto__', 'constructor')),
  value,
  { maxKeys: 6 },
)

const span: fc.Arbitrary<Span> = fc
  .record({
    traceId: idOf(32),
    spanId: idOf(16),
    parentSpanId: fc.option(idOf(16), { nil: undefined }),
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    startTimeUnixNano: unixNano,
    endTimeUnixNano: unixNano,
    attributes,
    events: fc.array(fc.record({ name: text, timeUnixNano: unixNano, attributes }), {
      maxLength: 3,
    }),
    links: fc.array(fc.record({ traceId: idOf(32), spanId: idOf(16), attributes }), {
      maxLength: 3,
    }),
    status: fc.option(
      fc.oneof(
        fc.record({ code: fc.constantFrom(1, 2) }),
        fc.record({
          code: fc.constantFrom(0, 1, 2),
          message: fc.string({ unit: 'binary', minLength: 1 }),
        }),
      ),
      { nil: undefined },
    ),
  })
  .map(({ parentSpanId, status, ...rest }) => ({
    ...rest,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...(status === undefined ? {} : { status }),
  }))

/** Any trace that OTLP can hold. */
export const anyTrace: fc.Arbitrary<Trace> = fc.record({
  resource: attributes,
  scope: fc.record({ name: text, version: text }),
  spans: fc.array(span, { maxLength: 5 }),
})
