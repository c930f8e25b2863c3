/**
 * The battery that every state database runs: the contract of `RunRecords`, point by point, also on
 * tables as older releases of rivet made them.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { RunRecords } from '../../src/sources/run-records.js'
import type { JournalSource, Selection, UnreadableItem } from '../../src/sources/source.js'
import type { LoadRun } from '../../src/state/load-run.js'
import type { UnjournaledListing, UnjournaledRun } from '../../src/state/unjournaled-run.js'
import { NEWEST, type TableRow } from './rivet-tables.js'
import { collect } from './source-contract.js'
import { at, file, harm, journal, load, metrics, nano, status, task } from './state-rows.js'

/** What a place is filled with. */
export interface StateContents {
  /** Of the schema. */
  readonly version: number
  readonly rows: readonly TableRow[]
  /** Statements after the tables were made, and before the rows. */
  readonly changes: readonly string[]
}

/**
 * Runs the battery.
 *
 * @param fill makes a state database of these contents and opens it as a source.
 * @example
 * describeRecords('sqlite', (contents) => openSqliteSource(fillDatabase(contents)))
 */
export function describeRecords(
  name: string,
  fill: (contents: StateContents) => Promise<JournalSource>,
): void {
  describe(`${name} says what it knows beside its journals`, () => {
    const open: JournalSource[] = []
    afterEach(async () => {
      for (const one of open.splice(0)) await one.close()
    })

    const records = async (
      rows: readonly TableRow[],
      { version = NEWEST, changes = [] }: Partial<StateContents> = {},
    ): Promise<RunRecords> => {
      const source = await fill({ version, rows, changes })
      open.push(source)
      if (source.records === undefined) throw new Error('it has no records')
      return source.records
    }
    const of = async (from: RunRecords, ...runIds: readonly string[]) =>
      from.of(runIds.map((runId) => ({ runId, exportName: 'orders' })))
    const unjournaled = async (rows: readonly TableRow[], selection: Selection = {}) =>
      collect((await records(rows)).unjournaled(selection))
    const loads = async (rows: readonly TableRow[], selection: Selection = {}) =>
      collect((await records(rows)).loads(selection))

    describe('of a run', () => {
      it('everything, every integer exact', async () => {
        const big = 9007199254740993n
        const known = await records([
          status('a', 'failed', 0, 5, {
            source: 'postgres://db:5432/shop',
            prefix: 'gs://b/täglich',
          }),
          journal('a', 5),
          metrics('a', 'failed', 6, big, {
            ...{ source_type: 'postgres', rivet_version: '0.32.2', mode: 'chunked' },
            ...{ files_produced: 3, bytes_written: 9223372036854775807n, bytes_read: 7 },
            ...{ peak_rss_mb: 39, pg_temp_bytes_delta: 0, chunk_size: 25_000, parallel: 4 },
            error_class: 'relation_not_found',
          }),
          harm('a', 'pg_tup_fetched', -3, 5),
          harm('a', 'pg_blks_hit', 1, 5),
        ])
        expect(await of(known, 'a')).toEqual(
          new Map([
            [
              'a',
              {
                runId: 'a',
                exportName: 'orders',
                status: {
                  status: 'failed',
                  startedUnixNano: nano(0),
                  finishedUnixNano: nano(5),
                  source: 'postgres://db:5432/shop',
                  prefix: 'gs://b/täglich',
                },
                metrics: {
                  ...{ status: 'failed', sourceType: 'postgres', rivetVersion: '0.32.2' },
                  ...{ mode: 'chunked', rows: big, files: 3, bytesWritten: 9223372036854775807n },
                  ...{ bytesRead: 7, peakRssMb: 39, tempBytes: 0, chunkSize: 25_000, parallel: 4 },
                  errorClass: 'relation_not_found',
                },
                harm: [
                  { metric: 'pg_blks_hit', delta: 1 },
                  { metric: 'pg_tup_fetched', delta: -3 },
                ],
              },
            ],
          ]),
        )
      })

      it('nothing, where nothing is known', async () => {
        const known = await records([status('a', 'success', 0, 5)])
        expect([...(await of(known, 'a', 'nobody', "it's", 'a\0b', '\ud800')).keys()]).toEqual([
          'a',
        ])
        expect(await known.of([])).toEqual(new Map())
      })

      it('what a single table says', async () => {
        const known = await of(
          await records([metrics('m', 'success', 1, 5), harm('h', 'x', 1, 1), status('s', 'x', 0)]),
          ...['m', 'h', 's'],
        )
        expect(known.get('m')).toMatchObject({ metrics: { rows: 5 }, harm: [] })
        expect(known.get('m')).not.toHaveProperty('status')
        expect(known.get('h')?.harm).toEqual([{ metric: 'x', delta: 1 }])
        expect(known.get('s')?.status).toEqual({
          ...{ status: 'x', startedUnixNano: nano(0), prefix: 'file:///out' },
        })
      })

      it('its last metrics; those that are not final only where there are no others', async () => {
        const known = await of(
          await records([
            metrics('a', 'failed', 1, 1),
            metrics('a', 'success', 2, 2),
            metrics('a', 'running', 3, 3),
            metrics('b', 'running', 1, 7),
          ]),
          ...['a', 'b'],
        )
        expect(known.get('a')?.metrics).toMatchObject({ status: 'success', rows: 2 })
        expect(known.get('b')?.metrics).toMatchObject({ status: 'running', rows: 7 })
      })

      it('its metrics, however many rows came later', async () => {
        const changes = [
          `INSERT INTO export_metrics (run_id, export_name, status, run_at, total_rows, duration_ms)
            VALUES ('a', 'orders', 'success', '${at(1)}', 11, 1)`,
          `INSERT INTO export_metrics (run_id, export_name, status, run_at, total_rows, duration_ms)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5001)
            SELECT 'x', 'orders', 'success', '${at(2)}', 12, 1 FROM n`,
        ]
        const known = await of(await records([], { changes }), 'a', 'x')
        expect(known.get('a')?.metrics?.rows).toBe(11)
        expect(known.get('x')?.metrics?.rows).toBe(12)
      })

      it('how much a counter moved in all, where it has several rows', async () => {
        const most = 9223372036854775807n
        const rows = [harm('a', 'x', most, 1), harm('a', 'x', most, 1), harm('a', 'y', 1, 1)]
        const known = await of(await records(rows), 'a')
        expect(known.get('a')?.harm).toEqual([
          { metric: 'x', delta: 2n * most },
          { metric: 'y', delta: 1 },
        ])
      })

      it('of its last row of metrics that is final, however many others came after it', async () => {
        const others = Array.from({ length: 150 }, (_, i) => metrics(`run ${i}`, 'success', i, i))
        const rows = [
          ...[metrics('a', 'failed', 1, 10), metrics('a', 'success', 2, 20)],
          ...[...others, metrics('a', 'running', 200, 30), metrics('b', 'running', 201, 40)],
        ]
        const known = await of(await records(rows), 'a', 'b', 'run 7', 'run 149')
        expect(known.get('a')?.metrics).toMatchObject({ status: 'success', rows: 20 })
        expect(known.get('b')?.metrics).toMatchObject({ status: 'running', rows: 40 })
        expect(known.get('run 7')?.metrics).toMatchObject({ rows: 7 })
        expect(known.get('run 149')?.metrics).toMatchObject({ rows: 149 })
      })

      it('of thousands at once', async () => {
        const names = Array.from({ length: 5_000 }, (_, i) => `run ${i}`)
        const rows = names.map((run_id, i) => status(run_id, 'success', 2 * i, 2 * i + 1))
        const known = await of(await records(rows), ...names)
        expect([...known.keys()].sort()).toEqual([...names].sort())
        expect(known.get('run 4999')?.status?.startedUnixNano).toBe(nano(9_998))
      })
    })

    describe('of a run that went on with another one', () => {
      const KILLED = [
        status('a', 'success', 0, 20),
        metrics('a', 'interrupted', 4, 40),
        metrics('a', 'success', 20.002, 100),
        harm('a', 'x', 9, 20.001),
        ...[task('a', 0, 'completed', 3), task('a', 1, 'completed', 15), file('a', 'f0', 3)],
        ...[file('a', 'f1', 10), file('a', 'f2', 10.000000001)],
        status('b', 'success', 10, 20.001),
        journal('b', 19.999),
      ]

      it('names the one that was killed, among thousands of one time', async () => {
        const names = Array.from({ length: 5_000 }, (_, i) => `run ${i}`)
        const rows = names.map((run_id) => status(run_id, 'success', 30, 40))
        const known = await of(await records([...KILLED, ...rows]), 'a', ...names, 'b')
        expect(known.size).toBe(5_002)
        expect(known.get('b')).toMatchObject({
          resumed: { runId: 'a', hasJournal: false },
          metrics: { rows: 100 },
        })
        expect(known.get('run 4999')).not.toHaveProperty('resumed')
      })

      it('names the one that was killed, and has the rows that stand under its name', async () => {
        const known = await of(await records(KILLED), 'a', 'b')
        expect(known.get('b')).toMatchObject({
          resumed: { runId: 'a', hasJournal: false },
          metrics: { rows: 100 },
          harm: [{ metric: 'x', delta: 9 }],
        })
        expect(known.get('a')).toMatchObject({ metrics: { rows: 40 }, harm: [] })
        expect(known.get('a')).not.toHaveProperty('resumed')
      })

      it('is found without the other being asked for', async () => {
        const known = await of(await records(KILLED), 'b')
        expect([...known.keys()]).toEqual(['b'])
        expect(known.get('b')?.resumed).toEqual({ runId: 'a', hasJournal: false })
        expect(known.get('b')?.metrics?.rows).toBe(100)
      })

      it('leaves the killed one interrupted, with what it had done by then', async () => {
        const [run, ...others] = await unjournaled(KILLED)
        expect(others).toEqual([])
        expect(run).toMatchObject({
          ...{ kind: 'unjournaled', runId: 'a', state: 'interrupted', status: 'success' },
          ...{ startedUnixNano: nano(0), endedUnixNano: nano(10), resumedBy: 'b' },
          record: { metrics: { rows: 40 }, harm: [] },
        })
        expect(chunksAndFiles(run)).toEqual(['0', 'f0', 'f1'])
      })

      it('names the one that failed and left a journal, each with its own rows', async () => {
        const known = await of(
          await records([
            ...[status('a', 'failed', 0, 20), journal('a', 5), metrics('a', 'failed', 5.1, 40)],
            ...[harm('a', 'x', 1, 5.1), harm('a', 'x', 2, 20), metrics('a', 'failed', 20.1, 90)],
            ...[status('b', 'failed', 10, 20.001), journal('b', 19.9)],
          ]),
          ...['a', 'b'],
        )
        expect(known.get('b')).toMatchObject({
          ...{ resumed: { runId: 'a', hasJournal: true }, metrics: { rows: 90 } },
          harm: [{ metric: 'x', delta: 2 }],
        })
        expect(known.get('a')).toMatchObject({
          ...{ metrics: { rows: 40 }, harm: [{ metric: 'x', delta: 1 }] },
        })
      })

      it('prefers rows of its own', async () => {
        const own = [metrics('b', 'success', 20, 5), harm('b', 'x', 1, 20)]
        const known = await of(await records([...KILLED, ...own]), 'b')
        expect(known.get('b')).toMatchObject({
          ...{ metrics: { rows: 5 }, harm: [{ metric: 'x', delta: 1 }] },
        })
      })

      it('may be the third: the first was interrupted when the second began', async () => {
        const rows = [
          ...[status('a', 'success', 0, 30), status('b', 'interrupted', 10, 20)],
          ...[status('c', 'success', 20, 30.001), journal('c', 29)],
          ...[task('a', 0, 'completed', 5), task('a', 1, 'completed', 15)],
        ]
        const known = await of(await records(rows), 'c')
        expect(known.get('c')?.resumed).toEqual({ runId: 'a', hasJournal: false })
        const [a, b] = await unjournaled(rows)
        expect(a).toMatchObject({ runId: 'a', endedUnixNano: nano(10), resumedBy: 'c' })
        expect(chunksAndFiles(a)).toEqual(['0'])
        expect(b).toMatchObject({ runId: 'b', state: 'interrupted', endedUnixNano: nano(20) })
        expect(b).not.toHaveProperty('resumedBy')
      })

      for (const [why, rows] of [
        [
          'the other reads another source',
          [status('a', 'success', 0, 20, { source: 'mysql://x' })],
        ],
        ['the other is of another export', [status('a', 'success', 0, 20, { export_name: 'x' })]],
        ['the other had another end', [status('a', 'failed', 0, 20)]],
        ['the other ended before', [status('a', 'success', 0, 10)]],
        ['the other ended later', [status('a', 'success', 0, 21)]],
        ['the other began later', [status('a', 'success', 11, 20)]],
        ['the other wrote its journal later', [status('a', 'success', 0, 20), journal('a', 11)]],
      ] as const) {
        it(`is not found where ${why}`, async () => {
          const source = 'postgres://db:5432/shop'
          const b = [status('b', 'success', 10, 20.001, { source }), journal('b', 19)]
          const known = await of(await records([...rows, ...b]), 'a', 'b')
          expect(known.get('b')?.status?.status).toBe('success')
          expect(known.get('b')).not.toHaveProperty('resumed')
        })
      }
    })

    describe('of the runs without a journal', () => {
      const RUNS = [
        status('lives 2', 'running', 3),
        status('gone', 'skipped', 0, 9, { export_name: 'täglich 😀' }),
        status('dead', 'interrupted', 0, 5),
        status('lives 1', 'running', 2, undefined, { export_name: 'customers' }),
        status('tie', 'interrupted', 1, 5, { export_name: 'customers' }),
        status('kept', 'success', 1, 2),
        journal('kept', 2),
        task('lives 2', 1, 'failed', 7, { last_error: 'no', attempts: 3 }),
        task('lives 2', 0, 'completed', 8, { rows_written: 250, file_name: 'f0' }),
        task('dead', 0, 'running', 5),
        task('dead', 1, 'pending', 5.000000001),
        file('lives 2', 'f1', 9),
        file('lives 2', 'f0', 8),
        file('gone', 'g', 12),
        metrics('lives 2', 'running', 8, 250),
      ]
      const named = async (selection: Selection) => idsOf(await unjournaled(RUNS, selection))
      const ALL = ['dead', 'tie', 'gone', 'lives 1', 'lives 2']

      it('oldest first by their ends, and then those that are running by their start', async () => {
        expect(await named({})).toEqual(ALL)
      })

      it('what became of them', async () => {
        const runs = await unjournaled(RUNS)
        const states = runs.map((run) => (run.kind === 'unjournaled' ? run.state : run.problem))
        expect(states).toEqual(['interrupted', 'interrupted', 'unrecorded', 'running', 'running'])
        const ends = runs.map((run) => (run.kind === 'unjournaled' ? run.endedUnixNano : 0n))
        expect(ends).toEqual([nano(5), nano(5), nano(9), undefined, undefined])
      })

      it('their chunks and files', async () => {
        const runs = await unjournaled(RUNS)
        expect(runs.map(chunksAndFiles)).toEqual([['0'], [], ['g'], [], ['0', '1', 'f1', 'f0']])
        expect(runs.at(-1)).toMatchObject({
          record: { status: { status: 'running' }, metrics: { status: 'running', rows: 250 } },
          chunkTasks: [
            {
              ...{ chunkIndex: 0, startKey: '1', endKey: '9', status: 'completed', attempts: 1 },
              ...{ rows: 250, fileName: 'f0', updatedUnixNano: nano(8) },
            },
            { chunkIndex: 1, status: 'failed', attempts: 3, lastError: 'no' },
          ],
          files: [{ fileName: 'f1', rows: 250, bytes: 1397, createdUnixNano: nano(9) }, {}],
        })
      })

      it('those that are named', async () => {
        expect(await named({ runIds: ['gone', 'dead', 'kept', 'nobody'] })).toEqual([
          'dead',
          'gone',
        ])
        expect(await named({ exports: ['customers', 'täglich 😀'] })).toEqual([
          ...['tie', 'gone', 'lives 1'],
        ])
        expect(await named({ runIds: [] })).toEqual([])
      })

      it('the newest, those that are running among them', async () => {
        expect(await named({ last: 3 })).toEqual(ALL.slice(-3))
        expect(await named({ last: 100 })).toEqual(ALL)
        expect(await named({ last: 0 })).toEqual([])
      })

      it('those that somebody wants; of the newest, they alone count', async () => {
        const known = await records([...RUNS, status('odd', 'success', 0, 5, { started_at: '' })])
        const ended = ({ state }: UnjournaledListing) => state !== 'running'
        const wanted = async (selection: Selection) =>
          idsOf(await collect(known.unjournaled(selection, ended)))
        expect(await wanted({})).toEqual(['unreadable odd', 'dead', 'tie', 'gone'])
        expect(await wanted({ last: 2 })).toEqual(['tie', 'gone'])
        expect(await wanted({ exports: ['customers'] })).toEqual(['tie'])
        expect(await collect(known.unjournaled({ last: 1 }, ended))).toMatchObject([
          { files: [{ fileName: 'g' }], record: { status: { status: 'skipped' } } },
        ])
      })

      it('what is asked whether they are wanted, and as a list, without their work', async () => {
        const known = await records([...RUNS, status('odd', 'success', 0, 5, { started_at: '' })])
        for (const selection of [{}, { last: 3 }, { exports: ['customers'] }, { runIds: [] }]) {
          const runs = await collect(known.unjournaled(selection))
          expect(await collect(known.listUnjournaled(selection))).toEqual(runs.map(withoutWork))
        }
        const asked: UnjournaledListing[] = []
        await collect(known.unjournaled({}, (run) => asked.push(run) > 0))
        const isKnown = ({ kind }: UnjournaledListing | UnreadableItem) => kind === 'unjournaled'
        const listed = (await collect(known.listUnjournaled({}))).filter(isKnown)
        expect(new Set(asked)).toEqual(new Set(listed))
      })

      it('those that ended in a time; one that is running has not ended before any', async () => {
        expect(await named({ sinceUnixNano: nano(5) + 1n })).toEqual(ALL.slice(2))
        expect(await named({ sinceUnixNano: nano(5) })).toEqual(ALL)
        expect(await named({ untilUnixNano: nano(9) })).toEqual(['dead', 'tie'])
        expect(await named({ untilUnixNano: nano(9) + 1n })).toEqual(ALL.slice(0, 3))
        expect(await named({ sinceUnixNano: nano(20) })).toEqual(['lives 1', 'lives 2'])
      })

      it('what is wrong with a row, and its neighbours', async () => {
        const bad = { started_at: 'postgres://ana:hunter2@db/x' }
        const runs = await unjournaled([
          status('a', 'interrupted', 0, 5),
          status('m', 'interrupted', 0, 5, bad),
          status('n', 'success', 0, 5, { finished_at: 'soon' }),
          status('z', 'running', 6),
        ])
        expect(idsOf(runs)).toEqual(['unreadable m', 'unreadable n', 'a', 'z'])
        expect(runs[0]).toMatchObject({ where: 'run_status row m', runId: 'm' })
        expect(runs[0]).toMatchObject({
          problem: expect.stringMatching(/^started_at: .*timestamp/),
        })
        expect(JSON.stringify(runs[0])).not.toContain('hunter2')
        expect(runs[1]).toMatchObject({ problem: expect.stringMatching(/^finished_at: "soon"/) })
      })

      it('a chunk or a file whose time cannot be read, unless another run may have made it', async () => {
        const soon = { updated_at: 'soon' }
        const runs = await unjournaled([
          ...[status('dead', 'interrupted', 0, 5), task('dead', 0, 'running', 1, soon)],
          ...[status('taken', 'interrupted', 0, 5, { export_name: 'customers' })],
          ...[task('taken', 0, 'running', 1, soon), task('taken', 1, 'completed', 6)],
          ...[task('taken', 2, 'completed', 4)],
        ])
        expect(runs.map(chunksAndFiles)).toEqual([['0'], ['2']])
        expect(runs[0]).not.toHaveProperty('chunkTasks.0.updatedUnixNano')
        expect(runs[0]).not.toHaveProperty('hasChunksGoneOn')
        expect(runs[1]).toMatchObject({ hasChunksGoneOn: true })
      })
    })

    describe('of the loads', () => {
      const LOADS = [
        load('late:load:t', 9, ['a', 'b'], { rows_loaded: 9007199254740993n }),
        load('tie 2', 5, ['c'], { export_name: 'customers' }),
        load('tie 1', 5, [], { status: 'writing' }),
        load('early', 1, ['b', "it's 😀"]),
      ]
      const ALL = ['early', 'tie 1', 'tie 2', 'late:load:t']
      const named = async (selection: Selection) => idsOf(await loads(LOADS, selection))

      it('everything, oldest first', async () => {
        const items = await loads(LOADS)
        expect(idsOf(items)).toEqual(ALL)
        expect(items.at(-1)).toEqual({
          ...{ kind: 'load', loadId: 'late:load:t', exportName: 'orders', mode: 'append' },
          ...{ targetTable: 'p.d.orders', warehouse: 'bigquery', sourceRunIds: ['a', 'b'] },
          ...{ rowsLoaded: 9007199254740993n, status: 'success', finishedUnixNano: nano(9) },
        })
        expect(items[1]).toMatchObject({ status: 'writing', sourceRunIds: [] })
      })

      it('those that a selection wants', async () => {
        expect(await named({ runIds: ['b'] })).toEqual(['early', 'late:load:t'])
        expect(await named({ runIds: ["it's 😀", 'nobody'] })).toEqual(['early'])
        expect(await named({ exports: ['customers'] })).toEqual(['tie 2'])
        expect(await named({ last: 2 })).toEqual(ALL.slice(-2))
        expect(await named({ last: 0 })).toEqual([])
        expect(await named({ sinceUnixNano: nano(5) })).toEqual(ALL.slice(1))
        expect(await named({ untilUnixNano: nano(5) })).toEqual(['early'])
        expect(await named({ runIds: ['b'], last: 1 })).toEqual(['late:load:t'])
      })

      it('what is wrong with a row, and its neighbours', async () => {
        const bad = [
          ...[load('m', 5, '["a", 7]'), load('n', 6, '[{'), load('o', 7, '{"a":"a"}')],
          load('p', 0, ['a'], { finished_at: 'soon' }),
        ]
        const items = await loads([...LOADS, ...bad])
        expect(idsOf(items.filter(({ kind }) => kind === 'load'))).toEqual(ALL)
        const problems = items.flatMap((item) =>
          item.kind === 'unreadable' ? [`${item.where}: ${item.problem}`] : [],
        )
        expect(problems).toEqual([
          expect.stringMatching(/^load_run row p: finished_at: "soon" is not a timestamp/),
          expect.stringMatching(/^load_run row m: source_run_ids: .* is not a list of run ids/),
          expect.stringMatching(/^load_run row n: source_run_ids: .* is not a list of run ids/),
          expect.stringMatching(/^load_run row o: source_run_ids: .* is not a list of run ids/),
        ])
      })
    })

    describe('of a database that an older rivet made', () => {
      const drop = (...tables: readonly string[]) => tables.map((table) => `DROP TABLE ${table}`)
      const nothing = async (known: RunRecords) => {
        expect(await of(known, 'a')).toEqual(new Map())
        expect(await collect(known.unjournaled({ last: 5 }))).toEqual([])
        expect(await collect(known.loads({ runIds: ['a'] }))).toEqual([])
      }

      it('nothing, where it has only journals', async () => {
        const changes = drop('export_metrics', 'file_log', 'chunk_run', 'chunk_task')
        await nothing(await records([journal('a', 1)], { version: 8, changes }))
      })

      it('nothing, where the tables have other columns', async () => {
        const changes = [
          ...['export_metrics', 'export_harm', 'chunk_task', 'file_log', 'load_run', 'run_status'],
        ].flatMap((table) => [`DROP TABLE ${table}`, `CREATE TABLE ${table} (other TEXT)`])
        await nothing(await records([journal('a', 1)], { changes }))
      })

      it('its metrics, before there was any more', async () => {
        const known = await records([metrics('a', 'success', 1, 7, { bytes_written: 3 })], {
          version: 8,
        })
        expect(await of(known, 'a')).toEqual(
          new Map([
            [
              'a',
              {
                ...{ runId: 'a', exportName: 'orders', harm: [] },
                metrics: { status: 'success', rows: 7, files: 0, bytesWritten: 3 },
              },
            ],
          ]),
        )
        expect(await collect(known.unjournaled({}))).toEqual([])
      })

      it('its counters, before there was a status', async () => {
        const rows = [harm('a', 'x', 1, 1), load('l', 1, ['a'])]
        const known = await records(rows, { version: 16 })
        expect((await of(known, 'a')).get('a')).toEqual({
          ...{ runId: 'a', exportName: 'orders', harm: [{ metric: 'x', delta: 1 }] },
        })
        expect(await collect(known.unjournaled({}))).toEqual([])
        expect(idsOf(await collect(known.loads({})))).toEqual(['l'])
      })

      it('its status, before that named a source or metrics counted the bytes read', async () => {
        const known = await records(
          [
            ...[status('a', 'success', 0, 20), metrics('a', 'success', 20, 7, { parallel: 2 })],
            ...[status('b', 'success', 10, 21), journal('b', 20), status('c', 'running', 22)],
          ],
          { version: 22 },
        )
        const b = (await of(known, 'b')).get('b')
        expect(b?.resumed).toEqual({ runId: 'a', hasJournal: false })
        expect(b?.metrics).toEqual({
          status: 'success',
          rows: 7,
          files: 0,
          bytesWritten: 0,
          parallel: 2,
        })
        expect(idsOf(await collect(known.unjournaled({})))).toEqual(['a', 'c'])
      })

      it('everything but the metrics, where those do not name their run', async () => {
        const changes = [
          ...drop('export_metrics'),
          'CREATE TABLE export_metrics (export_name TEXT, run_at TEXT, total_rows INTEGER)',
        ]
        const known = await of(await records([status('a', 'success', 0, 1)], { changes }), 'a')
        expect(known.get('a')).toMatchObject({ status: { status: 'success' }, harm: [] })
        expect(known.get('a')).not.toHaveProperty('metrics')
      })

      it('the runs without a journal, where there are no tables of chunks or files', async () => {
        const changes = drop('chunk_task', 'chunk_run', 'file_log', 'load_run')
        const known = await records([status('a', 'running', 0)], { changes })
        const [run] = await collect(known.unjournaled({}))
        expect(run).toMatchObject({ runId: 'a', chunkTasks: [], files: [] })
        expect(await collect(known.loads({}))).toEqual([])
      })
    })
  })
}

type Item = UnjournaledRun | LoadRun | UnreadableItem

/** The names of items, in their order. */
function idsOf(items: readonly Item[]): string[] {
  return items.map((item) => {
    if (item.kind === 'unreadable') return `unreadable ${item.runId}`
    return item.kind === 'load' ? item.loadId : item.runId
  })
}

function withoutWork(item: UnjournaledRun | UnreadableItem): UnjournaledListing | UnreadableItem {
  if (item.kind === 'unreadable') return item
  const { record, chunkTasks, files, hasChunksGoneOn, ...listing } = item
  return listing
}

/** The indices of a run's chunks and the names of its files, in their order. */
function chunksAndFiles(item: Item | undefined): string[] {
  if (item?.kind !== 'unjournaled') return [`${item?.kind}`]
  const chunks = item.chunkTasks.map(({ chunkIndex }) => String(chunkIndex))
  return [...chunks, ...item.files.map(({ fileName }) => fileName)]
}
