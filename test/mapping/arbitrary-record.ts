/** Any record that a state database may hold beside the journal of `orders_1`, for property tests. */
import fc from 'fast-check'
import type { RunMetrics, RunRecord, RunStatusRow } from '../../src/state/run-record.js'

const text = fc.oneof(
  fc.constantFrom('', 'file:///srv/out/orders', 's3://ana:hunter2@bucket/x', 'größe 表', 'x\ny'),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'grapheme', minLength: 900, maxLength: 3000 }),
)
const engine = fc.constantFrom('postgres', 'mysql', 'mssql', 'oracle', 'mongo')
const integer = fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }))

/** What rivet writes, and what it does not. */
const source = fc.oneof(
  fc
    .tuple(
      engine,
      fc.constantFrom('db', '127.0.0.1', '[::1]', 'a,b', 'sub.db.example', ''),
      fc.option(fc.integer({ min: 0, max: 70_000 }), { nil: undefined }),
      fc.constantFrom('', '/', '/shop', '/a/b', '/größe', '/%41', '/shop?x=1'),
    )
    .map(
      ([of, host, port, path]) => `${of}://${host}${port === undefined ? '' : `:${port}`}${path}`,
    ),
  fc.constantFrom('postgres://host=db user=ana password=hunter2', 'postgres://ana:pw@db/shop'),
  text,
)

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 })

const status: fc.Arbitrary<RunStatusRow> = fc
  .record({ status: fc.constant('success'), source: optional(source), prefix: optional(text) })
  .map(withoutUndefined)

const metrics: fc.Arbitrary<RunMetrics> = fc
  .record({
    status: optional(fc.constantFrom('success', 'failed', 'running')),
    sourceType: optional(fc.oneof(engine, fc.constantFrom('', 'sqlite'))),
    rivetVersion: optional(text),
    mode: optional(fc.constantFrom('chunked', 'full')),
    rows: optional(integer),
    files: optional(integer),
    bytesWritten: optional(integer),
    bytesRead: optional(integer),
    peakRssMb: optional(integer),
    tempBytes: optional(integer),
    chunkSize: optional(integer),
    parallel: optional(integer),
    errorClass: optional(fc.constantFrom('relation_not_found')),
  })
  .map(withoutUndefined)

const harm = fc.uniqueArray(
  fc.record({ metric: fc.stringMatching(/^[a-z_]{1,12}$/), delta: integer }),
  { selector: ({ metric }) => metric, maxLength: 70 },
)

/** Any record of the run `orders_1`. */
export const arbitraryRecord: fc.Arbitrary<RunRecord> = fc
  .record({
    runId: fc.constant('orders_1'),
    exportName: fc.constant('orders'),
    status: optional(status),
    metrics: optional(metrics),
    harm,
    resumed: optional(
      fc.record({ runId: fc.constantFrom('orders_0', 'größe'), hasJournal: fc.boolean() }),
    ),
  })
  .map(withoutUndefined)

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(members: T): Defined<T> {
  const defined = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(defined) as Defined<T>
}
