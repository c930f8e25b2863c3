import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  LEASE_MS,
  type Ledger,
  MOST_ATTEMPTS,
  openLedger,
  type Progress,
  type RevisionToSend,
} from '../../src/ledger/ledger.js'
import { newOwner } from '../../src/ledger/owner.js'
import type { SettledRun } from '../../src/ledger/settled-table.js'
import { newFolder } from '../delivery/temporary-folder.js'
import { openToWrite, SHOP } from '../sources/places.js'

const TARGET = 'http://127.0.0.1:4318/v1/traces'
const toClose: Ledger[] = []

afterEach(() => {
  for (const ledger of toClose.splice(0)) ledger.close()
})

async function open(path: string, target = TARGET, now = () => 1_000): Promise<Ledger> {
  const ledger = await openLedger(path, target, { now })
  if (ledger === undefined) throw new Error('a ledger was expected')
  toClose.push(ledger)
  return ledger
}

function newFile(): string {
  return join(newFolder(), 'ledger.db')
}

function revision(more: Partial<RevisionToSend> = {}): RevisionToSend {
  return { namespace: '', runId: 'orders_1', revision: 0, digest: 'd0', pages: 1, ...more }
}

/** The end of a revision, of which these pages were accepted. */
function over(run: RevisionToSend, accepted: readonly number[], more: Partial<Progress> = {}) {
  return [{ ...run, accepted, spans: accepted.length * 3, isOver: true, ...more }]
}

function deliver(ledger: Ledger, run: RevisionToSend): void {
  const owner = newOwner()
  expect(ledger.begin([run], owner)).toEqual([{ kind: 'send', accepted: new Set() }])
  ledger.record(over(run, [0]), owner)
}

