/**
 * Who is sending a run: a name for this process that others can look up.
 *
 * It is not for trust. It tells a run that is being sent from one whose exporter was killed, at once
 * where both are on one machine, so that a restart need not wait until a lease has run out.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** The names of this process; another one with its id was a process before it. */
const own = new Set<string>()

/**
 * A name for one who sends, new at each call.
 *
 * @example
 * newOwner() // '5c1f0a7be0d94a11:4711:0b9c…'
 */
export function newOwner(): string {
  const owner = `${place()}:${process.pid}:${randomUUID()}`
  own.add(owner)
  return owner
}

/**
 * Takes note that a sender of this process is done, also where the ledger could not be told.
 *
 * @example
 * retire(owner)
 */
export function retire(owner: string): void {
  own.delete(owner)
}

/**
 * Whether an owner's process is known to be gone. One on another machine is never known to be.
 *
 * @example
 * isGone(newOwner()) // false
 */
export function isGone(owner: string): boolean {
  const [where, pid] = owner.split(':')
  if (where !== place()) return false
  if (Number(pid) === process.pid) return !own.has(owner)
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** The process that an owner is, as messages name it. */
export function pidOf(owner: string): string {
  return owner.split(':')[1] ?? ''
}

let known: string | undefined

/**
 * Where process ids mean the same: this boot of this machine and, on Linux, this process namespace,
 * since two containers may have one host name.
 */
function place(): string {
  known ??= createHash('sha256')
    .update(JSON.stringify([hostname(), bootAndNamespace()]))
    .digest('hex')
    .slice(0, 16)
  return known
}

function bootAndNamespace(): string[] {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return [boot, readlinkSync('/proc/self/ns/pid')]
  } catch {
    return []
  }
}