describe('a ledger', () => {
  it('knows after it was opened again what was delivered, by target, namespace and run', async () => {
    const path = newFile()
    const first = await open(path)
    deliver(first, revision())
    deliver(first, revision({ runId: 'zürich\u0000😀' }))
    first.close()
    const ledger = await open(path)
    expect(ledger.look(revision())).toEqual({ kind: 'delivered' })
    expect(ledger.look(revision({ runId: 'zürich\u0000😀' }))).toEqual({ kind: 'delivered' })
    expect(ledger.held(revision())).toMatchObject([{ revision: 0, digest: 'd0' }])
    const lacking = { kind: 'send', accepted: new Set() }
    expect(ledger.look(revision({ namespace: 'eu' }))).toEqual(lacking)
    expect(ledger.look(revision({ runId: 'orders_2' }))).toEqual(lacking)
    expect((await open(path, 'http://other/v1/traces')).look(revision())).toEqual(lacking)
  })

  it('holds a revision from before it is sent, and never lets another journal be it', async () => {
    const path = newFile()
    ;(await open(path)).begin([revision()], newOwner())
    // As after a crash: nobody says what became of it, and the one who began is gone.
    const ledger = await open(path, TARGET, () => 1_000 + LEASE_MS)
    expect(ledger.held(revision())).toMatchObject([{ revision: 0, digest: 'd0' }])
    expect(ledger.look(revision({ digest: 'd1' }))).toEqual({ kind: 'overtaken' })
    expect(ledger.look(revision())).toEqual({ kind: 'send', accepted: new Set() })
    deliver(ledger, revision({ digest: 'd1', revision: 1 }))
    expect(ledger.look(revision())).toEqual({ kind: 'overtaken' })
  })

  it('remembers each page that was accepted, and sends the others', async () => {
    const ledger = await open(newFile())
    const run = revision({ pages: 3 })
    const owner = newOwner()
    ledger.begin([run], owner)
    ledger.record([{ ...run, accepted: [2], spans: 3, isOver: false }], owner)
    ledger.record(over(run, [0], { problem: 'no', isRefused: true }), owner)
    expect(ledger.look(run)).toEqual({ kind: 'send', accepted: new Set([0, 2]) })
    ledger.begin([run], owner)
    ledger.record(over(run, [1]), owner)
    expect(ledger.look(run)).toEqual({ kind: 'delivered' })
    expect(ledger.look(run, true)).toEqual({ kind: 'send', accepted: new Set() })
  })

  it('says of what it holds whether the first page is there, and whether somebody is sending it', async () => {
    const ledger = await open(newFile())
    const run = revision({ pages: 2 })
    const held = () =>
      ledger.held(run).map(({ hasFirstPage, isInHand }) => ({ hasFirstPage, isInHand }))
    const [one, other] = [newOwner(), newOwner()]
    ledger.begin([run], one)
    expect(held()).toEqual([{ hasFirstPage: false, isInHand: true }])
    ledger.record(over(run, [1]), one)
    expect(held()).toEqual([{ hasFirstPage: false, isInHand: false }])
    ledger.begin([run], other)
    ledger.record(over(run, [0]), other)
    expect(held()).toEqual([{ hasFirstPage: true, isInHand: false }])
  })

  it('leaves a run to whoever has it in hand, until it is over or the lease ran out', async () => {
    let now = 1_000
    const path = newFile()
    const [one, other] = [await open(path, TARGET, () => now), await open(path, TARGET, () => now)]
    const [owner, asker] = [newOwner(), newOwner()]
    const begin = () => other.begin([revision()], asker)[0]?.kind
    one.begin([revision()], owner)
    expect(other.begin([revision()], asker)).toEqual([
      { kind: 'elsewhere', pid: String(process.pid) },
    ])
    now += LEASE_MS - 1
    expect(begin()).toBe('elsewhere')
    one.prolong(owner)
    now += LEASE_MS - 1
    expect(begin()).toBe('elsewhere')
    now += 1
    expect(begin()).toBe('send')
    expect(one.begin([revision()], owner)[0]?.kind).toBe('elsewhere')
    other.release(asker)
    expect(one.begin([revision()], owner)[0]?.kind).toBe('send')
    one.record(over(revision(), [], { problem: 'nobody there' }), owner)
    expect(begin()).toBe('send')
  })

  it('does not leave a run to one who is sending another journal of it', async () => {
    const ledger = await open(newFile())
    const owner = newOwner()
    const pid = String(process.pid)
    ledger.begin([revision()], owner)
    const other = revision({ digest: 'd1', revision: 1 })
    expect(ledger.look(other)).toEqual({ kind: 'overtaken', pid })
    expect(ledger.look(revision({ digest: 'd1' }))).toEqual({ kind: 'overtaken', pid })
    expect(ledger.look(revision())).toEqual({ kind: 'elsewhere', pid })
    ledger.record(over(revision(), [0]), owner)
    expect(ledger.look(other).kind).toBe('send')
    expect(ledger.look(revision({ digest: 'd1' }))).toEqual({ kind: 'overtaken' })
  })

  it('that was moved away lets nothing begin, because it would be forgotten', async () => {
    const path = newFile()
    const ledger = await open(path)
    deliver(ledger, revision())
    for (const end of ['', '-wal', '-shm']) {
      if (existsSync(path + end)) renameSync(path + end, `${path}.old${end}`)
    }
    const begin = () => ledger.begin([revision({ runId: 'orders_2' })], newOwner())
    expect(begin).toThrow(`the ledger ${path} was moved or removed while it was in use`)
    for (const end of ['', '-wal', '-shm']) {
      if (existsSync(`${path}.old${end}`)) renameSync(`${path}.old${end}`, path + end)
    }
    expect(begin()).toMatchObject([{ kind: 'send' }])
  })

  it('takes over from a process that is gone at once', async () => {
    const ledger = await open(newFile())
    const [place = ''] = newOwner().split(':')
    // Linux gives no process this id, and none can have this process's id but this one.
    for (const gone of [`${place}:4194305:a`, `${place}:${process.pid}:an earlier one`]) {
      ledger.begin([revision()], gone)
      expect(ledger.look(revision()).kind).toBe('send')
    }
    ledger.begin([revision()], 'another machine:4194305:a')
    expect(ledger.look(revision())).toEqual({ kind: 'elsewhere', pid: '4194305' })
  })

  it('gives up what was refused too often, until it is to be sent again or has changed', async () => {
    const ledger = await open(newFile())
    const owner = newOwner()
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      for (const isRefused of [false, true]) {
        expect(ledger.begin([revision()], owner)[0]?.kind).toBe('send')
        ledger.record(over(revision(), [], { problem: `no ${attempt}`, isRefused }), owner)
      }
    }
    expect(ledger.begin([revision()], owner)).toEqual([
      { kind: 'given_up', attempts: MOST_ATTEMPTS, problem: `no ${MOST_ATTEMPTS}` },
    ])
    expect(ledger.look(revision({ revision: 1, digest: 'd1' })).kind).toBe('send')
    expect(ledger.begin([revision()], owner, true)[0]?.kind).toBe('send')
    ledger.record(over(revision(), [], { problem: 'no', isRefused: true }), owner)
    expect(ledger.look(revision()).kind).toBe('send')
  })

  it('does not take back what was accepted when another says later that it failed', async () => {
    let now = 1_000
    const ledger = await open(newFile(), TARGET, () => now)
    const [slow, quick] = [newOwner(), newOwner()]
    ledger.begin([revision()], slow)
    now += LEASE_MS
    ledger.begin([revision()], quick)
    ledger.record(over(revision(), [0]), quick)
    ledger.record(over(revision(), [], { problem: 'no', isRefused: true }), slow)
    expect(ledger.look(revision())).toEqual({ kind: 'delivered' })
  })

  it('can be made by many at once, and closed twice', async () => {
    const path = newFile()
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => open(path)))
    for (const [i, ledger] of ledgers.entries()) deliver(ledger, revision({ runId: `run_${i}` }))
    for (const ledger of [...ledgers, ...ledgers]) ledger.close()
    const ledger = await open(path)
    for (const i of ledgers.keys()) {
      expect(ledger.look(revision({ runId: `run_${i}` })).kind).toBe('delivered')
    }
  })

  it('that is only looked at is neither made nor changed', async () => {
    const path = newFile()
    expect(await openLedger(path, TARGET, { isReadOnly: true })).toBeUndefined()
    const ledger = await open(path)
    deliver(ledger, revision())
    ledger.close()
    const before = readFileSync(path)
    const looked = await openLedger(path, 'http://unknown/', { isReadOnly: true })
    expect(looked?.look(revision()).kind).toBe('send')
    looked?.close()
    expect(readFileSync(path).equals(before)).toBe(true)
  })
})

describe('the settled runs of a ledger', () => {
  const settled = (more: Partial<SettledRun> = {}): SettledRun => ({
    namespace: '',
    runId: 'orders_1',
    stamp: '2026-11-21T08:53:39Z',
    ...more,
  })

  it('are known after it was opened again, by target, namespace, run and stamp', async () => {
    const path = newFile()
    const first = await open(path)
    const runs = [settled(), settled({ runId: 'zürich😀' })]
    expect(first.areSettled(runs)).toEqual([false, false])
    first.settle(runs)
    first.close()
    const ledger = await open(path)
    expect(ledger.areSettled([...runs, settled({ stamp: 'later' })])).toEqual([true, true, false])
    expect(ledger.areSettled([settled({ namespace: 'eu' })])).toEqual([false])
    expect((await open(path, 'http://other/v1/traces')).areSettled(runs)).toEqual([false, false])
  })

  it('have one stamp each, the last', async () => {
    const ledger = await open(newFile())
    ledger.settle([settled(), settled({ stamp: 'later' })])
    expect(ledger.areSettled([settled(), settled({ stamp: 'later' })])).toEqual([false, true])
  })

  it('are all written or none', { timeout: 60_000 }, async () => {
    const path = newFile()
    const ledger = await open(path)
    const other = openToWrite(path)
    other.exec(
      "CREATE TRIGGER no BEFORE INSERT ON settled WHEN NEW.run_id = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    other.close()
    expect(() => ledger.settle([settled(), settled({ runId: 'bad' })])).toThrow(/no/)
    expect(ledger.areSettled([settled()])).toEqual([false])
  })
})

describe('a ledger of version 1', () => {
  /** As version 1 left it. */
  async function older(): Promise<string> {
    const path = newFile()
    const ledger = await open(path)
    deliver(ledger, revision())
    ledger.close()
    const database = openToWrite(path)
    database.exec('DROP TABLE settled; PRAGMA user_version = 1')
    database.close()
    return path
  }

  it('becomes one of version 2 where it stands, by whoever opens it first, and keeps what it knew', async () => {
    const path = await older()
    const ledgers = await Promise.all(Array.from({ length: 4 }, () => open(path)))
    for (const ledger of ledgers) {
      expect(ledger.look(revision())).toEqual({ kind: 'delivered' })
      ledger.settle([{ namespace: '', runId: 'orders_1', stamp: 's' }])
    }
    expect(
      (await open(path)).areSettled([{ namespace: '', runId: 'orders_1', stamp: 's' }]),
    ).toEqual([true])
  })

  it('can be looked at as it is', async () => {
    const path = await older()
    const before = readFileSync(path)
    const ledger = await openLedger(path, TARGET, { isReadOnly: true })
    expect(ledger?.look(revision())).toEqual({ kind: 'delivered' })
    expect(ledger?.areSettled([{ namespace: '', runId: 'orders_1', stamp: 's' }])).toEqual([false])
    ledger?.close()
    expect(readFileSync(path).equals(before)).toBe(true)
  })
})

describe('a file that is no ledger', () => {
  const refusals: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['a state database', (path) => copyFileSync(SHOP, path), /another SQLite database, no ledger/],
    ['a text', (path) => writeFileSync(path, 'hello'), /not a SQLite database/],
    [
      'the beginning of a database',
      (path) => writeFileSync(path, readFileSync(SHOP).subarray(0, 50)),
      /another SQLite database/,
    ],
  ]

  it.each(refusals)('because it is %s is refused and left as it is', async (_, make, says) => {
    const path = newFile()
    make(path)
    const before = readFileSync(path)
    for (const isReadOnly of [false, true]) {
      const opening = openLedger(path, TARGET, { isReadOnly })
      await expect(opening).rejects.toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringMatching(says),
        hint: expect.stringContaining('--ledger'),
      })
    }
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('because a newer version wrote it is refused, with both versions', async () => {
    const path = newFile()
    ;(await open(path)).close()
    const database = openToWrite(path)
    database.exec('PRAGMA user_version = 3')
    database.close()
    await expect(open(path)).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringContaining(
        'newer rivet-otel (ledger version 3; this one knows up to 2)',
      ),
    })
  })

  it('because it was damaged is refused, with what to do', async () => {
    const path = newFile()
    const ledger = await open(path)
    for (let i = 0; i < 200; i++) deliver(ledger, revision({ runId: `run_${i}` }))
    ledger.close()
    const bytes = readFileSync(path)
    writeFileSync(
      path,
      Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 7)]),
    )
    await expect(open(path)).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringContaining(`the ledger ${path} is damaged`),
      hint: expect.stringContaining('every run is sent again'),
    })
  })

  it('because it is a directory, or lies in none, cannot be written', async () => {
    const folder = newFolder()
    for (const path of [folder, join(folder, 'nowhere', 'ledger.db')]) {
      await expect(open(path)).rejects.toMatchObject({
        code: 'UNWRITABLE',
        message: expect.stringContaining(`the ledger ${path} cannot be written`),
      })
    }
  })

  it('that another program has locked is waited for, and then named', {
    timeout: 60_000,
  }, async () => {
    const path = newFile()
    ;(await open(path)).close()
    const database = openToWrite(path)
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN IMMEDIATE')
    await expect(open(path)).rejects.toMatchObject({
      code: 'SOURCE_BUSY',
      message: `the ledger ${path} is locked: another program held it for 5 seconds`,
    })
    database.close()
    expect((await open(path)).look(revision()).kind).toBe('send')
  })
})
